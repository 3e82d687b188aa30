"""Signals: what the rest of an application hears of its mails.

Rule 1: a mail is told of when its way out has answered. What was wrong before that, such as a template, is raised and
        no more: nothing was tried.
Rule 2: what a receiver raises is logged and goes no further. By then the mail is out, and must not look unsent.
"""

from __future__ import annotations

from blinker import NamedSignal, Namespace
from flask import Flask

from sesmail._logging import ERROR, log
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.policies.flow import Flow, send
from sesmail.policies.policy import Policy
from sesmail.transports.base import Transport

_signals = Namespace()
mail_sent = _signals.signal(
    "sesmail-mail-sent",
    "A mail went out, to somebody at least. The sender is the application; ``mailer`` is the mailer's name, ``email``"
    " the mail, and ``result`` says how it ended for each recipient.",
)
mail_failed = _signals.signal(
    "sesmail-mail-failed",
    "A mail was tried and went to nobody. The sender is the application; ``mailer`` is the mailer's name, ``email`` the"
    " mail, and ``error`` what was raised, which says whether it may be out all the same.",
)


def is_anybody_listening() -> bool:
    """Whether there is anybody to tell."""
    return bool(mail_sent.receivers or mail_failed.receivers)


class Announced(Policy):
    """Tells of each mail, and changes nothing."""

    name = "announced"

    def __init__(self, inner: Transport, app: Flask, mailer: str) -> None:
        super().__init__(inner)
        self._app = app
        self._mailer = mailer

    def flow(self, outgoing: Outgoing) -> Flow[SendResult]:
        """The same, and a word about it."""
        try:
            result = yield from send(outgoing, self.inner)
        except Exception as error:
            self._tell(mail_failed, email=outgoing.email, error=error)
            raise
        self._tell(mail_sent, email=outgoing.email, result=result)
        return result

    def _tell(self, signal: NamedSignal, **facts: object) -> None:
        if signal.is_muted:  # what blinker's own send asks, too
            return
        for receiver in signal.receivers_for(self._app):
            try:
                self._app.ensure_sync(receiver)(self._app, mailer=self._mailer, **facts)
            except Exception:  # noqa: BLE001 - the mail may be out: see above
                log(ERROR, "a receiver of %s failed: %s", signal.name, _name(receiver), traceback=True)


def _name(receiver: object) -> str:
    return str(getattr(receiver, "__qualname__", type(receiver).__qualname__))
