"""Stands in."""

import re


def text_of(html: str) -> str:
    return (
        re.sub(r"<a href='([^']*)'>([^<]*)</a>", r"\2 <\1>", html)
        .replace("<p>", "")
        .replace("</p>", "\n")
        .replace("&lt;", "<")
    )
