"""Files and URLs: what is read without being asked, and how a path leaves its root."""

from __future__ import annotations

import ast
import os
import socket
import sys
import threading
from base64 import b64encode
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from sesmail import Alternative, Attachment, Email, Unsubscribe, mime
from sesmail.errors import MailError, TooLarge
from tests.advisories import at_once, imported, mail, sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


# ── nothing is read that nobody asked for ────────────────────────────────────────────────────────────────────────

PLANTED = "planted-4f2a"
SECRET = b"what the file holds, and no mail"


class _Watch:
    """Hears of every file and connection that the interpreter opens, while somebody listens."""

    def __init__(self) -> None:
        self.listening = False
        self.heard: list[str] = []

    def __call__(self, event: str, facts: tuple[object, ...]) -> None:
        if self.listening:
            self.listening = False  # repr may open files too
            reaches_out = event.startswith(("socket.", "urllib.", "http.", "subprocess.", "os.system", "ftplib."))
            if reaches_out or PLANTED in repr(facts):
                self.heard.append(f"{event} {facts!r}")
            self.listening = True


@pytest.fixture(scope="module")
def hook() -> _Watch:
    """An audit hook stays for the life of the process, so there is one, and it mostly sleeps."""
    watch = _Watch()
    sys.addaudithook(watch)
    return watch


@pytest.fixture
def watch(hook: _Watch) -> Iterator[_Watch]:
    hook.heard.clear()
    hook.listening = True
    yield hook
    hook.listening = False


def _names_of(path: Path) -> list[str]:
    return [
        str(path),
        path.name,
        f"./{path.name}",
        f"@{path}",
        f"file://{path}",
        f"file:{path}",
        f"http://{PLANTED}.invalid/x",
        f"https://{PLANTED}.invalid/x",
        f"ftp://{PLANTED}.invalid/x",
        rf"\\{PLANTED}.invalid\share\x",
        f"data:text/plain;base64,{b64encode(SECRET).decode()}",
        f"<img src='file://{path}'><link rel=stylesheet href='{path}'><img src='https://{PLANTED}.invalid/x.png'>",
        f"{{% include '{path}' %}}{{{{ open('{path}').read() }}}}",
        f"<!--#include file='{path}'--><?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM '{path}'>]>&e;",
        f"cid:{path}",
        f"$(cat {path})",
        f"| cat {path}",
    ]


EVERYWHERE: dict[str, Callable[[str], Email]] = {
    "subject": lambda t: mail(subject=t),
    "text": lambda t: mail(text=t),
    "html": lambda t: mail(html=t),
    "header": lambda t: mail(headers={"X-A": t}),
    "metadata": lambda t: mail(metadata={"a": t}),
    "tag": lambda t: mail(tags={"a": t}),
    "sender": lambda t: mail(sender=t),
    "sender's name": lambda t: mail(sender=(t, "a@example.com")),
    "to": lambda t: mail(to=[t]),
    "message id": lambda t: mail(message_id=t),
    "unsubscribe": lambda t: mail(unsubscribe=t),
    "unsubscribe url": lambda t: mail(unsubscribe=Unsubscribe(t, one_click=False)),
    "file's name": lambda t: mail(attachments=[Attachment(t, b"x")]),
    "file's content": lambda t: mail(attachments=[Attachment("a.txt", t)]),
    "file's content as bytes": lambda t: mail(attachments=[Attachment("a.bin", t.encode())]),
    "file's content when needed": lambda t: mail(attachments=[Attachment("a.txt", lambda: t)]),
    "file in a mapping": lambda t: mail(attachments={"a.txt": t}),
    "file's name in a mapping": lambda t: mail(attachments={t: b"x"}),
    "file's type": lambda t: mail(attachments=[Attachment("a", b"", content_type=t)]),
    "file's parameter": lambda t: mail(attachments=[Attachment("a", b"", content_type=f'a/b; c="{t}"')]),
    "file's id": lambda t: mail(html="h", attachments=[Attachment("a", b"", content_id=t)]),
    "files": lambda t: mail(attachments=t),  # type: ignore[arg-type]
    "list of files": lambda t: mail(attachments=[t]),  # type: ignore[list-item]
    "calendar": lambda t: mail(alternatives=[Alternative.calendar(t)]),
    "amp": lambda t: mail(alternatives=[Alternative.amp(t)]),
    "name of an open file": lambda t: mail(attachments=[Attachment.from_file(_named(t))]),
}


