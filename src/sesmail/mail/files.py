"""Reading a file that somebody named: regular files only, of a bounded size, under a root that cannot be left.

Rule 1: nothing is resolved and then opened, since a link can be swapped in between. Each folder on the way is opened
        from the handle of the one above it, without following links.
Rule 2: the size is checked before the first byte is read, and once more while reading, since a file can grow.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import BinaryIO

from sesmail.errors import MailError, TooLarge, Unsupported

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
# A named pipe would block `open` for ever; O_BINARY is what Windows needs to leave line ends alone.
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def read_file(path: str | os.PathLike[str], *, root: str | os.PathLike[str] | None, max_bytes: int) -> bytes:
    """The bytes of a regular file. With ``root``, ``path`` is relative to it and cannot leave it."""
    try:
        raw = os.fsencode(path)
    except UnicodeEncodeError:
        raise MailError("there is a surrogate in the path", field="path") from None
    if b"\0" in raw:
        raise MailError("there is a NUL in the path", field="path")
    descriptor = os.open(path, _READ) if root is None else _open_below(root, os.fspath(path))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise MailError("not a regular file", field="path")
        if status.st_size > max_bytes:
            raise _too_large(status.st_size, max_bytes)
        with open(descriptor, "rb", closefd=False) as file:
            data = b"".join(_pieces(file, max_bytes + 1))
    finally:
        os.close(descriptor)
    if len(data) > max_bytes:
        raise _too_large(len(data), max_bytes)
    return data


def _pieces(file: BinaryIO, limit: int) -> Iterator[bytes]:
    """The content up to a limit, in pieces: one `read` of a generous limit would ask for all its memory at once."""
    while limit > 0 and (piece := file.read(min(limit, 1 << 20))):
        limit -= len(piece)
        yield piece


def _too_large(size: int, limit: int) -> TooLarge:
    return TooLarge(f"{size} bytes, and at most {limit} are read", size=size, limit=limit, field="path")


def _open_below(root: str | os.PathLike[str], path: str) -> int:
    if os.open not in os.supports_dir_fd:
        raise Unsupported(
            "this platform cannot open a file below a folder safely; check the path yourself and leave root out",
            feature="root",
            field="root",
        )
    *folders, name = (part for part in path.split("/") if part not in ("", ".")) if path.strip("./") else ("",)
    if path.startswith("/") or ".." in (*folders, name) or not name:
        raise MailError("the path must lead down from the root: no .., and not absolute", field="path")
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            below = _open_one(folder, os.O_RDONLY | os.O_DIRECTORY, descriptor)
            os.close(descriptor)
            descriptor = below
        return _open_one(name, _READ, descriptor)
    finally:
        os.close(descriptor)


def _open_one(name: str, flags: int, folder: int) -> int:
    try:
        return os.open(name, flags | _NO_FOLLOW, dir_fd=folder)
    except OSError as exc:
        if stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise MailError("there is a symbolic link on the way, and links are not followed", field="path") from exc
        raise
