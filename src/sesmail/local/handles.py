"""Handles: what a person, a console or the DNS would do to an account, done from a test or from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sesmail.errors import SetupError
from sesmail.local.box import Box, Start
from sesmail.local.enrolment import enrolled, start_easy_dkim
from sesmail.local.faults import Fault
from sesmail.local.identities import DOMAIN, FAILED, SUCCESS, Identity
from sesmail.local.keys import DEFAULT_ACCOUNT
from sesmail.local.region import HEALTHY, SHUTDOWN


@contextmanager
def _changing(box: Box) -> Iterator[None]:
    """Nobody else looks while something changes, and the keeper hears of it."""
    with box.lock:
        yield
        box.keeper.changed()


class IdentityHandle:
    """An address or a domain in one Region. What is done to one that is not there makes it first.

    >>> from sesmail.local import LocalSes
    >>> with LocalSes() as ses:
    ...     ses.identity("shop.example").verify()
    ...     ses.identity("shop.example").status
    'SUCCESS'
    """

    def __init__(self, box: Box, region: str, name: str, *, account: str = DEFAULT_ACCOUNT) -> None:
        self._box = box
        self._region = box.region(region, account)
        self.name = name

    def __repr__(self) -> str:
        return f"IdentityHandle({self.name!r}, {self.status})"

    @property
    def status(self) -> str:
        """``PENDING``, ``SUCCESS``, ``FAILED``, or ``MISSING`` if nobody asked SES for it."""
        with self._box.lock:
            found = self._region.identities.get(self.name)
            return found.status_at(self._box.clock.now()) if found else "MISSING"

    def verify(self) -> None:
        """The link was clicked, or the records were found."""
        with _changing(self._box):
            self._there().verify(self._box.clock.now())

    def fail(self, error: str = "HOST_NOT_FOUND") -> None:
        """SES gave up."""
        with _changing(self._box):
            self._there().fail(self._box.clock.now(), error)

    def verify_mail_from(self) -> None:
        """The records of the MAIL FROM domain were found."""
        self._set_mail_from(SUCCESS)

    def fail_mail_from(self) -> None:
        """They were not, for 72 hours."""
        self._set_mail_from(FAILED)

    def _set_mail_from(self, status: str) -> None:
        with _changing(self._box):
            found = self._region.identities.get(self.name)
            mail_from = found.mail_from if found else None
            if mail_from is None:
                raise SetupError(f"{self.name} has no MAIL FROM domain: set one by PutEmailIdentityMailFromAttributes")
            mail_from.status, mail_from.since = status, self._box.clock.now()

    def _there(self) -> Identity:
        return self._region.identities.get(self.name) or self._made()

    def _made(self) -> Identity:
        here = self._box.here_in(self._region)
        try:
            identity = enrolled(here, self.name)
        except Fault as fault:
            raise SetupError(f"{self.name!r} can be no identity: {fault}") from fault
        if identity.kind == DOMAIN:
            start_easy_dkim(here, identity)
        return identity


class AccountHandle:
    """The account in one Region.

    >>> from sesmail.local import LocalSes
    >>> with LocalSes() as ses:
    ...     ses.account.grant_production()
    ...     ses.account.sandbox, ses.account.rate
    (False, 14.0)
    """

    def __init__(self, box: Box, region: str, *, account: str = DEFAULT_ACCOUNT) -> None:
        self._box = box
        self._region = box.region(region, account)

    def __repr__(self) -> str:
        where = "sandbox" if self.sandbox else "production"
        return f"AccountHandle({self._region.account}, {self._region.name}, {where})"

    @property
    def sandbox(self) -> bool:
        """Whether mail goes to verified recipients only."""
        return self._region.sandbox

    @property
    def quota(self) -> float:
        """Recipients in 24 hours; -1 is no limit."""
        return self._region.quota.maximum

    @quota.setter
    def quota(self, recipients: float) -> None:
        with _changing(self._box):
            self._region.limit(Start(quota=recipients).quota, None)

    @property
    def rate(self) -> float:
        """Recipients a second."""
        return self._region.rate.a_second

    @rate.setter
    def rate(self, recipients: float) -> None:
        with _changing(self._box):
            self._region.limit(None, Start(rate=recipients).rate)

    def grant_production(self, *, quota: float | None = None, rate: float | None = None) -> None:
        """The review ends well, if there was one; the account is out of the sandbox either way.

        Without numbers, the limits are those of a new production account, unless the box was given limits of its own.
        """
        with _changing(self._box):
            self._region.grant_production()
            self._box.start.limit(self._region)
            self._region.limit(quota, rate)

    def enter_sandbox(self) -> None:
        """Back into the sandbox, with its numbers, or those that the box was given."""
        with _changing(self._box):
            self._region.enter_sandbox()
            self._box.start.limit(self._region)

    def deny_production(self) -> None:
        """The review ends badly."""
        with _changing(self._box):
            self._region.deny_production()

    @property
    def suspended(self) -> bool:
        """Whether AWS has shut it down."""
        return self._region.enforcement == SHUTDOWN

    def suspend(self) -> None:
        """AWS shuts the account down for good."""
        with _changing(self._box):
            self._region.enforcement = SHUTDOWN

    def restore(self) -> None:
        """AWS lets it send again."""
        with _changing(self._box):
            self._region.enforcement = HEALTHY
