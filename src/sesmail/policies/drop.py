"""Drop: nothing leaves.

A program in staging shall run as it would in production, only without mail. So nothing is raised: an error at each
sign-up is no rehearsal. And nothing is claimed: the result says of everyone that the mail was withheld, and the log
says so once. That is an exception to the rule that who reaches nobody raises, and the only one. Whoever wants the
error calls `SendResult.raise_if_any_failed`, or takes ``allow=`` with nobody on the list. ``null://`` is for who wants
to hear of success.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sesmail._clock import SYSTEM_CLOCK, Clock
from sesmail._logging import WARNING, log
from sesmail.errors import Outcome, Withheld
from sesmail.mail.outgoing import Outgoing, RecipientResult, SendResult
from sesmail.policies.flow import Flow
from sesmail.policies.policy import Policy
from sesmail.transports.base import Transport
from sesmail.transports.option import Option, switch


class Drop(Policy):
    """Withholds every mail, and lets the program go on: ``?drop=yes``. For staging.

    >>> from sesmail import Mailer
    >>> from sesmail.policies.drop import Drop
    >>> from sesmail.transports import MemoryTransport
    >>> memory = MemoryTransport()
    >>> mailer = Mailer(Drop(memory), sender="shop@example.com")
    >>> mailer.send(to="ada@example.org", subject="Your order", text="It is on its way.")
    SendResult(1 withheld; message_id='', transport='drop')
    >>> memory.sent
    ()

    All else is as it would be: the way out is made and asked whether it can be used, and mails are held to its limits.
    Nothing is raised; whoever wants that asks the result with `SendResult.raise_if_any_failed`.
    """

    name = "drop"

    def __init__(self, inner: Transport, *, clock: Clock = SYSTEM_CLOCK) -> None:
        super().__init__(inner, clock=clock)
        self._has_said = False

    @classmethod
    def around(cls, inner: Transport, said: Mapping[str, Any]) -> Transport:
        """As a URL says it."""
        return cls(inner) if said.get("drop") else inner

    @property
    def said(self) -> Mapping[str, str]:
        """Its option as a URL says it."""
        return {"drop": "yes"}

    def flow(self, outgoing: Outgoing) -> Flow[SendResult]:
        """Nothing is asked for."""
        yield from ()  # what makes it a flow
        if not self._has_said:
            self._has_said = True
            log(WARNING, "drop withholds a mail, and every one that follows")
        everyone = outgoing.envelope.recipients
        error = Withheld(
            "nothing is sent: the policy drop is on", policy=self.name, recipients=[one.email for one in everyone]
        )
        return SendResult(
            tuple([RecipientResult(address, Outcome.WITHHELD, error) for address in everyone]),
            message_id_header=outgoing.content.message_id,
            transport=self.name,
        )


OPTIONS: tuple[Option, ...] = (switch("drop", "nothing is sent, and nothing is raised", default="`no`"),)
