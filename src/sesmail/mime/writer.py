"""The writer: from an `Email` to its bytes. Not the standard library's generator, which loses characters."""

from __future__ import annotations

import os
import re
import time
from functools import lru_cache

from sesmail.errors import InvalidHeader, MailError
from sesmail.mail.characters import header_text
from sesmail.mail.message import Email
from sesmail.mime.body import IMPOSSIBLE, Body
from sesmail.mime.content import MimeContent
from sesmail.mime.head import format_date, written_date
from sesmail.mime.structure import structure

# RFC 2046 5.1.1, less the blank, and short enough for the number that each level adds.
_BOUNDARY = re.compile(r"[A-Za-z0-9()+_,\-./:=]{1,58}")
_DOMAIN = re.compile(r"[A-Za-z0-9.\-]{1,253}")


def write(email: Email, *, boundary: str = "", message_id_domain: str = "") -> MimeContent:
    r"""Turn a mail into its content: 7-bit clean bytes with CRLF line ends, ready for any transport.

    >>> from datetime import datetime, timezone
    >>> from sesmail import Email, mime
    >>> mail = Email(
    ...     sender="shop@example.com", to="Ada <ada@example.org>", subject="Grüße", text="Hello",
    ...     date=datetime(2026, 11, 20, 8, 0, tzinfo=timezone.utc), message_id="<1@example.com>",
    ... )
    >>> print(*mime.write(mail).to_bytes().decode().splitlines(), sep="\n")
    From: shop@example.com
    To: Ada <ada@example.org>
    Subject: =?utf-8?b?R3LDvMOfZQ==?=
    Date: Fri, 20 Nov 2026 08:00:00 +0000
    Message-ID: <1@example.com>
    MIME-Version: 1.0
    Content-Type: text/plain; charset=utf-8
    Content-Transfer-Encoding: 7bit
    <BLANKLINE>
    Hello

    The date is now and the message id new, under the sender's domain or ``message_id_domain``, unless the mail has its
    own. ``boundary`` fixes the boundary, from which each level makes its own; it is refused when it occurs in the
    content. With all three given, the same mail makes the same bytes. Bcc is never written.

    A sender is needed (`MailError`). Addresses with a local part that is not ASCII come out of ``as_utf8()`` only;
    asking for the bytes without it raises `Unsupported`.
    """
    if email.sender is None:
        raise MailError("there is no sender", field="sender")
    # One draw for both: 80 bits for the id, 96 for the boundary.
    drawn = os.urandom(22).hex()
    body = Body(
        structure(email),
        boundary=_checked(_BOUNDARY, boundary, "boundary") if boundary else f"{IMPOSSIBLE}{drawn[20:]}",
        fixed=bool(boundary),
    )
    domain = _checked(_DOMAIN, message_id_domain, "message_id_domain") if message_id_domain else email.sender.domain
    return MimeContent(
        email,
        body,
        date=format_date(email.date) if email.date else _date_of(int(time.time())),
        message_id=email.message_id or f"<{drawn[:20]}@{domain}>",
    )


@lru_cache(maxsize=2)
def _date_of(second: int) -> str:
    return written_date(time.gmtime(second), "+0000")


def _checked(pattern: re.Pattern[str], value: str, field: str) -> str:
    value = header_text(value, field)
    if not pattern.fullmatch(value):
        raise InvalidHeader("this holds a character that may not stand there, or is too long", field=field)
    return value
