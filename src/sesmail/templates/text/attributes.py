"""Attributes: what is written in a tag, by name."""

from __future__ import annotations

import re

from sesmail.templates.text.references import attribute_text

_ATTRIBUTE = re.compile(
    r"""([^ \t\n\f/>][^ \t\n\f/>=]*+)
        (?: [ \t\n\f]*+=[ \t\n\f]*+ (?: "([^"]*+)" | '([^']*+)' | ([^ \t\n\f>"'][^ \t\n\f>]*+) | (?=\Z) ) )?""",
    re.VERBOSE,
)
Attributes = dict[str, str]


def attributes_of(written: str) -> Attributes:
    """The first of each name counts."""
    found: Attributes = {}
    for name, quoted, apostrophes, bare in _ATTRIBUTE.findall(written):
        value = quoted or apostrophes or bare
        found.setdefault(name.lower(), attribute_text(value) if "&" in value else value)
    return found
