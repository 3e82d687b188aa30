"""What once went wrong in this field, one named test for each public advisory or bug: ``pytest -k advisory``.

``test_headers`` has the rows about injection into headers, ``test_folding`` those about headers cut into lines,
``test_addresses`` those about addresses, ``test_building`` those about MIME, ``test_files`` those about files and URLs,
``test_expressions`` those about regular expressions and other slow work, ``test_smtp`` those about SMTP and proxies,
``test_calls`` those about calls to SES.
"""

from __future__ import annotations

import ast
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

import sesmail
from sesmail import Email, mime
from tests.mime import readers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Unpack

    from sesmail.mail.message import EmailFields
    from tests.mime.readers import Mailboxes, Seen

# The rows that nothing here can answer yet, and what they wait for.
NOT_YET = {
    "nodemailer 9.0.4/5, DKIM tags and callbacks": "signing, if there will be any",
    "decompression bombs": "fetched data and templates",
    "CVE-2024-22195, 34064, 56326, 56201, CVE-2025-27516 (Jinja)": "templates",
    "missing variables": "templates",
    "Bcc, leaked through a template": "templates",
    "CVE-2023-33185, aws-js-sns-message-validator, django-ses (signatures)": "webhooks",
    "CVE-2026-32096, CVE-2019-6715": "webhooks",
    "CVE-2018-6596, CVE-2018-1000089 (anymail)": "webhooks",
    "anymail changelog (region), django-ses 369": "webhooks",
    "string-to-sign confusion, duplicate JSON keys, SNS delivery": "webhooks",
    "pickle in queues, spool permissions": "the queue",
    "CVE-2019-19844, CVE-2024-45231, CVE-2024-39329, CVE-2021-21424, Laravel 13658": "account mails",
    "token reuse and scanners, open redirect, Host header in reset links": "account mails",
    "log leakage, log forging": "transports and webhooks, which are what has something to log",
    "hash flooding, huge inputs": "webhooks and the queue",
}

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
READERS: tuple[Callable[[bytes], Seen], ...] = (readers.strict, readers.modern, readers.old)


def mail(**fields: Unpack[EmailFields]) -> Email:
    """A mail that is equal each time but for these fields."""
    given: EmailFields = {
        "sender": "shop@example.com",
        "to": "ada@example.org",
        "date": NOON,
        "message_id": "<1@example.com>",
    }
    given.update(fields)
    return Email(**given)


def written(**fields: Unpack[EmailFields]) -> bytes:
    """Its bytes, the same for the same fields."""
    return mime.write(mail(**fields), boundary="=_fixed").to_bytes()


def head_lines(data: bytes) -> list[str]:
    """The lines of the mail's own header, as they are folded."""
    return data.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")


def boxes(*addresses: sesmail.Address) -> Mailboxes:
    """What a faithful reader sees of these addresses."""
    return [(address.name, address.email) for address in addresses]


def tight(seen: Mailboxes) -> Mailboxes:
    """Without blanks in names: the standard library's parsers drop some, or put one between two encoded words."""
    return [(name.replace(" ", ""), email) for name, email in seen]


def same_mailboxes(data: bytes, *to: sesmail.Address) -> None:
    """Three readers see these recipients, to the letter where the reader can."""
    assert readers.strict(data).to == boxes(*to)
    for reader in READERS[1:]:
        assert tight(reader(data).to) == tight(boxes(*to)), reader.__name__


@contextmanager
def at_once(limit_s: float = 0.5) -> Iterator[None]:
    """The promise is 50 ms on a quiet machine. Shared ones get ten times that; quadratic work takes minutes."""
    began = process_time()
    yield
    spent = process_time() - began
    assert spent < limit_s, f"{spent:.2f} s"


def sources() -> Iterator[tuple[str, ast.Module]]:
    """Every file of the package, parsed."""
    package = Path(sesmail.__file__).parent
    for path in sorted(package.rglob("*.py")):
        yield path.relative_to(package).as_posix(), ast.parse(path.read_text("utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    """The modules that a file imports, at whatever place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names))
