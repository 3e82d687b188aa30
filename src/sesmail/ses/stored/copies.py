"""Copies: the templates that SES keeps, as this process has read them, for a while.

Rule 1: SES takes one question a second, of all programs of an account together. So one asks, and the others wait for
        that answer, whether it is a yes or a no; who is told to slow down waits, and asks again a few times.
Rule 2: an old copy is better than none. Where SES does not answer just now, it goes on.
Rule 3: no lock is held over a ``yield``: who puts a claim down first is the one who asks.
Rule 4: what was changed while SES was asked is not remembered as it was before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy as copy_of
from functools import partial
from os import getpid

from sesmail._logging import WARNING, log
from sesmail.errors import AccessDenied, Outcome, SendError, TemplateError, Throttled, TimedOut
from sesmail.ses.call import ApiFault, Call, Reply
from sesmail.ses.faults import asked_error
from sesmail.ses.handlebars import Template
from sesmail.ses.stored.errand import Pause, Steps, work

PARTS = ("Subject", "Text", "Html")
TTL_S = 300.0
RETRIED_S = 10.0
"""How long an old copy goes on when SES did not answer."""
MOST = 64
TRIES = 4
SLOWED_S = 1.1
PATIENCE_S = 120.0
"""How long a send waits for another's answer, and for its own turn."""
_LOOK_AGAIN_S = 0.05
_LARGE = 16_384  # characters: more are read in a thread
_LONGEST_S = 60.0  # who asks for longer than that may have died over it


class Copy:
    """One template, read: its parts by name, or nothing where our Handlebars does not understand one of them."""

    __slots__ = ("asked", "parts", "since", "until")

    def __init__(self, parts: Mapping[str, Template] | None, since: float, until: float) -> None:
        self.parts = parts
        self.since = since
        self.asked = since
        """When SES was last asked, whether it answered or not."""
        self.until = until


class Claim:
    """Somebody asks, and until when that can be believed; in the end, how it failed."""

    __slots__ = ("failed", "is_stale", "process", "until")

    def __init__(self, until: float) -> None:
        self.process = getpid()
        self.until = until
        self.failed: SendError | None = None
        self.is_stale = False


class Copies:
    """At most `MOST` of them, the oldest of which goes when there is another."""

    def __init__(self, *, region: str, now: Callable[[], float], patience_s: float = PATIENCE_S) -> None:
        self._region = region
        self._now = now
        self._patience_s = patience_s
        self._copies: dict[str, Copy] = {}
        self._claims: dict[str, Claim] = {}

    def forget(self, name: str) -> None:
        """It was changed."""
        claim = self._claims.pop(name, None)
        if claim is not None:
            claim.is_stale = True  # SES may have answered before the change
        self._copies.pop(name, None)

    def get(self, name: str, *, younger_than_s: float | None = None) -> Steps[Copy]:
        """The copy, as long as it holds, or if it is as young as asked for; or the template as SES has it now."""
        begun = self._now()
        while (copy := self._at_hand(name, begun, younger_than_s)) is None:
            mine = Claim(self._now() + _LONGEST_S)
            claim = self._claims.setdefault(name, mine)
            if claim is mine:
                return (yield from self._fetched(name, mine))
            if claim.process != mine.process or claim.until <= self._now():  # a parent's, or nobody works on it
                self._claims.pop(name, None)
                continue
            if self._now() - begun >= self._patience_s:
                raise _too_late(name, self._patience_s)
            yield Pause(_LOOK_AGAIN_S)
            if claim.failed is not None and not claim.is_stale and self._at_hand(name, begun, younger_than_s) is None:
                raise copy_of(claim.failed)  # who asked again would hear the same, one after the other
        return copy

    def _at_hand(self, name: str, begun: float, younger_than_s: float | None) -> Copy | None:
        copy = self._copies.get(name)
        if copy is None or self._now() >= copy.until:
            return None
        # What somebody else has asked for while we waited is young enough for us.
        is_young = younger_than_s is None or copy.asked >= begun or self._now() - copy.since < younger_than_s
        return copy if is_young else None

    def _fetched(self, name: str, mine: Claim) -> Steps[Copy]:
        try:
            reply = yield from self._asked(name)
            parts = yield from _parsed(name, reply)
            return self._kept(name, parts, mine)
        except SendError as error:
            old = self._copies.get(name)
            if old is None or not error.retryable:
                mine.failed = copy_of(error)
                raise
            now = self._now()
            old.until, old.asked = max(old.until, now + RETRIED_S), now
            return old
        finally:
            if self._claims.get(name) is mine:
                self._claims.pop(name, None)

    def _kept(self, name: str, parts: Mapping[str, Template] | None, mine: Claim) -> Copy:
        now = self._now()
        copy = Copy(parts, now, now + TTL_S)
        if not mine.is_stale:
            self._copies.pop(name, None)  # so that it becomes the youngest
            self._copies[name] = copy
        while len(self._copies) > MOST:
            self._copies.pop(next(iter(self._copies)), None)
        return copy

    def _asked(self, name: str) -> Steps[Reply]:
        tried, end = 0, self._now() + self._patience_s
        while True:
            tried += 1
            try:
                reply: Reply = yield Call("sesv2", "GetEmailTemplate", {"TemplateName": name})
            except ApiFault as fault:
                error = asked_error(fault, region=self._region)
                pause_s = SLOWED_S * tried
                if tried == TRIES or self._now() + pause_s >= end or not isinstance(error, Throttled):
                    raise _told(error) from fault
                yield Pause(pause_s)
            except SendError as error:  # the line
                error.outcome, error.retryable = Outcome.NOT_SENT, True  # reading does no harm
                raise
            else:
                return reply


def _too_late(name: str, waited_s: float) -> SendError:
    return TimedOut(
        f"somebody else asks SES for the template {name}, and there was no answer in {waited_s:g} s; nothing was sent",
        outcome=Outcome.NOT_SENT,
        retryable=True,
    )


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


def _parsed(name: str, reply: Reply) -> Steps[Mapping[str, Template] | None]:
    content = reply.values.get("TemplateContent")
    said = content if isinstance(content, Mapping) else {}
    texts = {part: text for part, text in said.items() if part in PARTS and isinstance(text, str)}
    read = partial(_read, name, texts)
    return (yield from work(read)) if sum(map(len, texts.values())) > _LARGE else read()


def _read(name: str, texts: Mapping[str, str]) -> Mapping[str, Template] | None:
    try:
        return {part: Template.parse(text, name=name) for part, text in texts.items()}
    except TemplateError as error:
        log(WARNING, "the variables of the template %.64s are not checked: %s", name, type(error).__name__)
        return None
