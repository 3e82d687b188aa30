"""CapturedMail: one mail that a mailbox caught, with what a test wants to know of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from sesmail.mail.address import Address
from sesmail.mail.attachment import Attachment
from sesmail.mail.envelope import Envelope
from sesmail.mail.message import Email
from sesmail.mail.outgoing import Outgoing
from sesmail.ses.stored.content import StoredTemplate, stored_of
from sesmail.testing.golden import compare
from sesmail.testing.links import links_of_html, links_of_text
from sesmail.transports.base import readable


@dataclass(frozen=True, slots=True, repr=False)
class CapturedMail:
    """A mail that was sent.

    >>> from sesmail import Mailer
    >>> from sesmail.testing import capture
    >>> mailer = Mailer("null://", sender="shop@example.com")
    >>> with capture() as mailbox:
    ...     _ = mailer.send(to="ada@example.org", subject="Hi", text="Look: https://example.com/4711.")
    >>> mailbox.last.links()
    ['https://example.com/4711']
    """

    outgoing: Outgoing

    @property
    def email(self) -> Email:
        """The mail, with what the mailer and its hooks added."""
        return self.outgoing.email

    @property
    def envelope(self) -> Envelope:
        """Whom it went to."""
        return self.outgoing.envelope

    @property
    def recipients(self) -> tuple[Address, ...]:
        """Everyone whom it went to: to, cc and bcc."""
        return self.envelope.recipients

    @property
    def stored(self) -> StoredTemplate | None:
        """What it asks SES to make a mail of: the name of a template, its rows and their data. Most mails have none."""
        return stored_of(self.outgoing.content) if self.outgoing.stored_template else None

    @property
    def sender(self) -> Address | None:
        """From whom it is."""
        return self.email.sender

    @property
    def to(self) -> tuple[Address, ...]:
        """Who stands in its To header."""
        return self.email.to

    @property
    def cc(self) -> tuple[Address, ...]:
        """Who stands in its Cc header."""
        return self.email.cc

    @property
    def bcc(self) -> tuple[Address, ...]:
        """Who gets it without being named in it."""
        return self.envelope.bcc

    @property
    def reply_to(self) -> tuple[Address, ...]:
        """Where answers go."""
        return self.email.reply_to

    @property
    def subject(self) -> str:
        """Its subject."""
        return self.email.subject

    @property
    def text(self) -> str:
        """Its text; empty when it has none."""
        return self.email.text or ""

    @property
    def html(self) -> str:
        """Its HTML; empty when it has none."""
        return self.email.html or ""

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """Its files, inline ones too."""
        return self.email.attachments

    @property
    def bytes(self) -> bytes:
        """The mail as it would go over the wire."""
        return readable(self.outgoing.content).to_bytes()

    def links(self) -> list[str]:
        """The web addresses that it leads to, each once: those of the HTML in order, then what only the text has."""
        return list(dict.fromkeys([*links_of_html(self.html), *links_of_text(self.text)]))

    def assert_matches(self, golden: str | Path) -> None:
        """Compare it with a file: an ``.eml`` that any mail program opens.

        A relative path is looked for beside the file of the test. Date, message id, boundary and content ids stand
        still where the mail does not give its own. With ``SESMAIL_UPDATE_GOLDEN=1`` in the environment the file is
        written; look at it before you commit it.
        """
        if self.stored:
            raise AssertionError("SES makes this mail of a template that it keeps: compare its rows, in `stored`")
        caller = Path(sys._getframe(1).f_code.co_filename)  # noqa: SLF001 - the one way to know who asks
        compare(self.outgoing, caller.parent / golden)

    def __repr__(self) -> str:
        return f"CapturedMail({self.email!r})"
