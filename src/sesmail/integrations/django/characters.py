"""Characters: a subject and texts as a mail may hold them, where Django would send what ours refuse.

Rule 1: a subject may quote what a stranger has sent, as that of an error report quotes the path which was asked for.
        Such a mail has to arrive: control characters are shown as U+FFFD, and a tab as the blank that readers show.
Rule 2: a line break in a subject stays, and is refused: it is a try to write a header.
"""

from __future__ import annotations

from sesmail.mail.message import EmailFields

_SIGN = "\ufffd"
_BLANKS = "\t\v\f"
# What `sesmail.mail.characters` refuses, but for the line breaks of headers.
_NO_TEXT = {0: _SIGN, **dict.fromkeys(range(0xD800, 0xE000), _SIGN)}
_NO_SUBJECT = {
    **_NO_TEXT,
    **dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029], _SIGN),
    **dict.fromkeys(map(ord, _BLANKS), " "),
}
del _NO_SUBJECT[ord("\r")], _NO_SUBJECT[ord("\n")]


def subject_of(text: str) -> str:
    """The subject as readers would see it."""
    return text if text.isprintable() else text.translate(_NO_SUBJECT)


def put_right(fields: EmailFields) -> bool:
    """Put texts right that an `Email` has refused, and say whether there was anything to do."""
    was = fields.get("text"), fields.get("html")
    for name in ("text", "html"):
        if isinstance(text := fields.get(name), str):
            fields[name] = text.translate(_NO_TEXT)
    return was != (fields.get("text"), fields.get("html"))