def _named(name: str) -> BytesIO:
    """An open file as somebody else makes it: its name is a claim, and no more."""
    file = BytesIO(b"content")
    file.name = name
    return file


@pytest.mark.parametrize("place", EVERYWHERE)
def test_advisory_nodemailer_9_0_1_no_text_is_taken_for_a_path_or_url(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watch: _Watch
) -> None:
    """Access to files and URLs was switched off in one door and stayed open in two others, such as ``raw``."""
    path = tmp_path / f"{PLANTED}.txt"
    watch.listening = False
    path.write_bytes(SECRET)
    monkeypatch.chdir(tmp_path)
    watch.listening = True
    for text in _names_of(path):
        with suppress(MailError):
            data = mime.write(EVERYWHERE[place](text)).to_bytes()
            for form in (SECRET, b64encode(SECRET)[:32]):
                assert form not in data or text.startswith(("data:", "<"))
            mime.read(data)

    assert watch.heard == []


def test_advisory_nodemailer_9_0_1_a_path_object_is_refused_with_the_cure(tmp_path: Path, watch: _Watch) -> None:
    """What can only mean a file is no reason to read it: the one call that reads is named instead."""
    path = tmp_path / f"{PLANTED}.txt"
    for build in (
        lambda: Attachment("a.txt", path),  # type: ignore[arg-type]
        lambda: mail(attachments={"a.txt": path}),  # type: ignore[arg-type]
        lambda: mail(attachments=[path]),  # type: ignore[list-item]
        lambda: mail(attachments=path),  # type: ignore[arg-type]
    ):
        with pytest.raises(MailError, match=r"Attachment\.from_path"):
            build()
    for field in ("text", "html", "subject"):
        with pytest.raises(MailError):
            mail(**{field: path})  # type: ignore[arg-type]
    for field in ("raw", "path", "href", "envelope", "encoding", "icalEvent"):
        with pytest.raises(TypeError):
            Email(**{field: str(path)})  # type: ignore[arg-type]
    assert watch.heard == []


def test_advisory_nodemailer_9_0_1_a_mail_that_points_elsewhere_is_not_followed(tmp_path: Path, watch: _Watch) -> None:
    """A part may name a file or a server that holds its content (RFC 2046 5.2.3): reading does not go there."""
    path = tmp_path / f"{PLANTED}.txt"
    for about in (
        f'message/external-body; access-type=local-file; name="{path}"',
        f'message/external-body; access-type=URL; URL="http://{PLANTED}.invalid/x"',
        f'message/external-body; access-type=anon-ftp; site="{PLANTED}.invalid"; name=x',
        f'application/pdf; name="{path}"',
    ):
        where = f"Content-Location: file://{path}\r\nContent-Base: {path}\r\n"
        head = f"From: a@example.com\r\nContent-Type: {about}\r\n{where}"
        with suppress(MailError):
            mime.write(mime.read(f"{head}\r\nContent-Type: text/plain\r\n\r\n".encode())).to_bytes()

    assert watch.heard == []


def test_advisory_nodemailer_9_0_1_one_file_opens_files() -> None:
    """And by its source: one file opens paths to read, one call uses it, and none fetches anything."""
    openers = set()
    for file, tree in sources():
        assert not {"urllib.request", "http.client", "ftplib", "requests", "httpx", "glob"} & set(imported(tree)), file
        for node in ast.walk(tree):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Name) and called.id in ("open", "read_file"):
                openers.add((file, called.id))
            if isinstance(called, ast.Attribute) and called.attr in ("open", "read_bytes", "read_text", "urlopen"):
                openers.add((file, called.attr))
    assert openers == {
        ("mail/attachment.py", "read_file"),
        ("mail/files.py", "open"),
        ("transports/file.py", "open"),  # to write mails
        ("lines/pool.py", "open"),  # a session, and no file
        ("testing/golden.py", "read_bytes"),  # what a test names
        ("cli/local.py", "read_text"),  # the policy that the command line names
        ("cli/send_many.py", "open"),  # its table and its report
        ("cli/templates.py", "read_text"),  # its data
        ("ses/stored/folder.py", "open"),  # to write what is pulled
        ("ses/stored/folder.py", "read_file"),  # of the folder that is pushed
        ("templates/text/boxes.py", "open"),  # an element, and no file
        ("templates/text/walk.py", "open"),
        ("local/keeper.py", "read_bytes"),  # what the box wrote into its folder
        ("local/models/service.py", "read_bytes"),  # the models that botocore brings
    }


