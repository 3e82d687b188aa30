"""Simple content: a mail as parameters, which SES writes itself, and whether a mail can be said so at all.

What SES writes must be the mail that our own writer would have written, so header values come from the same hand
(`sesmail.mime.headers`), only without their folds. Where that cannot be, the mail is refused: it goes as raw content.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from sesmail.errors import MailError, Unsupported
from sesmail.mail.address import Address
from sesmail.mail.attachment import Attachment
from sesmail.mail.message import Email, Scalar
from sesmail.mail.outgoing import Outgoing
from sesmail.mime.encoding import canonical_lines
from sesmail.mime.head import metadata_pair, text_pairs, word_pairs
from sesmail.mime.headers import address_header, on_one_line, parameter_header, text_header, word_header

# What SES takes of each: botocore's model of v2.
MOST_HEADERS = 15
_LONGEST_VALUE = 995
_LONGEST_HEADER = 996  # name and value together
_LONGEST_NAME = 255
_LONGEST_TYPE = 78
_LONGEST_ID = 78
_VALUE = re.compile(r"[ -~]{1,995}")
_INSTEAD = ("raw content",)


def one_line(address: Address) -> str:
    """A mailbox as a parameter: its name in ASCII, encoded where it must be.

    >>> from sesmail import Address
    >>> one_line(Address("ada@example.com", "Ada Löwe"))
    '=?utf-8?b?QWRhIEzDtndl?= <ada@example.com>'
    """
    return on_one_line(address_header("To", (address,)))


def checked(outgoing: Outgoing) -> Email:
    """The mail, if the envelope says nothing else than its headers. Raises `Unsupported`."""
    email, envelope = outgoing.email, outgoing.envelope
    if (email.to, email.cc, email.bcc) != (envelope.to, envelope.cc, envelope.bcc):
        raise _cannot("its envelope names other recipients than its headers", "an envelope of its own", "to")
    if getattr(outgoing.content, "is_finished", False):
        raise _cannot("its bytes were written by somebody else, and are sent as they are", "finished bytes", "content")
    if email.alternatives:
        raise _cannot("it has a third form of its text", "alternatives", "alternatives")
    return email


def message_v2(outgoing: Outgoing) -> Mapping[str, object]:
    """``Content.Simple`` of v2."""
    headers = [{"Name": name, "Value": value} for name, value in _headers(outgoing)]
    if len(headers) > MOST_HEADERS:
        raise _cannot(f"it has {len(headers)} further headers, and {MOST_HEADERS} are taken", "many headers", "headers")
    files = [_file(file, index) for index, file in enumerate(outgoing.email.attachments)]
    others = {name: several for name, several in (("Headers", headers), ("Attachments", files)) if several}
    return {**_written(outgoing.email), **others}


def message_v1(outgoing: Outgoing) -> Mapping[str, object]:
    """``Message`` of v1, which has subject and bodies only."""
    if outgoing.email.attachments:
        raise _cannot("it has attachments, which v1 does not take so", "attachments", "attachments")
    for name, _ in _headers(outgoing):
        raise _cannot(f"it has the header {name}, and v1 takes none", "headers", "headers")
    return _written(outgoing.email)


def _written(email: Email) -> Mapping[str, object]:
    """Subject and bodies."""
    bodies = {"Text": email.text, "Html": email.html}
    if email.html is None and email.text is None:
        bodies["Text"] = ""
    return {
        "Subject": _data(_subject(email.subject)),
        "Body": {name: _data(_as_written(text)) for name, text in bodies.items() if text is not None},
    }


def _subject(text: str) -> str:
    """As it is, or in encoded words where a reader would otherwise find some that nobody wrote, or lose blanks."""
    return text if "=?" not in text and not text.isascii() else on_one_line(text_header("Subject", text))


def _data(text: str) -> Mapping[str, str]:
    return {"Data": text, "Charset": "UTF-8"}


def _as_written(text: str) -> str:
    return canonical_lines(text.encode()).decode()


def _headers(outgoing: Outgoing) -> Iterator[tuple[str, str]]:
    for name, value in written_headers(outgoing):
        if not is_header(name, value):
            raise _cannot(f"the header {name} is empty or longer than {_LONGEST_VALUE}", "long headers", "headers")
        yield name, value


def written_headers(outgoing: Outgoing) -> Iterator[tuple[str, str]]:
    """What stands in the head beside people, subject and date, each as a parameter."""
    email = outgoing.email
    yield from text_values(outgoing.content.added_headers)
    yield from word_values(word_pairs(email))
    yield from text_values(text_pairs(email))


def metadata_values(metadata: Mapping[str, Scalar]) -> Iterator[tuple[str, str]]:
    """The header of metadata, if there are any, with its value on one line."""
    return text_values([metadata_pair(metadata)] if metadata else ())


def text_values(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Headers of free text as parameters: encoded where they must be."""
    return ((name, on_one_line(text_header(name, text))) for name, text in pairs)


def word_values(pairs: Iterable[tuple[str, Sequence[str]]]) -> Iterator[tuple[str, str]]:
    """Headers of words that are never encoded, as parameters."""
    return ((name, on_one_line(word_header(name, words))) for name, words in pairs)


def is_header(name: str, value: str) -> bool:
    """Whether SES takes it as a parameter."""
    return bool(_VALUE.fullmatch(value)) and len(name) + len(value) <= _LONGEST_HEADER


def _file(file: Attachment, index: int) -> Mapping[str, object]:
    content_type = on_one_line(parameter_header("Content-Type", file.content_type, file.parameters))
    for reason, feature, holds in _FILE_RULES:
        if not holds(file, content_type):
            raise _cannot(f"attachment {index + 1} {reason}", feature, f"attachments[{index}]")
    shown = {"ContentId": file.content_id} if file.content_id else {}
    return {
        "FileName": file.name,
        "RawContent": file.data,
        "ContentType": content_type,
        "ContentDisposition": "INLINE" if file.inline else "ATTACHMENT",
        "ContentTransferEncoding": "BASE64",  # without it SES takes bytes for 7-bit text
        **shown,
    }


_FILE_RULES: tuple[tuple[str, str, Callable[[Attachment, str], bool]], ...] = (
    ("has no name", "nameless attachments", lambda file, _: bool(file.name)),
    ("has a very long name", "long file names", lambda file, _: len(file.name) <= _LONGEST_NAME),
    # RFC 2046 5.2.1: it may not be encoded, and SES would.
    ("is a mail itself", "attached mails", lambda file, _: not file.content_type.startswith("message/")),
    ("has a long content type", "long content types", lambda _, kind: len(kind) <= _LONGEST_TYPE),
    ("has a long content id", "long content ids", lambda file, _: len(file.content_id) <= _LONGEST_ID),
)


def _cannot(reason: str, feature: str, field: str) -> MailError:
    return Unsupported(
        f"simple content cannot carry this mail: {reason}; send it as raw content",
        feature=feature,
        instead=_INSTEAD,
        field=field,
    )
