"""The encoder: sesmail picks one for base64 when it first needs it, and measuring needs both in one process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sesmail.mime.encoding import _encoder


@contextmanager
def plain_install() -> Iterator[None]:
    """A sesmail without its extra ``speed``, whether or not pybase64 is installed."""
    hidden = sys.modules.get("pybase64")
    sys.modules["pybase64"] = None  # type: ignore[assignment] # how Python says that a module cannot be imported
    _encoder.cache_clear()
    try:
        yield
    finally:
        del sys.modules["pybase64"]
        if hidden is not None:
            sys.modules["pybase64"] = hidden
        _encoder.cache_clear()
