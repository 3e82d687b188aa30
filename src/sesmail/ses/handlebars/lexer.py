r"""Lexer: cuts a template into text and tags, and a tag into words.

Rule 1: every character is looked at a bounded number of times, whatever the text. So no expression here can go back
        over what it has read, and what is never closed ends the reading at once.
Rule 2: the first of the expressions that fits is right, as in the lexer of handlebars.js; their order matters.
Rule 3: blanks are those of JavaScript.

A backslash before braces makes text of them, and two make one backslash before a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sesmail.errors import TemplateError
from sesmail.ses.handlebars.failures import UnsupportedConstruct, syntax_error
from sesmail.ses.handlebars.tokens import Tag, TagKind, Text, Token, Word, WordKind
from sesmail.ses.handlebars.whitespace import BLANKS

_B = f"[{BLANKS}]"
_CLOSING = r"~?\}\}"
_OPENING = re.compile(
    rf"""\{{\{{ (?: (?P<raw_block>\{{\{{) | (?P<trims>~)? (?:
        (?P<partial>>) | (?P<partial_block>\#>) | (?P<inline>\#\*) | (?P<block>\#) | (?P<close>/)
      | (?P<otherwise>(?: \^ | {_B}*+else ){_B}*+{_CLOSING})
      | (?P<inverse>\^) | (?P<chain>{_B}*+else(?![0-9A-Za-z_]))
      | (?P<triple>\{{) | (?P<long_comment>!--) | (?P<comment>!) | (?P<decorator>\*) | (?P<substitution>&?)
    ))""",
    re.VERBOSE,
)
_UNKNOWN = {
    "raw_block": "raw blocks in four braces",
    "partial_block": "partials with a block, {{#> …}}",
    "decorator": "decorators, {{* …}}",
}
_KINDS = {"triple": TagKind.SUBSTITUTION, "long_comment": TagKind.COMMENT}
_WORDLESS = frozenset({TagKind.COMMENT, TagKind.OTHERWISE})
# A long comment may begin and end with the same two dashes.
_COMMENTS = {"comment": (re.compile(_CLOSING), 0), "long_comment": (re.compile(f"--{_CLOSING}"), -2)}

# At the end of the text a word is whole as well; that its tag is not closed is what is said of it then.
_AFTER_NAME = rf"(?=[=~}}{BLANKS}/.)|]|\Z)"
_AFTER_LITERAL = rf"(?=[~}}{BLANKS})]|\Z)"
_WORD = re.compile(
    rf"""(?P<blank>{_B}++)
    | (?P<end>\}}\}}\}}\}} | \}}~?\}}\}} | ~?\}}\}})
    | (?P<equals>=)
    | (?P<step>\.\. | \.{_AFTER_NAME})
    | (?P<separator>[/.])
    | "(?P<string>(?: [^"\\]++ | \\" | \\ )*)"
    | '(?P<apostrophes>(?: [^'\\]++ | \\' | \\ )*)'
    | (?P<at>@)
    | (?P<constant>(?: true | false | undefined | null ){_AFTER_LITERAL})
    | (?P<number>-?[0-9]++(?: \.[0-9]++ )?{_AFTER_LITERAL})
    | (?P<parameters>as{_B}++\|)
    | (?P<bar>\|)
    | (?P<name>[^{BLANKS}!"\#%-,./;->@\[-^`{{-~]++{_AFTER_NAME})
    | \[(?P<literal>(?: [^\]\\]++ | \\\] | \\ )*)\]
    | (?P<parenthesis>[()])
    """,
    re.VERBOSE,
)
_ESCAPES = {
    "string": (WordKind.STRING, re.compile(r'\\(")')),
    "apostrophes": (WordKind.STRING, re.compile(r"\\(')")),
    "literal": (WordKind.LITERAL, re.compile(r"\\([\\\]])")),
}


class Lexer:
    """Reads one template, once.

    >>> from sesmail.ses.handlebars.lexer import Lexer
    >>> [token.text if isinstance(token, Text) else token.kind.name for token in Lexer("Hello {{name}}!").tokens()]
    ['Hello ', 'SUBSTITUTION', '!']
    """

    def __init__(self, text: str, *, template: str = "") -> None:
        self._text = text
        self._template = template
        self._at = 0
        self._line = 1

    def tokens(self) -> Iterator[Token]:
        """All of them, in order. No text is empty."""
        while self._at < len(self._text):
            yield from (Text(text) for text in self._texts() if text)
            if self._at < len(self._text):
                yield self._tag()

    def _texts(self) -> Iterator[str]:
        while True:
            text = self._upto(self._text.find("{{", self._at))
            if self._at == len(self._text) or not text.endswith("\\"):
                yield text
                return
            yield text[:-1]
            if text.endswith("\\\\"):
                return
            yield self._upto(self._end_of_escaped())

    def _end_of_escaped(self) -> int:
        """Where the next braces are, with up to two backslashes before them."""
        least = self._at + 2
        end = self._text.find("{{", least)
        for _ in range(2):
            if end > least and self._text[end - 1] == "\\":
                end -= 1
        return end

    def _upto(self, end: int) -> str:
        passed = self._text[self._at : end if end >= 0 else len(self._text)]
        self._at += len(passed)
        self._line += passed.count("\n")
        return passed

    # ── tags ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _tag(self) -> Tag:
        line = self._line
        opening = _OPENING.match(self._text, self._at)
        assert opening is not None, "two braces always open something"  # noqa: S101 - for mypy
        name = opening.lastgroup or ""
        if name in _UNKNOWN:
            raise UnsupportedConstruct(_UNKNOWN[name], template=self._template, line=line)
        self._upto(opening.end())
        kind = _KINDS.get(name) or TagKind(name)
        words = () if kind in _WORDLESS else tuple(self._words())
        end = self._end(name, opening.group())
        return Tag(kind, line, words, opening["trims"] is not None, "~" in end[-3:])

    def _end(self, name: str, start: str) -> str:
        if name in _COMMENTS:
            return self._end_of_comment(name)
        return start if name == "otherwise" else self._end_of_words(name)

    def _end_of_comment(self, name: str) -> str:
        form, offset = _COMMENTS[name]
        found = form.search(self._text, self._at + offset)
        if found is None:
            raise self._error("a comment is never closed")
        self._upto(found.end())
        return found.group()

    def _words(self) -> Iterator[Word]:
        while (found := _WORD.match(self._text, self._at)) and (name := found.lastgroup or "") != "end":
            self._upto(found.end())
            if name == "parenthesis":
                raise UnsupportedConstruct("sub-expressions in parentheses", template=self._template, line=self._line)
            if name in _ESCAPES:
                kind, escape = _ESCAPES[name]
                yield Word(kind, escape.sub(r"\1", found[name]))
            elif name != "blank":
                yield Word(WordKind(name), found[name])

    def _end_of_words(self, name: str) -> str:
        found = _WORD.match(self._text, self._at)
        if found is None:
            at_end = self._at == len(self._text)
            raise self._error("a tag is never closed" if at_end else f"{self._text[self._at]!r} has no place in a tag")
        braces = found.group()
        if braces.count("}") != (3 if name == "triple" else 2):
            raise self._error("a tag closes with as many braces as it opens with")
        self._upto(found.end())
        return braces

    def _error(self, reason: str) -> TemplateError:
        return syntax_error(reason, template=self._template, line=self._line)
