"""Contact lists: who is on them, who wants no mail, and the links by which they say so."""

from __future__ import annotations
