"""Attachments: where content comes from, and what is refused."""

from __future__ import annotations

import io
import os
import pickle
import threading
from pathlib import PurePath
from typing import TYPE_CHECKING

import pytest

from sesmail import Attachment, Email, mime
from sesmail.errors import InvalidHeader, MailError, TooLarge, Unsupported
from sesmail.mail.media_types import media_type, parse_content_type

if TYPE_CHECKING:
    from pathlib import Path

ALL_BYTES = bytes(range(256)) + b"\n\r\r\n\n"


@pytest.mark.parametrize("content", [ALL_BYTES, bytearray(ALL_BYTES), memoryview(ALL_BYTES), lambda: ALL_BYTES])
def test_bytes_arrive_byte_for_byte(content: bytes) -> None:
    assert Attachment("a.bin", content).data == ALL_BYTES


def test_text_is_utf8_and_says_so() -> None:
    file = Attachment("a.csv", "é\r\n")

    assert file.data == b"\xc3\xa9\r\n"
    assert (file.content_type, file.parameters) == ("text/csv", (("charset", "utf-8"),))
    assert Attachment("a.json", "{}").parameters == ()
    assert Attachment("a.txt", b"bytes").parameters == ()
    assert Attachment("a", "x", content_type="text/plain; charset=UTF-8; a=b").parameters == (
        ("a", "b"),
        ("charset", "utf-8"),
    )


def test_zero_bytes_and_no_name_are_fine() -> None:
    file = Attachment("", b"")

    assert (file.data, file.content_type, file.inline) == (b"", "application/octet-stream", False)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.PDF", "application/pdf"),
        ("a.tar.gz", "application/gzip"),
        ("png", "image/png"),
        ("a.", "application/octet-stream"),
        ("a.unheard", "application/octet-stream"),
        ("a.eml", "message/rfc822"),
    ],
)
def test_type_follows_from_the_name(name: str, kind: str) -> None:
    assert media_type(name) == kind


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("TEXT/Plain", ("text/plain", ())),
        (' a/b ; C=d; e="f \\"g"', ("a/b", (("c", "d"), ("e", 'f "g')))),
        ('a/b; empty=""', ("a/b", (("empty", ""),))),
    ],
)
def test_a_content_type_is_taken_apart(text: str, parsed: object) -> None:
    assert parse_content_type(text) == parsed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text",
        "text/",
        "a/b c",
        "a/b;",
        "a/b; c",
        "a/b; name=x",
        "a/b; boundary=x",
        "a/b; c=1; C=2",
        "a/é",
        "a/b; c=é",
        "a/" + "b" * 500,
        'a/b; c="open',
    ],
)
def test_what_is_no_content_type_is_refused(text: str) -> None:
    with pytest.raises(InvalidHeader):
        parse_content_type(text)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "n" * 1001}, "name: longer than 1000"),
        ({"content": 7}, "content: expected bytes, text or a function"),
        ({"content": "a\0"}, r"content: the character U\+0000"),
        ({"content_type": "multipart/mixed"}, "content_type: a multipart"),
        ({"content_type": "text/plain; charset=latin-1", "content": "x"}, "content_type: text is sent as utf-8"),
        ({"content_id": "a b"}, "content_id: "),
        ({"content_id": "<a>"}, "content_id: "),
        ({"content_id": "a'b"}, "content_id: "),
        ({"content_id": "a" * 201}, "content_id: "),
    ],
)
def test_what_an_attachment_cannot_be_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(MailError, match=message):
        Attachment(**{"name": "a.txt", "content": b"", **arguments})  # type: ignore[arg-type]


def test_a_path_is_not_content() -> None:
    with pytest.raises(MailError, match=r"content: .*Attachment.from_path"):
        Attachment("a.txt", PurePath("a.txt"))  # type: ignore[arg-type]
    with pytest.raises(MailError, match=r"attachments\['a.txt'\]\.content: .*Attachment.from_path"):
        Email(attachments={"a.txt": PurePath("a.txt")})  # type: ignore[arg-type]


