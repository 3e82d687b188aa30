"""Identities: which domains and addresses an account has in a Region, and which of them may send. Reading only."""

from __future__ import annotations

from collections.abc import Mapping

from sesmail.mail.frozen_map import FrozenMap
from sesmail.ses.call import Call, Client, Reply
from sesmail.ses.question import Question

PAGE = 1000  # the most that SES lists in one answer
_VERIFIED = "SUCCESS"


class Identities(Question[Mapping[str, bool] | None]):
    """All identities by name, as they are written there, each with whether it may send.

    >>> from sesmail.local import LocalSes
    >>> from sesmail.ses.client.boto import BotoClient
    >>> from sesmail.ses.credentials import Credentials
    >>> from sesmail.ses.identities import Identities
    >>> with LocalSes() as ses:
    ...     ses.identity("shop.example").verify()
    ...     keys = Credentials(access_key="AKIASESMAILLOCALBOX0", secret_key="any")
    ...     client = BotoClient(region="us-east-1", credentials=keys, endpoint_url=ses.url)
    ...     dict(Identities(client).answer())
    ...     client.close()
    {'shop.example': True}

    The answer to who may not list them is nothing.
    """

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self._found: dict[str, bool] = {}
        self._token: object = ""  # of the next page; nothing behind the last one

    @property
    def next_call(self) -> Call | None:
        """The next page."""
        if self._token is None:
            return None
        there = {"NextToken": self._token} if self._token else {}
        return Call("sesv2", "ListEmailIdentities", {"PageSize": PAGE, **there})

    def take(self, reply: Reply) -> None:
        """One page. What has no name is passed over."""
        listed = reply.values.get("EmailIdentities")
        for one in listed if isinstance(listed, list) else ():
            name = one.get("IdentityName") if isinstance(one, Mapping) else None
            if isinstance(name, str):
                self._found[name] = _may_send(one)
        following = reply.values.get("NextToken") or None
        self._token = following if following != self._token else None  # else one that turns in a circle never ends

    @property
    def known(self) -> Mapping[str, bool]:
        """All pages."""
        return FrozenMap(self._found)

    @property
    def unknown(self) -> None:
        """Nobody can say."""
        return


def _may_send(identity: Mapping[str, object]) -> bool:
    """``SendingEnabled`` says it; what leaves it out may say how the verification stands."""
    enabled = identity.get("SendingEnabled")
    return enabled if isinstance(enabled, bool) else identity.get("VerificationStatus") == _VERIFIED
