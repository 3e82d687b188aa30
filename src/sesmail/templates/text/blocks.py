"""Blocks: what begins with each of them. What a function here gives is called when the block ends, whoever ends it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from sesmail.templates.text import rows
from sesmail.templates.text.attributes import Attributes
from sesmail.templates.text.elements import HEADINGS, LISTS, PRE
from sesmail.templates.text.page import Leave, List, Page, Table
from sesmail.templates.text.paper import Paper, Place

_NUMBER = re.compile(r"[ \t\n\f]*+([+-]?+[0-9]{1,9})(?![0-9])")


def begin(page: Page, name: str, attributes: Attributes, *, is_data: bool) -> Leave | None:
    """Begin what this one is, if it is more than a gap."""
    if name == "table":
        return _table(page, is_data=is_data)
    beginning = _BEGINNINGS.get(name)
    return beginning(page, name, attributes) if beginning else None


def _head(page: Page, _name: str, _attributes: Attributes) -> Leave:
    page.is_in_head = True
    return partial(setattr, page, "is_in_head", False)


def _template(page: Page, _name: str, _attributes: Attributes) -> Leave:
    table, page.table = page.table, None
    page.templates += 1
    return partial(_end_template, page, table)


def _end_template(page: Page, table: Table | None) -> None:
    page.templates -= 1
    page.table = table


def _heading(page: Page, name: str, _attributes: Attributes) -> Leave:
    return partial(_end_heading, page, HEADINGS[name], page.paper.line)


def _end_heading(page: Page, rule: str, line_before: list[str]) -> None:
    if page.paper.line is not line_before:
        page.paper.underline(rule)


def _quote(page: Page, _name: str, _attributes: Attributes) -> Leave | None:
    return None if page.is_removed else partial(page.paper.leave, page.paper.enter("> ", "> "))


def _pre(page: Page, _name: str, _attributes: Attributes) -> Leave:
    page.pre += 1
    return partial(_end_pre, page, page.paper)


def _end_pre(page: Page, paper: Paper) -> None:
    page.pre -= 1
    paper.end_as_written()


def _list(page: Page, name: str, attributes: Attributes) -> Leave:
    outer = page.list
    page.list = List(_number(attributes, "start", 1) if name == "ol" else None, outer)
    return partial(setattr, page, "list", outer)


def _item(page: Page, name: str, attributes: Attributes) -> Leave:
    items, paper = page.list, page.paper
    items.item = name
    if page.is_removed:
        return partial(_end_item, items, None, None)
    lead = "- "
    if items.number is not None:
        number = _number(attributes, "value", items.number)
        items.number = number + 1
        lead = f"{number}. "
    return partial(_end_item, items, paper, paper.enter(lead, " " * len(lead)))


def _term(page: Page, name: str, _attributes: Attributes) -> Leave:
    page.list.item = name
    return partial(_end_item, page.list, None, None)


def _definition(page: Page, name: str, _attributes: Attributes) -> Leave:
    page.list.item = name
    place = None if page.is_removed else page.paper.enter("  ", "  ")
    return partial(_end_item, page.list, page.paper, place)


def _end_item(items: List, paper: Paper | None, place: Place | None) -> None:
    items.item = ""
    if paper and place:
        paper.leave(place)


def _number(attributes: Attributes, name: str, otherwise: int) -> int:
    found = _NUMBER.match(attributes.get(name, ""))
    return int(found[1]) if found else otherwise


def _table(page: Page, *, is_data: bool) -> Leave:
    page.table = table = Table(page.table, is_data=is_data)
    return partial(_end_table, page, table)


def _end_table(page: Page, table: Table) -> None:
    page.table = table.outer
    for line in rows.lines_of(table.rows):
        page.paper.whole_line(line)


_BEGINNINGS: dict[str, Callable[[Page, str, Attributes], Leave | None]] = {
    **dict.fromkeys(HEADINGS, _heading),
    **dict.fromkeys(PRE, _pre),
    **dict.fromkeys(LISTS, _list),
    "head": _head,
    "template": _template,
    "blockquote": _quote,
    "li": _item,
    "dt": _term,
    "dd": _definition,
}
