"""Unsubscribe: both unsubscribe headers from one value, so that they cannot drift apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sesmail.errors import InvalidAddress, InvalidHeader
from sesmail.mail.address import Address
from sesmail.mail.characters import header_text, unencoded

# A URI between angle brackets in one header word: printable ASCII, nothing that ends the bracket or the word.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[!#-;=?-\[\]_a-z~A-Z%]{1,900}")


@dataclass(frozen=True, slots=True, repr=False)
class Unsubscribe:
    """How a reader leaves the list: RFC 2369's header, and RFC 8058's for one click.

    >>> from sesmail import Unsubscribe
    >>> for name, value in Unsubscribe("https://example.com/u/4f2a", mailto="leave@example.com").headers:
    ...     print(f"{name}: {value}")
    List-Unsubscribe: <https://example.com/u/4f2a>, <mailto:leave@example.com>
    List-Unsubscribe-Post: List-Unsubscribe=One-Click

    With ``one_click`` the URL must take a POST without a login, a cookie or a question, and be https. Put an opaque
    token in it, not the address.
    """

    url: str = ""
    mailto: str = ""
    one_click: bool = True

    def __post_init__(self) -> None:
        for field, scheme in (("url", ""), ("mailto", "mailto:")):
            uri = header_text(getattr(self, field), field)
            if uri and not uri.startswith(scheme):
                uri = scheme + uri
            if uri and not _URI.fullmatch(uri):
                raise InvalidHeader("expected a URL of at most 900 characters, percent-encoded", field=field)
            object.__setattr__(self, field, unencoded(uri, field))
        if self.mailto:
            _check_address(self.mailto.removeprefix("mailto:").partition("?")[0])
        if not self.url and not self.mailto:
            raise InvalidHeader("give a URL, an address, or both")
        if self.url and not self.url.lower().startswith("https://" if self.one_click else ("https://", "http://")):
            raise InvalidHeader("one click needs an https URL (RFC 8058); one_click=False takes http", field="url")

    def __repr__(self) -> str:
        # The URL holds somebody's token.
        ways = [way for way, uri in (("a URL", self.url), ("an address", self.mailto)) if uri]
        return f"Unsubscribe(by {' and '.join(ways)}{', one click' * bool(self.url and self.one_click)})"

    @classmethod
    def parse(cls, value: str | Unsubscribe) -> Unsubscribe:
        """Take an https URL or a ``mailto:`` one for what it is."""
        if isinstance(value, Unsubscribe):
            return value
        return cls(mailto=value) if header_text(value, "").startswith("mailto:") else cls(value)

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The header pairs to write."""
        ways = ", ".join(f"<{uri}>" for uri in (self.url, self.mailto) if uri)
        if self.url and self.one_click:
            return ("List-Unsubscribe", ways), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
        return (("List-Unsubscribe", ways),)


def _check_address(text: str) -> None:
    try:
        Address(text)
    except InvalidAddress as error:
        raise error.inside("mailto") from error.__cause__
