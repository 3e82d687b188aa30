"""Course: one mail in all its tries. Who has it, who may have it, and who lacks it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import TracebackType

from sesmail._logging import WARNING, log
from sesmail.errors import AllFailed, Outcome, PartlySent, QuotaExceeded, SendError, SesmailError, Throttled
from sesmail.mail.outgoing import Outgoing, RecipientResult, SendResult, results_of
from sesmail.policies.outcomes import Outcomes


class Course:
    """Hears how each try ended, says who is left, and at the end puts it all together.

    With ``resends``, those who may have the mail are sent it again.
    """

    __slots__ = ("_doubts", "_heard", "_last", "_named", "_outgoing", "_resends", "lacking", "reached_somebody")

    def __init__(self, outgoing: Outgoing, *, resends: bool) -> None:
        self._outgoing = outgoing
        self._resends = resends
        self._heard: list[SendResult] = []
        self._named: set[str] = set()  # on whom there is a word still
        self._doubts: dict[str, SesmailError] = {}
        self._last: list[SesmailError] = []
        self.lacking: list[RecipientResult] = []
        self.reached_somebody = False

    def hear(self, asked: Outgoing, heard: SendResult | SesmailError) -> None:
        """How a try ended, for those whom it was for."""
        people = [address.email for address in asked.envelope.recipients]
        about = frozenset(people)
        if isinstance(heard, SesmailError):
            about = about.intersection(getattr(heard, "recipients", ())) or about
            each = results_of(heard)
            heard = SendResult(each) if each else _everybody_the_same(asked, heard)
        results = heard.recipients
        self.lacking = [one for one in results if one.address.email in about and self._may_repeat(one)]
        self.reached_somebody |= any(one.outcome is Outcome.SENT for one in results)
        self._last = _each_once(one for one in results if one.outcome is not Outcome.SENT)
        self._keep(people, heard)

    def _keep(self, people: list[str], heard: SendResult) -> None:
        """Put the word on these in the place of earlier ones, without forgetting that somebody may have it."""
        # Behind a redirect the result names others, and they stand for all whom it does not name.
        named = {one.address.email for one in heard.recipients}
        of_others = next(
            (self._doubts[email] for email in people if email not in named and email in self._doubts), None
        )
        weighed = []
        for one in heard.recipients:
            email = one.address.email
            if one.outcome is Outcome.UNKNOWN and one.error is not None:
                self._doubts[email] = one.error
            weighed.append(_weighed(one, self._doubts.get(email) or of_others))
        self._named = self._named.difference(people) | named
        self._heard.append(replace(heard, recipients=tuple(weighed)))

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
        envelope = self._outgoing.envelope
        lacking = {one.address.email for one in self.lacking}
        others = [address for address in envelope.recipients if address.email not in lacking]
        return replace(self._outgoing, envelope=envelope.without(*others)) if others else self._outgoing

    def end(self, tried: int, took_s: float, why_not: str) -> SendResult:
        """The whole. Raises where it went to nobody: the last error, or the one after which it may be out."""
        why_not = why_not or self._why_nobody()
        times = "once" if tried == 1 else f"{tried} times"
        note = f"Tried {times} in {took_s:.1f} s{why_not and f', and not again: {why_not}'}"
        has_news = tried > 1 or bool(why_not)
        if has_news:
            self._add(note)
        try:
            return self._together()
        except SesmailError as error:
            if has_news and error not in self._last:
                error.add_note(note)
            error.__traceback__ = _behind(3, error.__traceback__)
            raise
        finally:
            # An error holds the frames that it went through. If one of them held the error, nothing but the garbage
            # collection would ever free the mail.
            del self._last, self._heard, self._named, self._doubts, self.lacking

    def _together(self) -> SendResult:
        outcomes = Outcomes(self._outgoing)
        for heard in self._heard:
            named = [one for one in heard.recipients if one.address.email in self._named]
            outcomes.add(replace(heard, recipients=tuple(named)))
        return outcomes.result("retry")

    def _add(self, note: str) -> None:
        for error in self._last:
            error.add_note(note)

    def _why_nobody(self) -> str:
        return "" if self.lacking else next((why for why in map(_why_never, self._last) if why), "")


def _weighed(one: RecipientResult, doubt: SesmailError | None) -> RecipientResult:
    """Whoever may have it still may after a later try that failed, and may have it twice after one that did not."""
    if doubt is None:
        return one
    return replace(one, error=doubt, outcome=Outcome.SENT if one.outcome is Outcome.SENT else Outcome.UNKNOWN)


def _why_never(error: SesmailError) -> str:
    if isinstance(error, QuotaExceeded) and error.retryable:
        return "a quota of 24 hours comes back in hours"
    if getattr(error, "outcome", None) is Outcome.UNKNOWN:
        return "it may be out"
    return ""


def _behind(frames: int, trace: TracebackType | None) -> TracebackType | None:
    """A traceback without its first frames, which only put together what was raised before."""
    for _ in range(frames):
        trace = trace and trace.tb_next
    return trace


def _everybody_the_same(asked: Outgoing, error: SesmailError) -> SendResult:
    # What is no SendError was raised before anything was tried.
    outcome: Outcome = getattr(error, "outcome", Outcome.NOT_SENT)
    return SendResult(tuple([RecipientResult(address, outcome, error) for address in asked.envelope.recipients]))


def _each_once(results: Iterable[RecipientResult]) -> list[SesmailError]:
    """The errors in them. One error may be about several recipients."""
    return list({id(one.error): one.error for one in results if one.error is not None}.values())
