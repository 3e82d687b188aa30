"""Templates: from a name and a context to subject, text and HTML."""

from __future__ import annotations
