"""Letter: one mail as a session is given it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sesmail.mail.outgoing import Content, Outgoing


@dataclass(frozen=True, slots=True)
class Letter:
    """Who sends, who gets it, the content, and whether that takes SMTPUTF8."""

    sender: str
    recipients: tuple[str, ...] = field(repr=False)
    content: Content = field(repr=False)
    is_utf8: bool = False

    @classmethod
    def of(cls, outgoing: Outgoing, content: Content) -> Letter:
        """From the envelope. Bounces go to the feedback address, if the mail has one."""
        envelope = outgoing.envelope
        sender = outgoing.ses.feedback_address or envelope.return_path.email
        recipients = tuple([address.email for address in envelope.recipients])
        is_utf8 = not all(map(str.isascii, (sender, *recipients)))
        if content.needs_smtputf8:
            return cls(sender, recipients, content.as_utf8(), is_utf8=True)
        return cls(sender, recipients, content, is_utf8)
