"""Rows: a table of data as lines.

Cells stand in one line with a bar between them; two alone are a key and its value: ``Total: 12.00``. Columns that say
nothing, as those of pictures, are left out, and so are rows.
"""

from __future__ import annotations

BAR = " | "
_NOTHING = "-"
_LONGEST_KEY = 60
Row = list[tuple[str, bool]]  # the texts of cells, and whether they are headers


def lines_of(rows: list[Row]) -> list[str]:
    """One line for each row that says something."""
    header = next((row for row in rows if any(text for text, _ in row)), [])
    columns = len(header) if len(header) > 1 and all(is_header or not text for text, is_header in header) else 0
    spoken = {place for row in rows if len(row) == columns for place, (text, _) in enumerate(row) if text}
    return [line for row in rows if (line := _line(row, columns, spoken))]


def _line(row: Row, columns: int, spoken: set[int]) -> str:
    texts = [text for text, _ in row if text]
    if len(row) == columns and texts:  # it stands under the headers, so every place counts
        return BAR.join([text or _NOTHING for place, (text, _) in enumerate(row) if place in spoken])
    if len(texts) == 2 and len(texts[0]) <= _LONGEST_KEY:
        key, value = texts
        return f"{key} {value}" if key.endswith((":", "?", "：")) else f"{key}: {value}"
    return BAR.join(texts)
