"""Faults: the one border where what SES answers by its API becomes an error of ours. Both APIs, and one table.

A code is looked up without the case of its letters and without ``Exception`` at its end, since the two APIs, and the
layers of AWS in front of them, spell the same thing differently. What the table does not know, the HTTP status decides.

What stands here is what each code means for a mail. The outcome of an answer 500 or 503 with a code of AWS is
*not sent*: SES says that it failed, gives no id, and all SDKs of AWS send again then. Without a code, nobody knows
whether it was SES that answered, so but for a 503 (nobody was there to take the request) the outcome is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping

from sesmail.errors import AccountError, SendError
from sesmail.ses.call import ApiFault
from sesmail.ses.people import NOBODY, People
from sesmail.ses.refusal import Refusal, Verdict
from sesmail.ses.sayings import printable
from sesmail.ses.verdicts.mail import no_such_call, not_found, paused, rejected, suspended, too_large
from sesmail.ses.verdicts.permission import (
    bad_signature,
    denied,
    expired,
    not_subscribed,
    too_late,
    unknown_keys,
    unsigned,
)
from sesmail.ses.verdicts.service import incomplete, strange, too_fast, too_many, unavailable
from sesmail.ses.verdicts.verification import mail_from, sandboxed, sender_unverified

__all__ = ["People", "account_error", "api_error", "asked_error"]


def api_error(fault: ApiFault, *, people: People, region: str) -> SendError:
    """The error for a mail that SES refused; ``region`` is the one that was to be spoken with.

    >>> from sesmail.ses.call import ApiFault, Call
    >>> from sesmail.ses.faults import People, api_error
    >>> fault = ApiFault(Call("sesv2", "SendEmail", {}), code="TooManyRequestsException", message="", status=429)
    >>> error = api_error(fault, people=People(), region="eu-west-1")
    >>> type(error).__name__, error.retryable, error.outcome
    ('Throttled', True, <Outcome.NOT_SENT: 'not_sent'>)
    """
    refusal = _refusal(fault, people, region, sends=True)
    return _verdict(refusal)(refusal)


def account_error(fault: ApiFault, *, region: str) -> AccountError:
    """The error for a call that sends nothing: the same table, and what is to be done is the same but for a few.

    >>> from sesmail.ses.call import ApiFault, Call
    >>> from sesmail.ses.faults import account_error
    >>> call = Call("sesv2", "GetAccount", {})
    >>> fault = ApiFault(call, code="ThrottlingException", message="Rate exceeded", status=400)
    >>> error = account_error(fault, region="eu-west-1")
    >>> error.operation, error.retryable
    ('GetAccount', True)
    """
    error = asked_error(fault, region=region)
    return AccountError(
        str(error),
        operation=fault.operation,
        code=error.code,
        request_id=error.request_id,
        retryable=error.retryable,
    )


def asked_error(fault: ApiFault, *, region: str) -> SendError:
    """The same where a mail waits for the answer, and is not sent without it."""
    refusal = _refusal(fault, NOBODY, region, sends=False)
    return _verdict(refusal)(refusal)


def _refusal(fault: ApiFault, people: People, region: str, *, sends: bool) -> Refusal:
    return Refusal(
        code=printable(fault.code, 100),
        status=fault.status,
        text=fault.message,
        region=region,
        people=people,
        operation=fault.operation,
        sends=sends,
        at_risk=sends,
        request_id=printable(fault.request_id, 100),
        retry_after_s=fault.retry_after_s,
    )


def _verdict(refusal: Refusal) -> Verdict:
    return _OF_CODES.get(_folded(refusal.code)) or _OF_STATUSES.get(refusal.status) or _of_status(refusal)


def _folded(code: str) -> str:
    """``com.amazonaws.ses#ThrottlingException:http://…`` is ``throttling``."""
    return code.partition(":")[0].rpartition("#")[2].lower().removesuffix("exception")


def _of_status(refusal: Refusal) -> Verdict:
    named = refusal.code and not refusal.code.isdigit()  # botocore gives the status where an answer has no code
    if 400 <= refusal.status < 500:
        return rejected
    return unavailable if named and refusal.status >= 500 else strange


_OF_STATUSES: Mapping[int, Verdict] = {
    401: unknown_keys,
    403: denied,
    404: not_found,
    408: incomplete,
    413: too_large,
    429: too_fast,
    501: rejected,
    503: unavailable,
}

_OF_CODES: Mapping[str, Verdict] = {
    # the mail, and who it is from and to
    "messagerejected": rejected,
    "badrequest": rejected,
    "invalidparametervalue": rejected,
    "mailfromdomainnotverified": mail_from,
    "fromemailaddressnotverified": sender_unverified,
    "productionaccessnotgranted": sandboxed,
    # what it names
    "notfound": not_found,
    "configurationsetdoesnotexist": not_found,
    "templatedoesnotexist": not_found,
    "customverificationemailtemplatedoesnotexist": not_found,
    "eventdestinationdoesnotexist": not_found,
    "ruledoesnotexist": not_found,
    "rulesetdoesnotexist": not_found,
    "trackingoptionsdoesnotexist": not_found,
    # how much; v1 has one code for the rate and the day, and AWS has many for the rate
    "throttling": too_fast,
    "throttled": too_fast,
    "toomanyrequests": too_fast,
    "requestthrottled": too_fast,
    "requestlimitexceeded": too_fast,
    "bandwidthlimitexceeded": too_fast,
    "provisionedthroughputexceeded": too_fast,
    "ec2throttled": too_fast,
    "slowdown": too_fast,
    "limitexceeded": too_many,
    # who may send at all
    "sendingpaused": paused,
    "accountsendingpaused": paused,
    "configurationsetsendingpaused": paused,
    "accountsuspended": suspended,
    # who asks
    "accessdenied": denied,
    "notauthorized": denied,
    "unauthorizedoperation": denied,
    "optinrequired": not_subscribed,
    "subscriptionrequired": not_subscribed,
    "invalidclienttokenid": unknown_keys,
    "unrecognizedclient": unknown_keys,
    "invalidaccesskeyid": unknown_keys,
    "authfailure": unknown_keys,
    "signaturedoesnotmatch": bad_signature,
    "invalidsignature": bad_signature,
    "incompletesignature": unsigned,
    "missingauthenticationtoken": unsigned,
    "requestexpired": too_late,
    "requesttimetooskewed": too_late,
    "requestinthefuture": too_late,
    "expiredtoken": expired,
    "tokenrefreshrequired": expired,
    # what goes wrong there
    "internalfailure": unavailable,
    "internalerror": unavailable,
    "internalservererror": unavailable,
    "internalserviceerror": unavailable,
    "serviceunavailable": unavailable,
    "concurrentmodification": unavailable,
    "transactioninprogress": unavailable,
    "priorrequestnotcomplete": unavailable,
    "requesttimeout": incomplete,
    # whoever it was, it was not SES, or not this API of it
    "unknownoperation": no_such_call,
    "invalidaction": no_such_call,
}
