"""Sources: where templates come from, one after the other. A template of the first hides one of the second.

The shipped ones (``sesmail/…``) come last, so anyone can put others in their place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from jinja2 import BaseLoader, ChoiceLoader, DictLoader, FileSystemLoader, PackageLoader, TemplateNotFound

from sesmail.errors import SetupError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jinja2 import Environment

Source = str | os.PathLike[str] | Mapping[str, str] | BaseLoader
_PACKAGE = re.compile(r"([A-Za-z_][\w.]+):([\w./\-]*)")  # of two letters and more: C:\ is a drive
SHIPPED = "sesmail"


class Sources:
    """All sources as one loader, and each by itself."""

    def __init__(self, sources: Sequence[Source]) -> None:
        if not sources:
            raise SetupError("templates come from somewhere: a folder, 'package:folder', a mapping, or a Jinja loader")
        given = [_loader(source) for source in sources]
        shipped = PackageLoader("sesmail.templates", "")  # not the folder itself: names keep their sesmail/
        self.each: tuple[BaseLoader, ...] = (*given, shipped)
        self.loader = ChoiceLoader(self.each)

    @property
    def folders(self) -> Iterator[str]:
        """The folders among them."""
        for loader in self.each:
            if isinstance(loader, FileSystemLoader):
                yield from map(os.fspath, loader.searchpath)

    @property
    def names(self) -> list[str]:
        """The files of all of them, as far as they can tell."""
        found: set[str] = set()
        for loader in self.each:
            try:
                found.update(loader.list_templates())
            except TypeError:  # Jinja's word for: this loader cannot list
                continue
        return sorted(found)


def has(loader: BaseLoader, name: str, *, environment: Environment) -> bool:
    """Whether a source has a file of this name."""
    try:
        loader.get_source(environment, name)
    except TemplateNotFound:
        return False
    return True


def _loader(source: Source) -> BaseLoader:
    if isinstance(source, BaseLoader):
        if not source.has_source_access:
            raise SetupError(f"{type(source).__name__} has compiled templates only, and their text is needed too")
        return source
    if isinstance(source, Mapping):
        return DictLoader(source)
    if isinstance(source, str) and (package := _PACKAGE.fullmatch(source)):
        return _package(*package.groups())
    if not isinstance(source, str | os.PathLike):
        raise SetupError(
            f"templates come from a folder, 'package:folder', a mapping or a Jinja loader, not {type(source).__name__}"
        )
    folder = Path(source)
    if not folder.is_dir():
        raise SetupError(f"there is no folder {str(folder)!r} for templates, seen from {str(Path.cwd())!r}")
    return FileSystemLoader(folder.absolute())  # a program may go elsewhere before it reads one


def _package(package: str, folder: str) -> BaseLoader:
    """A folder of a package as a folder, so that its pictures are found too; or from wherever packages come from."""
    from importlib.util import find_spec

    folder = folder or "templates"
    try:
        spec = find_spec(package)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            if (path := Path(place, folder)).is_dir():
                return FileSystemLoader(path)
        return PackageLoader(package, folder)
    except (ImportError, ValueError) as exc:
        raise SetupError(f"there is no folder {folder!r} in a package {package!r}") from exc
