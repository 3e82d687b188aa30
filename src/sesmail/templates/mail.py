"""Mail: a class for each kind of mail. Its fields are what its template needs; a type checker sees what is missing.

Rule 1: a class says itself when it is wrong, and not when the first mail goes out: a field or a value in the place of a
        method is refused where the class is written.
Rule 2: a mail is not printed with its fields, whatever `dataclass` would do: they are names, addresses and codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from inspect import get_annotations
from typing import ClassVar

from sesmail.errors import SetupError
from sesmail.mail.address import AddressesLike
from sesmail.mail.attachment import AttachmentsLike
from sesmail.mail.message import EmailFields

_METHODS = frozenset({"subject", "recipients", "locale", "attachments", "fields", "context", "template_name"})
_TAKEN = _METHODS | {"template", "mail"}
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")  # before Report in dayReport and in HTTPReport


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

    The template is ``template``, or else the name of the class: ``OrderShipped`` is ``order_shipped``, and
    ``HTTPReport`` is ``http_report``. It sees the fields by their names, and the object itself as ``mail``. What the
    call says stands above what the class says, and that above the template.

    A field that is called like one of the methods is refused when the class is made. A mail is printed with the names
    of its fields only; who wants more writes a ``__repr__``.
    """

    __slots__ = ()
    template: ClassVar[str] = ""

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        for name in sorted(_TAKEN.intersection(_field_names(cls))):
            raise SetupError(f"{cls.__qualname__} has a field {name!r}, and {_MEANING[name]}: call the field otherwise")
        for name in _METHODS:
            if not _is_method(value := _found(cls, name)):
                raise SetupError(
                    f"{cls.__qualname__}.{name} is {_kind_of(value)}, and a Mail is asked by a call:"
                    f" write def {name}(self)"
                )
        if "__repr__" not in vars(cls):
            cls.__repr__ = cls.__repr__  # type: ignore[method-assign] # in its own place, so that dataclass puts none there

    def subject(self) -> str:
        """The subject; ``""`` leaves it to the template."""
        return ""

    def recipients(self) -> AddressesLike:
        """Who gets it, unless the call says so."""
        return ()

    def locale(self) -> str:
        """The language, unless the call says so; ``""`` leaves it to the templates."""
        return ""

    def attachments(self) -> AttachmentsLike:
        """Files that go with it, beside those that the template shows."""
        return ()

    def fields(self) -> EmailFields:
        """Whatever else the mail is to say: sender, headers, tags, unsubscribe."""
        return {}

    def context(self) -> Mapping[str, object]:
        """What the template sees."""
        own = type(self)
        _check_dataclass(own)  # type: ignore[arg-type] # mypy takes a class for what it makes, and asks that for its hash
        return {"mail": self, **{field.name: getattr(self, field.name) for field in fields(own)}}  # type: ignore[arg-type] # checked

    @classmethod
    def template_name(cls) -> str:
        """Which template it is rendered by."""
        return cls.template or _WORD.sub("_", cls.__name__).lower()

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({', '.join(getattr(self, '__dataclass_fields__', ()))})"


_OF_METHODS = "that is a method of every Mail"
_MEANING = {
    **dict.fromkeys(_METHODS, _OF_METHODS),
    "template": "that says for the whole class which template it has (template: ClassVar[str])",
    "mail": "that is what a template calls the object itself",
}


def _field_names(cls: type) -> Iterator[str]:
    """The fields that it has already from others, and those that `dataclass` will find in it."""
    yield from getattr(cls, "__dataclass_fields__", ())
    yield from _own_fields(cls)


def _own_fields(cls: type) -> Iterator[str]:
    # `dataclass` looks at the text as well, since annotations may be no more than that.
    return (name for name, kind in get_annotations(cls).items() if "ClassVar" not in str(kind))


@lru_cache(maxsize=256)  # it costs more than all the rest, and a class does not change
def _check_dataclass(cls: type) -> None:
    """Each class that names fields has to be one: of a base, `is_dataclass` would tell the same."""
    for one in cls.__mro__:
        if not issubclass(one, Mail):
            continue
        if "__dataclass_fields__" not in vars(one) and (next(_own_fields(one), "") or not is_dataclass(cls)):
            raise SetupError(f"{one.__qualname__} is a Mail and no dataclass: put @dataclass above it")


def _found(cls: type, name: str) -> object:
    """What the name leads to, as it was written: an attribute would be asked for its value."""
    return next(vars(one)[name] for one in cls.__mro__ if name in vars(one))


def _is_method(value: object) -> bool:
    return callable(value) or isinstance(value, classmethod)


def _kind_of(value: object) -> str:
    return "a property" if hasattr(type(value), "__get__") else f"a value ({type(value).__name__})"
