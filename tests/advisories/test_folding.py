"""Folding: what happened to names, commas and blanks where a header was cut into lines."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail import Address, Email, mime
from sesmail.errors import InvalidHeader
from tests.advisories import READERS, boxes, head_lines, same_mailboxes, tight, written
from tests.mime import readers

pytestmark = pytest.mark.heavy


def _of_octets(count: int) -> Address:
    return Address(f"{'a' * min(count - 12, 64)}@{'b' * max(0, count - 76)}example.com")


@pytest.mark.parametrize("octets", range(30, 120))
def test_advisory_cve_2025_1795_the_comma_between_addresses_stays_a_comma(octets: int) -> None:
    """While a list was folded, the comma behind an address was encoded with the name behind it: two became one."""
    long = _of_octets(octets)
    zoe, juergen = Address("zoe@example.org", "Zoë"), Address("j@example.org", "Müller, Jürgen " + "ö" * (octets % 60))

    assert len(long.email) == octets
    for to in ([long, zoe], [zoe, long, juergen], [juergen, long], [juergen, zoe, juergen]):
        same_mailboxes(written(to=to), *to)


@pytest.mark.parametrize("filling", ["Lovelace, Ada, ", "a,b;c<d>@e.x: ", 'Ada "the first", Countess\\, ', ",", ", "])
def test_advisory_python_80222_a_long_quoted_name_keeps_its_quotes(filling: str) -> None:
    """A long name lost its quotes while it was folded, and the comma inside began another recipient."""
    other = Address("b@example.org", "Babbage, Charles")
    for length in range(60, 201):
        ada = Address("ada@example.com", (filling * 200)[:length])

        same_mailboxes(written(to=[other, ada, other]), other, ada, other)


@pytest.mark.parametrize("filling", ["x", "ö", "漢", "word "])
def test_advisory_python_121284_specials_of_an_encoded_name_stay_encoded(filling: str) -> None:
    """An encoded name was decoded to be folded again, and its comma was suddenly one between recipients."""
    specials = '()<>[]:;@\\,."'
    for column in range(1, 100):
        special = specials[column % len(specials)]
        ada = Address("ada@example.com", f"{(filling * column)[:column]}é, {special}z")
        bob = Address("bob@example.org", f"{special}, {'y' * (column % 7)}é")

        same_mailboxes(written(to=[ada, bob]), ada, bob)


mixes = st.lists(
    st.tuples(
        st.sampled_from(
            ["plain", "é", "漢字", "=?", "?=", "=?utf-8?q?x?=", ",", '"', "a" * 30, "ü" * 30, "x" * 74, "\U0001f600"]
        ),
        st.sampled_from([" ", " ", "  ", "   "]),
    ),
    min_size=1,
    max_size=20,
).map(lambda pairs: "".join(word + blanks for word, blanks in pairs))


@given(mixes, st.booleans())
def test_advisory_python_144156_blanks_between_encoded_words_survive(text: str, keep_end: bool) -> None:
    """A mend of the folding put blanks where none were, or took them, and large receivers refused such mail."""
    text = text if keep_end else text.rstrip(" ")
    ada = Address("ada@example.com", text)
    data = written(subject=text, headers={"X-Words": text}, to=[ada, ada])

    for reader in READERS:
        seen = reader(data)
        for found in (seen.subject, dict(seen.headers)["X-Words"]):
            # The standard library's parsers keep the blank of a fold in front of the first word; newer ones do not.
            assert found == text or (reader is not readers.strict and found == f" {text}")
        assert tight(seen.to) == tight(boxes(ada, ada))
        assert reader is readers.modern or [name for name, _ in seen.to] == [text, text]
    assert (mime.read(data).subject, mime.read(data).to) == (text, (ada, ada))


def _hold_to_lengths(data: bytes) -> None:
    for line in head_lines(data):
        words = re.findall(r"=\?[^ ]*?\?[bq]\?[^ ]*?\?=", line)
        assert all(len(word) <= 75 for word in words), line
        assert not words or len(line) <= 76, line
        assert len(line) <= 998


def test_advisory_python_85725_no_encoded_word_is_longer_than_allowed() -> None:
    """Encoded words that only served to break a long line grew beyond 75 characters, and their lines with them."""
    for length in range(1, 127):
        text = "é" * length
        _hold_to_lengths(written(subject=text, to=[(text, "ada@example.com")], headers={"X" * length: "ö" * 90}))
        _hold_to_lengths(written(subject="a" * length + "é", to=[("a" * length + "é", "ada@example.com")] * 3))
        _hold_to_lengths(written(subject="a " * length + '漢"', to=[("a " * length + '漢"', "ada@example.com")]))
        _hold_to_lengths(written(subject="x" * (850 + length), headers={"Y" * length: "x" * (850 + length)}))
        _hold_to_lengths(written(to=[("x" * (874 + length), "ada@example.com")], metadata={"x" * 900: text}))


def test_advisory_python_132105_no_line_of_blanks_in_the_head() -> None:
    """A header that ended with a line break was folded into an empty line, which for readers ends the head."""
    for count in range(161):
        blanks = " " * count
        for text in (
            blanks,
            f"a{blanks}",
            f"{blanks}a",
            f"a{blanks}b",
            f"é{blanks}",
            f"{'x' * count}  é  ",
            "a  " * count,
        ):
            data = written(subject=text, headers={"X-A": text, "Y" * 80: text}, to=[(text, "ada@example.com")])
            assert all(line.strip(" \t") for line in head_lines(data))
            assert readers.strict(data).subject == text
    for text in ("\n", "\r", "\r\n", "\r\n "):
        with pytest.raises(InvalidHeader):
            Email(subject=f"a{text}")


def test_advisory_anymail_369_a_long_name_with_comma_and_beyond_ascii() -> None:
    """A long name that needed both quotes and encoding was given the one and lost the other."""
    before, after = Address("before@example.org", "Before, X"), Address("after@example.org")
    for length in range(1, 151):
        for filling in ("Müller, Jürgen ", "a, é", "ö,", 'é"\\,'):
            name = (filling * 100)[:length]
            long = Address("juergen.mueller@example.com", name)

            same_mailboxes(written(to=[before, long, after]), before, long, after)
