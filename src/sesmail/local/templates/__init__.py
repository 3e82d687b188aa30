"""Templates: kept, rendered, tried, and sent to one or to many."""

from __future__ import annotations
