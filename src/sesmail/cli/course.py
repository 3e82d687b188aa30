"""Course: how a run of many mails goes, row by row, and how it went."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic
from typing import TextIO

from sesmail.cli.progress import Progress, clock_time
from sesmail.cli.rows import BadRow, Row
from sesmail.errors import Outcome, SesmailError
from sesmail.mailer.mailer import Mailer
from sesmail.mailer.reports import MailFields, MailReport
from sesmail.mailer.rows import over

_MOST_TOLD = 20


class Course:
    """Counts how each row ended, and tells of those that went wrong. It is asked by one thread."""

    def __init__(self, progress: Progress, report: TextIO | None, *, told: TextIO | None) -> None:
        self._progress = progress
        self._report = report
        self._told = told
        self._began = monotonic()
        self._places: dict[int, tuple[int, int]] = {}
        self._advice: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()
        self._outcomes: Counter[Outcome] = Counter()
        self.rows = 0
        self.last_line = 0

    @property
    def sent(self) -> int:
        """Rows whose mail went out."""
        return self._outcomes[Outcome.SENT]

    @property
    def unknown(self) -> int:
        """Rows of whose mail nobody knows."""
        return self._outcomes[Outcome.UNKNOWN]

    @property
    def failed(self) -> int:
        """Rows whose mail did not go out."""
        return self._outcomes.total() - self.sent - self.unknown

    def mails(self, rows: Iterator[Row | BadRow]) -> Iterator[MailFields]:
        """The mails of the rows; what makes no mail is told."""
        mails = 0
        for index, row in enumerate(rows):
            self.rows, self.last_line = index + 1, row.line
            if isinstance(row, BadRow):
                self._failed(index, row.line, row, Outcome.NOT_SENT)
            else:
                self._places[mails] = (index, row.line)
                mails += 1
                yield row.mail

    def ended(self, report: MailReport) -> None:
        """One was sent, or not."""
        index, line = self._places.pop(report.index)
        lacking = report.result.failed if report.result else ()
        if report.result and not lacking:
            self._went()
        elif lacking:
            self._failed(index, line, lacking[0].error, lacking[0].outcome)
        else:
            self._failed(index, line, report.error, getattr(report.error, "outcome", Outcome.NOT_SENT))

    def checked(self, mailer: Mailer, template: str, locale: str, mail: MailFields) -> None:
        """One was rendered and checked."""
        ((index, line),) = self._places.values()
        self._places.clear()
        problems = mailer.check(**over({"template": template, "locale": locale}, mail))
        errors = [problem.error for problem in problems if problem.error]
        self._advice.update(problem.code for problem in problems if not problem.blocking)
        if errors:
            self._failed(index, line, errors[0], Outcome.NOT_SENT)
        else:
            self._went()

    def _went(self) -> None:
        self._outcomes[Outcome.SENT] += 1
        self._progress.update(self._outcomes.total(), self.failed + self.unknown)

    def _failed(self, index: int, line: int, error: BaseException | None, outcome: Outcome) -> None:
        self._outcomes[outcome] += 1
        kind, text = _told(error, outcome)
        self._errors[kind] += 1
        told = json.dumps({"index": index, "line": line, "error": kind, "message": text, "outcome": str(outcome)})
        if self._report:
            self._report.write(f"{told}\n")
        if self._told:
            _say(self._told, told)
        number = self.failed + self.unknown
        if number <= _MOST_TOLD and not self._told:
            self._progress.say(f"line {line}: {kind}: {text}")
        if number == _MOST_TOLD and not self._told:
            self._progress.say("(more that fail are counted, and stand in --report)")
        self._progress.update(self._outcomes.total(), number)

    # ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────

    def tell_end(self, *, is_dry: bool, was_interrupted: bool, as_json: bool) -> None:
        """How all of them went."""
        _say(sys.stdout, (self._end_as_json if as_json else self._end)(is_dry, was_interrupted))

    def _end(self, is_dry: bool, was_interrupted: bool) -> str:
        words = [f"{self.sent:,} {'would be sent' if is_dry else 'sent'}", f"{self.failed:,} failed"]
        if self.unknown:
            words.append(f"{self.unknown:,} of which nobody knows whether they are out")
        if under_way := len(self._places):
            words.append(f"{under_way:,} begun without a word of how they ended")
        lines = [f"{', '.join(words)}, of {self.rows:,} rows in {clock_time(monotonic() - self._began)}"]
        lines += [f"{code}: {count:,} mails" for code, count in self._advice.items()]
        if was_interrupted:
            lines.append(f"interrupted: what comes behind line {self.last_line} was not begun")
        return "\n".join(lines)

    def _end_as_json(self, is_dry: bool, was_interrupted: bool) -> str:
        return json.dumps(
            {
                "rows": self.rows,
                "sent": 0 if is_dry else self.sent,
                "checked": self.sent if is_dry else 0,
                "failed": self.failed,
                "unknown": self.unknown + len(self._places),
                "errors": self._errors,
                "advice": self._advice,
                "seconds": round(monotonic() - self._began, 3),
                "interrupted": was_interrupted,
                "last_line": self.last_line,
            }
        )


def _told(error: BaseException | None, outcome: Outcome) -> tuple[str, str]:
    """The kind and text of an error of ours; of others the kind only, since their texts may quote the mail."""
    if error is None:
        return "Failed", str(outcome)
    return type(error).__name__, str(error) if isinstance(error, SesmailError) else ""


def _say(stream: TextIO, text: str) -> None:
    with suppress(BrokenPipeError):  # whoever read this has gone; the mails go on
        stream.write(f"{text}\n")
        stream.flush()
