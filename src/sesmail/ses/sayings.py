"""Sayings: what the texts of SES tell, where a code does not. Everything that is read here is somebody else's text.

Rule 1: nothing is decided here. A text that cannot be read gives nothing, and no error.
Rule 2: what is repeated to a user went through `quoted` or `printable`: no control characters, no escapes, no end
        without a bound, and no more than a few addresses.
Rule 3: the time is linear in what is read, and what is read has a bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

LONGEST_READ = 32_768
"""Of a text, in characters: fifty recipients fit in, with long names, and named twice each."""
MOST_QUOTED = 300
MOST_NAMED = 2
"""Addresses in one error text. The others are in attributes: a log is no list of recipients."""
_LONGEST_WORD = 120  # a session token, which AWS repeats in some refusals, is one word of several hundred
_LONGEST_IDENTITY = 320
_MOST_IDENTITIES = 200
_LEFT_OUT = "…"


# ── repeating ────────────────────────────────────────────────────────────────────────────────────────────────────


def printable(text: str, most: int = LONGEST_READ) -> str:
    r"""Text of others on one line: what cannot be printed is a blank, and blanks are one.

    >>> from sesmail.ses.sayings import printable
    >>> printable("no\r\n\x1b[31msuch\u202e  set")
    'no [31msuch set'
    """
    # Of all characters that move, hide or turn what stands beside them, none is printable.
    text = text[:LONGEST_READ]
    if not text.isprintable():
        text = "".join(character if character.isprintable() else " " for character in text)
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + _LEFT_OUT


_WORD = re.compile(r"[^ ,;]++|[ ,;]++")


def quoted(text: str, most: int = MOST_QUOTED) -> str:
    """What SES says, fit for the text of an error: one line with an end, few addresses, and nothing from the mail.

    >>> from sesmail.ses.sayings import quoted
    >>> quoted("Value 'top secret' at 'subject' is bad: a@b.example,c@d.example,e@f.example.")
    "Value '…' at 'subject' is bad: a@b.example,c@d.example,…"
    """
    named = 0
    words = []
    for word in _WORD.findall(_without_values(printable(text[: 4 * most]))):
        named += word.count("@")
        left_out = len(word) > _LONGEST_WORD or (named > MOST_NAMED and "@" in word)
        words.append(_LEFT_OUT if left_out else word)
    return printable("".join(words), most).rstrip(". ")


def _without_values(text: str) -> str:
    """Without what was sent, which refusals of the whole of AWS repeat: ``Value 'x' at 'path' failed to satisfy``."""
    head, *rest = text.split("alue '")
    return head + "".join(f"alue '{_LEFT_OUT}{at}{after}" for _, at, after in (one.partition("' at '") for one in rest))


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────


def meaning(text: str, table: Mapping[str, str]) -> str:
    """What goes with the first of these sayings that stands in the text. The last is empty, and stands in any."""
    text = text[:LONGEST_READ].lower()
    return next(meant for saying, meant in table.items() if saying in text)


# ── who is not verified ──────────────────────────────────────────────────────────────────────────────────────────


NOT_VERIFIED = re.compile(r"email address (?:is )?not verified", re.IGNORECASE)
_FAILED_THE_CHECK = re.compile(r"failed the check(?: in region ([a-z0-9-]{1,40}))? ?:", re.IGNORECASE)
# A comma inside a quoted name, or between angle brackets, does not end an entry. A quote that nobody closes is a
# character like any other: there is no second one behind it, so at most one search for it goes to the end.
_QUOTED = r'"(?:[^"\\]++|\\.)*+"'
_PIECE = re.compile(rf'{_QUOTED}|<(?:{_QUOTED}|\\.|[^<>"\\]++)*+>|\\.|[^",<>\\]++|.', re.DOTALL)
_DOMAIN = re.compile(r"[a-z0-9-]++(?:\.[a-z0-9-]++)++", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unverified:
    """Identities that failed the check: bare addresses, domains, or those that an ARN names, as SES spells them.

    >>> from sesmail.ses.sayings import Unverified
    >>> Unverified.read(
    ...     "Email address is not verified. The following identities failed the check in region EU-WEST-1:"
    ...     ' "Lovelace, Ada" <ada@example.org>, ada@example.org, example.com...'
    ... )
    Unverified(region='eu-west-1', identities=('ada@example.org', 'example.com'), is_cut=True)

    Old answers have the first sentence only. SES cuts a long list, so that the last of a cut one may be half an
    identity; `People` knows which people there are.
    """

    region: str = ""
    identities: tuple[str, ...] = ()
    is_cut: bool = False

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What the text says, or nothing where it is about something else."""
        whole = len(text) <= LONGEST_READ
        text = printable(text)
        found = NOT_VERIFIED.search(text)
        if not found:
            return None
        listed = _FAILED_THE_CHECK.search(text, found.end())
        region = (listed[1] or "").lower() if listed else ""
        rest = text[listed.end() if listed else found.end() :].rstrip(" ")
        bare = rest.rstrip(".… ")
        is_cut = not whole or rest[len(bare) :].lstrip(" ").startswith(("...", "…"))
        # One that stands there with a name stands there bare, too.
        found_ones = dict.fromkeys(_identities(bare, is_cut=is_cut))
        return cls(region, tuple(found_ones)[:_MOST_IDENTITIES], is_cut or len(found_ones) > _MOST_IDENTITIES)


