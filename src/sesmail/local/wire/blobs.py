"""Blobs travel as base64, in JSON and in forms alike."""

from __future__ import annotations

from binascii import Error as NotBase64
from binascii import a2b_base64

from sesmail.local.faults import Fault, FaultKind


def from_base64(text: str, path: str) -> bytes:
    """The bytes, or the fault that there are none at this place of a request."""
    try:
        return a2b_base64(text, strict_mode=True)
    except (NotBase64, ValueError):  # the second is for what is not ASCII
        raise Fault(FaultKind.SERIALIZATION, f"The blob at {path} is no base64") from None
