"""Relay replies: from what a server of any kind says to our errors, by its codes and never by its text.

What SES says is read by `sesmail.ses.smtp_replies`, which knows its texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sesmail.errors import AuthFailed, ConnectFailed, Outcome, Rejected, SendError, Unavailable
from sesmail.lines.line import Place
from sesmail.transports.smtp.replies import Reply

LONGEST_TEXT = 300


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a refusal is, and what to do."""

    error: type[SendError]
    advice: str
    outcome: Outcome = Outcome.NOT_SENT
    retryable: bool = False


_LOGIN = _Kind(AuthFailed, "check user and password")
_LATER = _Kind(Unavailable, "try again later", retryable=True)
_NEVER = _Kind(Rejected, "do not send it again unchanged", Outcome.REFUSED)
_TOO_LARGE = _Kind(Rejected, "the mail is larger than the server or the mailbox takes", Outcome.REFUSED)
_UNKNOWN_PERSON = _Kind(Rejected, "nobody has this address; do not send to it again", Outcome.REFUSED)

# By stage and first digit, then by the code of RFC 3463, then by the code, then by its first digit.
_BY_STAGE: Mapping[tuple[str, int], _Kind] = {
    ("connect", 5): _Kind(ConnectFailed, "the server takes no mail from here; is this the right one?"),
    ("auth", 5): _LOGIN,
}
_BY_ENHANCED: Mapping[str, _Kind] = {
    "5.1.1": _UNKNOWN_PERSON,
    "5.2.3": _TOO_LARGE,
    "5.3.4": _TOO_LARGE,
}
_BY_CODE: Mapping[int, _Kind] = {
    530: _Kind(AuthFailed, "the server wants a login or TLS: give user and password, or another tls"),
    534: _LOGIN,
    535: _LOGIN,
    538: _LOGIN,
    552: _TOO_LARGE,
}
_BY_CLASS: Mapping[int, _Kind] = {4: _LATER, 5: _NEVER}


def relay_error(reply: Reply, *, stage: str, place: Place, recipients: Sequence[str] = ()) -> SendError:
    """The error for a refusal.

    >>> from sesmail.lines.line import Place
    >>> from sesmail.transports.smtp.relay_replies import relay_error
    >>> from sesmail.transports.smtp.replies import Reply
    >>> error = relay_error(Reply(451, (b"4.7.1 Come back later",)), stage="mail", place=Place("mail.example.com", 587))
    >>> error
    Unavailable('mail.example.com:587 said 451 4.7.1 Come back later (mail); try again later')
    >>> error.retryable, error.code
    (True, '451 4.7.1')
    """
    kind = _kind(reply, stage)
    text = reply.text
    shown = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
    said = f"{reply.code} {shown}".rstrip()
    return kind.error(
        f"{place} said {said} ({stage}); {kind.advice}",
        code=reply.codes,
        stage=stage,
        outcome=kind.outcome,
        retryable=kind.retryable,
        recipients=recipients,
    )


def _kind(reply: Reply, stage: str) -> _Kind:
    by_class = reply.code // 100
    return (
        _BY_STAGE.get((stage, by_class))
        or _BY_ENHANCED.get(reply.enhanced)
        or _BY_CODE.get(reply.code)
        or _BY_CLASS[by_class]
    )
