"""Text of a page: what a person would read of it, in plain lines."""

from __future__ import annotations

from sesmail.templates.text.tables import data_tables
from sesmail.templates.text.tokens import tokens_of
from sesmail.templates.text.walk import Walk


def text_of(html: str) -> str:
    r"""The HTML as plain text, with one newline at its end; nothing where there is nothing to read.

    >>> text_of("<p>Hello Ada &lt;3, <a href='https://shop.example/start'>begin here</a>.</p>")
    'Hello Ada <3, begin here <https://shop.example/start>.\n'

    Takes any text, however broken, and time in proportion to its length.
    """
    tokens = tokens_of(html)
    return Walk(tokens, data_tables(tokens)).text()
