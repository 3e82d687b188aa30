"""SandboxGuard: tells before a send what SES would refuse in the sandbox, where that is certain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

from sesmail._clock import SYSTEM_CLOCK, Clock
from sesmail._logging import WARNING, log
from sesmail.errors import RejectedUnverified, SetupError
from sesmail.mail.address import Address, AddressLike
from sesmail.mail.envelope import Envelope
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.policies.account import Account
from sesmail.policies.flow import Flow, Send, send
from sesmail.policies.known import Known
from sesmail.policies.outcomes import Outcomes
from sesmail.policies.policy import Policy
from sesmail.policies.sandbox.facts import STANDING, Facts, Findings, find_facts
from sesmail.policies.sandbox.refusals import refusal, unverified_recipients
from sesmail.transports.base import Transport
from sesmail.transports.limits import Limits
from sesmail.transports.option import Option, choice, switch

Mode = Literal["refuse", "drop", "redirect", "warn"]
REDIRECTED = "X-Sesmail-Sandbox-Redirected"
"""The header that says for how many recipients somebody else has got the mail."""
TTL_S = 300.0
RECHECK_S = 2.0
"""How old facts may be by which somebody is held back: who was just verified need hardly wait; and SES takes one
question a second."""
DOUBT_S = 1.0
"""How old facts may be that SES has proven wrong: it takes one question a second."""
FLEETING_S = 60.0
"""How long it is remembered that nobody answered."""


class SandboxGuard(Policy):
    """Finds the recipients that SES would refuse in the sandbox, before the send.

    >>> from sesmail import Mailer
    >>> from sesmail.local import LocalSes
    >>> from sesmail.policies.sandbox.guard import SandboxGuard
    >>> from sesmail.ses.credentials import Credentials
    >>> from sesmail.transports import SesTransport
    >>> with LocalSes() as ses:
    ...     ses.identity("shop.example").verify()
    ...     keys = Credentials(access_key="AKIASESMAILLOCALBOX0", secret_key="any")
    ...     way = SesTransport("us-east-1", credentials=keys, endpoint_url=ses.url)
    ...     with Mailer(SandboxGuard(way, "drop"), sender="me@shop.example") as mailer:
    ...         result = mailer.send(to=["ada@example.org", "you@shop.example"], subject="Hi", text="Hello")
    >>> [(one.address.email, str(one.outcome)) for one in result.recipients]
    [('ada@example.org', 'withheld'), ('you@shop.example', 'sent')]

    ``mode`` is what is done about them: ``refuse`` the mail, ``drop`` them, ``redirect`` theirs to ``redirect_to``, or
    ``warn`` in the log and let SES decide. The result of a mail that was redirected is about those who got it.
    ``check_sender`` looks at the sender too, and at where bounces and replies go to; in production as well, since SES
    does so.

    It goes around one way out that knows its ``account``, or is given one. What that says holds for ``ttl_s``. Nobody
    is held back by facts older than a few seconds, nor where it is not certain, nor where SES does not say: all that
    is SES's to decide. Out of the sandbox it does nothing.
    """

    name = "sandbox"

    def __init__(
        self,
        inner: Transport,
        mode: Mode = "refuse",
        *,
        redirect_to: AddressLike | None = None,
        check_sender: bool = False,
        account: Account | None = None,
        ttl_s: float = TTL_S,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        super().__init__(inner, clock=clock)
        if mode not in get_args(Mode):
            raise SetupError(f"sandbox is one of {', '.join(get_args(Mode))}, or off in a URL")
        if (mode == "redirect") != (redirect_to is not None):
            raise SetupError("an address to redirect to goes with sandbox=redirect, and that with such an address")
        if not 0 < ttl_s < float("inf"):
            raise SetupError("ttl_s is a number of seconds over 0")
        asked = account or super().account
        if asked is None:
            raise SetupError(
                f"the sandbox guard asks SES about the account, and {inner!r} knows none: put it around ses:// or"
                " ses+smtp://, one guard around each, or give it an account"
            )
        self._mode: Mode = mode
        self._redirect_to = None if redirect_to is None else Address.parse(redirect_to)
        self._check_sender = check_sender
        self._asked = asked
        self._ttl_s = ttl_s
        self._known = Known(self._find, clock=clock)
        self._has_said = ""

    @classmethod
    def around(cls, inner: Transport, said: Mapping[str, Any]) -> Transport:
        """By what a URL says."""
        mode = said.get("sandbox", "off")
        if mode == "off":
            if len(said) > ("sandbox" in said):
                raise SetupError("sandbox_redirect and sandbox_sender go with sandbox=refuse, drop, redirect or warn")
            return inner
        return cls(
            inner, mode, redirect_to=said.get("sandbox_redirect"), check_sender=said.get("sandbox_sender", False)
        )

    @property
    def account(self) -> Account:
        """The account that it asks about."""
        return self._asked

    @property
    def mode(self) -> Mode:
        """What is done about recipients that SES would refuse."""
        return self._mode

    @property
    def checks_sender(self) -> bool:
        """Whether the sender must be verified too, and where bounces and replies go to."""
        return self._check_sender

    @property
    def limits(self) -> Limits:
        """Those of its way; but with a redirect of a stored template one row, or nobody knew whose mail goes there."""
        limits = super().limits
        return (
            replace(limits, stored_templates=1) if self._redirect_to and (limits.stored_templates or 0) > 1 else limits
        )

    @property
    def said(self) -> Mapping[str, str]:
        """Its options as a URL says them."""
        said = {"sandbox": str(self._mode)}
        if self._redirect_to:
            said["sandbox_redirect"] = self._redirect_to.email
        return said | ({"sandbox_sender": "yes"} if self._check_sender else {})

    # ── facts ────────────────────────────────────────────────────────────────────────────────────────────────────

    def facts(self) -> Flow[Facts]:
        """What is known of the account, and has been for some seconds at most; asked for if need be."""
        self._known.doubt(older_than_s=RECHECK_S)
        return (yield from self._known.fetch())

    def _find(self) -> Flow[tuple[Facts, float]]:
        facts = yield from find_facts(self._asked, always_identities=self._check_sender)
        facts.inherit(self._known.last)
        self._say_unknown(facts)
        return facts, min(self._ttl_s, FLEETING_S) if facts.is_fleeting else self._ttl_s

    def _say_unknown(self, facts: Facts) -> None:
        """Once, and again only when it had been known in between."""
        if facts.unknown and facts.unknown != self._has_said:
            what = "whether it is in the sandbox" if facts.unknown == STANDING else "who is verified"
            why = "it did not answer" if facts.is_fleeting else f"{facts.unknown} is not allowed, or there are no keys"
            log(WARNING, "the sandbox guard lets mails pass, for SES did not say %s: %s", what, why)
        self._has_said = facts.unknown

    # ── a mail ───────────────────────────────────────────────────────────────────────────────────────────────────

    def flow(self, outgoing: Outgoing) -> Flow[SendResult]:
        """Look whom SES would refuse, and do about it what the mode says."""
        facts = self._known.at_hand() or (yield from self._known.fetch())
        if facts.coverage is None:  # out of the sandbox, or nobody knows
            try:
                result: SendResult = yield Send(outgoing, self.inner)
            except RejectedUnverified as error:
                self._learn(facts, outgoing, error)
                raise
            return result
        found = facts.findings(outgoing, senders=self._check_sender)
        if (found.refused or found.senders) and self._known.doubt(older_than_s=RECHECK_S):
            facts = yield from self._known.fetch()
            found = facts.findings(outgoing, senders=self._check_sender)
        if found.unsure:
            log(WARNING, "the sandbox guard is not sure of %d of %d recipients; SES decides", *_count(found, outgoing))
        return (yield from self._decided(outgoing, facts, found))

    def _decided(self, outgoing: Outgoing, facts: Facts, found: Findings) -> Flow[SendResult]:
        if not (found.refused or found.senders):
            return (yield from self._sent(outgoing, facts))
        if self._mode == "warn":
            counts = len(found.refused), len(outgoing.envelope.recipients), len(found.senders)
            log(WARNING, "SES will refuse %d of %d recipients and %d senders: they are not verified", *counts)
            return (yield from self._sent(outgoing, facts))
        if self._redirect_to and not found.senders:
            return (yield from self._redirected(outgoing, facts, found, self._redirect_to))
        no = refusal(found, outgoing, region=self._asked.region, policy=self.name)
        is_for_all = len(found.refused) == len(outgoing.envelope.recipients)
        if self._mode == "refuse" or found.senders or is_for_all:
            raise no
        outcomes = Outcomes(outgoing)
        outcomes.put(no, found.refused)
        yield from outcomes.hear(self._sent(outcomes.rest(found.refused), facts))
        return outcomes.result(self.name)

    def _redirected(self, outgoing: Outgoing, facts: Facts, found: Findings, instead: Address) -> Flow[SendResult]:
        names = [address.email for address in found.refused]
        changed = _with_instead(outgoing, names, instead)
        if any(address.email == instead.email for address in facts.findings(changed, senders=False).refused):
            raise unverified_recipients(
                names,
                of=len(outgoing.envelope.recipients),
                region=self._asked.region,
                policy=self.name,
                note=f" Nor is {instead.email}, who would get it instead.",
            )
        return (yield from self._sent(changed, facts))

    def _sent(self, outgoing: Outgoing, facts: Facts) -> Flow[SendResult]:
        """Send it, and learn from what SES refuses."""
        try:
            result = yield from send(outgoing, self.inner)
        except RejectedUnverified as error:
            self._learn(facts, outgoing, error)
            raise
        for one in result.failed:
            if isinstance(one.error, RejectedUnverified):
                self._learn(facts, outgoing, one.error)
        return result

    def _learn(self, facts: Facts, outgoing: Outgoing, error: RejectedUnverified) -> None:
        if facts.learn(outgoing, error):
            self._known.doubt(older_than_s=DOUBT_S)


def _count(found: Findings, outgoing: Outgoing) -> tuple[int, int]:
    return len(found.unsure), len(outgoing.envelope.recipients)


def _with_instead(outgoing: Outgoing, names: Sequence[str], instead: Address) -> Outgoing:
    """The mail with another recipient in the place of these, and how many they are in a header."""
    envelope = outgoing.envelope
    to, cc, bcc = (
        tuple([instead if address.email in names else address for address in addresses])
        for addresses in (envelope.to, envelope.cc, envelope.bcc)
    )
    return replace(
        outgoing,
        envelope=Envelope(envelope.return_path, to, cc, bcc),
        content=outgoing.content.with_headers([(REDIRECTED, str(len(names)))]),
    )


OPTIONS: tuple[Option, ...] = (
    choice(
        "sandbox",
        "in the SES sandbox, what is done about recipients that SES would refuse",
        *get_args(Mode),
        "off",
        default="`off`",
    ),
    Option("sandbox_redirect", "who gets theirs, with `sandbox=redirect`", "an address", reads=Address.parse),
    switch("sandbox_sender", "the sender must be verified too, and where bounces and replies go to"),
)
