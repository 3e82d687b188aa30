"""Content of verification mails: a tag ends where a browser ends it, and what stands in quotes hides nothing."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.local.faults import Fault
from sesmail.local.verification.content import ATTRIBUTES, LARGEST, TAGS, check_verification_content


def reason_against(content: str) -> str:
    """Why it is refused, or nothing."""
    try:
        check_verification_content(content)
    except Fault as fault:
        return fault.message.removeprefix("The content of the custom verification email is invalid: ").rstrip(".")
    return ""


@pytest.mark.parametrize(
    "content",
    [
        "a < b > c <3 <",
        '<p title=">">x</p>',
        "<p title='a > \" <script> b'>x</p>",
        "<p title = '>' class\n=\tx\r\nid>x</P\t>",
        '<img alt="<" src="data:image/png;base64,AA==">',
        "<img src=DATA:image/png;base64,AA==>",
        "<br/><br /><hr / >",
        "<p title=''class=b/>",
        "<p title==a>",
        "<textarea>a < b</textarea><p>x</p>",
        "<TEXTAREA></TextArea><p>x</p>",
    ],
)
def test_a_small_piece_of_html_is_taken(content: str) -> None:
    assert reason_against(content) == ""


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('<img alt=">" src="http://evil.example/x.png">', "an image is a data: URI"),
        ("<img alt='>' src='http://evil.example/x.png'>", "an image is a data: URI"),
        ('<p title=">" onclick="x()">', "the attribute onclick is not allowed"),
        ("<p title='<' onclick='x()'>", "the attribute onclick is not allowed"),
        ("<p title=\"'>\" onclick='x()'>", "the attribute onclick is not allowed"),
        ('<p title="a"onclick=x>', "the attribute onclick is not allowed"),
        ("<p title=a onclick=x>", "the attribute onclick is not allowed"),
        ("<p title==onclick onclick>", "the attribute onclick is not allowed"),
        ("</p onclick=x>", "the attribute onclick is not allowed"),
        ("<p title=<script>", "the tag <p> is broken or never closed"),
        ("<p title <script>", "the attribute <script is not allowed"),
        ('<p title="<p>"><script>', "the tag <script> is not allowed"),
        ("<img src=\"'data:x'\">", "an image is a data: URI"),
        ("<img src=' data:x'>", "an image is a data: URI"),
        ("<img src=''>", "an image is a data: URI"),
    ],
)
def test_what_is_not_allowed_is_found_behind_quotes(content: str, reason: str) -> None:
    assert reason_against(content) == reason


@pytest.mark.parametrize(
    "content",
    [
        *("<p", "<p ", "</p", "<p title", "<p title=", "<p title='x", '<p title="x', "<p title=x", "<p / "),
        *("<p title=>", "<p title=`x`>", "<p title='a' ='b'>", "<p =a>", "<p/=>"),
        *("<p<br>", "<p'>", "<p\x0bonclick=x>", "<p\xa0title=x>", "<p=x>"),
        *("<p title='x>y</p>", '<p title="x>y</p>', "<p title=\"x'>"),
    ],
)
def test_what_is_broken_or_never_closed_is_refused(content: str) -> None:
    assert reason_against(f"<b>x</b>{content}") == "the tag <p> is broken or never closed"


def test_only_blanks_of_html_part_two_attributes() -> None:
    """Others belong to the name, for a browser."""
    assert reason_against("<p title\x0bclass=x>") == "the attribute title\x0bclass is not allowed"
    assert reason_against("<p title=\x0b'><script>'>") == "the attribute ' is not allowed"
    assert reason_against("<p title\xa0=x>") == "the attribute title\xa0 is not allowed"


@pytest.mark.parametrize("content", ["</ p>", "</>", "</ <p title='><script>'>", "</3"])
def test_an_end_of_nothing_is_refused(content: str) -> None:
    """A browser takes it for a comment, up to the next ``>``."""
    assert reason_against(content).startswith("</")


@pytest.mark.parametrize(
    "content",
    [
        "<textarea><p title='</textarea><script>x</script>'></textarea>",
        "<textarea title=x><br></textarea>",
        "<textarea><textarea></textarea>",
        "<TEXTAREA></p>",
    ],
)
def test_there_are_no_tags_in_a_textarea(content: str) -> None:
    """What looks like one there is text for a browser, and so are its quotes."""
    assert reason_against(content) == "a tag in a <textarea> is not allowed"


@pytest.mark.parametrize("letter", ["a", "é"])
def test_its_size_is_counted_in_bytes(letter: str) -> None:
    most = LARGEST // len(letter.encode())

    assert reason_against(letter * most) == ""
    assert reason_against(letter * (most + 1)) == "it is larger than 10 MB"


class _Reader(HTMLParser):
    """Another reader of HTML, which says what it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {tag, *(f"@{name}" for name, _ in attrs)}
        self.seen |= {f"src {(value or '')[:5].lower()}" for name, value in attrs if name == "src"}


pieces = st.sampled_from(
    ["<p", "<img", "<script", "</p", ">", " ", "=", '"', "'", "/", "title", "src", "onclick", "data:", "x", "<", "`"]
)


@given(st.lists(pieces, max_size=20).map("".join))
def test_another_reader_sees_nothing_that_is_not_allowed(content: str) -> None:
    if reason_against(content):
        return
    reader = _Reader()
    reader.feed(content)
    reader.close()

    assert reader.seen <= TAGS | {f"@{name}" for name in ATTRIBUTES} | {"src data:"}


@pytest.mark.parametrize("piece", ["<p", "<p title=", "<p title='", "</", "<", "<p title ", "<p id\n", "<br/>", "/ "])
@pytest.mark.parametrize("start", ["", "<p ", "<p title='"])
def test_hostile_content_is_read_in_one_pass(start: str, piece: str) -> None:
    """What goes back over what it has read takes minutes here, and the test's time runs out."""
    reason_against(start + piece * (500_000 // len(piece)))
