"""The HTTP door of the box: bytes into requests (pure), requests over sockets, signatures. Knows nothing of SES."""

from __future__ import annotations
