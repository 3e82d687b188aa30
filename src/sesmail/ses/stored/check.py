"""Check: whether the data of each row fills all gaps of a template.

SES does not say it: it answers 200, gives an id, and delivers nothing.

Each row is rendered here as SES would, and thrown away. A variable that is printed and not in the data, or a subject
that would break its header, is an error for that row, and the others go.

Rule 1: a few steps are made at once, as nearly all calls need no more. What takes longer is work for a thread.
Rule 2: all rows of a call have one budget, of which each has its share; what one leaves, the next ones may use. A row
        that needs more is for SES to decide.
Rule 3: rows with the same data are rendered once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sesmail._logging import WARNING, log
from sesmail.errors import TemplateError
from sesmail.ses.handlebars import LimitReached, Meter, MissingVariable, RenderLimits, Template
from sesmail.ses.stored.calls import Entry
from sesmail.ses.stored.copies import Copies, Copy
from sesmail.ses.stored.errand import Steps, work

RECHECK_S = 2.0
"""How old a copy may be by which a row is held back: a template that was just mended need hardly wait; and SES takes
one question a second."""
AT_ONCE = RenderLimits(max_steps=2000, max_characters=1_000_000)
"""For all rows of a call: one or two milliseconds."""
_LARGE = 65_536  # characters of JSON, which takes time to read too
MOST_STEPS = 1_000_000
"""For all rows of a call, in a thread: a second or so."""
_USUAL = RenderLimits()
# In a mail of a contact list this is no variable of ours: SES puts the link there.
_UNSUBSCRIBE = "amazonSESUnsubscribeUrl"
Failures = dict[int, TemplateError]
Parts = Mapping[str, Template]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with some data."""

    reason: str
    line: int | None = None
    variable: str = ""


Findings = dict[str, Finding | None]  # by the data's JSON


def failures(
    copies: Copies, name: str, entries: Sequence[Entry], *, has_list: bool, check: bool = True
) -> Steps[Failures]:
    """What is wrong with which of the rows."""
    if not (check and entries):
        return {}
    copy = yield from copies.get(name)
    found = yield from _failures(copy, name, entries, has_list=has_list)
    if found:
        newer = yield from copies.get(name, younger_than_s=RECHECK_S)
        if newer is not copy:
            found = yield from _failures(newer, name, entries, has_list=has_list)
    return found


def _failures(copy: Copy, name: str, entries: Sequence[Entry], *, has_list: bool) -> Steps[Failures]:
    if copy.parts is None:
        return {}
    texts = list(dict.fromkeys([entry.text for entry in entries]))
    known = {_UNSUBSCRIBE: ""} if has_list else {}
    findings = _at_once(copy.parts, name, texts, known)
    if findings is None:
        findings = yield from work(partial(_in_shares, copy.parts, name, texts, known))
    found: Failures = {}
    for entry in entries:
        finding = findings[entry.text]
        if finding is not None:
            row = "" if len(entries) == 1 else entry.named
            found[entry.index] = TemplateError(
                f"{row}{finding.reason}", template=name, line=finding.line, variable=finding.variable
            )
    return found


def _at_once(parts: Parts, name: str, texts: Sequence[str], known: Mapping[str, object]) -> Findings | None:
    """Those of all, or nothing where that takes longer."""
    if sum(map(len, texts)) > _LARGE:
        return None
    meter = Meter(AT_ONCE, name)
    try:
        return {text: _finding(parts, name, text, known, meter) for text in texts}
    except LimitReached:
        return None


def _in_shares(parts: Parts, name: str, texts: Sequence[str], known: Mapping[str, object]) -> Findings:
    findings: Findings = {}
    left = MOST_STEPS
    for rows_left, text in zip(range(len(texts), 0, -1), texts, strict=True):
        most = min(left // rows_left, _USUAL.max_steps)
        meter = Meter(RenderLimits(max_steps=most), name)
        try:
            findings[text] = _finding(parts, name, text, known, meter)
        except LimitReached:
            log(WARNING, "a row of the template %.64s is too large to be tried here; SES decides", name)
            findings[text] = None
        left -= min(meter.steps, most)
    return findings


def _finding(parts: Parts, name: str, text: str, known: Mapping[str, object], meter: Meter) -> Finding | None:
    data = {**known, **json.loads(text)}
    of_parts: Iterable[Finding | None] = (_of_part(part, parts[part], data, name, meter) for part in parts)
    return next((finding for finding in of_parts if finding is not None), None)


def _of_part(part: str, template: Template, data: Mapping[str, object], name: str, meter: Meter) -> Finding | None:
    try:
        text = template.render(data, meter=meter)
    except MissingVariable as error:
        return Finding(
            f"the template {name} prints {error.variable[:100]!a} in its {part.lower()}, line {error.line}, and the"
            " data has no such variable. SES would take the mail and deliver nothing: give it the variable, if only an"
            " empty text",
            error.line,
            error.variable,
        )
    except LimitReached:
        raise
    except TemplateError as error:
        return Finding(
            f"the {part.lower()} of the template {name} cannot be made of the data ({error})",
            error.line,
            error.variable,
        )
    if part == "Subject" and any(character < " " or character == "\x7f" for character in text):
        return Finding(
            f"with its data, the subject of the template {name} would hold a line break or another control character;"
            " take it out of the data"
        )
    return None
