"""SMTP replies: the border where what SES's SMTP door says becomes an error of ours. One table, read from the top.

A reply is an answer: with 4xx and 5xx the mail was not taken (RFC 5321 4.2.1), also where all of it had left before.
The code decides, and a text only where SES has one code for many things.

A no before there was a mail is no word about the mail: on the stages ``connect`` and ``auth`` nothing is `Rejected`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sesmail.errors import AuthFailed, ConnectFailed, SendError, Throttled
from sesmail.ses.people import People
from sesmail.ses.refusal import Refusal, Verdict
from sesmail.ses.sayings import printable
from sesmail.ses.verdicts.mail import rejected, too_large
from sesmail.ses.verdicts.permission import denied, not_subscribed
from sesmail.ses.verdicts.service import incomplete, strange, too_fast, too_many_lines, turned_away, unavailable

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?: |$)")  # RFC 2034 4


def smtp_error(code: int, text: str, *, stage: str, people: People, region: str, at_risk: bool = False) -> SendError:
    """The error for a mail to which SES said no; ``region`` is that of its door.

    What is neither 4xx nor 5xx says nothing about the mail. Then ``at_risk`` counts: whether all of it had left.

    >>> from sesmail.ses.people import People
    >>> from sesmail.ses.smtp_replies import smtp_error
    >>> said = "4.4.2 Timeout waiting for data from client."
    >>> error = smtp_error(451, said, stage="reply", people=People(), region="eu-west-1", at_risk=True)
    >>> type(error).__name__, error.code, error.retryable, error.outcome
    ('TimedOut', '451 4.4.2', True, <Outcome.NOT_SENT: 'not_sent'>)
    """
    text = printable(text)
    enhanced = _ENHANCED.match(text)
    text = text[enhanced.end() :] if enhanced else text
    refusal = Refusal(
        code=f"{code} {enhanced[1]}" if enhanced else str(code),
        status=code,
        text=text,
        region=region,
        people=people,
        stage=stage,
        at_risk=at_risk,
    )
    return _verdict(refusal)(refusal)


def _verdict(refusal: Refusal) -> Verdict:
    if not 400 <= refusal.status <= 599:
        return strange
    said = refusal.text.lower()
    return next(
        verdict
        for code, stage, saying, verdict in _RULES
        if refusal.code.startswith(code) and stage in ("", refusal.stage) and saying in said
    )


def _bad_login(refusal: Refusal) -> SendError:
    text = (
        f"{refusal.who} does not accept user and password ({refusal.said}). The user is the id of an access key, and"
        " the password is derived from its secret for one Region only (smtp_password); keys of a role have no password,"
        " and a new key takes a while to be known"
    )
    return refusal.error(AuthFailed, text)


def _login_wanted(refusal: Refusal) -> SendError:
    text = f"{refusal.who} wants to know who sends ({refusal.said}). Give user and password"
    return refusal.error(AuthFailed, text)


def _tls_wanted(refusal: Refusal) -> SendError:
    text = f"{refusal.who} takes nothing without TLS ({refusal.said}). Speak with it by STARTTLS, or TLS from the start"
    return refusal.error(ConnectFailed, text, retryable=False)


def _old_password(refusal: Refusal) -> SendError:
    text = (
        f"{refusal.who} refused {refusal.what}: too many recipients a second ({refusal.said}). The password is one from"
        " before 2019, which is held to a lower rate: derive a new one (smtp_password). Until then send slower"
    )
    return refusal.error(Throttled, text)


# The code or its beginning, the stage, and what is said. The first that fits; what is empty fits anything.
_RULES: Sequence[tuple[str, str, str, Verdict]] = (
    # not now
    ("421", "", "too many", too_many_lines),
    ("451", "", "timeout waiting", incomplete),
    ("454", "", "sigv2", _old_password),
    ("454", "", "throttling", too_fast),
    ("454", "", "rate exceeded", too_fast),
    ("454", "", "quota exceeded", too_fast),
    ("4", "", "", unavailable),
    # not you
    ("530", "", "starttls", _tls_wanted),
    ("530", "", "", _login_wanted),
    ("535", "", "not subscribed", not_subscribed),
    ("535", "", "", _bad_login),
    ("5", "auth", "", _bad_login),
    ("5", "connect", "", turned_away),
    ("5", "", "is not authorized to perform", denied),
    # not this mail
    ("552", "", "", too_large),
    ("5", "", "", rejected),
)
