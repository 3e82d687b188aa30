"""Outcomes: how a mail ended for each of its recipients, put together from several tries and parts."""

from __future__ import annotations

from collections.abc import Iterable

from sesmail.errors import Outcome, SendError, SesmailError, Withheld
from sesmail.mail.address import Address
from sesmail.mail.outgoing import Outgoing, RecipientResult, SendResult, results_of
from sesmail.policies.flow import Flow


class Outcomes:
    """Filled by what ways gave or raised; a later word on a recipient takes the place of an earlier one.

    >>> from sesmail import Address, Email, Envelope, Outgoing, mime
    >>> from sesmail.errors import Suppressed
    >>> from sesmail.policies.outcomes import Outcomes
    >>> from sesmail.transports import MemoryTransport
    >>> mail = Email(sender="a@example.com", to=["b@example.com", "c@example.com"])
    >>> outgoing = Outgoing(mail, Envelope.of(mail), mime.write(mail), mail.ses)
    >>> outcomes = Outcomes(outgoing)
    >>> outcomes.put(Suppressed("c bounced"), [Address("c@example.com")])
    >>> outcomes.add(MemoryTransport().send(outcomes.rest([Address("c@example.com")])))
    >>> [(one.address.email, str(one.outcome)) for one in outcomes.result("suppression").recipients]
    [('b@example.com', 'sent'), ('c@example.com', 'withheld')]
    """

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing
        self._by_email: dict[str, RecipientResult] = {}
        self._told: SendResult | None = None  # the first that reached somebody: its ids are the mail's

    def rest(self, without: Iterable[Address]) -> Outgoing:
        """The mail for everybody else."""
        from dataclasses import replace

        return replace(self._outgoing, envelope=self._outgoing.envelope.without(*without))

    def add(self, result: SendResult) -> None:
        """What a way gave."""
        self._by_email.update({one.address.email: one for one in result.recipients})
        is_news = self._told is None or not _reached(self._told)
        if is_news:
            self._told = result

    def hear(self, sending: Flow[SendResult]) -> Flow[None]:
        """What comes of sending to everybody else.

        Where none of them got it, for several reasons, the error says it of each, and that goes beside what is known of
        the others. Another error is raised as it is.
        """
        try:
            self.add((yield from sending))
        except SesmailError as error:
            each = results_of(error)
            if not each:
                raise
            self.add(SendResult(each))

    def put(self, error: SendError | Withheld, recipients: Iterable[Address]) -> None:
        """What a way raised, or a policy has to say, about these."""
        for address in recipients:
            self._by_email[address.email] = RecipientResult(address, error.outcome, error)

    def result(self, policy: str) -> SendResult:
        """The whole. Raises where it went to nobody: the error itself, where it is the same for all."""
        by_email = self._by_email
        named = [address.email for address in self._outgoing.envelope.recipients]
        # Behind a redirect others got it than those who are named, and of these nobody says anything.
        order = dict.fromkeys([*[email for email in named if email in by_email], *by_email])
        results = tuple([by_email[email] for email in order])
        told = self._told
        whole = SendResult(
            results,
            message_id=told.message_id if told else "",
            message_id_header=told.message_id_header if told else "",
            request_id=told.request_id if told else "",
            transport=told.transport if told else policy,
            raw=told.raw if told else {},
        )
        if not _reached(whole):
            first = results[0].error
            if first is not None and all(one.error is first for one in results):
                raise first
            whole.raise_if_any_failed()
        return whole


def _reached(result: SendResult) -> bool:
    return any(one.outcome is Outcome.SENT for one in result.recipients)
