"""BaseMailer: what `Mailer` and `AsyncMailer` have in common, which is all but the waiting."""

from __future__ import annotations

from sesmail.errors import SetupError
from sesmail.mailer.diversion import diversion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sesmail.mail.outgoing import Outgoing
    from sesmail.mail.problem import Problem
    from sesmail.mailer.defaults import Defaults
    from sesmail.policies.attempt import Attempt
    from sesmail.policies.flow import Flow
    from sesmail.transports.base import Transport

URL = "SESMAIL_URL"


class BaseMailer:
    """Holds the transport and the composer. What costs something to import is imported when one is built."""

    _awaits = False

    def __init__(
        self, transport: str | Transport | None, defaults: Defaults, on_attempt: Callable[[Attempt], object] | None
    ) -> None:
        from os import environ

        from sesmail.mailer.composer import Composer

        self._transport = _connected(environ.get(URL, "") if transport is None else transport, on_attempt)
        self._transport.admit(awaited=self._awaits)
        self._composer = Composer(defaults, self._transport.limits)

    @property
    def transport(self) -> Transport:
        """What carries the mails."""
        return self._transport

    def _way_out(self) -> Transport:
        """The transport, or what a test has put in its way."""
        return diversion() or self._transport

    def _asked_of_ses(self, outgoing: Outgoing) -> Flow[list[Problem]]:
        """What SES itself has against a mail, in each Region on its way."""
        from sesmail.policies.online import online_problems

        return online_problems(self._way_out(), outgoing)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._transport!r})"


def _connected(transport: str | Transport, on_attempt: Callable[[Attempt], object] | None) -> Transport:
    if transport == "":
        raise SetupError(f"no transport: give a URL, such as Mailer('memory://'), or set {URL}")
    if isinstance(transport, str):
        from sesmail.connect import connect

        transport = connect(transport, on_attempt=on_attempt)
    elif on_attempt is not None:
        raise SetupError(
            "on_attempt goes with a URL, around whose ways it is put; around a transport of yours, put"
            " sesmail.policies.Observe yourself"
        )
    if isinstance(transport, type) or not hasattr(transport, "admit"):
        name = getattr(transport, "__name__", type(transport).__name__)
        raise SetupError(f"expected a URL or a transport, not {name}; a transport has admit, send and asend")
    return transport
