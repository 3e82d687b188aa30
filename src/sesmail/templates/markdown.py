r"""Markdown: values that stand in it, and what it becomes.

A value is escaped by backslashes. Within code, where a backslash is a backslash, they are taken out again; so each of
ours has a mark behind it, a code point that is no character. What is Markdown by now (a macro, a block, a translation)
is not escaped again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Protocol, cast

from markupsafe import Markup

from sesmail.errors import MissingExtra
from sesmail.templates.gaps import printable

_MARK = "\ufdd0"  # a noncharacter (Unicode 23.7)
_MARK_IN_URLS = "%EF%B7%90"
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")  # all of it may stand behind a backslash (CommonMark 2.4)
_BREAKS = re.compile(r"[\x00-\x20\x7f]+")
_ESCAPED = re.compile(rf"\\(.){_MARK}")
_CODE = frozenset({"code_inline", "code_block", "fence"})
_SCHEME = re.compile(r"\s*+([a-zA-Z][a-zA-Z0-9+.\-]*+):")
_SCHEMES = frozenset({"http", "https", "mailto", "tel", "cid"})


def in_markdown(value: object) -> Markup:
    """A value as Markdown that says it and nothing else: no link, no heading, no list."""
    value = printable(value)
    if isinstance(value, Markup):
        return value
    text = _BREAKS.sub(" ", str(value).replace(_MARK, ""))
    return Markup(_PUNCTUATION.sub(rf"\\\g<0>{_MARK}", text))  # noqa: S704 - it is Markdown by now


def html_of_markdown() -> Callable[[str], str]:
    """What makes HTML of Markdown, without raw HTML, and with links that lead to web, mail and telephone only."""
    try:
        from markdown_it import MarkdownIt
    except ImportError:
        raise MissingExtra(package="markdown-it-py", extra="markdown", purpose="a template in Markdown") from None
    markdown = MarkdownIt("js-default")
    markdown.validateLink = _leads_well  # type: ignore[method-assign] # which is how it is told

    def converted(page: str) -> str:
        tokens = markdown.parse(page)
        _mend_code(cast("list[_Token]", tokens))
        html = str(markdown.renderer.render(tokens, markdown.options, {}))
        return html.replace(_MARK, "").replace(_MARK_IN_URLS, "")

    return converted


def _leads_well(url: str) -> bool:
    scheme = _SCHEME.match(url.replace(_MARK, ""))
    return scheme is None or scheme[1].lower() in _SCHEMES


class _Token(Protocol):
    """As much of one as is needed here."""

    type: str
    content: str
    children: list[_Token] | None


def _mend_code(tokens: Iterable[_Token]) -> None:
    for token in tokens:
        if token.type in _CODE:
            token.content = _ESCAPED.sub(r"\1", token.content)
        _mend_code(token.children or ())
