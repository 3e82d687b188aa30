"""Whatever a record says, a mail can hold it."""

from __future__ import annotations

import logging

from hypothesis import given
from hypothesis import strategies as st

from sesmail import mime
from sesmail.integrations.log_mail.digest import Digest
from sesmail.integrations.log_mail.letter import Letter
from sesmail.integrations.log_mail.texts import line, lines
from sesmail.mail.message import Email

ANY = st.text(st.characters(exclude_categories=()), max_size=300)
CONTROLS = st.text(st.sampled_from("a\r\n\t \0\x1b\x7f\x85\u2028\u202e\ud800\udc00é:"), max_size=40)


@given(ANY | CONTROLS, st.integers(1, 80))
def test_a_line_is_one_line_and_has_an_end(text: str, most: int) -> None:
    shown = line(text, most)

    assert len(shown) <= most
    assert shown.replace("…", "").isprintable()


@given(ANY | CONTROLS)
def test_lines_say_what_was_said(text: str) -> None:
    shown = lines(text, 10_000)

    assert all(character.isprintable() or ord(character) > 0x9F or character in "\t\n" for character in shown)
    if text.isprintable():
        assert shown == text


@given(ANY | CONTROLS, ANY | CONTROLS, ANY | CONTROLS, ANY | CONTROLS)
def test_every_record_makes_a_mail(message: str, logger: str, level: str, path: str) -> None:
    record = logging.LogRecord(logger, logging.ERROR, path, 1, message, None, None, func=message)
    record.levelname = level
    digest = Digest(1)
    digest.add(record, None, None)
    letter = Letter(Email(sender="a@example.com", to="b@example.com"), "{level} {logger} {message}", "app", 1)

    mail = letter.written(digest)
    read = mime.read(mime.write(mail).to_bytes())
    assert read.subject == mail.subject
    assert read.text is not None
    assert "1 record of the log" in read.text


def test_many_escapes_have_an_end_too() -> None:
    assert len(lines("\x1b" * 5000, 300)) < 700


def test_a_long_text_keeps_both_ends() -> None:
    shown = lines("begin" + "x" * 5000 + "end", 300)

    assert shown.startswith("begin")
    assert shown.endswith("end")
    assert "… 4708 characters are left out …" in shown
    assert line("x" * 100, 10) == "x" * 9 + "…"
    assert line("\n \n  it failed\nsurely", 20) == "it failed"
    assert line("", 20) == ""
