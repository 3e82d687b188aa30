"""Schemes: which transport a scheme names: ours, and those of installed packages.

Schemes of others come by the entry point group ``sesmail.transports``: its name is the scheme, its object a function
that takes a `TransportUrl` and gives a `Transport`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import cast

from sesmail.errors import SetupError, UnknownScheme
from sesmail.transports.base import Transport
from sesmail.transports.option import Option
from sesmail.transports.url import TransportUrl

ENTRY_POINTS = "sesmail.transports"
_OURS = {
    "console": ("sesmail.transports.console", "ConsoleTransport"),
    "file": ("sesmail.transports.file", "FileTransport"),
    "memory": ("sesmail.transports.memory", "MemoryTransport"),
    "null": ("sesmail.transports.null", "NullTransport"),
    "ses": ("sesmail.transports.ses", "SesTransport"),
    "ses+smtp": ("sesmail.transports.smtp.ses", "SesSmtpTransport"),
    "ses+v1": ("sesmail.transports.ses", "SesTransport"),
    "smtp": ("sesmail.transports.smtp.transport", "SmtpTransport"),
    "smtps": ("sesmail.transports.smtp.transport", "SmtpTransport"),
}
# Those that cross a network, where trying again may help.
FAR = frozenset(("ses", "ses+smtp", "ses+v1", "smtp", "smtps"))

FromUrl = Callable[[TransportUrl], Transport]


def transport_of(url: TransportUrl) -> Transport:
    """The transport that a scheme names, made of its URL."""
    if url.scheme in _OURS:
        module, name = _OURS[url.scheme]
        from_url: FromUrl = getattr(import_module(module), name).from_url
    else:
        from_url = _of_others(url.scheme)
    return from_url(url)


def own_options(scheme: str) -> tuple[Option, ...] | None:
    """What one of our own schemes takes behind its ``?``; nothing is known of those of others."""
    if scheme not in _OURS:
        return None
    taken: tuple[Option, ...] = import_module(_OURS[scheme][0]).OPTIONS
    return taken


def options() -> Mapping[str, tuple[Option, ...]]:
    """What each of our own schemes takes behind its ``?``, for the table in the documentation.

    >>> from sesmail.connect import options
    >>> [option.name for option in options()["null"]]
    ['limits']
    """
    return {scheme: import_module(module).OPTIONS for scheme, (module, _) in sorted(_OURS.items())}


def known_schemes() -> list[str]:
    """Ours, and those of installed packages."""
    from importlib.metadata import entry_points

    return sorted({*_OURS, *entry_points(group=ENTRY_POINTS).names})


def _of_others(scheme: str) -> FromUrl:
    from importlib.metadata import entry_points

    found = list(entry_points(group=ENTRY_POINTS, name=scheme))
    if not found:
        raise UnknownScheme(scheme, known=known_schemes())
    if len({point.value for point in found}) > 1:
        packages = ", ".join(sorted(point.dist.name for point in found if point.dist))
        raise SetupError(f"several packages offer the scheme {scheme!r}: {packages}; uninstall all but one")
    try:
        return cast(FromUrl, found[0].load())
    except (ImportError, AttributeError) as exc:
        value = found[0].value
        raise SetupError(f"the scheme {scheme!r} is offered by {value!r}, which cannot be loaded: {exc}") from exc
