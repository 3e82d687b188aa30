"""Texts that must be JSON objects, as some parameters are."""

from __future__ import annotations

import json
from typing import Any, NoReturn


def json_object(text: str) -> dict[str, Any] | None:
    """The object, or nothing where the text is something else.

    >>> from sesmail.local.json_text import json_object
    >>> json_object('{"a": 1}'), json_object("[]"), json_object('{"a": NaN}')
    ({'a': 1}, None, None)
    """
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")  # NaN and Infinity, which Python takes
