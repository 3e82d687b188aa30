"""Account: what policies may ask about the SES account behind a way. They never ask SES themselves.

A way that knows its account has it as ``account``; `sesmail.ses.account` has one, and a test writes its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sesmail.policies.flow import Question


class Standing(Protocol):
    """What an account may do in a Region, as far as it is known. ``None`` stands for: nobody could say."""

    @property
    def production(self) -> bool | None:
        """Whether it has left the sandbox."""

    @property
    def sending(self) -> bool | None:
        """Whether it may send at all just now."""

    @property
    def rate(self) -> float | None:
        """Recipients a second."""

    @property
    def quota(self) -> float | None:
        """Recipients in 24 hours; less than 0 for no limit."""

    @property
    def sent(self) -> float | None:
        """Recipients in the last 24 hours."""


class Account(Protocol):
    """One account in one Region. Asking costs a call, and SES takes one a second: policies remember the answers."""

    @property
    def key(self) -> str:
        """Which account and Region, as far as that is known without a call. Equal for two ways to the same one."""

    @property
    def region(self) -> str:
        """Which Region."""

    def standing(self) -> Question[Standing]:
        """What it may do. The answer to who may not ask is a standing of which nothing is known."""

    def identities(self) -> Question[Mapping[str, bool] | None]:
        """Its domains and addresses as they are written there, and whether each may send; nothing if nobody can say."""
