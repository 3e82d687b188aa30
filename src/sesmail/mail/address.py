"""Address: one mailbox, parsed once and printed from its parts.

Header and envelope print the same parts, so they cannot disagree about who gets the mail. Text is read by two files
and nowhere else: `mailbox` finds name and address in it, `addr_spec` judges the address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeGuard

from sesmail.errors import InvalidAddress
from sesmail.mail.addr_spec import normal_form, read_domain
from sesmail.mail.characters import address_text
from sesmail.mail.mailbox import likely_mistake, phrase, read_mailbox, split_mailboxes

MAX_NAME = 1000  # longer is an attack or a mistake


class SupportsAddress(Protocol):
    """An object that says how it becomes an address, such as your user model.

    >>> from sesmail import Address
    >>> class User:
    ...     def __mail_address__(self) -> Address:
    ...         return Address("ada@example.com", "Ada")
    >>> Address.parse(User())
    Address('ada@example.com', 'Ada')
    """

    def __mail_address__(self) -> str | tuple[str, str] | Address:
        """The address as text, as a pair of name and e-mail, or as a value."""


@dataclass(frozen=True, slots=True, repr=False, init=False)
class Address:
    """One mailbox: an e-mail address and, if it has one, the name of its owner.

    >>> from sesmail import Address
    >>> ada = Address("Ada.Lovelace@Bücher.example", "Lovelace, Ada")
    >>> ada.email
    'Ada.Lovelace@xn--bcher-kva.example'
    >>> print(ada)
    "Lovelace, Ada" <Ada.Lovelace@bücher.example>

    ``email`` is the normal form that goes over the wire: the local part keeps its case (but for role names such as
    ``Postmaster``, which RFC 2142 makes case-insensitive) and loses needless quotes, the domain is a lower-case
    IDNA 2008 A-label. Two addresses are equal when ``email`` and ``name`` are; use ``key`` to ask whether two people
    may be the same one.

    Raises `InvalidAddress`, a ``ValueError``, that says what is wrong. Dotless and special-use domains such as
    ``localhost`` or ``shop.test`` are fine here: whether a mail can reach them is for the way out to say.
    """

    email: str
    name: str

    def __init__(self, email: str, name: str = "") -> None:
        try:
            _set(self, "email", normal_form(email))
        except InvalidAddress as error:
            error.value = email
            raise
        _set(self, "name", _checked_name(name) if name else "")

    @classmethod
    def parse(cls, value: AddressLike) -> Address:
        """Read one mailbox: ``ada@example.com``, ``Ada <ada@example.com>``, a ``(name, email)`` pair or an object.

        A list, a group, a source route, a comment behind the address or any other trailing text is refused.
        Encoded words stay what they are: text. (`sesmail.mime.read` is what decodes a mail that came in.)

        >>> from sesmail import Address
        >>> Address.parse("Ada Lovelace <ada@example.com>").name
        'Ada Lovelace'
        >>> Address.parse(("Ada", "ada@example.com"))
        Address('ada@example.com', 'Ada')
        """
        if isinstance(value, str):
            return cls._of_text(value)
        if isinstance(value, Address):
            return value
        if isinstance(value, tuple) and len(value) == 2:
            name, email = value
            return cls(email, name)
        if _says_its_address(value):
            return cls._of_answer(value.__mail_address__())
        raise InvalidAddress(
            f"expected an address, a (name, email) pair or an object with __mail_address__, not {type(value).__name__}",
            value=value,
        )

    @classmethod
    def _of_text(cls, text: str) -> Address:
        email, name = read_mailbox(text)
        try:
            return cls(email, name)
        except InvalidAddress as error:
            if email == text.strip(" "):
                error.reason = likely_mistake(text) or error.reason
            raise

    @classmethod
    def _of_answer(cls, answer: str | tuple[str, str] | Address) -> Address:
        # An object may not answer with another object: that way lies recursion.
        if isinstance(answer, str | tuple | Address):
            return cls.parse(answer)
        raise InvalidAddress(
            f"__mail_address__ must give text, a pair or an Address, not {type(answer).__name__}", value=answer
        )

    @classmethod
    def parse_list(cls, value: AddressesLike | None) -> tuple[Address, ...]:
        """Read many: header-like text, or any mix of what `parse` takes. One bad entry fails the call and is named.

        >>> from sesmail import Address
        >>> Address.parse_list('"Lovelace, Ada" <ada@example.com>, charles@example.com')
        (Address('ada@example.com', 'Lovelace, Ada'), Address('charles@example.com'))
        >>> [address.email for address in Address.parse_list([("Ada", "ada@example.com"), "bob@example.com"])]
        ['ada@example.com', 'bob@example.com']

        A pair stands inside a list. On its own, ``("Ada", "ada@example.com")`` would be read as two addresses, and is
        refused because the first is none. Nothing (``None``, ``""``, ``[]``) is no addresses.
        """
        if value is None:
            return ()
        entries: Iterable[AddressLike]
        if isinstance(value, str):
            entries = split_mailboxes(value)
            if len(entries) == 1:
                return (cls.parse(value),)
        elif isinstance(value, Address) or _says_its_address(value):
            return (cls.parse(value),)
        elif isinstance(value, (list, tuple)) or (
            isinstance(value, Iterable) and not isinstance(value, bytes | bytearray | Mapping)
        ):
            entries = value
        else:
            raise InvalidAddress(f"expected addresses, not {type(value).__name__}", value=value)
        parse = cls.parse
        found: list[Address] = []
        for entry in entries:
            try:
                found.append(parse(entry))
            except InvalidAddress as error:
                if isinstance(value, tuple) and len(value) == 2 and not found:
                    error.reason += "; a (name, email) pair stands inside a list: [(name, email)]"
                raise error.inside(f"[{len(found)}]") from error.__cause__
        return tuple(found)

    @property
    def local(self) -> str:
        """The part before the ``@``, with its quotes where it needs them."""
        return self.email.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """The domain as it goes over the wire: lower-case ASCII."""
        return self.email.rpartition("@")[2]

    @property
    def readable(self) -> str:
        """The e-mail address for people: the domain in its own script."""
        local, _, domain = self.email.rpartition("@")
        return f"{local}@{read_domain(domain)[1]}"

    @property
    def key(self) -> str:
        """A form to compare by: equal for addresses that one mailbox may own (case and compatible forms folded).

        >>> from sesmail import Address
        >>> Address("Ada@Example.com").key == Address("ada@example.com").key
        True

        Use it to look somebody up or to keep a list of people. Never send to it: the stored address is the address.
        """
        if self.email.isascii():
            return self.email.lower()
        from unicodedata import normalize

        return normalize("NFKC", normalize("NFKC", self.email).casefold())

    @property
    def needs_smtputf8(self) -> bool:
        """True when the local part is not ASCII, which takes a server with SMTPUTF8. SES is none."""
        return not self.email.isascii()

    def __str__(self) -> str:
        return f"{phrase(self.name)} <{self.readable}>" if self.name else self.readable

    def __repr__(self) -> str:
        return f"Address({self.email!r}, {self.name!r})" if self.name else f"Address({self.email!r})"


AddressLike = str | tuple[str, str] | Address | SupportsAddress
AddressesLike = AddressLike | Iterable[AddressLike]

_set = object.__setattr__


def _says_its_address(value: object) -> TypeGuard[SupportsAddress]:
    # On the type, as for all special methods; `isinstance` on a protocol costs more than a whole parse.
    return hasattr(type(value), "__mail_address__")


def _checked_name(name: str) -> str:
    name = address_text(name, "name")
    if len(name) > MAX_NAME:
        raise InvalidAddress(f"longer than {MAX_NAME} characters", field="name", value=name)
    return name
