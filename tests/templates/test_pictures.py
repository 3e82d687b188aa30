"""Pictures: files that the HTML shows travel with the mail, and come from nowhere else than their folders."""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path

import pytest

from sesmail.errors import SetupError, TemplateError
from sesmail.templates import Rendered, Templates

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mails" / "img").mkdir(parents=True)
    (tmp_path / "mails" / "img" / "logo.png").write_bytes(PNG)
    (tmp_path / "secret.png").write_bytes(b"secret")
    return tmp_path / "mails"


def test_a_picture_goes_with_the_mail_once(folder: Path) -> None:
    (folder / "a.html").write_text("{{ embed('img/logo.png') }} {{ embed('img/logo.png') }}{% include 'b.html' %}")
    (folder / "b.html").write_text("{% from 'm.html' import logo %} {{ logo() }}")
    (folder / "m.html").write_text("{% macro logo() %}{{ embed('img/logo.png') }}{% endmacro %}")
    made = Templates(folder).render("a")

    (logo,) = made.attachments
    assert (logo.name, logo.content_type, logo.data, logo.inline) == ("logo.png", "image/png", PNG, True)
    assert made.html == f"{logo.cid} {logo.cid} {logo.cid}"


def test_a_picture_is_read_once_in_production_and_anew_in_development(folder: Path) -> None:
    (folder / "a.html").write_text("{{ embed('img/logo.png') }}")
    kept, looked = Templates(folder), Templates(folder, reload=True)
    before = kept.render("a").attachments
    looked.render("a")
    (folder / "img" / "logo.png").write_bytes(b"new")

    assert kept.render("a").attachments[0] is before[0]
    assert looked.render("a").attachments[0].data == b"new"


def test_no_more_than_some_pictures_are_kept(folder: Path) -> None:
    for number in range(70):
        (folder / f"{number}.gif").write_bytes(b"%d" % number)
    (folder / "large.gif").write_bytes(bytes(1_000_001))
    templates = Templates(folder, {"a.html": "{{ embed(name) }}"})
    first = templates.render("a", {"name": "0.gif"}).attachments[0]
    for number in range(70):
        assert templates.render("a", {"name": f"{number}.gif"}).attachments[0].data == b"%d" % number
    large = templates.render("a", {"name": "large.gif"}).attachments[0]

    assert templates.render("a", {"name": "0.gif"}).attachments[0] is not first
    assert templates.render("a", {"name": "large.gif"}).attachments[0] is not large


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../secret.png", "the path must lead down from the root"),
        ("/etc/passwd", "the path must lead down from the root"),
        ("img/../../secret.png", "the path must lead down from the root"),
        ("link.png", "there is a symbolic link on the way"),
        ("out/secret.png", "there is a symbolic link on the way"),
        ("img", "not a regular file"),
        ("gone.png", "there is no such file; it is looked for in files="),
        ("img/logo.png/x", "there is no such file"),
        ("a\0b", "there is a NUL in the path"),
        ("x" * 300, "OSError"),
    ],
)
def test_nothing_is_read_from_outside_of_the_folder(folder: Path, name: str, reason: str) -> None:
    (folder / "link.png").symlink_to("../secret.png")
    (folder / "out").symlink_to("..")
    templates = Templates({"a.html": "\n{{ embed(name) }}"}, files=folder)

    with pytest.raises(TemplateError, match=r"a\.html, line 2: embed\(") as caught:
        templates.render("a", {"name": name})
    assert reason in str(caught.value)
    assert caught.value.line == 2


def test_a_file_that_may_not_be_read_is_said_so(folder: Path) -> None:
    (folder / "pipe").unlink(missing_ok=True)
    os.mkfifo(folder / "pipe")
    with pytest.raises(TemplateError, match="not a regular file"):
        Templates({"a.html": "{{ embed('pipe') }}"}, files=[folder]).render("a")


def test_folders_of_files_are_looked_through_in_order(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "own" / "img").mkdir(parents=True)
    (tmp_path / "own" / "img" / "logo.png").write_bytes(b"own")
    files = {"a.html": "{{ embed('img/logo.png') }}"}

    assert Templates(files, files=[tmp_path / "own", folder]).render("a").attachments[0].data == b"own"
    assert Templates(files, files=str(folder)).render("a").attachments[0].data == PNG
    with pytest.raises(SetupError, match=r"no folder .* for files to embed"):
        Templates(files, files=tmp_path / "gone")


def detached(html: str) -> Rendered:
    return Templates({"a.html": "{{ html|safe }}"}, detach_images=True).render("a", {"html": html})


def test_data_pictures_become_parts_on_request() -> None:
    text = b64encode(PNG).decode()
    data = f"data:image/png;base64,{text}"
    made = detached(f'<img src="{data}"><img src="{data}"><td background="data:image/JPEG;base64,{text[:8]}">')

    first, second = made.attachments
    assert (first.name, first.content_type, first.data) == ("picture-1.png", "image/png", PNG)
    assert (second.name, second.content_type) == ("picture-2.jpg", "image/jpeg")
    assert made.html == f'<img src="{first.cid}"><img src="{first.cid}"><td background="{second.cid}">'


@pytest.mark.parametrize(
    "html",
    ['<img src="data:image/png;base64,A">', '<img src="data:text/html;base64,AAAA">', '<img src="data:image/png,x">'],
)
def test_what_is_no_picture_stays(html: str) -> None:
    made = detached(html)

    assert (made.html, made.attachments) == (html, ())


def test_data_pictures_stay_unless_asked() -> None:
    html = f'<img src="data:image/png;base64,{b64encode(PNG).decode()}">'
    assert Templates({"a.html": html}).render("a").html == html
