"""Account: what SES says of an account in a Region: sandbox or production, limits, identities. Reading only.

It is asked by v2 of the API, whatever mails go by: neither v1 nor SMTP knows of the sandbox.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from sesmail.ses.call import Call, Client, Parameters, Reply
from sesmail.ses.credentials import Credentials
from sesmail.ses.identities import Identities
from sesmail.ses.question import Question

_SHUT_DOWN = "SHUTDOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an account may do in a Region. ``None`` stands for: SES did not say, or nobody may ask."""

    production: bool | None = None
    """Whether it has left the sandbox."""
    sending: bool | None = None
    """Whether it may send at all just now."""
    rate: float | None = None
    """Recipients a second."""
    quota: float | None = None
    """Recipients in 24 hours; less than 0 for no limit."""
    sent: float | None = None
    """Recipients in the last 24 hours."""


UNKNOWN = Standing()


class Account:
    """The account that a client speaks for.

    >>> from sesmail.local import LocalSes
    >>> from sesmail.ses.account import Account
    >>> from sesmail.ses.client.boto import BotoClient
    >>> from sesmail.ses.credentials import Credentials
    >>> with LocalSes() as ses:
    ...     keys = Credentials(access_key="AKIASESMAILLOCALBOX0", secret_key="any")
    ...     client = BotoClient(region="eu-west-1", credentials=keys, endpoint_url=ses.url)
    ...     Account(client).standing().answer()
    ...     client.close()
    Standing(production=False, sending=True, rate=1.0, quota=200.0, sent=0.0)

    ``holder`` says whose account it is, as far as that is known without a call: see `holder_of`. The client stays
    whose it was, and is closed by whoever made it.
    """

    def __init__(self, client: Client, *, holder: str = "default") -> None:
        self._client = client
        self._holder = holder

    @property
    def key(self) -> str:
        """Whose account and which Region. Equal for two ways to the same one, and no secret."""
        return f"{self._holder}@{self._client.region}"

    @property
    def region(self) -> str:
        """Which Region."""
        return self._client.region

    def standing(self) -> Question[Standing]:
        """What it may do. The answer to who may not ask is a `Standing` of which nothing is known."""
        return _StandingQuestion(self._client)

    def identities(self) -> Question[Mapping[str, bool] | None]:
        """Its domains and addresses, and whether each may send; nothing to who may not ask."""
        return Identities(self._client)

    def __repr__(self) -> str:
        return f"Account({self.key!r})"


class _StandingQuestion(Question[Standing]):
    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self._known: Standing | None = None

    @property
    def next_call(self) -> Call | None:
        return None if self._known else Call("sesv2", "GetAccount", {})

    def take(self, reply: Reply) -> None:
        self._known = _read(reply.values)

    @property
    def known(self) -> Standing:
        return self._known or UNKNOWN

    @property
    def unknown(self) -> Standing:
        return UNKNOWN


def _read(values: Parameters) -> Standing:
    """No member must be there, by the model."""
    quota = values.get("SendQuota")
    numbers = quota if isinstance(quota, Mapping) else {}
    sending = _flag(values, "SendingEnabled")
    return Standing(
        production=_flag(values, "ProductionAccessEnabled"),
        sending=False if values.get("EnforcementStatus") == _SHUT_DOWN else sending,
        rate=_number(numbers, "MaxSendRate"),
        quota=_number(numbers, "Max24HourSend"),
        sent=_number(numbers, "SentLast24Hours"),
    )


def _flag(values: Parameters, name: str) -> bool | None:
    value = values.get(name)
    return value if isinstance(value, bool) else None


def _number(values: Parameters, name: str) -> float | None:
    value = values.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


# ── whose it is ──────────────────────────────────────────────────────────────────────────────────────────────────

# In the order in which AWS's tools look.
_IN_ENVIRONMENT = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_DEFAULT_PROFILE")
_PLACES = ("AWS_ENDPOINT_URL_SESV2", "AWS_ENDPOINT_URL")


def holder_of(
    credentials: Credentials,
    *,
    session: object = None,
    endpoint_url: str = "",
    environment: Mapping[str, str] = os.environ,
) -> str:
    """Whose account it is: a role, an access key, a profile, a session of the program, or the default chain's.

    >>> from sesmail.ses.account import holder_of
    >>> from sesmail.ses.credentials import Credentials
    >>> holder_of(Credentials(profile="shop"), environment={})
    'shop'
    >>> holder_of(Credentials(), endpoint_url="http://127.0.0.1:4579", environment={"AWS_ACCESS_KEY_ID": "AKIA1"})
    'AKIA1 at http://127.0.0.1:4579'

    Another place than Amazon is named beside it: two local boxes know the same keys, and are two accounts.
    """
    said = credentials.role_arn or credentials.access_key or credentials.profile
    if session is not None:  # whose it is, only a call would tell; it lives as long as what it was given to
        said = f"session {id(session):x}"
    found = said or next(filter(None, map(environment.get, _IN_ENVIRONMENT)), "") or "default"
    place = endpoint_url or next(filter(None, map(environment.get, _PLACES)), "")
    return f"{found} at {place}" if place else found
