r"""Texts of a log record, made fit for a mail.

Rule 1: whatever a record holds is shown. A log has no one who could mend a bad text, so nothing is refused here: what
        must not stand in a mail is written as an escape, such as ``\x1b``.
Rule 2: all of it has an end. A cut says how much is missing.
Rule 3: the hook that takes secrets out runs before the cut, which could halve a secret and hide it from a pattern.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from sesmail.integrations.log_mail.guard import at_work

Redact = Callable[[str], str]

# What stands in a body as it is: tabs and line feeds, and all that prints. The bidirectional controls would let one
# line of a log read as another.
_UNFIT = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_TRACEBACKS = logging.Formatter()


def message_of(record: logging.LogRecord, redact: Redact | None) -> str:
    """What the record says, also when its arguments do not fit."""
    return _redacted(_said(record), redact)


def formatted(record: logging.LogRecord, formatter: logging.Formatter | None, redact: Redact | None) -> str:
    """The whole record: as its formatter writes it, or message and traceback."""
    if formatter is None:
        text = "\n".join(part for part in (_said(record), _traceback(record), record.stack_info) if part)
    else:
        try:
            text = formatter.format(record)
        except Exception as exc:  # noqa: BLE001 - a record that cannot be formatted is still one that must be told
            text = f"{_said(record)}\n(the formatter failed: {type(exc).__name__})"
    return _redacted(text, redact)


def _said(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception as exc:  # noqa: BLE001 - so is one whose arguments do not fit
        return f"{_unfilled(record)} (its arguments do not fit: {type(exc).__name__})"


def _unfilled(record: logging.LogRecord) -> str:
    return record.msg if isinstance(record.msg, str) else f"a message of type {type(record.msg).__name__}"


def _traceback(record: logging.LogRecord) -> str:
    info = record.exc_info
    if not isinstance(info, tuple) or info[0] is None:
        return record.exc_text or ""
    try:
        return _TRACEBACKS.formatException(info)
    except Exception as exc:  # noqa: BLE001 - errors may have a __str__ that fails
        return f"(the traceback cannot be shown: {type(exc).__name__})"


def _redacted(text: str, redact: Redact | None) -> str:
    if redact is None:
        return text
    try:
        with at_work():  # what it logs would be redacted, too
            return str(redact(text))
    except Exception as exc:  # noqa: BLE001 - what could not be looked through is not mailed
        return f"(not shown: redact failed with {type(exc).__name__})"


def lines(text: str, most: int) -> str:
    """Text for a body: at most so long, its end kept, since a traceback says there what happened."""
    fit = _UNFIT.sub(_escape, shortened(text, most).replace("\r\n", "\n"))
    return shortened(fit, 2 * most)  # escapes are longer than what they stand for, and there may be many


def line(text: str, most: int) -> str:
    """Text for one line: the first line that says anything, at most so long."""
    first = next((line for line in text[: 10 * most].split("\n") if line.strip()), "").strip()
    fit = "".join(character if character.isprintable() else _escaped(character) for character in first[:most])
    return fit if len(first) <= most and len(fit) <= most else f"{fit[: most - 1]}…"


def shortened(text: str, most: int) -> str:
    """At most about so many characters, of both ends."""
    if len(text) <= most:
        return text
    head, tail = most // 3, most - most // 3
    return f"{text[:head]}\n… {len(text) - most} characters are left out …\n{text[-tail:]}"


def _escape(found: re.Match[str]) -> str:
    return _escaped(found[0])


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
