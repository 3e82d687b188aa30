"""Headers: the only place that writes a header line.

Rule 1: no other file writes one. Values come here checked (no control characters) and leave as lines.
Rule 2: what comes out is ASCII with CRLF at the end and before a blank only; in UTF-8 mode (RFC 6532) it is UTF-8.
Rule 3: lines have at most 76 characters where the words allow it: RFC 2047's limit, which is within RFC 5322's 78.
        A fold stands before a blank that was there, so unfolding gives the text back, and never makes an empty line.
Rule 4: when a reader could misunderstand a text (an ``=?`` that somebody typed, blanks that get folded away, a quote in
        a name), it travels as encoded words, which say exactly what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sesmail.errors import InvalidHeader, Unsupported
from sesmail.mail.address import Address
from sesmail.mail.characters import unencoded
from sesmail.mail.mailbox import phrase
from sesmail.mime.encoding import MAX_LINE, MIN_ROOM, WORD, encoded_words, parameter

LINE = 76
MIME_VERSION = "MIME-Version: 1.0\r\n"
LONGEST_WORD = MAX_LINE - 130  # beside the longest name
_WORD_WITH_BLANKS = re.compile(r"(?<! ) *[^ ]+")  # the look behind keeps it linear: a run of blanks is tried once
_ATEXT = r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]++"
_PLAIN_PHRASE = re.compile(rf"{_ATEXT}(?: {_ATEXT})*+\Z")
# A short name with specials, in quotes: nothing to escape and no blank that folding could change.
_QUOTED_PHRASE = re.compile(r'[^ "\\]++(?: [^ "\\]++)*+\Z')
_LONGEST_QUOTED = 60
_NOT_A_LINE = re.compile(r"[\x00-\x1f\x7f]")


def text_header(name: str, text: str, *, utf8: bool = False) -> str:
    """Free text, such as a subject."""
    if _is_plain(text, utf8=utf8):
        line = f"{name}: {text}"
        if len(line) <= LINE and line.isprintable():
            return f"{line}\r\n"
        if "  " not in text:
            return _folded(name, text.split(" "))
    return _Folding(name).add_text(text, utf8=utf8).lines()


def on_one_line(header: str) -> str:
    """The value of a header without its name and its folds, for a way out that writes the lines itself."""
    return header.partition(":")[2].replace("\r\n", "").strip(" ")


def transfer_encoding_header(encoding: str) -> str:
    """How the body is encoded."""
    return f"Content-Transfer-Encoding: {encoding}\r\n"


def word_header(name: str, words: Sequence[str]) -> str:
    """Words that may stand on lines of their own but never be cut, such as message ids."""
    return _folded(name, words)


def parameter_header(name: str, value: str, parameters: Iterable[tuple[str, str]]) -> str:
    """A value with parameters: ``Content-Type: text/plain; charset=utf-8``."""
    words = [value]
    for parameter_name, parameter_value in parameters:
        for word in parameter(parameter_name, parameter_value):
            words[-1] += ";"
            words.append(word)
    return _folded(name, words)


def address_header(name: str, addresses: Sequence[Address], *, utf8: bool = False) -> str:
    """Mailboxes, separated by commas. Refuses a local part that only SMTPUTF8 could carry, unless in UTF-8 mode."""
    mailboxes = []
    for index, address in enumerate(addresses):
        email = address.email
        if not (utf8 or email.isascii()):
            raise _needs_smtputf8(name, index)
        if "=?" in email:
            unencoded(email, _field(name, index))  # a lawful local part; but who decodes it sees another address
        if address.name:
            email = f"{_phrase(address.name, utf8=utf8)} <{email}>"
        elif email[0] == '"':
            # Some readers take the quotes off when there are no brackets around, and the mail goes elsewhere.
            email = f"<{email}>"
        mailboxes.append(email)
    line = f"{name}: {', '.join(mailboxes)}"
    if len(line) <= LINE and line.isprintable():
        return f"{line}\r\n"
    return _folded_mailboxes(name, addresses, mailboxes)


def _folded_mailboxes(name: str, addresses: Sequence[Address], mailboxes: list[str]) -> str:
    folding = _Folding(name)
    mailboxes[:-1] = [f"{mailbox}," for mailbox in mailboxes[:-1]]
    for address, mailbox in zip(addresses, mailboxes, strict=True):
        if len(mailbox) < LINE:  # on one line where that is possible: people read headers too
            folding.add(mailbox)
        else:
            folding.add_long_mailbox(address, mailbox)
    return folding.lines()


def _is_plain(text: str, *, utf8: bool) -> bool:
    return (
        (utf8 or text.isascii())
        and "=?" not in text
        and not text.startswith(" ")
        and not text.endswith(" ")
        and (len(text) < LONGEST_WORD // 4 or max(len(word.encode()) for word in text.split(" ")) < LONGEST_WORD)
    )


def _words(text: str) -> list[str]:
    """Cut at single blanks; of several blanks all but one stay with the word behind them, so none is lost."""
    if "  " not in text and text[:1] != " ":
        return text.split(" ")
    words = _WORD_WITH_BLANKS.findall(text)
    return words[:1] + [word[1:] for word in words[1:]]


def _field(name: str, index: int) -> str:
    """What the author of the mail calls the place."""
    return "sender" if name == "From" else f"{name.lower().replace('-', '_')}[{index}]"


def _needs_smtputf8(name: str, index: int) -> Unsupported:
    return Unsupported(
        "the part before the @ is not ASCII, which takes SMTPUTF8 on every server on its way",
        feature="non-ASCII local part",
        instead=("a server with SMTPUTF8, by as_utf8()",),
        field=_field(name, index),
    )


def _folded(name: str, words: Sequence[str]) -> str:
    line = f"{name}: {' '.join(words)}"
    if len(line) <= LINE and line.isprintable():
        return f"{line}\r\n"
    folding = _Folding(name)
    for word in words:
        folding.add(word)
    return folding.lines()


def _phrase(name: str, *, utf8: bool) -> str:
    """A name as it is, in quotes, or encoded."""
    if (utf8 or name.isascii()) and "=?" not in name:
        if _PLAIN_PHRASE.match(name) and (len(name) < LONGEST_WORD or max(map(len, name.split(" "))) < LONGEST_WORD):
            return name
        if len(name) <= _LONGEST_QUOTED and _QUOTED_PHRASE.match(name):
            return phrase(name)
    return " ".join(encoded_words(name))


class _Folding:
    """A header on its way into lines, one unbreakable word after the other."""

    __slots__ = ("_done", "_line", "_name")

    def __init__(self, name: str) -> None:
        self._done: list[str] = []
        self._line = self._name = f"{name}:"

    def add(self, word: str) -> None:
        line = self._line
        if not word or len(line) + len(word) < LINE or not self._fold_helps(word):
            self._line = f"{line} {word}"
        else:
            self._done.append(line)
            self._line = f" {word}"

    def _fold_helps(self, word: str) -> bool:
        # The first word stays with the name, since some readers do not like a header that begins empty: unless the
        # line would be too long for any relay, or for the encoded word in it (RFC 2047 2).
        first = self._line is self._name
        return not first or word.startswith("=?") or len(self._line) + 1 + len(word) > MAX_LINE

    def room(self) -> int:
        return LINE - len(self._line) - 1

    def add_encoded(self, text: str, end: str = "") -> None:
        room = self.room()
        words = encoded_words(text, room if room >= MIN_ROOM else WORD)
        words[-1] += end
        for word in words:
            self.add(word)

    def add_text(self, text: str, *, utf8: bool) -> _Folding:
        """Free text of which something needs encoding: only that, with the blanks between, becomes encoded words."""
        words = _words(text)
        if text.strip(" ") != text or not words:
            self.add_encoded(text)
            return self
        # A word that begins with a blank had several before it, and some readers make one of those at a fold.
        first, end = 0, len(words)
        while words[first][0] != " " and _is_plain(words[first], utf8=utf8):
            first += 1
        while words[end - 1][0] != " " and _is_plain(words[end - 1], utf8=utf8):
            end -= 1
        for word in words[:first]:
            self.add(word)
        self.add_encoded(" ".join(words[first:end]))
        for word in words[end:]:
            self.add(word)
        return self

    def add_long_mailbox(self, address: Address, mailbox: str) -> None:
        start = mailbox.rindex(f"<{address.email}>") if address.name else 0
        before, email = mailbox[:start].rstrip(" "), mailbox[start:]
        if before.startswith("=?"):
            self.add_encoded(address.name)
        elif before.startswith('"'):
            self.add(before)
        else:
            for word in before.split():
                self.add(word)
        self.add(email)

    def lines(self) -> str:
        self._done.append(self._line)
        if not all(map(str.isprintable, self._done)) and any(map(_NOT_A_LINE.search, self._done)):
            # Cannot happen to a checked value. If it does, no mail at all is better than somebody else's header.
            raise InvalidHeader("a control character came as far as the header writer")
        self._done.append("")
        return "\r\n".join(self._done)
