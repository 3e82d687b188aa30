"""The pytest plugin: a fixture that catches mail. It is loaded with every pytest run, so it imports next to nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.testing.mailbox import Mailbox


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """Catches what every `Mailer` and `AsyncMailer` sends while the test runs: see `sesmail.testing.capture`."""
    from sesmail.testing.mailbox import capture

    with capture() as caught:
        yield caught
