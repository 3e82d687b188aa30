"""Chaos: what goes wrong, by a script and a seed. The doors ask it at each step; it answers with a `Trouble` or none.

The script is a list. At each step the first trouble that is meant for it, still has times left and wins its throw
happens. Throws come from a seed, so the same script and the same calls make the same troubles.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from random import Random
from threading import Lock
from typing import Unpack

from sesmail.local.trouble import Kind, Said, Trouble

_REMEMBERED = 1000


@dataclass(slots=True)
class _Armed:
    trouble: Trouble
    left: int | None
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Mishap:
    """A trouble that happened, and the step where it did."""

    trouble: Trouble
    step: str


class Chaos:
    """What goes wrong in a box.

    >>> from sesmail.local import LocalSes
    >>> with LocalSes() as ses:
    ...     ses.chaos.throttle(times=2)
    ...     ses.chaos.reset(when="after")
    ...     [trouble.kind.value for trouble in ses.chaos.armed]
    ['throttle', 'reset']

    Each method arms one trouble. All take ``times`` (1; ``None`` is for ever), ``skip`` (so many go well first),
    ``chance`` (1.0), and ``on``: ``send``, ``call``, ``any``, an operation such as ``GetAccount``, or a step of SMTP
    such as ``rcpt``.
    """

    def __init__(self, *, seed: int = 0) -> None:
        self._lock = Lock()
        self._armed: list[_Armed] = []
        self._happened: deque[Mishap] = deque(maxlen=_REMEMBERED)
        self.seed(seed)

    # ── what goes wrong ──────────────────────────────────────────────────────────────────────────────────────────

    def throttle(self, **said: Unpack[Said]) -> None:
        """Too fast: 429 or ``Throttling``, and 454 by SMTP. On a call that is no send, its rate is exceeded."""
        self.arm(Trouble.of(Kind.THROTTLE, **said))

    def quota(self, **said: Unpack[Said]) -> None:
        """The daily quota is used up."""
        self.arm(Trouble.of(Kind.QUOTA, **said))

    def unavailable(self, status: int = 503, **said: Unpack[Said]) -> None:
        """SES has trouble of its own: status 500 or 503, and 451 by SMTP."""
        self.arm(Trouble.of(Kind.UNAVAILABLE, status=status, **said))

    def expire_credentials(self, **said: Unpack[Said]) -> None:
        """The keys of the caller are over; by SMTP, they are not valid."""
        self.arm(Trouble.of(Kind.EXPIRED, **said))

    def slow(self, seconds: float, **said: Unpack[Said]) -> None:
        """The answer comes late. What was asked for is done at once."""
        self.arm(Trouble.of(Kind.SLOW, seconds=seconds, **said))

    def reset(self, *, when: str = "after", **said: Unpack[Said]) -> None:
        """The connection breaks: ``before`` anything is done, or ``after`` the mail was taken, and its answer lost."""
        self.arm(Trouble.of(Kind.RESET, when=when, **said))

    def cut_request(self, at: int, **said: Unpack[Said]) -> None:
        """The connection ends after so many bytes of a request; by SMTP, of all that the client says."""
        self.arm(Trouble.of(Kind.CUT_REQUEST, at=at, **said))

    def cut_answer(self, at: int, **said: Unpack[Said]) -> None:
        """The connection ends after so many bytes of the answer. What was asked for is done."""
        self.arm(Trouble.of(Kind.CUT_ANSWER, at=at, **said))

    def garble(self, **said: Unpack[Said]) -> None:
        """The answer is noise. What was asked for is done."""
        self.arm(Trouble.of(Kind.GARBAGE, **said))

    def reply(self, code: int, text: str = "", **said: Unpack[Said]) -> None:
        """An SMTP reply, at the step that ``on`` names; after 421 the connection ends."""
        self.arm(Trouble.of(Kind.REPLY, code=code, text=text, **said))

    def break_tls(self, fault: str, **said: Unpack[Said]) -> None:
        """SMTP's TLS fails: ``expired``, ``wrong_host`` or ``unknown_ca`` certificate, ``refused``, or ``reset``."""
        self.arm(Trouble.of(Kind.TLS, fault=fault, **said))

    def arm(self, trouble: Trouble) -> None:
        """One more trouble, behind those that are there."""
        with self._lock:
            self._armed.append(_Armed(trouble, trouble.times))

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._armed.clear()
            self._happened.clear()

    def seed(self, seed: int) -> None:
        """Throw anew, as a box with this seed would."""
        self._random = Random(seed)  # noqa: S311 - troubles that can be repeated, and no secrets

    # ── what there is ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def armed(self) -> tuple[Trouble, ...]:
        """What may still happen, in order."""
        with self._lock:
            return tuple(armed.trouble for armed in self._armed)

    @property
    def happened(self) -> tuple[Mishap, ...]:
        """What did, oldest first; the latest thousand."""
        with self._lock:
            return tuple(self._happened)

    def meet(self, step: str, places: Iterable[str], kinds: Collection[Kind]) -> Trouble | None:
        """What goes wrong at this step, which is at all of these places, if it is one of the kinds that can."""
        if not self._armed:  # as nearly always; a trouble that comes this very moment may come a step later
            return None
        meant = {step, "any", *places}
        with self._lock:
            for armed in self._armed:
                if armed.trouble.kind in kinds and armed.trouble.on in meant and self._happens(armed):
                    self._happened.append(Mishap(armed.trouble, step))
                    return armed.trouble
        return None

    def _happens(self, armed: _Armed) -> bool:
        if armed.skipped < armed.trouble.skip:
            armed.skipped += 1
            return False
        if armed.trouble.chance < 1 and self._random.random() >= armed.trouble.chance:
            return False
        if armed.left is not None:
            armed.left -= 1
            if not armed.left:
                self._armed.remove(armed)
        return True
