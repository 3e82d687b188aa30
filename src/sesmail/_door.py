"""Door: the names of a package, each imported when it is first used, and what is said where something is not installed.

Programs that live for a second pay each import each time, and most names of a package are not for them. The front door
works alike by itself: `import sesmail` imports nothing at all.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping


def door(
    package: str, home: Mapping[str, str], *, extra: str = "", worlds: Collection[str] = ()
) -> Callable[[str], object]:
    """The ``__getattr__`` of a package. ``home`` says in which of its files each name is.

    Where one of the ``worlds`` is missing that the package is a door to, the error names the ``extra`` that brings it.

    >>> from sesmail._door import door
    >>> find = door("sesmail.mail", {"Address": "address"})
    >>> find("Address")("ada@example.org")
    Address('ada@example.org')
    """

    def find(name: str) -> object:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        from importlib import import_module

        try:
            value: object = getattr(import_module(f".{home[name]}", package), name)
        except ModuleNotFoundError as error:
            missing = (error.name or "").partition(".")[0]
            if missing not in worlds:
                raise
            from sesmail.errors import MissingExtra

            raise MissingExtra(package=missing, extra=extra, purpose=package) from error
        setattr(sys.modules[package], name, value)
        return value

    return find
