"""Course: one mail in all its tries. Who has it, who may have it, and who lacks it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import TracebackType

from sesmail._logging import WARNING, log
from sesmail.errors import AllFailed, Outcome, PartlySent, QuotaExceeded, SendError, SesmailError, Throttled
from sesmail.mail.outgoing import Outgoing, RecipientResult, SendResult
from sesmail.policies.outcomes import Outcomes


class Course:
    """Hears how each try ended, says who is left, and at the end puts it all together.

    With ``resends``, those who may have the mail are sent it again.
    """

    __slots__ = ("_last", "_may_have_it", "_outcomes", "_outgoing", "_resends", "lacking", "reached_somebody")

    def __init__(self, outgoing: Outgoing, *, resends: bool) -> None:
        self._outgoing = outgoing
        self._outcomes = Outcomes(outgoing)
        self._resends = resends
        self._may_have_it: dict[str, RecipientResult] = {}
        self._last: list[SesmailError] = []
        self.lacking: list[RecipientResult] = []
        self.reached_somebody = False

    def hear(self, asked: Outgoing, heard: SendResult | SesmailError) -> None:
        """How a try ended, for those whom it was for."""
        about: frozenset[str] = frozenset()
        if isinstance(heard, SesmailError):
            about = frozenset(getattr(heard, "recipients", ()))
            heard = _everybody_the_same(asked, heard)
        results = heard.recipients
        self.lacking = [one for one in results if (not about or one.address.email in about) and self._may_repeat(one)]
        self.reached_somebody |= any(one.outcome is Outcome.SENT for one in results)
        self._last = _each_once(results)
        self._outcomes.add(replace(heard, recipients=tuple([self._weighed(one) for one in results])))

    def _may_repeat(self, one: RecipientResult) -> bool:
        is_safe = one.outcome is Outcome.NOT_SENT or (self._resends and one.outcome is Outcome.UNKNOWN)
        return is_safe and bool(self._hopes(one.error))

    def _hopes(self, error: BaseException | None) -> list[SendError]:
        """What of an error may pass: itself; or of several ways that failed, what those said that may do better."""
        if isinstance(error, AllFailed):
            return [hope for part in error.exceptions for hope in self._hopes(part)]
        if not isinstance(error, SendError) or isinstance(error, PartlySent | QuotaExceeded):
            return []
        return [error] if error.retryable or (self._resends and error.outcome is Outcome.UNKNOWN) else []

    def _weighed(self, one: RecipientResult) -> RecipientResult:
        """Whoever may have it still may after a later try that failed, and may have it twice after one that did not."""
        email = one.address.email
        earlier = self._may_have_it.get(email)
        if one.outcome is Outcome.UNKNOWN:
            self._may_have_it[email] = one
        elif earlier is not None:
            return replace(one, error=earlier.error) if one.outcome is Outcome.SENT else earlier
        return one

    @property
    def is_throttled(self) -> bool:
        """Whether it was too fast for somebody who is left. Of several ways, all that have hope must have said so."""
        return any(all(isinstance(hope, Throttled) for hope in self._hopes(one.error)) for one in self.lacking)

    @property
    def asked_pause_s(self) -> float:
        """How long the provider asked to wait. Of several ways, the one that asked for least can be tried first."""
        return max(min(hope.retry_after_s or 0.0 for hope in self._hopes(one.error)) for one in self.lacking)

    def rest(self) -> Outgoing:
        """The mail for those who lack it."""
        risky = [one for one in self.lacking if one.outcome is Outcome.UNKNOWN]
        if risky:
            errors = _each_once(risky)
            for error in errors:
                error.add_note("It was sent again after this: who got it the first time as well has it twice")
            kinds = ", ".join(sorted({type(error).__name__ for error in errors}))
            log(WARNING, "sent a mail again though it may be out, to %d recipients: %s", len(risky), kinds)
        lacking = {one.address.email for one in self.lacking}
        return self._outcomes.rest([one for one in self._outgoing.envelope.recipients if one.email not in lacking])

    def end(self, tried: int, took_s: float, why_not: str) -> SendResult:
        """The whole. Raises where it went to nobody: the last error, or the one after which it may be out."""
        why_not = why_not or self._why_not()
        times = "once" if tried == 1 else f"{tried} times"
        note = f"Tried {times} in {took_s:.1f} s{why_not and f', and not again: {why_not}'}"
        has_news = tried > 1 or bool(why_not)
        if has_news:
            self._add(note)
        try:
            return self._outcomes.result("retry")
        except SesmailError as error:
            if has_news and error not in self._last:
                error.add_note(note)
            error.__traceback__ = _behind_us(error.__traceback__)
            raise
        finally:
            # An error holds the frames that it went through. If one of them held the error, nothing but the garbage
            # collection would ever free the mail.
            del self._last, self._outcomes, self._may_have_it, self.lacking

    def _add(self, note: str) -> None:
        for error in self._last:
            error.add_note(note)

    def _why_not(self) -> str:
        return next((why for why in map(_why_never, self._last) if why), "")


def _why_never(error: SesmailError) -> str:
    if isinstance(error, QuotaExceeded) and error.retryable:
        return "a quota of 24 hours comes back in hours"
    if getattr(error, "outcome", None) is Outcome.UNKNOWN:
        return "it may be out"
    return ""


def _behind_us(trace: TracebackType | None) -> TracebackType | None:
    """A traceback without its first two frames: those only put together what was raised before."""
    behind = trace and trace.tb_next
    return behind and behind.tb_next


def _everybody_the_same(asked: Outgoing, error: SesmailError) -> SendResult:
    # What is no SendError was raised before anything was tried.
    outcome: Outcome = getattr(error, "outcome", Outcome.NOT_SENT)
    return SendResult(tuple([RecipientResult(address, outcome, error) for address in asked.envelope.recipients]))


def _each_once(results: Iterable[RecipientResult]) -> list[SesmailError]:
    """The errors in them. One error may be about several recipients."""
    return list({id(one.error): one.error for one in results if one.error is not None}.values())
