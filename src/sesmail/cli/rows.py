"""Rows: mails as a table says them, one a row: CSV with a header, or JSON lines.

Rule 1: one row is held at a time, and none is larger than some bound, whatever the file is.
Rule 2: what is wrong with one row is told with its line, and the next one is read. What is wrong with the header is
        wrong with all of them, so it is raised before the first row.
Rule 3: no error says what stands in a cell.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import IO, Literal

from sesmail.errors import MailError, SetupError
from sesmail.mailer.reports import MailFields

Format = Literal["csv", "jsonl"]
_LONGEST = 1_000_000  # characters of a line; a mail has no more
_DELIMITERS = ";\t|"


class BadRow(MailError):
    """This row makes no mail: mend it in the file. ``line`` is where it begins."""

    def __init__(self, reason: str, *, line: int) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True, slots=True)
class Row:
    """A row that makes a mail, and the line on which it begins."""

    line: int
    mail: MailFields = field(repr=False)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns are not for the template. Of those that may be missing, the ones that were asked for may not."""

    to: str = "to"
    locale: str = "locale"
    unsubscribe: str = ""
    asked: frozenset[str] = frozenset()

    def row(self, line: int, cells: Mapping[str, object]) -> Row | BadRow:
        """The mail that the cells of a row make."""
        context = dict(cells)
        own = {name: context.pop(name, "") for name in (self.to, self.locale, self.unsubscribe) if name}
        for name, value in own.items():
            if not isinstance(value, str | None):
                return BadRow(f"{name!a} is {type(value).__name__}, and not text", line=line)
        to, locale = str(own[self.to] or "").strip(), str(own[self.locale] or "").strip()
        if not to:
            return BadRow(f"{self.to!a} is empty", line=line)
        mail: MailFields = {"to": [to], "context": context}
        if locale:
            mail["locale"] = locale
        if self.unsubscribe and (url := own[self.unsubscribe]):
            mail["unsubscribe"] = str(url).strip()
        return Row(line, mail)


def rows_of(file: IO[bytes], form: Format, columns: Columns, *, delimiter: str = ",") -> Iterator[Row | BadRow]:
    r"""The rows of a file, read as they are asked for. Raises `SetupError` where the header is wrong.

    >>> from io import BytesIO
    >>> from sesmail.cli.rows import Columns, rows_of
    >>> file = BytesIO(b"to,name\nada@example.org,Ada\nbob@example.org\n")
    >>> first, second = rows_of(file, "csv", Columns())
    >>> first.line, first.mail["context"], str(second)
    (2, {'name': 'Ada'}, 'it has 1 cells, and the header 2')
    """
    lines = _Lines(file)
    if form == "jsonl":
        return _json_rows(lines, columns)
    return _CsvRows(lines, columns, delimiter)


