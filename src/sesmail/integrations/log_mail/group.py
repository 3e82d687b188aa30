"""Group: log records of one logger, one line of the program, and exceptions of one type that came one way, counted.

The way counts, since a framework logs whatever goes wrong in a program by one line of its own: without it the second
of two errors would hide behind the first.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from types import TracebackType

from sesmail.integrations.log_mail.texts import Redact, formatted, lines, message_of

Key = tuple[str, str, int, str, int]

MOST_MESSAGES = 3
_MESSAGE = 1_000
_WHOLE = 12_000


def key_of(record: logging.LogRecord) -> Key:
    """What makes two records the same error."""
    return record.name, record.pathname, record.lineno, exception_of(record), way_of(record)


def exception_of(record: logging.LogRecord) -> str:
    """The name of the exception's class, or nothing."""
    info = record.exc_info
    kind = info[0] if isinstance(info, tuple) and info else None
    if kind is None:
        return ""
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def way_of(record: logging.LogRecord) -> int:
    """A number for the lines that the exception came along. Each counts once, so recursion of any depth is one way."""
    info = record.exc_info
    step = info[-1] if isinstance(info, tuple) and info else None
    lines_on_it: set[tuple[str, int]] = set()
    while isinstance(step, TracebackType):
        lines_on_it.add((step.tb_frame.f_code.co_filename, step.tb_lineno))
        step = step.tb_next
    return hash(frozenset(lines_on_it))


@dataclass(slots=True)
class Group:
    """Counts all, and holds the text of the first few: so a loop that fails costs next to nothing a time."""

    key: Key
    function: str
    level: int
    level_name: str
    whole: str = field(repr=False)
    """The first record, with its traceback."""
    first: float
    last: float
    messages: list[str] = field(default_factory=list, repr=False)
    count: int = 0

    @classmethod
    def of(cls, record: logging.LogRecord, formatter: logging.Formatter | None, redact: Redact | None) -> Group:
        """A group that begins with this record, which is yet to be counted."""
        whole = lines(formatted(record, formatter, redact), _WHOLE)
        level, name, time = record.levelno, str(record.levelname), float(record.created)
        return cls(key_of(record), str(record.funcName or ""), level, name, whole, time, time)

    def says_enough(self) -> bool:
        """Whether the messages of further records are not kept any more."""
        return len(self.messages) >= MOST_MESSAGES

    def count_in(self, record: logging.LogRecord, redact: Redact | None) -> None:
        """One more."""
        self.last = float(record.created)  # it may come from anywhere, and a mail must not fail for it
        self.count += 1
        if record.levelno > self.level:
            self.level, self.level_name = record.levelno, str(record.levelname)
        if not self.says_enough():
            self.messages.append(lines(message_of(record, redact), _MESSAGE))

    def add(self, later: Group) -> None:
        """What a later digest holds of the same error."""
        self.count += later.count
        self.last = later.last
        self.messages = [*self.messages, *later.messages][:MOST_MESSAGES]
        if later.level > self.level:
            self.level, self.level_name = later.level, later.level_name

    @property
    def place(self) -> str:
        """Where the program logs it."""
        _, path, number, _, _ = self.key
        return f"{path}:{number}" + (f", in {self.function}" if self.function else "")
