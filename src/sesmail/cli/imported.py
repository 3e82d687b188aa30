"""Imported: modules and what is in them, as the command line names them: ``shop.previews``, ``shop.mail:mailer``.

The folder that the command runs in comes first, as with ``python -m``.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from traceback import walk_tb
from types import ModuleType

from sesmail.cli.parser import UsageError
from sesmail.errors import SesmailError, SetupError

_OURS = str(Path(__file__).parents[1])


def module_named(name: str) -> ModuleType:
    """The module. What goes wrong in it is told by its kind and place."""
    here = str(Path.cwd())
    if "" not in sys.path and here not in sys.path:
        sys.path.insert(0, here)
    try:
        return import_module(name)
    except SesmailError:
        raise
    except Exception as exc:
        if isinstance(exc, ModuleNotFoundError | TypeError | ValueError) and _is_about(name, exc):
            raise UsageError(f"there is no module {name!a}, seen from {here!r}") from exc
        raise SetupError(f"{name} cannot be imported: {told(exc)}") from exc


def object_named(text: str) -> object:
    """What stands in a module: ``shop.mail:mailer``, or further down ``shop:app.mailer``."""
    name, _, path = text.partition(":")
    if not name or not path:
        raise UsageError(f"{text!a} names no object: write it like shop.mail:mailer")
    found: object = module_named(name)
    for word in path.split("."):
        try:
            found = getattr(found, word)
        except AttributeError:
            raise UsageError(f"there is no {path!a} in {name}") from None
    return found


def told(exc: BaseException) -> str:
    """What kind of error it is and where it came up, without its text: that may quote what a mail holds."""
    where = [
        (frame.f_code.co_filename, line)
        for frame, line in walk_tb(exc.__traceback__)
        if not frame.f_code.co_filename.startswith((_OURS, "<frozen"))
    ]
    if isinstance(exc, SyntaxError) and exc.filename:
        where.append((exc.filename, exc.lineno or 0))
    kind = type(exc).__name__
    if isinstance(exc, ImportError) and exc.name:
        kind = f"{kind} of {exc.name}"
    return f"{kind} in {Path(where[-1][0]).name}, line {where[-1][1]}" if where else kind


def _is_about(name: str, exc: Exception) -> bool:
    """Whether the module itself is not there, and not one that it imports."""
    if isinstance(exc, ModuleNotFoundError):
        return exc.name is None or f"{name}.".startswith(f"{exc.name}.")
    return not name or name.startswith(".") or name.endswith(".")  # what import_module takes for no name
