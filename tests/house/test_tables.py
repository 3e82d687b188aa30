"""Tables of the documentation that stand for numbers in the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from sesmail.connect import options

PAGE = (Path(__file__).parents[2] / "docs" / "ses.md").read_text("utf-8")
TIMEOUTS = ("connect_timeout_s", "read_timeout_s", "timeout_s")


@pytest.mark.parametrize("scheme", ["ses", "ses+v1", "ses+smtp", "smtp", "smtps"])
def test_the_table_of_timeouts_is_what_holds_without_a_word(scheme: str) -> None:
    defaults = {option.name: option.default for option in options()[scheme]}
    rows = [row for row in PAGE.splitlines() if row.startswith("| ") and f"`{scheme}://`" in row and " 60 |" in row]

    assert rows
    for row in rows:
        told = row.split("|")[2:-1]
        for name, number in zip(TIMEOUTS, told, strict=True):
            assert number.strip() in defaults[name], row


def test_every_scheme_has_options_that_are_told_apart() -> None:
    for scheme, taken in options().items():
        names = [option.name for option in taken]
        assert len(names) == len(set(names)), scheme
        assert all(option.says and option.takes for option in taken), scheme
