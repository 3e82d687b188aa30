"""Answers: what a server said to one mail, and for what reason nobody gets it, if nobody does."""

from __future__ import annotations

from dataclasses import dataclass, field

from sesmail.transports.smtp.replies import Reply


class Refused(Exception):
    """A server said no. Which error that is, a transport knows; it never reaches a user."""

    def __init__(self, reply: Reply, stage: str) -> None:
        super().__init__(f"{reply.code} ({stage})")
        self.reply = reply
        self.stage = stage


@dataclass(slots=True)
class Answers:
    """The replies to MAIL, to each RCPT and to DATA, and the one to the mail itself, as far as it came.

    >>> from sesmail.transports.smtp.answers import Answers
    >>> from sesmail.transports.smtp.replies import Reply
    >>> full, unknown = Reply(452, (b"4.2.2 full",)), Reply(550, (b"5.1.1 unknown",))
    >>> answers = Answers(sender=Reply(250, ()), recipients=[unknown, full])
    >>> answers.refusal.reply.codes
    '452 4.2.2'
    """

    sender: Reply | None = None
    recipients: list[Reply] = field(default_factory=list)
    data: Reply | None = None
    end: Reply | None = None

    @property
    def is_for_somebody(self) -> bool:
        """Whether somebody would get the mail."""
        return bool(self.sender and self.sender.is_yes) and any(reply.is_yes for reply in self.recipients)

    @property
    def refusal(self) -> Refused | None:
        """Why nobody gets it. Of several reasons, one that may pass: trying again is then worth it for somebody."""
        if self.end and self.end.is_yes:
            return None
        if self.sender and self.sender.is_no:
            return Refused(self.sender, "mail")
        if not self.is_for_somebody:
            passing = [reply for reply in self.recipients if reply.code < 500]
            return Refused((passing or self.recipients)[0], "mail")
        if self.data and self.data.is_no:
            return Refused(self.data, "data")
        return Refused(self.end, "reply") if self.end and self.end.is_no else None