def test_advisory_nodemailer_9_0_0_no_check_of_certificates_is_off() -> None:
    """Whatever was fetched for a mail was fetched without a look at the server's certificate."""
    off = {"CERT_NONE", "CERT_OPTIONAL", "_create_unverified_context", "_create_stdlib_context"}
    for file, tree in sources():
        for node in ast.walk(tree):
            name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            assert name not in off, f"{file}: {name}"
            if isinstance(node, ast.Assign | ast.keyword):
                targets = node.targets if isinstance(node, ast.Assign) else []
                names = {target.attr for target in targets if isinstance(target, ast.Attribute)}
                names |= {node.arg or ""} if isinstance(node, ast.keyword) else set()
                if names & {"check_hostname", "verify", "verify_mode", "ssl_verify", "cert_reqs"}:
                    is_off = isinstance(node.value, ast.Constant) and not node.value.value
                    assert not is_off, f"{file}:{node.value.lineno}"


# ── paths ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder to stay in, and beside it what an attacker would like to read."""
    root = tmp_path / "root"
    (root / "below" / "deep").mkdir(parents=True)
    (root / "a.txt").write_bytes(b"a")
    (root / "below" / "b.txt").write_bytes(b"b")
    (tmp_path / "secret.txt").write_bytes(SECRET)
    (tmp_path / "root-and-more").mkdir()
    (tmp_path / "root-and-more" / "secret.txt").write_bytes(SECRET)
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "relative-link.txt").symlink_to("../secret.txt")
    (root / "inner-link.txt").symlink_to("a.txt")
    (root / "dangling").symlink_to("nowhere")
    (root / "loop").symlink_to("loop")
    (root / "out").symlink_to(tmp_path)
    (root / "below" / "up").symlink_to("..")
    os.mkfifo(root / "pipe")
    return root


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "..//secret.txt",
        "./../secret.txt",
        "below/../../secret.txt",
        "below/../a.txt",
        "../root/a.txt",
        "../root-and-more/secret.txt",
        "..",
        ".",
        "",
        "/",
        "./",
        "//",
        "/etc/passwd",
        "//etc/passwd",
        "link.txt",
        "relative-link.txt",
        "inner-link.txt",
        "dangling",
        "loop",
        "loop/x",
        "out/secret.txt",
        "out/root/a.txt",
        "below/up/a.txt",
        "below/up/../secret.txt",
        "below",
        "below/",
        "below/deep",
        "pipe",
        "a.txt\0",
        "\0",
        "below\0/../../secret.txt",
        "\udc2e\udc2e/secret.txt",
        "a\ud800.txt",
    ],
    ids=ascii,
)
def test_advisory_path_traversal_a_root_is_not_left(root: Path, path: str) -> None:
    """A path that climbs, starts at the top, or goes over a link, reached files that were nobody's to send."""
    for folder in (root, str(root), f"{root}/", f"{root}/./"):
        with at_once(), pytest.raises(MailError, match=r"^path: "):
            Attachment.from_path(path, root=folder)
        with at_once(), pytest.raises(MailError, match=r"^path: "):
            Attachment.from_path(path, root=folder, name="harmless.txt")


@pytest.mark.parametrize(
    "path",
    ["..%2fsecret.txt", "%2e%2e/secret.txt", "~/x", "$HOME/x", "..\\secret.txt", "a.txt ", "....//secret.txt", "…/x"],
)
def test_advisory_path_traversal_a_name_is_taken_to_the_letter(root: Path, path: str) -> None:
    """Decoding or expanding a name behind the check opens what the check had closed: these are names of no file."""
    with pytest.raises(FileNotFoundError):
        Attachment.from_path(path, root=root)


def test_advisory_path_traversal_what_lies_below_is_read(root: Path) -> None:
    """The refusals would be worth little if nothing could be read."""
    for path, content in (("a.txt", b"a"), ("./a.txt", b"a"), ("below/b.txt", b"b"), ("below//./b.txt", b"b")):
        assert Attachment.from_path(path, root=root).data == content
        assert Attachment.from_path(Path(path), root=str(root)).name == Path(path).name


