"""TransportUrl: a transport in one line of configuration, such as ``file:///var/mail?limits=none``.

Nothing of a URL is repeated here in an error but its scheme and the names of its options: the rest may hold secrets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sesmail.errors import SetupError, UnknownOption
from sesmail.mail.frozen_map import FrozenMap
from sesmail.transports.limits import Limits

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?\Z")
_AUTHORITY = re.compile(r"(?:([^:@]*)(?::([^@]*))?@)?(\[[0-9A-Fa-f:.]+\]|[^:@]*)(?::([0-9]{1,5}))?\Z")
MAX_PORT = 65535
_OPTION = re.compile(r"[A-Za-z][A-Za-z0-9_\-]{0,60}")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PERCENT = re.compile(rb"%(..)")
YES_AND_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class TransportUrl:
    """The parts of a URL, percent-decoded.

    >>> from sesmail.transports import TransportUrl
    >>> url = TransportUrl.parse("file:///var/mail?limits=none")
    >>> url.scheme, url.path, dict(url.options)
    ('file', '/var/mail', {'limits': 'none'})
    """

    scheme: str
    host: str = ""
    port: int | None = None
    path: str = ""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=FrozenMap, repr=False)

    @classmethod
    def parse(cls, text: str) -> TransportUrl:
        """Take a URL apart. Raises `SetupError` for what is none."""
        if not isinstance(text, str):
            raise SetupError(f"expected a URL as text, not {type(text).__name__}")
        found = _URL.match(text)
        if not found or not text.isprintable():
            raise SetupError("this is no transport URL; one looks like memory:// or file:///var/mail?limits=none")
        scheme, authority, path, query = found.groups()
        parts = _AUTHORITY.match(authority or "")
        # An @ behind the host: a password with a / in it, which cut the URL in the wrong place.
        if not parts or (authority and "@" in path):
            raise SetupError(
                f"the {scheme} URL has a broken host; write a : / @ or ? that belongs to a user name or password as"
                " %3A %2F %40 %3F"
            )
        user, password, host, port = parts.groups()
        if port and int(port) > MAX_PORT:
            raise SetupError(f"the {scheme} URL has a port over {MAX_PORT}")
        return cls(
            scheme.lower(),
            _decoded(host or "", scheme).lower(),
            int(port) if port else None,
            _decoded(path, scheme),
            _decoded(user or "", scheme),
            _decoded(password or "", scheme),
            FrozenMap(_options(query or "", scheme)),
        )

    def only(self, *known: str) -> Mapping[str, str]:
        """The options, of which none may have another name than these."""
        for name in self.options:
            if name not in known:
                raise UnknownOption(name, known=known, where=f"{self.scheme}://")
        return self.options

    def limits(self, *others: str) -> Limits:
        """What the option ``limits`` names; ``others`` are the options that stand beside it."""
        return Limits.named(self.only("limits", *others).get("limits", "ses"))

    def yes_or_no(self, name: str) -> bool | None:
        """A switch, or nothing where it is not named."""
        value = self.options.get(name)
        if value is None:
            return None
        if value.lower() not in YES_AND_NO:
            raise SetupError(f"{self.scheme}://: {name} is yes or no")
        return YES_AND_NO[value.lower()]

    def has_no_place(self) -> None:
        """Refuse a host, a path or a user, for transports that have none."""
        if self.host or self.port or self.user or self.password or self.path.strip("/"):
            raise SetupError(f"{self.scheme}:// has no host, path or user; options stand behind a ?")


def _options(query: str, scheme: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        if not _OPTION.fullmatch(name):
            raise SetupError(f"the {scheme} URL has an option with a broken name; a ? in a password is written %3F")
        if name in options:
            raise SetupError(f"{scheme}://: the option {name!r} is there twice")
        options[name] = _decoded(value, scheme)
    return options


def _decoded(text: str, scheme: str) -> str:
    if "%" not in text:
        return text
    if _BAD_PERCENT.search(text):
        raise SetupError(f"the {scheme} URL has a % without two hexadecimal digits; a % itself is written %25")
    try:
        # Not by urllib, which takes as long to import as a mail takes to send.
        decoded = _PERCENT.sub(lambda found: bytes.fromhex(found[1].decode()), text.encode()).decode()
    except UnicodeDecodeError:  # it holds what it could not decode, so it must not be the cause either
        raise SetupError(f"the {scheme} URL has % codes that are no UTF-8") from None
    if not decoded.isprintable():
        raise SetupError(f"the {scheme} URL has % codes of control characters")
    return decoded
