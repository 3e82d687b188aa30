"""Mail: a class for each kind of mail. Its fields are what its template needs; a type checker sees what is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import ClassVar

from sesmail.errors import SetupError
from sesmail.mail.address import AddressesLike
from sesmail.mail.attachment import AttachmentsLike
from sesmail.mail.message import EmailFields

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Mail:
    r"""A kind of mail.

    >>> from dataclasses import dataclass
    >>> from sesmail import Mailer
    >>> from sesmail.templates import Mail, Templates
    >>> @dataclass(frozen=True)
    ... class Receipt(Mail):
    ...     number: int
    ...     email: str
    ...
    ...     def subject(self) -> str:
    ...         return f"Your order {self.number}"
    ...
    ...     def recipients(self) -> str:
    ...         return self.email
    >>> templates = Templates({"receipt.txt": "No. {{ number }}"})
    >>> mailer = Mailer("memory://", sender="shop@example.com", templates=templates)
    >>> mail = mailer.render(Receipt(number=42, email="ada@example.org"))
    >>> mail.subject, mail.text, mail.to
    ('Your order 42', 'No. 42\n', (Address('ada@example.org'),))

    The template is ``template``, or else the name of the class: ``OrderShipped`` is ``order_shipped``. It sees the
    fields by their names, and the object itself as ``mail``. What the call says stands above what the class says, and
    that above the template.
    """

    template: ClassVar[str] = ""

    def subject(self) -> str:
        """The subject; ``""`` leaves it to the template."""
        return ""

    def recipients(self) -> AddressesLike:
        """Who gets it, unless the call says so."""
        return ()

    def attachments(self) -> AttachmentsLike:
        """Files that go with it, beside those that the template shows."""
        return ()

    def fields(self) -> EmailFields:
        """Whatever else the mail is to say: sender, headers, tags, unsubscribe."""
        return {}

    def context(self) -> Mapping[str, object]:
        """What the template sees."""
        own: type[object] = type(self)
        if not is_dataclass(own):
            raise SetupError(f"{own.__qualname__} is a Mail and no dataclass: put @dataclass above it")
        return {"mail": self, **{field.name: getattr(self, field.name) for field in fields(own)}}

    @classmethod
    def template_name(cls) -> str:
        """Which template it is rendered by."""
        return cls.template or _WORD.sub("_", cls.__name__).lower()
