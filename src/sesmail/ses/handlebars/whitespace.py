"""Whitespace: which blanks around a tag go.

Rule 1: a ``~`` takes all blanks on its side, up to the next tag or other text.
Rule 2: a tag that prints nothing itself, alone on its line, takes the line with it, and nothing of the lines around.
Rule 3: both are decided by the text as it was written, so one cut never makes room for another.

handlebars.js decides rule 2 for the last tag of an ``{{else if}}`` chain, and for ``{{^if}}`` with an ``{{else}}``, by
text that is elsewhere. Here a tag is always judged by its own line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sesmail.ses.handlebars.tokens import Tag, TagKind, Text, Token

# What JavaScript takes for a blank. Python's own idea has some control characters more, and U+FEFF less.
BLANKS = "\t\n\v\f\r \xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"


def trimmed(tokens: Sequence[Token]) -> Iterator[Token]:
    """The same tokens without the blanks that go. A partial learns how far it was indented."""
    alone = [_is_alone(tokens, n) for n in range(len(tokens))]
    indent = ""
    for n, token in enumerate(tokens):
        if isinstance(token, Tag):
            is_indented = alone[n] and token.kind is TagKind.PARTIAL and not token.trims_before
            yield replace(token, indent=indent) if is_indented else token
            continue
        text = _after(tokens[n - 1], token.text, is_alone=alone[n - 1]) if n else token.text
        kept = _before(tokens[n + 1], text, is_alone=alone[n + 1]) if n + 1 < len(tokens) else text
        indent = text[len(kept) :]
        if kept:
            yield Text(kept)


def _after(token: Token, text: str, *, is_alone: bool) -> str:
    if isinstance(token, Tag) and token.trims_after:
        return text.lstrip(BLANKS)
    return text.lstrip(" \t").removeprefix("\r").removeprefix("\n") if is_alone else text


def _before(token: Token, text: str, *, is_alone: bool) -> str:
    if isinstance(token, Tag) and token.trims_before:
        return text.rstrip(BLANKS)
    return text.rstrip(" \t") if is_alone else text


def _is_alone(tokens: Sequence[Token], n: int) -> bool:
    tag = tokens[n]
    if isinstance(tag, Text) or tag.kind is TagKind.SUBSTITUTION:
        return False
    return _ends_a_line(tokens, n - 1) and _begins_a_line(tokens, n + 1)


def _ends_a_line(tokens: Sequence[Token], n: int) -> bool:
    """Whether there is nothing but blanks since the last line end, or since the beginning of the template."""
    if n < 0:
        return True
    token = tokens[n]
    if isinstance(token, Tag):
        return False
    rest = token.text.rstrip(BLANKS)
    return "\n" in token.text[len(rest) :] or (n == 0 and not rest)


def _begins_a_line(tokens: Sequence[Token], n: int) -> bool:
    if n == len(tokens):
        return True
    token = tokens[n]
    if isinstance(token, Tag):
        return False
    rest = token.text.lstrip(BLANKS)
    return "\n" in token.text[: len(token.text) - len(rest)] or (n == len(tokens) - 1 and not rest)
