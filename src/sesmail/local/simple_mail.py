"""A mail that is not raw: subject, bodies and files as parameters, which SES puts together.

The standard library does it here and not our own writer, so that a mail sent both ways is written by two hands.
"""

from __future__ import annotations

import codecs
from binascii import b2a_qp
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.encoders import encode_base64, encode_noop, encode_quopri
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.policy import compat32
from email.utils import format_datetime
from functools import reduce
from typing import Any

from sesmail.local.addresses import parse_all
from sesmail.local.faults import Fault, FaultKind
from sesmail.mail.media_types import media_type

_LONGEST_AS_IT_IS = 900  # of a line that is not encoded
# What a text may be in: the charsets of mail, and of Python's codecs no other. Some take minutes for a page.
_CHARSETS = frozenset(
    "ascii utf-8 big5 euc_jp euc_kr gb18030 gb2312 gbk hz iso2022_jp iso2022_kr koi8-r koi8-u shift_jis tis-620".split()
    + [f"iso8859-{number}" for number in range(1, 17)]
    + [f"cp{number}" for number in range(1250, 1259)]
)
_SMTP = compat32.clone(linesep="\r\n", max_line_length=None)
_ENCODERS = {"BASE64": encode_base64, "QUOTED_PRINTABLE": encode_quopri, "SEVEN_BIT": encode_noop}
# What SES writes itself. What it answers when somebody else does is not known; here it is refused.
_NOT_FOR_YOU = frozenset(
    "from to cc bcc subject reply-to date message-id mime-version return-path dkim-signature sender".split()
)


def built(message: Mapping[str, Any], sender: str, asked: Mapping[str, Any]) -> bytes:
    """The bytes of a mail with this content, and with the addresses of the call, which both APIs name alike."""
    to = asked.get("Destination", {})
    addresses = {
        "From": [sender],
        "To": to.get("ToAddresses", []),
        "Cc": to.get("CcAddresses", []),
        "Reply-To": asked.get("ReplyToAddresses", []),
    }
    root = _root(message)
    for name, mailboxes in addresses.items():
        parse_all(mailboxes)
        if mailboxes:
            # One to a line, or fifty of them would be a line that nobody takes.
            root[name] = ",\r\n ".join(mailboxes)
    _write_headers(root, message)
    return root.as_bytes(policy=_SMTP)


def without_people(message: Mapping[str, Any], at: float) -> bytes:
    """The same without anybody in it, written at this time."""
    root = _root(message)
    root["Date"] = format_datetime(datetime.fromtimestamp(at, UTC))
    _write_headers(root, message)
    return root.as_bytes(policy=_SMTP)


def _root(message: Mapping[str, Any]) -> MIMEBase:
    return _with_files(_body(message["Body"]), message.get("Attachments", ()))


def _write_headers(root: MIMEBase, message: Mapping[str, Any]) -> None:
    root["Subject"] = _subject(message["Subject"])
    for header in message.get("Headers", ()):
        if header["Name"].lower() in _NOT_FOR_YOU or header["Name"].lower().startswith("content-"):
            raise _bad(f"The header {header['Name']} is written by SES itself.")
        root[header["Name"]] = header["Value"]


def _body(body: Mapping[str, Any]) -> MIMEBase:
    texts = [_text(body[name], kind) for name, kind in (("Text", "plain"), ("Html", "html")) if name in body]
    return _multipart("alternative", texts or [_text({"Data": ""}, "plain")])


def _text(content: Mapping[str, str], kind: str) -> MIMEBase:
    data = _encoded(content, kind)
    # By hand, since the standard library has a table of its own, by which Japanese comes out encoded twice.
    part = MIMEBase("text", kind, charset=content.get("Charset", "us-ascii").lower())
    as_it_is = data.isascii() and max(map(len, data.split(b"\n"))) <= _LONGEST_AS_IT_IS
    part["Content-Transfer-Encoding"] = "7bit" if as_it_is else "quoted-printable"
    part.set_payload((data if as_it_is else b2a_qp(data, istext=True)).decode("ascii"))
    return part


def _subject(content: Mapping[str, str]) -> str:
    _encoded(content, "subject")
    data = content["Data"]
    if _has_controls(data):
        raise _bad("The subject contains control characters.")
    charset = "us-ascii" if data.isascii() else "utf-8"
    return data if len(data) < 70 and data.isascii() else Header(data, charset, maxlinelen=70).encode(linesep="\r\n")


def _encoded(content: Mapping[str, str], what: str) -> bytes:
    name = content.get("Charset", "us-ascii")
    if not _is_charset(name):
        raise _bad(f"The charset of the {what} is unknown: {name[:50]}")
    try:
        return content["Data"].encode(name)
    except UnicodeEncodeError:
        said = f"The {what} holds characters that {name} has not. Say which Charset it has, such as UTF-8."
        raise _bad(said) from None


def _is_charset(name: str) -> bool:
    try:
        return codecs.lookup(name).name in _CHARSETS
    except (LookupError, ValueError):  # the second is for a NUL in it
        return False


def _has_controls(text: str) -> bool:
    return any(ord(character) < 32 or ord(character) == 127 for character in text)


def _with_files(body: MIMEBase, files: Iterable[Mapping[str, Any]]) -> MIMEBase:
    parts = [(file.get("ContentDisposition", "ATTACHMENT"), _file(file)) for file in files]
    inline = [part for disposition, part in parts if disposition == "INLINE"]
    attached = [part for disposition, part in parts if disposition == "ATTACHMENT"]
    return _multipart("mixed", [_multipart("related", [body, *inline]), *attached])


def _multipart(kind: str, parts: Sequence[MIMEBase]) -> MIMEBase:
    if len(parts) == 1:
        return parts[0]
    whole = MIMEMultipart(kind)
    return reduce(_attach, parts, whole)


def _attach(whole: MIMEMultipart, part: MIMEBase) -> MIMEMultipart:
    whole.attach(part)
    return whole


def _file(file: Mapping[str, Any]) -> MIMEBase:
    for name in ("FileName", "ContentType", "ContentId"):
        if _has_controls(file.get(name, "")):
            raise _bad(f"The {name} of an attachment contains control characters.")
    content_type = file.get("ContentType") or media_type(file["FileName"])
    main, _, sub = content_type.partition(";")[0].strip().partition("/")
    if main.lower() in ("multipart", "message"):
        raise _bad(f"An attachment cannot be a {main}: what is in it would be read as parts of the mail.")
    encoding = file.get("ContentTransferEncoding", "SEVEN_BIT")
    data: bytes = file["RawContent"]
    if encoding == "SEVEN_BIT" and (not data.isascii() or max(map(len, data.split(b"\n"))) > 998):
        raise _bad("An attachment is no 7-bit text. Say which ContentTransferEncoding it wants, such as BASE64.")
    part = MIMEBase(main, sub)
    part.replace_header("Content-Type", content_type)
    part.set_payload(data)
    _ENCODERS[encoding](part)
    disposition = file.get("ContentDisposition", "ATTACHMENT").lower()
    part.add_header("Content-Disposition", disposition, filename=_file_name(file["FileName"]))
    if "ContentId" in file:
        part["Content-ID"] = f"<{file['ContentId'].strip('<>')}>"
    if "ContentDescription" in file:
        part["Content-Description"] = Header(file["ContentDescription"], "utf-8").encode()
    return part


def _file_name(name: str) -> Any:  # noqa: ANN401 - text, or what the standard library takes for RFC 2231
    return name if name.isascii() else ("utf-8", "", name)


def _bad(text: str) -> Fault:
    return Fault(FaultKind.INVALID, text)
