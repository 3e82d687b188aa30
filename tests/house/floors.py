"""The floors of the house, and what is wrong with an import. Type-only imports count as real ones."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Which part stands on which floor. A new folder gets its line here, or the test fails.
FLOORS = {
    "errors": 0,
    "_logging": 0,
    "_door": 0,
    "_driver": 0,
    "_clock": 0,
    "lines": 1,
    "mail": 1,
    "mime": 2,
    "templates": 2,
    "ses": 2,
    "transports": 3,
    "policies": 4,
    "connect": 5,
    "mailer": 5,
    "testing": 6,
    "local": 6,
    "integrations": 7,
    "cli": 7,
    "__main__": 8,
}
# Which parts of the same floor may know each other, beside themselves.
NEIGHBOURS: dict[str, set[str]] = {
    "_door": {"errors"},  # it says what is missing
    "mailer": {"connect"},
    "ses/simple": {"mime"},
    "integrations/flask": {"cli"},  # `flask sesmail preview` is `sesmail preview` with the application's mailer
}
# Which parts below are still not for somebody: a transport carries what others wrote, and a mail knows no time.
NOT_FOR = {
    "mail": {"_clock"},
    "mime": {"lines"},
    "transports": {"mime"},
    "policies": {"mime", "ses", "lines"},
}
# Of which part some files only are for somebody: a policy goes around any transport, and knows none.
ONLY_OF = {("policies", "transports"): {"base", "limits", "option", "url"}}
# What is allowed beside the standard library, inside functions only.
THIRD_PARTIES = {
    "mail": {"email_validator", "idna"},
    "mime": {"pybase64"},
    "templates": {"css_inline", "mrml", "markdown_it", "babel"},
    "ses/client": {"boto3", "botocore", "h11"},
    "ses/credentials": {"boto3", "botocore"},
    "local": {"cryptography"},
}
# A door into another world is made of it: only who uses that world opens the file.
DOORS = {
    "integrations/pytest_plugin": {"pytest"},
    "integrations/django": {"django"},
    "integrations/flask": {"flask", "blinker", "click"},
    "integrations/fastapi": {"fastapi", "starlette"},
    "templates": {"jinja2", "markupsafe"},
}
# What the pure floors must not touch at all.
TRANSPORTS = FLOORS["transports"]
NOT_BELOW_TRANSPORTS = {"socket", "ssl", "asyncio", "http", "urllib", "smtplib", "subprocess", "selectors"}
PURE = {"urllib.parse"}  # of these, what reads and writes text only
CLOCKLESS = {"errors", "_logging", "_door", "_driver", "mail"}
# But for these, whose work it is; the clock waits by asyncio's.
CONNECTS = {"_clock", "lines", "ses/client", "ses/credentials"}


def violations(package: Path) -> Iterator[str]:
    """What breaks the rules, as ``file:line: what``."""
    for path in sorted(package.rglob("*.py")):
        part, *within = (name.removesuffix(".py") for name in path.relative_to(package).parts)
        if part == "__init__":
            continue  # the front door may name everything; the light-import test holds it to importing nothing
        if part not in FLOORS:
            yield f"{path.name}: {part} stands on no floor"
            continue
        tree = ast.parse(path.read_text("utf-8"))
        inside = {id(node) for function in _functions(tree) for node in ast.walk(function)}
        for node, module in _imports(tree):
            room = "/".join([part, *within[:1]])
            if reason := _objection(part, room, module, in_function=id(node) in inside):
                yield f"{path.relative_to(package)}:{node.lineno}: {reason}"


def _functions(tree: ast.Module) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _imports(tree: ast.Module) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "sesmail":
            yield from ((node, f"sesmail.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, "." * node.level + (node.module or "")


def _objection(part: str, room: str, module: str, *, in_function: bool) -> str:
    root, _, rest = module.partition(".")
    if not root:
        return "relative imports hide the floor"
    if root == "sesmail":
        other, _, within = rest.partition(".")
        if part == other == "integrations" and within.partition(".")[0] != room.partition("/")[2]:
            return f"{room} imports {rest}: no integration knows another"
        allowed = ONLY_OF.get((part, other))
        if allowed is not None and within.partition(".")[0] not in allowed:
            return f"{part} imports {rest}, which is not for it"
        return _upward(part, room, other)
    if root in sys.stdlib_module_names:
        clock = root == "time" and part in CLOCKLESS
        is_low = FLOORS[part] < TRANSPORTS and not {part, room} & CONNECTS
        too_low = root in NOT_BELOW_TRANSPORTS and is_low and module not in PURE
        return f"{part} must not know {root}" if too_low or clock else ""
    if root in DOORS.get(part, set()) | DOORS.get(room, set()):
        return ""
    if root not in THIRD_PARTIES.get(part, set()) | THIRD_PARTIES.get(room, set()):
        return f"{part} must not import {root}"
    return "" if in_function else f"{root} must be imported inside a function"


def _upward(part: str, room: str, other: str) -> str:
    if other not in FLOORS:
        return f"{part} imports {other or 'the front door'}"
    if other in NOT_FOR.get(part, set()):
        return f"{part} imports {other}, which is not for it"
    same = other == part or other in NEIGHBOURS.get(part, set()) | NEIGHBOURS.get(room, set())
    return "" if FLOORS[other] < FLOORS[part] or same else f"{part} imports {other}, which is not below it"