def test_inline_has_a_content_id() -> None:
    given = Attachment("a.png", b"", content_id="logo%1@example.com")
    drawn = Attachment("a.png", b"", inline=True)

    assert given.inline
    assert given.cid == "cid:logo%251@example.com"
    assert drawn.content_id.endswith("@sesmail")
    assert drawn.content_id != Attachment("a.png", b"", inline=True).content_id


def test_lazy_text_is_utf8_and_says_so() -> None:
    assert Attachment("a.csv", lambda: "é").parameters == (("charset", "utf-8"),)
    latin = Attachment("a.csv", lambda: b"\xe9", content_type="text/csv; charset=latin-1")
    assert (latin.parameters, latin.data) == ((("charset", "latin-1"),), b"\xe9")
    with pytest.raises(MailError, match=r"attachments\['a.csv'\].content: text is sent as utf-8"):
        _ = Attachment("a.csv", lambda: "é", content_type="text/csv; charset=latin-1").data


def test_lazy_content_is_read_once_when_needed() -> None:
    calls: list[int] = []

    def read() -> str:
        calls.append(1)
        return "content"

    file = Attachment("a.txt", read)
    content = mime.write(Email(sender="a@example.com", attachments=[file]))
    assert not calls
    assert "read when needed" in repr(file)
    assert content.to_bytes() == b"".join(content.chunks())
    assert file.data == b"content"
    assert len(calls) == 1


def test_lazy_content_is_read_once_by_many_threads() -> None:
    calls: list[int] = []
    start = threading.Barrier(8)

    def read() -> bytes:
        calls.append(1)
        return b"content"

    file = Attachment("a.txt", read)
    seen: list[bytes] = []

    def ask() -> None:
        start.wait()
        seen.append(file.data)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [b"content"] * 8
    assert len(calls) == 1


def test_lazy_content_that_fails_is_asked_again() -> None:
    failures = iter([OSError("not yet")])

    def read() -> bytes:
        for failure in failures:
            raise failure
        return b"now"

    file = Attachment("a.txt", read)
    with pytest.raises(OSError, match="not yet"):
        _ = file.data
    assert file.data == b"now"


def test_lazy_content_travels_as_what_it_is() -> None:
    file = pickle.loads(pickle.dumps(Attachment("a.txt", lambda: b"content")))

    assert file == Attachment("a.txt", "content")


def test_lazy_content_is_checked_when_read() -> None:
    file = Attachment("a.eml", lambda: b"bare\nlf", content_type="message/rfc822")

    with pytest.raises(MailError, match="line ends other than CRLF"):
        _ = file.data


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"Subject: \xc3\xa9\r\n", "8-bit"),
        (b"a\0b\r\n", "8-bit bytes or NUL"),
        (b"a\nb", "line ends"),
        (b"a\rb", "line ends"),
        (b"a\n\rb", "line ends"),
        (b"a" * 999 + b"\r\n", "over 998"),
    ],
)
def test_a_message_that_would_need_encoding_is_refused_with_the_cure(content: bytes, reason: str) -> None:
    with pytest.raises(MailError, match=reason) as caught:
        Attachment("a.eml", content)

    assert "application/octet-stream" in str(caught.value)
    assert Attachment("a.eml", content, content_type="application/octet-stream").data == content


def test_a_message_in_rfc_2046_form_is_kept() -> None:
    content = b"Subject: x\r\n\r\n" + b"a" * 998 + b"\r\n\r\nend"

    assert Attachment("a.eml", content).data == content


class Invoice:
    def __mail_attachment__(self) -> Attachment:
        return Attachment("invoice.pdf", b"%PDF")


PDF = Attachment("invoice.pdf", b"%PDF")


@pytest.mark.parametrize(
    "value", [PDF, [PDF], (PDF,), Invoice(), [Invoice()], {"invoice.pdf": b"%PDF"}, {"invoice.pdf": lambda: b"%PDF"}]
)
def test_many_shapes_are_one_list(value: object) -> None:
    (file,) = Attachment.parse_list(value)  # type: ignore[arg-type]

    assert (file.name, file.data) == ("invoice.pdf", b"%PDF")
    assert Attachment.parse_list(None) == ()


