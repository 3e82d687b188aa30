"""Unsubscribe links: what SES writes into a mail of a contact list, by which its one recipient leaves the list.

Rule 1: the link takes the place of the first two placeholders in all texts of the mail together, whatever their
transfer encoding. Rule 2: an attachment is nobody's text, and what is in it stays. Rule 3: a part without a placeholder
keeps every byte.
"""

from __future__ import annotations

from binascii import b2a_qp
from email.base64mime import body_encode
from typing import Final

from sesmail.local.raw_mail import RawMail, check_depth
from sesmail.mime.parts import Part

PLACEHOLDER: Final = b"{{amazonSESUnsubscribeUrl}}"
MOST_LINKS: Final = 2
_TEXTS = ("text/plain", "text/html")


def with_link(mail: RawMail, link: str) -> RawMail:
    """The mail with the headers of one-click unsubscribing (RFC 8058), and the link in its texts.

    Parts that are nested deeper than `RawMail.check` lets them be are a fault here as well.
    """
    mail = mail.with_headers({"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"})
    whole = Part(tuple((header.name, header.value) for header in mail.headers), mail.body)
    return RawMail(mail.headers, _Placeholders(link.encode()).replaced(whole))


class _Placeholders:
    def __init__(self, link: bytes) -> None:
        self._link = link
        self._left = MOST_LINKS

    def replaced(self, part: Part) -> bytes:
        """The body of a part with the link in it."""
        about = part.about
        if about.get_content_maintype() == "multipart":
            return self._in_parts(part)
        if about.get_content_type() in _TEXTS and about.get_content_disposition() != "attachment":
            return self._in_text(part)
        return part.body

    def _in_parts(self, part: Part) -> bytes:
        check_depth(part)
        pieces, position = [], 0
        for start, end in part.spans():
            child = Part.parse(part.body[start:end], part.depth + 1)
            begins = end - len(child.body)
            pieces += [part.body[position:begins], self.replaced(child)]
            position = end
        return b"".join((*pieces, part.body[position:]))

    def _in_text(self, part: Part) -> bytes:
        content = part.content
        count = min(content.count(PLACEHOLDER), self._left)
        if not count:
            return part.body
        self._left -= count
        content = content.replace(PLACEHOLDER, self._link, count)
        return _encoded(content, part.header("content-transfer-encoding").strip().lower())


def _encoded(content: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return body_encode(content, eol="\r\n").encode("ascii")
    if encoding == "quoted-printable":
        # By lines, as the standard library ends those that it breaks itself with a bare line feed.
        return b"\r\n".join(b2a_qp(line, istext=False).replace(b"\n", b"\r\n") for line in content.split(b"\r\n"))
    return content
