"""Suppression: who must not get mail gets none. Who that is, a list says, and it is asked at each send.

Rule 1: the list is asked in both colours, by a small protocol. It may be a table, a file or the list of SES.
Rule 2: where the list cannot be asked, nothing is sent (``on_error="raise"``): mail to people who bounced or complained
        costs the whole account its standing, and a mail that is late costs little. The error is `SendError`, retryable.
        ``on_error="send"`` is for mails that matter more than that, such as a password reset.
Rule 3: a list that is set up wrong (`SetupError`) is raised either way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from sesmail._clock import SYSTEM_CLOCK, Clock
from sesmail._logging import WARNING, log
from sesmail.errors import Outcome, SendError, SetupError, Suppressed
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.policies.flow import Flow, Question, ask, send
from sesmail.policies.outcomes import Outcomes
from sesmail.policies.policy import NOTHING_SAID, Policy
from sesmail.transports.base import Transport

_REASON = re.compile(r"[\w .,:/-]{1,60}")  # of what it is made: no address is among it
_NOBODY: Mapping[str, str] = NOTHING_SAID


class SuppressionList(Protocol):
    """What knows who must not get mail."""

    def suppressed(self, addresses: Sequence[str]) -> Question[Mapping[str, str]]:
        """Who of these must not, and why: an address as it was asked for, to a word such as ``bounce``.

        The addresses are in the form in which they go over the wire: the domain in lower case, the local part as it was
        written. Whether ``Ada@`` is ``ada@`` is for the list to say. It only makes the question; what takes time
        belongs into `Question.answer` and `Question.aanswer`. The word stands in errors, so it must not name anybody.
        """


class Suppression(Policy):
    """Withholds mail from those on a list.

    >>> from sesmail import Mailer
    >>> from sesmail.policies.suppression import Suppression
    >>> from sesmail.transports import MemoryTransport
    >>> class Known:
    ...     "A question that is answered at once."
    ...
    ...     def __init__(self, answer):
    ...         self._answer = answer
    ...
    ...     def answer(self):
    ...         return self._answer
    ...
    ...     async def aanswer(self):
    ...         return self._answer
    >>> class Listed:
    ...     def __init__(self, **reasons):
    ...         self._reasons = reasons
    ...
    ...     def suppressed(self, addresses):
    ...         return Known({one: self._reasons[one] for one in addresses if one in self._reasons})
    >>> listed = Listed(**{"eve@example.org": "complaint"})
    >>> mailer = Mailer(Suppression(MemoryTransport(), listed), sender="shop@example.com")
    >>> result = mailer.send(to=["ada@example.org", "eve@example.org"], subject="News", text="There are some.")
    >>> result.by_recipient["eve@example.org"].error
    Suppressed('1 of 2 recipients must not get mail (complaint)')

    The others get it. Where nobody is left, `Suppressed` is raised. A list cannot be said in a URL, so this is put
    around a transport by hand; its `repr` names it all the same, and opens nothing.
    """

    name = "suppression"

    def __init__(
        self,
        inner: Transport,
        asks: SuppressionList,
        *,
        on_error: Literal["raise", "send"] = "raise",
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        super().__init__(inner, clock=clock)
        if isinstance(asks, type) or not callable(getattr(asks, "suppressed", None)):
            raise SetupError("suppression asks a list, which is an object with the method suppressed")
        if on_error not in ("raise", "send"):
            raise SetupError("suppression: on_error is one of raise, send")
        self._list = asks
        self._sends_anyway = on_error == "send"

    @property
    def said(self) -> Mapping[str, str]:
        """What it asks. No URL can say that, and none that is made of this opens a stack without it."""
        return {"suppression": type(self._list).__name__}

    def flow(self, outgoing: Outgoing) -> Flow[SendResult]:
        """Ask first, then send to the rest."""
        everyone = outgoing.envelope.recipients
        reasons = yield from self._reasons([address.email for address in everyone])
        withheld = [address for address in everyone if address.email in reasons]
        if not withheld:
            return (yield from send(outgoing, self.inner))
        if len(withheld) == len(everyone):
            raise _suppressed([address.email for address in withheld], len(everyone), *map(_word, reasons.values()))
        outcomes = Outcomes(outgoing)
        for word in dict.fromkeys([_word(reasons[address.email]) for address in withheld]):
            of_this = [address for address in withheld if _word(reasons[address.email]) == word]
            outcomes.put(_suppressed([one.email for one in of_this], len(everyone), word), of_this)
        yield from outcomes.hear(send(outcomes.rest(withheld), self.inner))
        return outcomes.result(self.name)

    def _reasons(self, addresses: list[str]) -> Flow[Mapping[str, str]]:
        try:
            return (yield from ask(self._list.suppressed(addresses)))
        except SetupError:
            raise
        except Exception as error:
            kind = type(error).__name__
            if self._sends_anyway:
                log(WARNING, "the suppression list could not be asked, and the mail goes to everyone: %s", kind)
                return _NOBODY
            raise SendError(
                f"the suppression list could not be asked ({kind}), so nothing was sent",
                retryable=getattr(error, "retryable", True),
                outcome=Outcome.NOT_SENT,
                stage=self.name,
            ) from error


def _suppressed(emails: list[str], everyone: int, *words: str) -> Suppressed:
    why = ", ".join(dict.fromkeys([word for word in words if word]))
    return Suppressed(
        f"{len(emails)} of {everyone} recipients must not get mail{f' ({why})' if why else ''}",
        policy=Suppression.name,
        recipients=emails,
    )


def _word(reason: object) -> str:
    """A reason as it may stand in an error, if it is one."""
    return reason if isinstance(reason, str) and _REASON.fullmatch(reason) else ""