@pytest.mark.parametrize("value", [7, b"x", "x", [None], [Invoice], ["x"]])
def test_what_is_no_attachment_is_refused(value: object) -> None:
    with pytest.raises(MailError, match="expected"):
        Attachment.parse_list(value)  # type: ignore[arg-type]


def test_an_open_file_is_read_from_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"head\nbody\n")
    with path.open("rb") as file:
        file.readline()
        attachment = Attachment.from_file(file)
        assert not file.closed
    assert (attachment.name, attachment.data) == ("a.csv", b"body\n")
    assert Attachment.from_file(io.StringIO("é"), name="x.txt").data == b"\xc3\xa9"
    assert Attachment.from_file(io.BytesIO(b"x")).name == ""
    with os.fdopen(os.open(path, os.O_RDONLY), "rb") as unnamed:  # its name is a number
        assert Attachment.from_file(unnamed).name == ""


# ── paths ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with what an attacker would like to reach beside it."""
    root = tmp_path / "root"
    (root / "below").mkdir(parents=True)
    (root / "a.txt").write_bytes(b"a")
    (root / "below" / "b.txt").write_bytes(b"b")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "inner-link.txt").symlink_to(root / "a.txt")
    (root / "out").symlink_to(tmp_path)
    os.mkfifo(root / "pipe")
    return root


def test_a_path_is_read_now(root: Path) -> None:
    file = Attachment.from_path(root / "a.txt")
    (root / "a.txt").unlink()

    assert (file.name, file.data, file.content_type) == ("a.txt", b"a", "text/plain")
    assert Attachment.from_path("below/b.txt", root=root, name="c.bin", inline=True).name == "c.bin"
    assert Attachment.from_path(root / "link.txt").data == b"secret"  # without a root, who says the path means it


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "a\0.txt",
        "below/../../secret.txt",
        "link.txt",
        "inner-link.txt",
        "out/secret.txt",
        "",
        ".",
        "pipe",
        "below",
    ],
)
def test_a_root_is_not_left(root: Path, path: str) -> None:
    with pytest.raises(MailError, match=r"^path: "):
        Attachment.from_path(path, root=root)


def test_a_root_takes_no_absolute_path(root: Path) -> None:
    with pytest.raises(MailError, match=r"^path: "):
        Attachment.from_path(root / "a.txt", root=root)


def test_what_the_system_says_stays_what_it_is(root: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Attachment.from_path("missing.txt", root=root)
    with pytest.raises(FileNotFoundError):
        Attachment.from_path("below/missing/x.txt", root=root)
    with pytest.raises(NotADirectoryError):
        Attachment.from_path("a.txt/x", root=root)
    with pytest.raises(FileNotFoundError):
        Attachment.from_path(root / "missing.txt")


def test_size_is_checked_before_reading_and_while(root: Path) -> None:
    with pytest.raises(TooLarge) as caught:
        Attachment.from_path(root / "a.txt", max_bytes=0)
    assert (caught.value.size, caught.value.limit) == (1, 0)
    if os.path.exists("/proc/version"):  # noqa: PTH110 - says it has no bytes, and has many
        with pytest.raises(TooLarge):
            Attachment.from_path("/proc/version", max_bytes=3)


def test_a_generous_limit_costs_nothing(root: Path) -> None:
    assert Attachment.from_path(root / "a.txt", max_bytes=10**15).data == b"a"


def test_no_descriptor_is_left_open(root: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for path in ("below/b.txt", "link.txt", "out/secret.txt", "pipe", "missing", "below/missing/x"):
        with pytest.raises((MailError, OSError)) if path != "below/b.txt" else _nothing():
            Attachment.from_path(path, root=root)
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def _nothing() -> io.StringIO:
    return io.StringIO()


def test_a_platform_without_folder_handles_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "supports_dir_fd", set())

    with pytest.raises(Unsupported) as caught:
        Attachment.from_path("a.txt", root=root)
    assert caught.value.feature == "root"


def test_repr_is_small() -> None:
    assert repr(Attachment("a.txt", b"x" * 1000)) == "Attachment('a.txt', 'text/plain', 1000 bytes)"
    assert repr(Attachment("a.png", b"", inline=True)).endswith("inline)")
