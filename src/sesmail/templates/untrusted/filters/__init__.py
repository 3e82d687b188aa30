"""Filters: those that are offered. Most are Jinja's own or do as they do, with the size known before the result."""

from __future__ import annotations
