"""What may stand in a verification mail of somebody's own: a small piece of HTML, to which SES adds the link."""

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
_TAG = re.compile(r"<(?:(/?)([A-Za-z][A-Za-z0-9]*+)([^<>]*+)|([!?][^<>]{0,20}+))")
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'>]++))?""")


def check_verification_content(content: str) -> None:
    """Whether SES takes this HTML; the first thing that it does not take is a fault that names it."""
    if len(content.encode()) > LARGEST:
        raise _bad(f"it is larger than {LARGEST // 2**20} MB")
    for _, tag, attributes, other in _TAG.findall(content):
        if other:
            raise _bad(f"<{other} is not allowed")
        if tag.lower() not in TAGS:
            raise _bad(f"the tag <{tag[:20]}> is not allowed")
        for name, value in _ATTRIBUTE.findall(attributes):
            _check_attribute(name.lower(), value.strip("\"'"))


def _check_attribute(name: str, value: str) -> None:
    if name not in ATTRIBUTES:
        raise _bad(f"the attribute {name[:20]} is not allowed")
    if name == "src" and not value.lower().startswith("data:"):
        raise _bad("an image is a data: URI")


def _bad(why: str) -> Fault:
    return Fault(FaultKind.VERIFICATION_INVALID, f"The content of the custom verification email is invalid: {why}.")
