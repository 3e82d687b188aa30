"""The box's own requests, under ``/_sesmail/``: ledger, account, clock, troubles, and links in mails."""

from __future__ import annotations
