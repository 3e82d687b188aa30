"""Check: whether the data of each row fills all gaps of a template.

SES does not say it: it answers 200, gives an id, and delivers nothing.

Each row is rendered here as SES would, and thrown away. A variable that is printed and not in the data, or a subject
that would break its header, is an error for that row, and the others go.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sesmail._logging import WARNING, log
from sesmail.errors import TemplateError
from sesmail.ses.handlebars import LimitReached, MissingVariable, Template
from sesmail.ses.stored.calls import Entry
from sesmail.ses.stored.copies import Copies, Copy
from sesmail.ses.stored.errand import Steps

RECHECK_S = 2.0
"""How old a copy may be by which a row is held back: a template that was just mended need hardly wait; and SES takes
one question a second."""
# In a mail of a contact list this is no variable of ours: SES puts the link there.
_UNSUBSCRIBE = "amazonSESUnsubscribeUrl"
Failures = dict[int, TemplateError]


def failures(
    copies: Copies, name: str, entries: Sequence[Entry], *, has_list: bool, check: bool = True
) -> Steps[Failures]:
    """What is wrong with which of the rows."""
    if not check:
        return {}
    copy = yield from copies.get(name)
    found = _failures(copy, name, entries, has_list=has_list)
    if found:
        copy = yield from copies.get(name, younger_than_s=RECHECK_S)
        found = _failures(copy, name, entries, has_list=has_list)
    return found


def _failures(copy: Copy, name: str, entries: Sequence[Entry], *, has_list: bool) -> Failures:
    if copy.parts is None:
        return {}
    found: dict[int, TemplateError] = {}
    for entry in entries:
        data = json.loads(entry.text)
        if has_list:
            data.setdefault(_UNSUBSCRIBE, "")
        for part, template in copy.parts.items():
            error = _failure(part, template, data, name, f"row {entry.index} of the call: " if len(entries) > 1 else "")
            if error is not None:
                found[entry.index] = error
                break
    return found


def _failure(part: str, template: Template, data: Mapping[str, object], name: str, row: str) -> TemplateError | None:
    try:
        text = template.render(data)
    except MissingVariable as error:
        return TemplateError(
            f"{row}the template {name} prints {error.variable[:100]!a} in its {part.lower()}, line"
            f" {error.line}, and the data has no such variable. SES would take the mail and deliver nothing: give it"
            " the variable, if only an empty text",
            template=name,
            line=error.line,
            variable=error.variable,
        )
    except LimitReached:
        log(WARNING, "a row of the template %.64s is too large to be tried here; SES decides", name)
        return None
    except TemplateError as error:
        return TemplateError(
            f"{row}the {part.lower()} of the template {name} cannot be made of the data ({error})",
            template=name,
            line=error.line,
            variable=error.variable,
        )
    if part == "Subject" and any(character < " " or character == "\x7f" for character in text):
        return TemplateError(
            f"{row}with its data, the subject of the template {name} would hold a line break or another"
            " control character; take it out of the data",
            template=name,
        )
    return None
