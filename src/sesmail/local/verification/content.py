"""What may stand in a verification mail of somebody's own: a small piece of HTML, to which SES adds the link.

Rule 1: a tag is read as a browser reads it (WHATWG HTML 13.2.5), so that both agree where it ends: not at a ``>`` in
        quotes. Blanks are those of HTML, which are fewer than Python's.
Rule 2: what a browser would have to mend is refused: a tag without its end, a value without its quote, ``</`` before
        what is no name.
Rule 3: no character is looked at more than a few times.
"""

from __future__ import annotations

import re
from typing import Final

from sesmail.local.faults import Fault, FaultKind

LARGEST: Final = 10 * 2**20
TAGS: Final = frozenset(
    "abbr acronym address area b bdo big blockquote body br button caption center cite code col colgroup dd del dfn dir"
    " div dl dt em fieldset font form h1 h2 h3 h4 h5 h6 head hr html i img input ins kbd label legend li map menu ol"
    " optgroup option p pre q s samp select small span strike strong sub sup table tbody td textarea tfoot th thead tr"
    " tt u ul var".split()
)
ATTRIBUTES: Final = frozenset(
    "abbr align alt axis cite class colspan height id rowspan scope span src start style summary title type"
    " width".split()
)
_OF_TEXT = "textarea"  # the one of these tags in which a browser sees no other
_B = r"[\t\n\f\r ]*+"
_OPENING = re.compile(r"<(?:(/?)([A-Za-z][A-Za-z0-9]*+)|([!?/][^<>]{0,20}+))")
_AFTER_NAME = re.compile(r"[\t\n\f\r />]")
_ATTRIBUTE = re.compile(
    rf"""[\t\n\f\r /]*+([^\t\n\f\r />=]++)(?:{_B}={_B}(?:"([^"]*+)"|'([^']*+)'|([^\t\n\f\r <>"'`]++)))?"""
)
_END = re.compile(r"[\t\n\f\r /]*+>")


def check_verification_content(content: str) -> None:
    """Whether SES takes this HTML; the first thing that it does not take is a fault that names it."""
    if len(content.encode()) > LARGEST:
        raise _bad(f"it is larger than {LARGEST // 2**20} MB")
    before, position = "", 0
    while found := _OPENING.search(content, position):
        slash, tag, other = found.groups("")
        if other:
            raise _bad(f"<{other} is not allowed")
        _check_tag(tag, before, is_closing=bool(slash))
        before, position = slash + tag.lower(), _end_of_tag(content, found.end(), tag)


def _check_tag(tag: str, before: str, *, is_closing: bool) -> None:
    if tag.lower() not in TAGS:
        raise _bad(f"the tag <{tag[:20]}> is not allowed")
    if before == _OF_TEXT and (tag.lower() != _OF_TEXT or not is_closing):
        raise _bad(f"a tag in a <{_OF_TEXT}> is not allowed")


def _end_of_tag(content: str, position: int, tag: str) -> int:
    """Where a tag ends whose name ends here. All of its attributes are allowed."""
    if not _AFTER_NAME.match(content, position):
        raise _broken(tag)
    while not (end := _END.match(content, position)):
        found = _ATTRIBUTE.match(content, position)
        if found is None:
            raise _broken(tag)
        name, *values = found.groups("")
        _check_attribute(name.lower(), "".join(values))
        position = found.end()
    return end.end()


def _check_attribute(name: str, value: str) -> None:
    if name not in ATTRIBUTES:
        raise _bad(f"the attribute {name[:20]} is not allowed")
    if name == "src" and not value.lower().startswith("data:"):
        raise _bad("an image is a data: URI")


def _broken(tag: str) -> Fault:
    return _bad(f"the tag <{tag[:20]}> is broken or never closed")


def _bad(why: str) -> Fault:
    return Fault(FaultKind.VERIFICATION_INVALID, f"The content of the custom verification email is invalid: {why}.")
