"""The transport that writes files."""

from __future__ import annotations

import asyncio
import errno
import multiprocessing
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sesmail import AsyncMailer, Attachment, Mailer, mime
from sesmail.errors import SendError, SetupError, Unavailable
from sesmail.transports import FileTransport


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.eml"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777])
def umask(request: pytest.FixtureRequest) -> object:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_only_its_owner_reads_a_mail_whatever_the_umask(tmp_path: Path) -> None:
    folder = tmp_path / "above" / "out"
    Mailer(FileTransport(folder)).send(sender="a@example.com", to="b@example.com")

    assert (mode(folder.parent), mode(folder)) == (0o700, 0o700)
    (path,) = files(folder)
    assert mode(path) == 0o600


@pytest.mark.parametrize("bits", [0o770, 0o702, 0o777, 0o1777])
def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path, bits: int) -> None:
    tmp_path.chmod(bits)

    with pytest.raises(SetupError, match="others may write to the folder"):
        FileTransport(tmp_path)


def test_a_folder_of_its_owner_is_taken_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    FileTransport(tmp_path)

    assert mode(tmp_path) == 0o755


def test_a_path_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="is no folder"):
        FileTransport(tmp_path / "file")
    with pytest.raises(SetupError, match="cannot be made: Not a directory"):
        FileTransport(tmp_path / "file" / "below")


@pytest.mark.parametrize("path", ["a\0b", "a\ud800b"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(SetupError, match="cannot be made: no path"):
        FileTransport(path)


def test_a_folder_of_home_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    assert repr(Mailer("file:~/mail")) == f"Mailer(FileTransport('{tmp_path}/mail'))"
    assert repr(Mailer(f"file://localhost{tmp_path}/mail")) == f"Mailer(FileTransport('{tmp_path}/mail'))"


def test_a_mail_program_opens_the_file(tmp_path: Path) -> None:
    mailer = Mailer(f"file://{tmp_path}/a/b", sender="shop@example.com")
    result = mailer.send(to="ada@example.org", bcc="eve@example.org", subject="Grüße", text="Hallo")

    (path,) = files(tmp_path / "a" / "b")
    assert path.stem == result.message_id
    assert mime.read(path.read_bytes()).subject == "Grüße"
    assert b"eve" not in path.read_bytes()
    assert repr(mailer) == f"Mailer(FileTransport('{tmp_path}/a/b'))"


def test_a_relative_folder_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mailer = Mailer("file:mail", sender="shop@example.com")
    monkeypatch.chdir("/")
    mailer.send(to="ada@example.org")

    assert len(files(tmp_path / "mail")) == 1


@pytest.mark.parametrize("url", ["file://", "file:///", "file://folder", "file://user@/folder", "file:"])
def test_a_file_url_has_three_slashes(url: str) -> None:
    with pytest.raises(SetupError, match="three slashes"):
        Mailer(url)


def test_names_sort_by_time(tmp_path: Path) -> None:
    mailer = Mailer(FileTransport(tmp_path), sender="shop@example.com")
    ids = [mailer.send(to="ada@example.org").message_id for _ in range(5)]

    assert [path.stem for path in files(tmp_path)] == ids


def test_an_address_that_needs_utf8_is_written_where_no_limit_forbids_it(tmp_path: Path) -> None:
    Mailer(f"file://{tmp_path}?limits=none", sender="shop@example.com").send(to="jürgen@example.org")

    assert "jürgen@example.org" in files(tmp_path)[0].read_text("utf-8")


# ── never half a mail ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    """Somebody who watches the folder sees whole mails only."""
    mailer = Mailer(FileTransport(tmp_path), sender="shop@example.com")
    data = os.urandom(3_000_000)
    stop = threading.Event()
    seen: list[int] = []

    def watch() -> None:
        while not stop.is_set():
            seen.extend(path.stat().st_size for path in files(tmp_path))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in range(5):
        mailer.send(to="ada@example.org", attachments={"a.bin": data})
    stop.set()
    watcher.join()

    assert len({size for size in seen if size}) == 1
    assert min(seen) > len(data)


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, Unavailable), (errno.EIO, Unavailable), (errno.EACCES, SendError), (errno.EROFS, SendError)],
)
@pytest.mark.parametrize("call", ["open", "rename", "chmod", "fsync"])
def test_a_failing_disk_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[SendError], call: str
) -> None:
    mailer = Mailer(FileTransport(tmp_path), sender="shop@example.com")

    def fails(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fails)
        with pytest.raises(SendError, match=os.strerror(number)) as caught:
            mailer.send(to="ada@example.org")

    assert type(caught.value) is kind
    assert caught.value.code == errno.errorcode[number]
    assert caught.value.retryable is (kind is Unavailable)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_went_away_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    mailer = Mailer(FileTransport(folder), sender="shop@example.com")
    folder.rmdir()

    with pytest.raises(SendError, match=r"could not be written into '.*/out': No such file or directory"):
        mailer.send(to="ada@example.org")


# ── many ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _write_some(folder: Path, number: int) -> None:
    mailer = Mailer(FileTransport(folder), sender="shop@example.com")
    for index in range(50):
        mailer.send(to=f"reader{number}-{index}@example.org", text="x" * 2000)


def test_many_processes_and_threads_write_into_one_folder(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    fork = multiprocessing.get_context("spawn")
    processes = [fork.Process(target=_write_some, args=(folder, number)) for number in range(3)]
    for process in processes:
        process.start()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: _write_some(folder, number), range(3, 11)))
    for process in processes:
        process.join()

    mails = [mime.read(path.read_bytes()) for path in files(folder)]
    assert len(mails) == 550
    assert len({mail.to[0].email for mail in mails}) == 550
    assert {(mail.text or "").rstrip() for mail in mails} == {"x" * 2000}


def test_an_awaited_send_writes_in_a_thread_of_its_own(tmp_path: Path) -> None:
    names: list[str] = []

    def content() -> bytes:
        names.append(threading.current_thread().name)
        return b"lazy"

    async def main() -> None:
        async with AsyncMailer(FileTransport(tmp_path), sender="shop@example.com") as mailer:
            await mailer.send(to="ada@example.org", attachments=[Attachment("a.bin", content)])
            await mailer.close()
            await mailer.send(to="ada@example.org")

    asyncio.run(main())
    assert len(files(tmp_path)) == 2
    assert names
    assert names[0].startswith("sesmail-reader")
