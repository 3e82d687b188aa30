"""Control: for those who are not in the same Python. It knows which request is whose.

Region and account are parameters of the query: ``?region=eu-west-1``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, unquote

from sesmail.local.box import Box
from sesmail.local.chaos import Chaos
from sesmail.local.control import deeds, links, mails, troubles
from sesmail.local.control.asked import Asked, NotSo, said
from sesmail.local.http.message import HttpReply, HttpRequest
from sesmail.local.lists.management import PATH as UNSUBSCRIBE
from sesmail.local.verification.mails import PATH as VERIFY

PREFIX = "/_sesmail/"
PUBLIC = (VERIFY, UNSUBSCRIBE)  # links in mails, which somebody opens wherever they read mail
# Method, what is asked for, and whether something is named behind it.
CONTROLS: Mapping[tuple[str, str, bool], Callable[[Asked], HttpReply]] = {
    ("GET", "sent", False): mails.sent,
    ("GET", "sent", True): mails.one_sent,
    ("DELETE", "sent", False): mails.forget,
    ("GET", "events", False): mails.events,
    ("GET", "verifications", False): mails.verifications,
    ("GET", "verify", True): links.verify,
    ("GET", "unsubscribe", True): links.ask_to_leave,
    ("POST", "unsubscribe", True): links.leave,
    ("POST", "identities", True): deeds.identity,
    ("POST", "account", False): deeds.account,
    ("POST", "clock", False): deeds.clock,
    ("GET", "chaos", False): troubles.chaos,
    ("POST", "chaos", False): troubles.arm,
    ("DELETE", "chaos", False): troubles.calm,
}


class Control:
    """Answers requests under ``/_sesmail/``."""

    def __init__(self, box: Box, region: str, chaos: Chaos) -> None:
        self._box = box
        self._region = region
        self._chaos = chaos

    def knows(self, request: HttpRequest) -> bool:
        """Whether a request is for the control and not for SES."""
        return request.path.startswith(PREFIX)

    def answer(self, request: HttpRequest) -> HttpReply:
        """Do what is asked, and tell."""
        kind, _, name = request.path.removeprefix(PREFIX).partition("/")
        run = CONTROLS.get((request.method, kind, bool(name)))
        if run is None:
            known = ", ".join(f"{m} {PREFIX}{k}{'/…' if n else ''}" for m, k, n in CONTROLS)
            return said(404, {"message": f"the control knows: {known}"})
        named = dict(parse_qsl(request.query))
        try:
            with self._box.lock:
                return run(Asked(self._box, self._chaos, unquote(name), request.body, named, self._region))
        except NotSo as wrong:
            return said(wrong.status, {"message": str(wrong)})
