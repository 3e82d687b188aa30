"""Boxes: rows and cells. They flow like blocks, but for those of a table that holds data."""

from __future__ import annotations

from functools import partial

from sesmail.templates.text.elements import CELLS, LINE, PARAGRAPH, ROW_GROUPS
from sesmail.templates.text.page import Page, Table
from sesmail.templates.text.paper import Cell, Paper
from sesmail.templates.text.shades import REMOVED


def start(page: Page, name: str, shade: int) -> None:
    """Open a row, a cell or a group of rows."""
    table = page.table
    if table is None:  # a piece of a page: browsers see no table either, and here it is a line
        if not shade & REMOVED:
            page.paper.gap(LINE)
    elif name in ROW_GROUPS:
        table.group = name
        page.open(name, shade, 0, is_wall=True).leave = partial(setattr, table, "group", "")
    elif name == "tr":
        _open_row(page, table, shade)
    else:
        if name in CELLS and not table.is_in_row:
            _open_row(page, table, page.stack.shade)
        _open_cell(page, table, name, shade)


def close_before(page: Page, name: str) -> None:
    """Close the cell, row and group in whose place this one comes."""
    table = page.table
    if table is None:
        return
    if table.cell:
        page.close_to(table.cell)
    if table.is_in_row and name not in CELLS:
        page.close_to("tr")
    if table.group and name not in CELLS and name != "tr":
        page.close_to(table.group)


def end(page: Page, name: str) -> None:
    """Close it, if it is open in the innermost table."""
    table = page.table
    if table is None:
        return
    if name == "table":
        page.close_to(name)
    elif name == "tr":
        if table.is_in_row:
            page.close_to(name)
    elif name in ROW_GROUPS:
        if table.group:
            page.close_to(table.group)
    elif table.cell:
        page.close_to(table.cell)


def _open_row(page: Page, table: Table, shade: int) -> None:
    table.is_in_row = True
    table.rows.append([])
    gap = 0 if table.is_data else PARAGRAPH
    page.open("tr", shade, gap, is_wall=True).leave = partial(setattr, table, "is_in_row", False)


def _open_cell(page: Page, table: Table, name: str, shade: int) -> None:
    table.cell = name
    if not table.is_data or name == "caption":
        page.open(name, shade, LINE, is_wall=True).leave = partial(setattr, table, "cell", "")
        return
    cell = Cell()
    page.open(name, shade, 0, is_wall=True).leave = partial(_end_cell, page, table, cell, page.paper)
    page.paper = cell


def _end_cell(page: Page, table: Table, cell: Cell, paper: Paper) -> None:
    table.rows[-1].append((cell.content(), table.cell == "th"))
    table.cell = ""
    page.paper = paper
