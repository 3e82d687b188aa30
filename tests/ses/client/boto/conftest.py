"""A local SES, and nothing of this machine's AWS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sesmail.local import LocalSes
from sesmail.local.call import Call
from sesmail.local.faults import Fault

from .surroundings import nothing_of_this_machine

__all__ = ["nothing_of_this_machine"]


@pytest.fixture
def heard() -> list[tuple[Call | None, Fault | None]]:
    """The calls that reached the box, with what it refused."""
    return []


@pytest.fixture
def ses(heard: list[tuple[Call | None, Fault | None]]) -> Iterator[LocalSes]:
    listen = lambda *said: heard.append(said)  # noqa: E731
    with LocalSes(sandbox=False, quota=-1, rate=1e9, check_signatures=True, on_call=listen) as ses:
        ses.identity("example.com").verify()
        yield ses
