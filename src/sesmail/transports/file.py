"""FileTransport: one ``.eml`` file a mail, in a folder that only its owner reads.

Rule 1: a file has its final name only when it is whole. It is written under a hidden name and then renamed.
Rule 2: folders that we make are 0700 and files 0600, whatever the umask; a folder that others may write to is refused,
        since they could put another file in the place of ours.
Rule 3: names begin with the time, so that they sort, and end in random bits, so that no two processes meet.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from functools import partial

from sesmail.errors import SendError, SetupError, Unavailable
from sesmail.lines.threads import Threads
from sesmail.mail.outgoing import Content, Outgoing, SendResult
from sesmail.transports.base import BaseTransport, new_id, readable
from sesmail.transports.limits import SES, Limits
from sesmail.transports.option import LIMITS, Option, read_options
from sesmail.transports.url import TransportUrl

_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_THREADS = 4
# Elsewhere these bits mean nothing.
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH if os.name == "posix" else 0


class FileTransport(BaseTransport):
    """Writes mails to a folder: ``file:///var/mail``, or ``file:mail`` below the working directory.

    >>> import tempfile
    >>> from sesmail import Mailer, mime
    >>> from sesmail.transports import FileTransport
    >>> folder = tempfile.mkdtemp()
    >>> mailer = Mailer(FileTransport(folder), sender="a@example.com")
    >>> result = mailer.send(to="b@example.com", subject="Hi", text="Hello")
    >>> with open(f"{folder}/{result.message_id}.eml", "rb") as file:
    ...     mime.read(file.read()).subject
    'Hi'

    ``message_id`` of the result is the file's name without its ending. Any mail program opens the file. Blind copies
    are in the result and in no file. The folder is made when the transport is built, so a wrong path fails there.
    """

    name = "file"

    def __init__(self, folder: str | os.PathLike[str], *, limits: Limits = SES) -> None:
        super().__init__(limits=limits)
        self._folder = os.path.abspath(folder)  # noqa: PTH100 - costs nothing to import; pathlib does
        self._threads = Threads(_THREADS, "sesmail-file")
        _prepare(self._folder)

    @classmethod
    def from_url(cls, url: TransportUrl) -> FileTransport:
        """``file:///folder``, with the option ``limits``."""
        said = read_options(url, OPTIONS)
        elsewhere = url.host not in ("", "localhost") or url.user or url.password or url.port
        if elsewhere or not url.path.strip("/"):
            raise SetupError("a file URL is file:///folder, with three slashes, or file:folder for a relative one")
        return cls(os.path.expanduser(url.path), **said)  # noqa: PTH111

    @property
    def folder(self) -> str:
        """Where the mails are."""
        return self._folder

    def send(self, outgoing: Outgoing) -> SendResult:
        """Write it, and wait until it is there."""
        name = f"{_now()}-{new_id()}"
        try:
            _write(self._folder, f"{name}.eml", readable(outgoing.content))
        except OSError as exc:
            raise _translated(exc, self._folder) from exc
        return self.accepted(outgoing, message_id=name)

    async def asend(self, outgoing: Outgoing) -> SendResult:
        """Write it in a thread. Cancelled while it is written, the file may be there or not, but never half of it."""
        return await self._threads.run(partial(self.send, outgoing))

    def close(self) -> None:
        """Let the threads go."""
        self._threads.close()

    def __repr__(self) -> str:
        return f"FileTransport({self._folder!r})"


def _prepare(folder: str) -> None:
    try:
        _make(folder)
        mode = os.stat(folder).st_mode  # noqa: PTH116
    except (OSError, ValueError) as exc:  # ValueError: a NUL or a lone surrogate
        raise SetupError(f"the folder {folder!a} cannot be made: {getattr(exc, 'strerror', '') or 'no path'}") from exc
    if not stat.S_ISDIR(mode):
        raise SetupError(f"{folder!r} is no folder")
    if mode & _OTHERS_MAY_WRITE:
        raise SetupError(f"others may write to the folder {folder!r}; run chmod 700 on it, or name another")


def _make(folder: str) -> None:
    """Make a folder and those above it that are missing, all for their owner only."""
    if os.path.lexists(folder):
        return
    _make(os.path.dirname(folder))  # noqa: PTH120
    with suppress(FileExistsError):  # another process was quicker, and has made it in the same way
        os.mkdir(folder, 0o700)  # noqa: PTH102
        os.chmod(folder, 0o700)  # noqa: PTH101 - a umask may have taken bits that the owner needs


OPTIONS: tuple[Option, ...] = (LIMITS,)


def _now() -> str:
    from time import gmtime, strftime, time_ns

    now = time_ns()
    return f"{strftime('%Y%m%dT%H%M%S', gmtime(now // 10**9))}.{now % 10**9 // 1000:06}Z"


def _write(folder: str, name: str, content: Content) -> None:
    path, hidden = os.path.join(folder, name), os.path.join(folder, f".{name}.part")  # noqa: PTH118
    descriptor = os.open(hidden, _WRITE, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.chmod(hidden, 0o600)  # noqa: PTH101 - the same, for files
            file.writelines(content.chunks())
            file.flush()
            os.fsync(file.fileno())  # or a crash could leave the name and not the content
        os.rename(hidden, path)  # noqa: PTH104
    except BaseException:
        with suppress(OSError):  # the first error is the one to tell
            os.unlink(hidden)  # noqa: PTH108
        raise


# What may pass without anybody's doing. All else is for a person to mend.
_PASSING = {"ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EIO", "EAGAIN", "EINTR"}


def _translated(exc: OSError, folder: str) -> SendError:
    code = errno.errorcode.get(exc.errno or 0, "")
    kind = Unavailable if code in _PASSING else SendError
    return kind(f"the mail could not be written into {folder!r}: {exc.strerror}", code=code, stage="data")
