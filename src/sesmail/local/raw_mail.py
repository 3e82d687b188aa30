"""A raw mail: what SES demands of its bytes, and what it makes of them before a recipient sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from sesmail.local.addresses import split
from sesmail.local.faults import Fault, FaultKind
from sesmail.mime.decoding import unfolded
from sesmail.mime.parts import Part

LONGEST_LINE = 998  # RFC 5322 2.1.1, without the line end
MOST_PARTS = 500  # second-hand
DEEPEST = 10  # parts in parts: each level is another copy of what is in it
LONGEST_HEAD = 65536  # SES has a limit and does not say which
_HEADER = re.compile(rb"([!-9;-~]*+)[ \t]*+:((?:[^\r]++|\r\n[ \t])*+)\r\n")
_LINES = re.compile(rb"(?:[^\r\n]{0,%d}+\r\n)*+[^\r\n]{0,%d}+" % (LONGEST_LINE, LONGEST_LINE))
_LONE = re.compile(rb"\r(?!\n)|(?<!\r)\n")

# What may stand in a mail once: the list of the developer guide.
ONCE = frozenset(
    "accept-language acceptlanguage archived-at auto-submitted bounces-to comments content-alternative content-base"
    " content-class content-description content-disposition content-duration content-id content-language content-length"
    " content-location content-md5 content-transfer-encoding content-type date delivered-to"
    " disposition-notification-options disposition-notification-to dkim-signature domainkey-signature errors-to from"
    " importance in-reply-to keywords list-archive list-help list-id list-owner list-post list-subscribe"
    " list-unsubscribe list-unsubscribe-post message-context message-id mime-version organization original-from"
    " original-message-id original-recipient original-subject precedence priority references reply-to return-path"
    " return-receipt-to sender solicitation sensitivity subject thread-index thread-topic user-agent vbr-info".split()
)
# What does not travel on: SES keeps it for itself, or writes it anew.
_OURS = frozenset({"bcc", "return-path", "date", "message-id"})
_BLOCKED = frozenset(
    "ade adp app asp bas bat cer chm cmd com cpl crt csh der exe fxp gadget hlp hta inf ins isp its js jse ksh lib lnk"
    " mad maf mag mam maq mar mas mat mau mav maw mda mdb mde mdt mdw mdz msc msh msh1 msh2 mshxml msh1xml msh2xml msi"
    " msp mst ops pcd pif plg prf prg reg scf scr sct shb shs sys ps1 ps1xml ps2 ps2xml psc1 psc2 tmp url vb vbe vbs"
    " vps vsmacros vss vst vsw vxd ws wsc wsf wsh xnk".split()
)
# The test file that every virus scanner knows, in halves and its base64, so that none of them takes this one for it.
_VIRUS = (b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD", b"WDVPIVAlQEFQWzRcUFpYNTQo" + b"UF4pN0NDKTd9JEVJQ0FS")


@dataclass(frozen=True, slots=True)
class Header:
    """A header as it stands there: its name, the same in lower case, and its value with all blanks and folds."""

    name: str
    lower: str
    value: bytes


@dataclass(frozen=True, slots=True)
class RawMail:
    """Headers in order, and the body. All lines end with CRLF."""

    headers: tuple[Header, ...]
    body: bytes

    @classmethod
    def parse(cls, data: bytes) -> RawMail:
        """Take a mail apart; what SES does not take is a fault."""
        data = _with_crlf(data)
        head, _, body = data.partition(b"\r\n\r\n") if not data.startswith(b"\r\n") else (b"", b"", data[2:])
        if len(head) > LONGEST_HEAD:
            raise _bad("Header section too long.")
        if not _LINES.fullmatch(data):
            raise _bad(f"A line of the message is longer than {LONGEST_LINE} characters.")
        return cls(tuple(headers_of(head.removesuffix(b"\r\n") + b"\r\n")), body)

    def text(self, name: str) -> str:
        """The text of the first header of this name, on one line."""
        return next((unfolded(header.value) for header in self.headers if header.lower == name), "")

    def addresses(self, name: str) -> list[str]:
        """The mailboxes that the headers of this name list."""
        texts = [unfolded(header.value) for header in self.headers if header.lower == name]
        return [entry for text in texts for entry in split(text)]

    def check(self) -> None:
        """The rules for headers and attachments."""
        seen: set[str] = set()
        for header in self.headers:
            if header.lower in seen and header.lower in ONCE:
                raise _bad(f"Duplicate header '{header.name}'.")
            seen.add(header.lower)
        for name in self.attachment_names():
            if name.rpartition(".")[2].lower() in _BLOCKED and "." in name:
                raise Fault(FaultKind.REJECTED, f"The attachment type .{name.rpartition('.')[2]} is not supported.")

    def attachment_names(self) -> Iterator[str]:
        """The names of all parts that have one."""
        kind = self.text("content-type").lower()
        # A first look, which may let too many in and leaves none out: what a multipart is, `Part.about` alone says.
        if not ("multipart" in kind or "name" in kind or self.text("content-disposition")):
            return
        whole = Part(tuple((header.name, header.value) for header in self.headers), self.body)
        for number, part in enumerate(_parts(whole), start=1):
            if number > MOST_PARTS:
                raise _bad(f"The message has more than {MOST_PARTS} parts.")
            yield part.parameter("name")[0]
            yield part.parameter("filename", "content-disposition")[0]

    @property
    def has_virus(self) -> bool:
        """Whether the EICAR test file is in it, which stands for every virus."""
        return any(mark in self.body for mark in _VIRUS)

    def options(self) -> dict[str, str]:
        """What X-SES- headers say, by their names in lower case without the prefix."""
        return {
            header.lower.removeprefix("x-ses-"): unfolded(header.value)
            for header in self.headers
            if header.lower.startswith("x-ses-")
        }

    def with_headers(self, changed: Mapping[str, str]) -> RawMail:
        """The same with these headers in the place of those of the same name."""
        added = [Header(name, name.lower(), b" " + text.encode()) for name, text in changed.items()]
        replaced = {header.lower for header in added}
        return RawMail((*added, *(header for header in self.headers if header.lower not in replaced)), self.body)

    def delivered(self, *, message_id: str, host: str, at: float) -> bytes:
        """The bytes as a recipient gets them."""
        written = {
            "Return-Path": f"<{message_id}@amazonses.com>",
            "Message-ID": f"<{message_id}@{host}>",
            "Date": format_datetime(datetime.fromtimestamp(at, UTC)),
        }
        kept = [one for one in self.headers if one.lower not in _OURS and not one.lower.startswith("x-ses-")]
        lines = [f"{name}: {text}".encode() for name, text in written.items()]
        lines += [header.name.encode() + b":" + header.value for header in kept]
        return b"\r\n".join((*lines, b"", self.body))


def _with_crlf(data: bytes) -> bytes:
    """SES takes mails with lone line feeds, and sends CRLF."""
    if data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r"):
        return data
    return _LONE.sub(b"\r\n", data)


def headers_of(head: bytes) -> Iterator[Header]:
    """The headers of a head, which ends with a line end."""
    position = 0
    while position < len(head):
        found = _HEADER.match(head, position)
        if found is None:
            if head == b"\r\n":
                return
            raise _bad("A line of the header section is no header.")
        name = found[1].decode("ascii")
        if not name:
            raise _bad("Empty header names are illegal.")
        yield Header(name, name.lower(), found[2])
        position = found.end()


def _parts(part: Part) -> Iterator[Part]:
    yield part
    if part.about.get_content_maintype() == "multipart":
        check_depth(part)
        for child in part.children():
            yield from _parts(child)


def check_depth(part: Part) -> None:
    """Whether there may be parts in this one."""
    if part.depth >= DEEPEST:
        raise _bad(f"Parts of the message are nested more than {DEEPEST} deep.")


def _bad(text: str) -> Fault:
    return Fault(FaultKind.INVALID, text)