def _identities(text: str, *, is_cut: bool) -> Iterator[str]:
    """The identities of a list with commas. What is none of them is part of a name that was not quoted."""
    entry: list[str] = []
    for piece in (*_PIECE.findall(text), ","):
        if is_cut and piece == '"':
            return  # the other quote was cut off, and all behind this one is half a name
        if piece != ",":
            entry.append(piece)
            continue
        if entry and (identity := _identity("".join(entry).strip())):
            yield identity
        entry = []


def _identity(entry: str) -> str:
    if entry.endswith(">"):
        entry = entry[:-1].rpartition("<")[2]
    if entry.startswith("arn:"):
        entry = entry.partition(":identity/")[2]
    local, at, domain = entry.rpartition("@")
    is_address = bool(local and at and domain) and (" " not in entry or local.startswith('"')) and "<" not in entry
    is_one = is_address or _DOMAIN.fullmatch(entry)
    return entry if is_one and len(entry) <= _LONGEST_IDENTITY else ""


# ── who may not do what ──────────────────────────────────────────────────────────────────────────────────────────


_MAY_NOT = re.compile(r"is not authorized to perform:? [`'\"]?([a-z0-9-]{1,32}:[a-z0-9*]{1,64})", re.IGNORECASE)
_ON_RESOURCE = re.compile(r" on resource:? [`'\"<]?(arn:[^ `'\"<>,;]{1,600}|\*)", re.IGNORECASE)
_NONE_ALLOWS = re.compile(r"because no ([a-z -]{1,60}) allows", re.IGNORECASE)
_DENIES = re.compile(r"with an explicit deny(?: in an? ([a-z -]{1,60}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Denial:
    """Who may not do what, on which resource, and which kind of policy says so. What is not said is empty.

    >>> from sesmail.ses.sayings import Denial
    >>> denial = Denial.read(
    ...     "User `arn:aws:iam::123456789012:user/shop' is not authorized to perform `ses:SendEmail'"
    ...     " on resource `arn:aws:ses:us-east-1:123456789012:identity/example.com'"
    ... )
    >>> denial.action, denial.resource
    ('ses:SendEmail', 'arn:aws:ses:us-east-1:123456789012:identity/example.com')
    """

    user: str = ""
    action: str = ""
    resource: str = ""
    policy: str = ""
    is_explicit: bool = False

    @classmethod
    def read(cls, text: str) -> Self:
        """What the text says. SES quotes with a backtick and an apostrophe, and the rest of AWS not at all."""
        text = printable(text)
        may_not = _MAY_NOT.search(text)
        if not may_not:
            return cls()
        rest = text[may_not.end() :]
        resource = _ON_RESOURCE.search(rest)
        denies = _DENIES.search(rest)
        says = denies or _NONE_ALLOWS.search(rest)
        return cls(
            user=_user(text[: may_not.start()]),
            action=may_not[1],
            resource=resource[1].rstrip(".") if resource else "",
            policy=(says[1] or "").strip() if says else "",
            is_explicit=denies is not None,
        )


def _user(text: str) -> str:
    user = text.strip().rpartition(" ")[2].strip("`'\"<>")
    return user if user.startswith("arn:") and len(user) <= 600 else ""


# ── what is not there ────────────────────────────────────────────────────────────────────────────────────────────


_KINDS = "configuration set|template|tenant|list with name:|contact list|multi-region endpoint|endpoint"
_MISSING = re.compile(rf"\b({_KINDS}) [<`'\"]?([^ <>`'\"]{{1,100}})[>`'\"]? (?:does not|doesn't) exist", re.IGNORECASE)
_PLAINLY = {"list with name:": "contact list"}


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not there.

    >>> from sesmail.ses.sayings import Missing
    >>> Missing.read("Configuration set <main> does not exist.")
    Missing(kind='configuration set', name='main')
    """

    kind: str
    name: str

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What the text says, or nothing where it is about something else."""
        found = _MISSING.search(printable(text))
        if not found:
            return None
        kind = found[1].lower()
        return cls(_PLAINLY.get(kind, kind), found[2])
