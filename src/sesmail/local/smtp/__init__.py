"""The SMTP door of the box: a pure session (bytes in, steps out), TLS and its certificates, and an asyncio door."""

from __future__ import annotations
