"""Mailbox: catches what every mailer sends, and says what is missing when a test does not find it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sesmail.errors import SesmailError
from sesmail.mail.address import Address, AddressLike
from sesmail.mailer.diversion import Diversion
from sesmail.testing.captured import CapturedMail
from sesmail.testing.matching import Wanted, check, differences, shown
from sesmail.transports.limits import SES_API
from sesmail.transports.memory import MemoryTransport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Unpack

_MOST_SHOWN = 10


@contextmanager
def capture() -> Iterator[Mailbox]:
    """Catch what every `Mailer` and `AsyncMailer` sends, also those that were built long ago.

    >>> from sesmail import Mailer
    >>> from sesmail.testing import capture
    >>> mailer = Mailer("null://", sender="shop@example.com")  # somewhere in the application
    >>> with capture() as mailbox:
    ...     _ = mailer.send(to="ada@example.org", subject="Welcome, Ada", text="Hello")
    >>> mailbox.assert_sent(to="ada@example.org", subject="Welcome, Ada").text
    'Hello'

    Hooks run and limits hold as they do without it; the transport, with its policies, gets no mail. What runs in the
    context of the test is caught here. A thread that was started without that context falls back to the only mailbox
    there is; while several tests catch mail at once, that is an error which says so. With unittest:
    ``mailbox = self.enterContext(capture())``.
    """
    mailbox = Mailbox()
    with Diversion(mailbox.transport):
        yield mailbox


class Mailbox:
    """The mails that were caught, in order, and what a test says about them."""

    def __init__(self) -> None:
        # What a mailer's own way does not take, the mailer refuses before.
        self.transport = MemoryTransport(limits=SES_API)

    # ── what is there ────────────────────────────────────────────────────────────────────────────────────────

    @property
    def mails(self) -> tuple[CapturedMail, ...]:
        """All of them."""
        return tuple(CapturedMail(outgoing) for outgoing in self.transport.sent)

    @property
    def last(self) -> CapturedMail:
        """The newest."""
        mails = self.mails
        if not mails:
            raise AssertionError("no mail was sent")
        return mails[-1]

    def clear(self) -> None:
        """Forget them, and what was scripted."""
        self.transport.clear()

    def __len__(self) -> int:
        return len(self.transport.sent)

    def __bool__(self) -> bool:
        return True  # a mailbox is there, also an empty one

    def __iter__(self) -> Iterator[CapturedMail]:
        return iter(self.mails)

    def __getitem__(self, index: int) -> CapturedMail:
        return self.mails[index]

    # ── what a test says ─────────────────────────────────────────────────────────────────────────────────────

    def assert_sent(self, **wanted: Unpack[Wanted]) -> CapturedMail:
        """At least one mail is like this; the first one is the answer.

        ``sender``, ``to``, ``cc``, ``bcc``, ``reply_to`` and ``recipient`` (to, cc or bcc) take an address that is
        among them, a list of all of them in any order, a pattern that is searched for in ``Name <address>``, or a
        function that gets each `Address`. ``subject`` and ``attachment`` (the name of a file) take the whole text,
        ``text`` and ``html`` a part of it, and all four a pattern or a function. ``tags``, ``metadata`` and ``headers``
        take what must be among them. ``stored`` takes the name of a template that SES keeps.

        ``to`` and ``cc`` are those of the headers. Of a mail with an envelope of its own, ask ``recipient``.
        """
        found = self._found(wanted)
        if not found:
            raise AssertionError(self._what_was_sent(f"no mail {_told(wanted)}", wanted))
        return found[0]

    def assert_one(self, **wanted: Unpack[Wanted]) -> CapturedMail:
        """Exactly one mail is like this, whatever else was sent."""
        found = self._found(wanted)
        if len(found) != 1:
            raise AssertionError(self._what_was_sent(f"{len(found) or 'no'} mails {_told(wanted)}, not one", wanted))
        return found[0]

    def assert_not_sent(self, **wanted: Unpack[Wanted]) -> None:
        """No mail is like this."""
        found = self._found(wanted)
        if found:
            raise AssertionError(self._what_was_sent(f"{len(found)} of the mails {_told(wanted)}", wanted))

    def assert_none_to(self, address: AddressLike) -> None:
        """Nothing went to this address, in to, cc or bcc, and in whatever case it is written."""
        key = Address.parse(address).key
        count = sum(any(one.key == key for one in mail.recipients) for mail in self.mails)
        if count:
            raise AssertionError(self._what_was_sent(f"{count} of the mails to {address!s}", {"recipient": address}))

    def assert_nothing_sent(self) -> None:
        """No mail was sent at all."""
        if self.transport.sent:
            raise AssertionError(self._what_was_sent("a mail was sent", {}))

    def assert_count(self, count: int) -> None:
        """So many mails were sent."""
        if len(self) != count:
            raise AssertionError(self._what_was_sent(f"{len(self)} mails were sent, not {count}", {}))

    # ── what it is told to do ────────────────────────────────────────────────────────────────────────────────

    def fail_next(self, error: SesmailError, *, times: int = 1, arrives: bool = False) -> None:
        """Let the next sends fail: see `MemoryTransport.fail_next`."""
        self.transport.fail_next(error, times=times, arrives=arrives)

    def refuse(self, *addresses: AddressLike) -> None:
        """Refuse these recipients from now on: see `MemoryTransport.refuse`."""
        self.transport.refuse(*addresses)

    def slow_down(self, seconds: float) -> None:
        """Let every send take so long."""
        self.transport.slow_down(seconds)

    # ── words ────────────────────────────────────────────────────────────────────────────────────────────────

    def _found(self, wanted: Wanted) -> list[CapturedMail]:
        check(wanted)
        return [mail for mail in self.mails if not differences(mail, wanted)]

    def _what_was_sent(self, failure: str, wanted: Wanted) -> str:
        mails = sorted(self.mails, key=lambda mail: len(differences(mail, wanted)))
        if not mails:
            return f"{failure}; nothing was sent"
        lines = [f"{failure}; {len(mails)} sent{', nearest first' if wanted and len(mails) > 1 else ''}:"]
        for number, mail in enumerate(mails[:_MOST_SHOWN], 1):
            lines.append(f"  {number}. {_one_line(mail)}")
            lines += [f"     {difference}" for difference in differences(mail, wanted)]
        if len(mails) > _MOST_SHOWN:
            lines.append(f"  and {len(mails) - _MOST_SHOWN} more")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Mailbox({len(self)} mails)"


def _told(wanted: Wanted) -> str:
    return f"with {' and '.join(f'{name}={shown(value)}' for name, value in wanted.items())}" if wanted else "at all"


def _one_line(mail: CapturedMail) -> str:
    what = repr(mail.stored) if mail.stored else repr(mail.subject)
    return f"to {', '.join(map(str, mail.recipients))}: {what}"
