"""Mails beside the test that sends them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sesmail import Attachment, Email, Mailer, mime
from sesmail.testing import Mailbox

HERE = Path(__file__).parent
MAILER = Mailer("null://", sender="Müllers Teeladen <shop@example.com>", tags={"app": "shop"})


@pytest.fixture(autouse=True)
def _no_update(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SESMAIL_UPDATE_GOLDEN", raising=False)


@pytest.fixture
def update(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SESMAIL_UPDATE_GOLDEN", "1")


def welcome(name: str = "Ada") -> Email:
    logo = Attachment("logo.png", b"\x89PNG", inline=True)
    return Email(
        to=f"{name.lower()}@example.org",
        subject=f"Willkommen, {name}: schön",
        text=f"Hallo {name}",
        html=f'<img src="{logo.cid}"><p>Hallo {name}',
        attachments=[logo, Attachment("Übersicht.csv", "a,b\n")],
    )


def test_a_mail_is_compared_with_a_file_beside_the_test(mailbox: Mailbox) -> None:
    """Date, message id, boundary and the id of the image are drawn anew, and yet it is the same each time."""
    for _ in range(2):
        MAILER.send(welcome())
        mailbox.last.assert_matches("golden/welcome.eml")
    assert mailbox[0].bytes != mailbox[1].bytes


def test_a_difference_is_shown(mailbox: Mailbox) -> None:
    MAILER.send(welcome("Bob"))
    with pytest.raises(AssertionError) as caught:
        mailbox.last.assert_matches("golden/welcome.eml")

    text = str(caught.value)
    assert "\n-To: ada@example.org\n" in text
    assert "\n+To: bob@example.org\n" in text
    assert "SESMAIL_UPDATE_GOLDEN=1" in text
    assert "MIME-Version" not in text, "only what differs"


def test_a_missing_file_says_how_it_comes_about(mailbox: Mailbox, tmp_path: Path) -> None:
    MAILER.send(welcome())
    with pytest.raises(AssertionError, match="run the test once with SESMAIL_UPDATE_GOLDEN=1"):
        mailbox.last.assert_matches(tmp_path / "new.eml")
    assert not (tmp_path / "new.eml").exists()


def test_it_is_written_when_asked_for(mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    MAILER.send(welcome())
    monkeypatch.setenv("SESMAIL_UPDATE_GOLDEN", "1")
    mailbox.last.assert_matches(tmp_path / "deep" / "new.eml")
    monkeypatch.delenv("SESMAIL_UPDATE_GOLDEN")
    mailbox.last.assert_matches(tmp_path / "deep" / "new.eml")

    assert mime.read((tmp_path / "deep" / "new.eml").read_bytes()).subject == "Willkommen, Ada: schön"
    assert (tmp_path / "deep" / "new.eml").read_bytes() == (HERE / "golden" / "welcome.eml").read_bytes()


@pytest.mark.parametrize("off", ["", "0", "no", "False"])
def test_off_means_off(mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, off: str) -> None:
    MAILER.send(welcome())
    monkeypatch.setenv("SESMAIL_UPDATE_GOLDEN", off)
    with pytest.raises(AssertionError, match="there is no"):
        mailbox.last.assert_matches(tmp_path / "new.eml")


def test_line_ends_that_git_changed_do_not_matter(mailbox: Mailbox, tmp_path: Path) -> None:
    MAILER.send(welcome())
    unix = (HERE / "golden" / "welcome.eml").read_bytes().replace(b"\r\n", b"\n")
    (tmp_path / "unix.eml").write_bytes(unix)

    mailbox.last.assert_matches(tmp_path / "unix.eml")


def test_what_the_mail_says_itself_stays(mailbox: Mailbox, tmp_path: Path, update: None) -> None:
    image = Attachment("a.png", b"x", content_id="mine@example.com", content_type="image/png; q=1")
    MAILER.send(
        to="a@example.org",
        message_id="<mine@example.com>",
        html="x",
        attachments=[image],
    )
    mailbox.last.assert_matches(tmp_path / "own.eml")
    mail = mime.read((tmp_path / "own.eml").read_bytes())

    assert mail.message_id == "<mine@example.com>"
    assert mail.attachments[0].content_id == "mine@example.com"
    assert mail.attachments[0].parameters == (("q", "1"),)


def test_parameters_of_an_image_with_a_drawn_id_stay(mailbox: Mailbox, tmp_path: Path, update: None) -> None:
    image = Attachment("a.png", b"x", inline=True, content_type=r'image/png; q="a \"b\" \\"')
    MAILER.send(to="a@example.org", html="x", attachments=[image])
    mailbox.last.assert_matches(tmp_path / "own.eml")
    (read,) = mime.read((tmp_path / "own.eml").read_bytes()).attachments

    assert (read.content_id, read.parameters) == ("image1@sesmail", (("q", 'a "b" \\'),))


def test_a_mail_for_smtputf8_has_a_golden_file_too(mailbox: Mailbox, tmp_path: Path, update: None) -> None:
    Mailer("null://?limits=none", sender="shop@example.com").send(to="jürgen@example.org")
    mailbox.last.assert_matches(tmp_path / "utf8.eml")

    assert "jürgen@example.org".encode() in mailbox.last.bytes
    assert "To: jürgen@example.org" in (tmp_path / "utf8.eml").read_text("utf-8")
