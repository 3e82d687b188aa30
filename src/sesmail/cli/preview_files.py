"""PreviewFiles: the files of previews, in one folder and nowhere else, whatever a preview is called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_OTHER = re.compile(r"[^\w\-]+")  # dots too: behind the first one stands the locale
_LONGEST = 48  # characters, of up to four bytes each; file systems take 255 bytes
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}


class PreviewFiles:
    """Writes ``NAME.LOCALE.eml``, ``.html`` and ``.txt``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stems: dict[str, str] = {}

    def write(self, name: str, locale: str, contents: Mapping[str, bytes]) -> list[Path]:
        """The files of one mail, by their endings; those of an earlier run are written over."""
        stem = f"{self.stem(name)}.{locale}" if locale else self.stem(name)
        self._folder.mkdir(parents=True, exist_ok=True)
        return [self._written(f"{stem}.{ending}", content) for ending, content in contents.items()]

    def stem(self, name: str) -> str:
        """The name as a file may be called, and no two alike, also where case does not count.

        >>> from pathlib import Path
        >>> from sesmail.cli.preview_files import PreviewFiles
        >>> files = PreviewFiles(Path("previews"))
        >>> files.stem("large order"), files.stem("../Large.Order"), files.stem("con"), files.stem("..")
        ('large-order', 'Large-Order-2', 'con-', 'preview')
        """
        if name not in self._stems:
            self._stems[name] = self._free(_OTHER.sub("-", name).strip("-")[:_LONGEST] or "preview")
        return self._stems[name]

    def _free(self, stem: str) -> str:
        taken = {known.casefold() for known in self._stems.values()} | _DEVICES
        if stem.casefold() in _DEVICES:
            stem += "-"
        number, found = 1, stem
        while found.casefold() in taken:
            number += 1
            found = f"{stem}-{number}"
        return found

    def _written(self, name: str, content: bytes) -> Path:
        path = self._folder / name
        path.write_bytes(content)
        return path