class _Lines:
    """The lines of a file, counted. One that cannot be read raises, and the next one can be asked for."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._file.readline(_LONGEST)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == _LONGEST and not line.endswith(b"\n"):
            while (rest := self._file.readline(_LONGEST)) and not rest.endswith(b"\n"):
                pass
            raise BadRow(f"the line is longer than {_LONGEST:,} bytes", line=self.number)
        try:
            return line.decode("utf-8-sig" if self.number == 1 else "utf-8")  # Excel begins with a mark
        except UnicodeDecodeError:
            raise BadRow("it is not written in UTF-8", line=self.number) from None


# ── JSON lines ───────────────────────────────────────────────────────────────────────────────────────────────────


def _json_rows(lines: _Lines, columns: Columns) -> Iterator[Row | BadRow]:
    while True:
        try:
            text = next(lines)
            if text.strip():
                yield columns.row(lines.number, _object(text, lines.number))
        except StopIteration:
            return
        except BadRow as bad:
            yield bad


def _object(text: str, line: int) -> Mapping[str, object]:
    try:
        found: object = json.loads(text, object_pairs_hook=_without_twins)
    except (ValueError, RecursionError):  # ValueError: also numbers of thousands of digits
        raise BadRow("it is no JSON", line=line) from None
    if not isinstance(found, dict):
        raise BadRow(f"it is no JSON object, but {type(found).__name__}", line=line)
    return found


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):  # of which JSON's readers take one or the other
        raise ValueError
    return found


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class _CsvRows:
    """An iterator and no generator, so that a header that is wrong is told before anybody asks for a row."""

    def __init__(self, lines: _Lines, columns: Columns, delimiter: str) -> None:
        self._lines = lines
        self._columns = columns
        self._reader = csv.reader(lines, delimiter=delimiter, strict=True)
        self._names = self._header(delimiter)

    def __iter__(self) -> _CsvRows:
        return self

    def __next__(self) -> Row | BadRow:
        while True:
            line = self._lines.number + 1
            try:
                cells = next(self._reader)
            except csv.Error as error:
                last = self._lines.number
                until = f", up to line {last}" if last > line else ""
                return BadRow(f"it is no CSV{until} ({error})", line=line)
            except BadRow as bad:
                return bad
            if cells:
                return self._row(line, cells)

    def _row(self, line: int, cells: Sequence[str]) -> Row | BadRow:
        if len(cells) != len(self._names):
            return BadRow(f"it has {len(cells)} cells, and the header {len(self._names)}", line=line)
        return self._columns.row(line, dict(zip(self._names, cells, strict=True)))

    def _header(self, delimiter: str) -> Sequence[str]:
        try:
            names = [name.strip() for name in next(filter(None, self._reader), [])]
        except (csv.Error, BadRow) as error:
            raise SetupError(f"the header (line {self._lines.number}) cannot be read: {error}") from error
        if not names:
            raise SetupError("there are no rows, and no header either")
        where = f"the header (line {self._lines.number})"
        for number, name in enumerate(names, 1):
            if not name:
                raise SetupError(f"{where} has no name for column {number}")
            if names.index(name) + 1 < number:
                raise SetupError(f"{where} has {name[:60]!a} twice")
        self._check_columns(names, where, delimiter)
        return names

    def _check_columns(self, names: Sequence[str], where: str, delimiter: str) -> None:
        for name in sorted({self._columns.to} | self._columns.asked):
            if name not in names:
                raise SetupError(f"{where} has no column {name!a}; {_hint(name, names, delimiter)}")


def _hint(name: str, names: Sequence[str], delimiter: str) -> str:
    other = next((one for one in _DELIMITERS if one in names[0] and one != delimiter), "")
    if len(names) == 1 and other:
        return f"is the delimiter {other!r}?"
    if any("@" in known for known in names):  # a table without a header, and the first reader in its place
        return "and it looks like a row: the first line is to name the columns"
    near = get_close_matches(name, names, n=1)
    return f"did you mean {near[0]!a}?" if near else f"it has {', '.join(ascii(known)[:60] for known in names[:20])}"


# ── how many there are ───────────────────────────────────────────────────────────────────────────────────────────


def count_rows(file: IO[bytes], form: Format) -> int:
    r"""About how many rows a file has, in one pass that keeps nothing. Blank lines are counted, too.

    >>> from io import BytesIO
    >>> from sesmail.cli.rows import count_rows
    >>> count_rows(BytesIO(b'to,note\nada@example.org,"two\nlines"\n'), "csv")
    1
    """
    rows, quoted, last = 0, False, b"\n"
    while chunk := file.read(1 << 20):
        last = chunk[-1:]
        if form == "jsonl":
            rows += chunk.count(b"\n")
            continue
        for number, part in enumerate(chunk.split(b'"')):
            quoted ^= number > 0  # a quote that stands twice changes nothing
            rows += 0 if quoted else part.count(b"\n")
    rows += last != b"\n"
    return max(rows - (form == "csv"), 0)
