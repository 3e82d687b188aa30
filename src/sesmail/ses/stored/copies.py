"""Copies: the templates that SES keeps, as this process has read them, for a while.

Rule 1: SES takes one question a second, of all programs of an account together. So one asks, and the others wait for
        that answer; who is told to slow down waits, and asks again a few times.
Rule 2: an old copy is better than none. Where SES does not answer just now, it goes on.
Rule 3: no lock is held over a ``yield``: who puts a claim down first is the one who asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import getpid

from sesmail._logging import WARNING, log
from sesmail.errors import AccessDenied, Outcome, SendError, TemplateError, Throttled
from sesmail.ses.call import ApiFault, Call, Reply
from sesmail.ses.faults import asked_error
from sesmail.ses.handlebars import Template
from sesmail.ses.stored.errand import Pause, Steps

PARTS = ("Subject", "Text", "Html")
TTL_S = 300.0
RETRIED_S = 10.0
"""How long an old copy goes on when SES did not answer."""
MOST = 64
TRIES = 4
SLOWED_S = 1.1
_LOOK_AGAIN_S = 0.05
_LONGEST_S = 60.0  # who asks for longer than that may have died over it


class Copy:
    """One template, read: its parts by name, or nothing where our Handlebars does not understand one of them."""

    __slots__ = ("parts", "since", "until")

    def __init__(self, parts: Mapping[str, Template] | None, since: float, until: float) -> None:
        self.parts = parts
        self.since = since
        self.until = until


class Copies:
    """At most `MOST` of them, the oldest of which goes when there is another."""

    def __init__(self, *, region: str, now: Callable[[], float]) -> None:
        self._region = region
        self._now = now
        self._copies: dict[str, Copy] = {}
        self._claims: dict[str, tuple[int, float]] = {}

    def forget(self, name: str) -> None:
        """It was changed."""
        self._copies.pop(name, None)

    def get(self, name: str, *, younger_than_s: float | None = None) -> Steps[Copy]:
        """The copy, as long as it holds, or if it is as young as asked for; or the template as SES has it now."""
        begun = self._now()
        while (copy := self._at_hand(name, begun, younger_than_s)) is None:
            mine = (getpid(), self._now() + _LONGEST_S)
            claim = self._claims.setdefault(name, mine)
            if claim is mine:
                return (yield from self._fetched(name, mine))
            if claim[0] != mine[0] or claim[1] <= self._now():  # a parent's, or one that nobody works on
                self._claims.pop(name, None)
            else:
                yield Pause(_LOOK_AGAIN_S)
        return copy

    def _at_hand(self, name: str, begun: float, younger_than_s: float | None) -> Copy | None:
        copy = self._copies.get(name)
        if copy is None or self._now() >= copy.until:
            return None
        # What somebody else has asked for while we waited is young enough for us.
        is_young = younger_than_s is None or copy.since >= begun or self._now() - copy.since < younger_than_s
        return copy if is_young else None

    def _fetched(self, name: str, mine: tuple[int, float]) -> Steps[Copy]:
        try:
            reply = yield from self._asked(name)
        except SendError as error:
            old = self._copies.get(name)
            if old is None or not error.retryable:
                raise
            old.until = max(old.until, self._now() + RETRIED_S)
            return old
        finally:
            if self._claims.get(name) is mine:
                self._claims.pop(name, None)
        now = self._now()
        copy = Copy(_parsed(name, reply), now, now + TTL_S)
        self._copies.pop(name, None)  # so that it becomes the youngest
        self._copies[name] = copy
        while len(self._copies) > MOST:
            self._copies.pop(next(iter(self._copies)), None)
        return copy

    def _asked(self, name: str) -> Steps[Reply]:
        tried = 0
        while True:
            tried += 1
            try:
                reply: Reply = yield Call("sesv2", "GetEmailTemplate", {"TemplateName": name})
            except ApiFault as fault:
                error = asked_error(fault, region=self._region)
                if tried == TRIES or not isinstance(error, Throttled):
                    raise _told(error) from fault
                yield Pause(SLOWED_S * tried)
            except SendError as error:  # the line
                error.outcome, error.retryable = Outcome.NOT_SENT, True  # reading does no harm
                raise
            else:
                return reply


def _told(error: SendError) -> SendError:
    """The error; who may not ask is told the other way out too."""
    error.outcome = Outcome.NOT_SENT
    if not isinstance(error, AccessDenied):
        return error
    text = f"{error}; or send without a look at the template's variables: check_templates=no"
    return AccessDenied(
        text,
        action=error.action,
        resource=error.resource,
        code=error.code,
        stage=error.stage,
        request_id=error.request_id,
    )


def _parsed(name: str, reply: Reply) -> Mapping[str, Template] | None:
    content = reply.values.get("TemplateContent")
    texts = content if isinstance(content, Mapping) else {}
    try:
        return {
            part: Template.parse(text, name=name)
            for part, text in texts.items()
            if part in PARTS and isinstance(text, str)
        }
    except TemplateError as error:
        log(WARNING, "the variables of the template %.64s are not checked: %s", name, type(error).__name__)
        return None
