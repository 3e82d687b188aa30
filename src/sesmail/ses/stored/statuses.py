"""Statuses: what SES says of each mail of a bulk, by one table. The same verdicts as for an answer to a whole call.

SES spells them in two ways, in its model (``TEMPLATE_NOT_FOUND``) and in its texts (``TEMPLATE_DOES_NOT_EXIST``), and
v1 in a third (``TemplateDoesNotExist``). All are looked up in small letters and without ``_``.

Only a word of the table says that a mail was not sent. Any other says nothing, and then it may be out.
"""

from __future__ import annotations

from collections.abc import Mapping

from sesmail.errors import Outcome, Rejected, SendError
from sesmail.ses.refusal import Refusal, Verdict
from sesmail.ses.verdicts.mail import not_found, paused, rejected, suspended
from sesmail.ses.verdicts.service import too_fast, too_many, unavailable
from sesmail.ses.verdicts.verification import mail_from

SUCCESS = "success"


def folded(status: str) -> str:
    """A status as the table has it."""
    return status.replace("_", "").lower()


def entry_error(status: str, refusal: Refusal) -> SendError:
    """The error for one mail of a bulk that was not sent, or of which nobody can say it.

    >>> from sesmail.ses.refusal import Refusal
    >>> from sesmail.ses.stored.statuses import entry_error
    >>> refusal = Refusal(code="ACCOUNT_THROTTLED", status=200, text="", region="eu-west-1")
    >>> error = entry_error(refusal.code, refusal)
    >>> type(error).__name__, error.retryable, error.outcome
    ('Throttled', True, <Outcome.NOT_SENT: 'not_sent'>)
    """
    return STATUSES.get(folded(status), strange)(refusal)


def unclear(refusal: Refusal) -> SendError:
    """It failed, and the text may say why. What it says of no kind that is known may not pass, and is not repeated."""
    error = rejected(refusal)
    if type(error) is not Rejected:
        return error
    text = f"{refusal.who} did not send this mail of a bulk ({refusal.said}). Read what it says; it was not sent"
    return refusal.error(SendError, text)


def strange(refusal: Refusal) -> SendError:
    """Neither yes nor a no that is known."""
    text = (
        f"{refusal.who} said of this mail of a bulk neither that it was sent nor that it was not ({refusal.said}). It"
        " may be out: do not send it again unasked"
    )
    return refusal.error(SendError, text, outcome=Outcome.UNKNOWN, retryable=False)


STATUSES: Mapping[str, Verdict] = {
    # the mail, and who it is from and to
    "messagerejected": rejected,
    "invalidparameter": rejected,
    "invalidparametervalue": rejected,
    "mailfromdomainnotverified": mail_from,
    # what it names
    "configurationsetnotfound": not_found,
    "configurationsetdoesnotexist": not_found,
    "templatenotfound": not_found,
    "templatedoesnotexist": not_found,
    "invalidsendingpoolname": not_found,
    # how much
    "accountthrottled": too_fast,
    "accountdailyquotaexceeded": too_many,
    # who may send at all
    "accountsuspended": suspended,
    "accountsendingpaused": paused,
    "configurationsetsendingpaused": paused,
    # what goes wrong there
    "transientfailure": unavailable,
    "failed": unclear,
}
