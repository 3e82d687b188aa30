"""SMTP replies: the border where a reply of SES's SMTP door, or of a relay, becomes an error of ours.

A reply is an answer: with 4xx and 5xx the mail was not taken (RFC 5321 4.2.1), also where all of it had left before.
What is neither leaves the outcome unknown then. The code decides, and a text only where SES has one code for many
things.

A no before there was a mail is no word about the mail: on the stages ``connect`` and ``auth`` nothing is `Rejected`.
What is said on ``auth`` is repeated in plain words only, since some servers repeat what they were given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sesmail.errors import AuthFailed, ConnectFailed, SendError, Throttled
from sesmail.ses.people import People
from sesmail.ses.refusal import Refusal, Verdict
from sesmail.ses.sayings import printable, quoted_words
from sesmail.ses.verdicts.mail import rejected, too_large
from sesmail.ses.verdicts.permission import denied, not_subscribed
from sesmail.ses.verdicts.service import incomplete, strange, too_fast, too_many_lines, turned_away, unavailable

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?: |$)")  # RFC 2034 4


def smtp_error(code: int, text: str, *, stage: str, people: People, region: str, at_risk: bool = False) -> SendError:
    """The error for a mail to which a server said no, or nothing that can be understood.

    ``region`` is that of SES's door, or empty where the server is a relay. ``at_risk`` is true once all of the mail
    has left.

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
        text=quoted_words(text) if stage == "auth" else text,
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
    cure = (
        "The user is the id of an access key, and the password is derived from its secret for this one Region"
        " (smtp_password); keys of a role have none, and new ones take a while to be known"
        if refusal.region
        else "Check both, and whether it takes this kind of login"
    )
    return refusal.error(AuthFailed, f"{refusal.who} does not accept user and password ({refusal.said}). {cure}")


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
    ("552 5.2.2", "", "", rejected),  # a full mailbox, behind a relay
    ("552", "", "", too_large),
    ("5", "", "", rejected),
)
