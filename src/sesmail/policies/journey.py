"""Journey: one mail on its way from way to way. Who still lacks it, who may have it, and what was said until now.

Rule 1: who has the mail is not in the envelope that moves on.
Rule 2: whoever may have it may still have it after another way has failed, and may have it twice after one has not.
        Then the error that left it open stands beside *sent*.
Rule 3: as soon as one recipient has it, nothing is raised any more: the end is a result that says who lacks it.
Rule 4: where nobody got it for several reasons, it is told of each (`results_of`), and those who were refused stay so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sesmail.errors import AllFailed, Outcome, SendError, SesmailError, Withheld
from sesmail.mail.frozen_map import FrozenMap
from sesmail.mail.outgoing import Outgoing, RecipientResult, SendResult, results_of
from sesmail.policies.blame import Blame, blame_for, outcome_of
from sesmail.policies.outcomes import Outcomes
from sesmail.policies.way import Way

NOBODY: Mapping[str, SendError] = FrozenMap()


class Journey:
    """What a policy around several ways remembers of one mail."""

    __slots__ = ("_doubts", "_name", "_outcomes", "_outgoing", "_resends", "errors", "rest")

    def __init__(self, outgoing: Outgoing, name: str, *, resends: bool) -> None:
        self._outgoing = outgoing
        self._name = name
        self._resends = resends
        self._outcomes: Outcomes | None = None  # from when there is another word on some than on others
        self._doubts: Mapping[str, SendError] = NOBODY  # by e-mail, of those who may have it and move on all the same
        self.rest = outgoing
        """The mail for those who lack it."""
        self.errors: dict[Way, SendError] = {}
        """What the ways said that could not take it."""

    @property
    def is_in_doubt(self) -> bool:
        """Whether it moves on although somebody may have it."""
        return bool(self._doubts)

    @property
    def is_begun(self) -> bool:
        """Whether somebody has it or may have it, or is left behind."""
        return self._outcomes is not None or self.is_in_doubt

    # ── a result ─────────────────────────────────────────────────────────────────────────────────────────────────

    def took(self, result: SendResult, failed: Sequence[RecipientResult]) -> SendResult | None:
        """A way gave this. It is the end, or nothing if some are left who move on."""
        if self._doubts:
            result = replace(result, recipients=tuple([self._weighed(one) for one in result.recipients]))
        if self._outcomes is not None:
            self._outcomes.add(result)
        to_go = [one for one in failed if self._may_move_on(one.error, one.outcome)]
        if not to_go:
            return result if self._outcomes is None else self._outcomes.result(self._name)
        if self._outcomes is None:
            self._outcomes = Outcomes(self._outgoing)
            self._outcomes.add(result)
        self._doubt([one for one in to_go if one.outcome is Outcome.UNKNOWN])
        going = {one.address.email for one in to_go}
        everybody = self._outgoing.envelope.recipients
        self.rest = self._outcomes.rest([address for address in everybody if address.email not in going])
        return None

    def _weighed(self, one: RecipientResult) -> RecipientResult:
        doubt = self._doubts.get(one.address.email)
        if doubt is None:
            return one
        return replace(one, error=doubt, outcome=one.outcome if one.outcome is Outcome.SENT else doubt.outcome)

    # ── an error ─────────────────────────────────────────────────────────────────────────────────────────────────

    def divides(self, error: SesmailError) -> bool:
        """Whether a way raised this for several reasons, of which only some let their people move on."""
        each = self._each_of(error)
        return 0 < sum([self._may_move_on(one.error, one.outcome) for one in each]) < len(each)

    def divided(self, error: SesmailError) -> SendResult | None:
        """The same as `took`, where nobody has it by this way."""
        if self._outcomes is None:
            self._outcomes = Outcomes(self._outgoing)
        each = self._each_of(error)
        return self.took(SendResult(each), each)

    def moves_on_after(self, error: SesmailError, way: Way) -> bool:
        """A way raised this. Whether another may be asked."""
        each = self._each_of(error)
        if not all(self._may_move_on(one.error, one.outcome) for one in each):
            return False
        self.errors[way] = said = _as_send_error(error)
        self._put(self._each_of(error, said))
        self._doubt([one for one in each if one.outcome is Outcome.UNKNOWN])
        return True

    def end_with(self, error: SesmailError) -> SendResult:
        """A way raised this, and it is the end, although somebody has the mail or may have it."""
        if self._outcomes is None:
            # Whatever was raised last, this is the truth about the mail.
            raise next(iter(self._doubts.values())) from error
        self._put(self._each_of(error, error if isinstance(error, Withheld) else _as_send_error(error)))
        return self._outcomes.result(self._name)

    def end(self, order: Sequence[Way], now: float) -> SendResult:
        """There is no other way."""
        if self._outcomes is not None:
            return self._outcomes.result(self._name)
        errors = [self.errors.get(way) or way.passed_over(now) for way in order]
        raise AllFailed(f"{self._name}: no way out took the mail", errors)

    # ── how ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _may_move_on(self, error: SesmailError | None, outcome: Outcome) -> bool:
        if error is None or blame_for(error) is Blame.MAIL:
            return False
        return outcome is Outcome.NOT_SENT or (outcome is Outcome.UNKNOWN and self._resends)

    def _each_of(self, error: SesmailError, said: SesmailError | None = None) -> tuple[RecipientResult, ...]:
        """What an error says of each for whom the mail was, in that form. Behind a redirect it may speak of others."""
        people, each = self.rest.envelope.recipients, results_of(error)
        if each and {one.address.email for one in each} == {address.email for address in people}:
            return each
        return tuple([RecipientResult(address, outcome_of(error), said or error) for address in people])

    def _put(self, each: Iterable[RecipientResult]) -> None:
        """Said of those who surely lack it, where there is a word on some."""
        if self._outcomes is not None:
            self._outcomes.add(SendResult(tuple([one for one in each if one.address.email not in self._doubts])))

    def _doubt(self, results: Iterable[RecipientResult]) -> None:
        # All of them have an error, or they would not move on.
        found = {one.address.email: _as_send_error(one.error) for one in results if one.error is not None}
        self._doubts = {**found, **self._doubts}


def _as_send_error(error: SesmailError) -> SendError:
    """The error as one about a mail, which has an outcome."""
    if isinstance(error, SendError):
        return error
    about_a_mail = SendError(str(error), retryable=False, outcome=outcome_of(error))
    about_a_mail.__cause__ = error
    return about_a_mail
