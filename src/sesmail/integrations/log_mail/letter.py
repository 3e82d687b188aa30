"""Letter: a digest as a mail, in text and in HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from string import Formatter

from sesmail.errors import SetupError, UnknownOption
from sesmail.integrations.log_mail.digest import Digest
from sesmail.integrations.log_mail.group import Group
from sesmail.integrations.log_mail.texts import line, lines
from sesmail.mail.message import Email

_SUBJECT = 140
_STYLE = (
    "font:13px/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere;margin:0 0 24px"
)
_GAPS = ("level", "host", "logger", "message", "count")


@dataclass(frozen=True, slots=True)
class Letter:
    """How the mails of one handler look; ``base`` is what all of them have."""

    base: Email
    subject: str
    host: str
    most_shown: int

    def __post_init__(self) -> None:
        for _, gap, _, _ in _pieces(self.subject):
            if gap is not None and gap not in _GAPS:
                raise UnknownOption(gap, known=_GAPS, where="the subject of a MailHandler")
        try:
            self._filled("ERROR", "app", "message", 1)
        except (ValueError, KeyError) as exc:
            raise SetupError("the subject of a MailHandler has a format that does not fit its gaps") from exc

    def written(self, digest: Digest) -> Email:
        """The mail that tells of this digest."""
        parts = list(self._parts(digest))
        pre = "".join(f'<pre style="{_STYLE}">{escape(part)}</pre>\n' for part in parts)
        return self.base.replace(
            subject=self._subject_of(digest),
            text="\n\n".join([*parts, ""]),
            html=f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n{pre}</body></html>\n',
        )

    def _subject_of(self, digest: Digest) -> str:
        worst = max(digest.groups.values(), key=lambda group: group.level)  # the first of the worst
        message = worst.messages[0] if worst.messages else worst.whole
        return self._filled(worst.level_name, worst.key[0], line(message, _SUBJECT), digest.records)

    def _filled(self, level: str, logger: str, message: str, count: int) -> str:
        filled = self.subject.format(level=level, host=self.host, logger=logger, message=message, count=count)
        return line(filled, _SUBJECT)

    def _parts(self, digest: Digest) -> Iterator[str]:
        groups = sorted(digest.groups.values(), key=lambda group: -group.level)
        yield "\n".join(_heading(digest, self.host, len(groups[self.most_shown :])))
        for number, group in enumerate(groups[: self.most_shown], 1):
            yield _told(number, group)
        if hidden := groups[self.most_shown :]:
            yield "\n".join(["Not shown in full:", *map(_in_one_line, hidden)])


def _pieces(subject: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(Formatter().parse(subject))
    except ValueError as exc:
        raise SetupError("the subject of a MailHandler has a brace without its partner; write {{ for a brace") from exc


def _heading(digest: Digest, host: str, hidden: int) -> Iterator[str]:
    places = _many(len(digest.groups), "place", "places")
    yield f"{_many(digest.records, 'record', 'records')} of the log of {host}, from {places} in the program."
    if hidden:
        yield f"{_many(hidden, 'place is', 'places are')} in the list at the end, without the traceback."
    if digest.dropped:
        yield f"{_many(digest.dropped, 'record is', 'records are')} counted and not here: there were too many places."
    if digest.lost:
        yield f"{_many(digest.lost, 'record was', 'records were')} in an earlier mail that may not have arrived."


def _told(number: int, group: Group) -> str:
    logger, _, _, exception, _ = group.key
    facts = [
        f"{number}. {group.level_name} {logger}" + (f", {exception}" if exception else ""),
        f"   {_times(group)}",
        f"   {group.place}",
    ]
    others = list(dict.fromkeys(group.messages[1:]))
    also = [f"\nThen: {message}" for message in others if message != group.messages[0]]
    return "\n".join([*(lines(fact, 1_000) for fact in facts), "", group.whole, *also])


def _in_one_line(group: Group) -> str:
    message = group.messages[0] if group.messages else group.whole
    return f"- {group.count} × {line(group.level_name, 40)} {line(group.key[0], 80)}: {line(message, 120)}"


def _times(group: Group) -> str:
    if group.count == 1:
        return f"once, at {_time(group.first)}"
    return f"{group.count} times, from {_time(group.first)} to {_time(group.last)}"


def _time(seconds: float) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):  # a record may come from another machine, with any number in it
        return f"{seconds:g} seconds"


def _many(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