def _swap(old: Path, target: Path) -> None:
    """A link in the place of a file, in one step."""
    link = old.with_name("fresh-link")
    link.symlink_to(target)
    link.replace(old)


def test_advisory_toctou_a_file_swapped_for_a_link(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the check and the opening, the file became a link to another one."""
    real = os.open

    def late(name: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if name == "b.txt":
            _swap(root / "below" / "b.txt", root.parent / "secret.txt")
        return real(name, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", late)
    monkeypatch.setattr(os, "supports_dir_fd", {late})
    with pytest.raises(MailError, match=r"^path: .*link"):
        Attachment.from_path("below/b.txt", root=root)


def test_advisory_toctou_a_folder_swapped_for_a_link(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same one step above: the folder that was opened is the one that is read, whatever its name means now."""
    real = os.open
    elsewhere = root.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "b.txt").write_bytes(SECRET)

    def late(name: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if name == "b.txt":
            (root / "below").rename(root.parent / "moved")
            (root / "below").symlink_to(elsewhere)
        return real(name, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", late)
    monkeypatch.setattr(os, "supports_dir_fd", {late})
    assert Attachment.from_path("below/b.txt", root=root).data == b"b"


def test_advisory_toctou_a_race_is_never_won(root: Path) -> None:
    """And without a script: one thread swaps file and link all the time, the other reads."""
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            _swap(root / "a.txt", root.parent / "secret.txt")
            fresh = root / "fresh"
            fresh.write_bytes(b"a")
            fresh.replace(root / "a.txt")

    thread = threading.Thread(target=swap)
    thread.start()
    seen: set[bytes | str] = set()
    began = monotonic()
    try:
        # Long enough to be lost by code that looks first and opens then, and until both sides had their turn.
        while monotonic() < began + (0.7 if len(seen) > 1 else 10):
            for _ in range(50):
                try:
                    seen.add(Attachment.from_path("a.txt", root=root).data)
                except MailError:
                    seen.add("refused")
                except OSError:
                    seen.add("gone")
    finally:
        over.set()
        thread.join()

    assert seen <= {b"a", "refused", "gone"}


def test_advisory_toctou_only_regular_files_are_opened(root: Path) -> None:
    """A pipe that nobody writes to held the program for ever, and a device never ended."""
    server = socket.socket(socket.AF_UNIX)
    with server:
        here = Path.cwd()
        os.chdir(root)  # the name of a socket may not be long
        try:
            server.bind("sock")
        finally:
            os.chdir(here)
        for path in ("pipe", "below", "sock"):
            with at_once(), pytest.raises((MailError, OSError)):
                Attachment.from_path(path, root=root)
            with at_once(), pytest.raises((MailError, OSError)):
                Attachment.from_path(root / path)
    for device in {"zero", "null", "random", "full"} & set(os.listdir("/dev")):  # noqa: PTH208 - names are enough
        with at_once(), pytest.raises(MailError, match="not a regular file"):
            Attachment.from_path(device, root="/dev")
        with at_once(), pytest.raises(MailError, match="not a regular file"):
            Attachment.from_path(f"/dev/{device}")


def test_advisory_toctou_the_size_is_looked_at_before_reading(root: Path) -> None:
    """A file of any size was read whole before somebody looked how large it was."""
    huge = root / "huge.bin"
    with huge.open("wb") as file:
        file.truncate(1 << 36)  # sparse: 64 GB on paper
    for where in ({"path": "huge.bin", "root": root}, {"path": huge}):
        with at_once(), pytest.raises(TooLarge) as caught:
            Attachment.from_path(**where)
        assert (caught.value.size, caught.value.limit) == (1 << 36, 40_000_000)
    (root / "five").write_bytes(b"12345")
    assert Attachment.from_path("five", root=root, max_bytes=5).data == b"12345"
    with pytest.raises(TooLarge):
        Attachment.from_path("five", root=root, max_bytes=4)


def test_advisory_toctou_a_file_that_grows_is_not_read_to_its_end(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size was right when it was looked at, and the file grew while it was read."""
    real = os.fstat

    def early(descriptor: int) -> os.stat_result:
        status = real(descriptor)
        with (root / "a.txt").open("ab") as file:
            file.write(b"x" * 1000)
        return status

    monkeypatch.setattr(os, "fstat", early)
    with pytest.raises(TooLarge) as caught:
        Attachment.from_path("a.txt", root=root, max_bytes=10)
    assert caught.value.size == 11
