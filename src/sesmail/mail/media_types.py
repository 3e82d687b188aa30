"""Content types: which one a file name stands for, and what one looks like.

The table is our own, since the standard library's answer depends on what is installed on the machine: the same mail
would be built differently on a laptop and in a container.
"""

from __future__ import annotations

import re

from sesmail.errors import InvalidHeader
from sesmail.mail.characters import header_text

UNKNOWN = "application/octet-stream"

_BY_EXTENSION = {
    "7z": "application/x-7z-compressed",
    "aac": "audio/aac",
    "avi": "video/x-msvideo",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "css": "text/css",
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "eml": "message/rfc822",
    "epub": "application/epub+zip",
    "flac": "audio/flac",
    "gif": "image/gif",
    "gz": "application/gzip",
    "heic": "image/heic",
    "htm": "text/html",
    "html": "text/html",
    "ico": "image/vnd.microsoft.icon",
    "ics": "text/calendar",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "m4a": "audio/mp4",
    "md": "text/markdown",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "mpeg": "video/mpeg",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ogg": "audio/ogg",
    "otf": "font/otf",
    "p7s": "application/pkcs7-signature",
    "pdf": "application/pdf",
    "png": "image/png",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "rar": "application/vnd.rar",
    "rtf": "application/rtf",
    "svg": "image/svg+xml",
    "tar": "application/x-tar",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "tsv": "text/tab-separated-values",
    "ttf": "font/ttf",
    "txt": "text/plain",
    "vcf": "text/vcard",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
    "yaml": "application/yaml",
    "yml": "application/yaml",
    "zip": "application/zip",
    "zst": "application/zstd",
}


def media_type(name: str) -> str:
    """The content type for a file name; ``application/octet-stream`` when its ending says nothing."""
    return _BY_EXTENSION.get(name.rpartition(".")[2].lower(), UNKNOWN)


# RFC 2045 5.1: tokens, and quoted strings for the values that are none.
_TOKEN = r"[A-Za-z0-9!#$%&'*+\-.^_`{|}~]++"  # noqa: S105 - RFC 2045's token
_TYPE = re.compile(rf"({_TOKEN}/{_TOKEN}) *+")
# RFC 2231 7: a star, an apostrophe or a percent sign in a name would be read as an extended parameter, such as a name.
_NAME = r"[A-Za-z0-9!#$&+\-.^_`{|}~]++"
_PARAMETER = re.compile(rf'; *+({_NAME})=(?:({_TOKEN})|"((?:[^"\\]|\\.)*+)") *+')
# The writer's own: a second one would make readers disagree.
_OURS = frozenset({"boundary", "name", "filename"})

ContentType = tuple[str, tuple[tuple[str, str], ...]]


def parse_content_type(text: str, field: str = "content_type") -> ContentType:
    """Take ``text/calendar; method=REQUEST`` apart into its type and its parameters, names in lower case."""
    text = header_text(text, field).strip(" ")
    kind = _TYPE.match(text)
    if not kind or not text.isascii() or len(text) > 500:
        raise InvalidHeader("expected a content type such as application/pdf", field=field)
    parameters: dict[str, str] = {}
    position = kind.end()
    while position < len(text):
        found = _PARAMETER.match(text, position)
        if not found:
            raise InvalidHeader("what follows the content type is no parameter (; name=value)", field=field)
        name = found[1].lower()
        if name in _OURS or name in parameters:
            raise InvalidHeader(f"the parameter {name} is written by sesmail or stands here twice", field=field)
        parameters[name] = found[2] or re.sub(r"\\(.)", r"\1", found[3] or "")
        position = found.end()
    return kind[1].lower(), tuple(parameters.items())
