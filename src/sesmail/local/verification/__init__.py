"""Verification of addresses: links, the mails that hold them, and the words of the account for these mails."""

from __future__ import annotations
