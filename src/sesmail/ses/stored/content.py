"""StoredTemplate: the content of a mail that SES makes itself: the name of a template, and data for its gaps.

Rule 1: whom it is for, the envelope says. A row says what its people get, and a row of whom the envelope names nobody
        is not sent.
Rule 2: data is what JSON can hold, and is copied when a row is built. Nobody changes it afterwards.
Rule 3: a row's data over the data of all is put together here. What SES itself does where a row has only some of the
        names is told in different ways, so it is never asked to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from sesmail.errors import InvalidHeader, MailError, SetupError, TooLarge, UnknownOption, Unsupported
from sesmail.mail.address import Address, AddressesLike
from sesmail.mail.characters import header_text
from sesmail.mail.frozen_map import FrozenMap
from sesmail.mail.message import Headers, Scalar, at_field, header_pairs, own_place, read_metadata
from sesmail.mail.unsubscribe import Unsubscribe

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
LARGEST_DATA = 262_144  # characters of JSON for one mail
INSTEAD = ("SES API v2 (ses://)",)
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
Data = Mapping[str, object]


class RowFields(TypedDict, total=False):
    """The keywords of a `StoredRow`."""

    to: AddressesLike
    cc: AddressesLike
    bcc: AddressesLike
    data: Data
    headers: Headers
    tags: Mapping[str, str]
    metadata: Mapping[str, Scalar]
    unsubscribe: str | Unsubscribe | None


@dataclass(frozen=True, slots=True, repr=False, init=False)
class StoredRow:
    """One mail of several that are made of one template: its people, its data, and what else is its own.

    >>> from sesmail.ses.stored.content import StoredRow
    >>> row = StoredRow(to="Ada <ada@example.org>", data={"name": "Ada"})
    >>> row.recipients, row.data["name"]
    ((Address('ada@example.org', 'Ada'),), 'Ada')

    Those of one row see each other, as To and Cc. ``headers`` and ``tags`` stand above those of all rows, name by name;
    ``metadata`` and ``unsubscribe`` take the place of theirs.
    """

    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    data: FrozenMap[object] = field(hash=False)
    headers: tuple[tuple[str, str], ...]
    tags: FrozenMap[str]
    metadata: FrozenMap[Scalar]
    unsubscribe: Unsubscribe | None

    def __init__(
        self,
        *,
        to: AddressesLike = (),
        cc: AddressesLike = (),
        bcc: AddressesLike = (),
        data: Data | None = None,
        headers: Headers = (),
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Scalar] | None = None,
        unsubscribe: str | Unsubscribe | None = None,
    ) -> None:
        seen: set[str] = set()
        for name, addresses in (("to", to), ("cc", cc), ("bcc", bcc)):
            _set(self, name, tuple(_first_mentions(at_field(name, Address.parse_list, addresses), seen)))
        if not seen:
            raise MailError("there is no recipient", field="to")
        _set(self, "data", read_data(data))
        _set(self, "headers", _headers(headers))
        _set(self, "tags", _tags(tags or {}))
        _set(self, "metadata", read_metadata(metadata or {}))
        _set(self, "unsubscribe", at_field("unsubscribe", Unsubscribe.parse, unsubscribe) if unsubscribe else None)
        if self.headers or self.metadata or self.unsubscribe:
            from sesmail.ses.stored.heads import checked, own_headers  # which many rows do without

            checked(own_headers(self))

    @classmethod
    def parse(cls, value: StoredRow | RowFields) -> StoredRow:
        """A row, or a mapping of its fields."""
        if isinstance(value, StoredRow):
            return value
        if not isinstance(value, Mapping):
            raise SetupError(f"a row is a StoredRow or a mapping of its fields, not {type(value).__name__}")
        for name in value:
            if name not in RowFields.__annotations__:
                raise UnknownOption(str(name), known=list(RowFields.__annotations__), where="a row")
        return cls(**value)

    @property
    def recipients(self) -> tuple[Address, ...]:
        """Everyone, in the order to, cc, bcc, each once."""
        return self.to + self.cc + self.bcc

    def __repr__(self) -> str:
        return f"StoredRow({len(self.recipients)} recipients, {len(self.data)} variables)"


RowLike = StoredRow | RowFields
_set = object.__setattr__


def _first_mentions(addresses: tuple[Address, ...], seen: set[str]) -> Iterator[Address]:
    for address in addresses:
        if address.email not in seen:
            seen.add(address.email)
            yield address


def read_data(data: Data | None) -> FrozenMap[object]:
    """Data as JSON will hold it: a copy, in which dates and the like are refused and not guessed at."""
    if data is None:
        return FrozenMap()
    if not isinstance(data, Mapping):
        raise MailError(f"expected a mapping of variable to value, not {type(data).__name__}", field="data")
    try:
        text = json.dumps(dict(data), allow_nan=False, ensure_ascii=False, default=_as_dict)
        text.encode()  # half a pair of surrogates is no text
    except (TypeError, ValueError, RecursionError):
        raise MailError(
            "JSON cannot hold it; give texts, numbers, truth values, None, and lists and mappings of these",
            field="data",
        ) from None  # which may quote it
    return FrozenMap(json.loads(text))


def _as_dict(value: object) -> object:
    """A mapping that is no ``dict``, further inside."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError


def _headers(headers: Headers) -> tuple[tuple[str, str], ...]:
    pairs = header_pairs(headers)
    for name, _ in pairs:
        if own := own_place(name):
            raise InvalidHeader(f"this header has its own place: {own}", field=f"headers[{name!r}]")
    return pairs


def _tags(tags: Mapping[str, str]) -> FrozenMap[str]:
    if not isinstance(tags, Mapping):
        raise InvalidHeader(f"expected a mapping of name to value, not {type(tags).__name__}", field="tags")
    for name, value in tags.items():
        texts = header_text(name, "tags"), header_text(value, f"tags[{name!a}]")
        if not all(map(_TAG.fullmatch, texts)):
            raise InvalidHeader(
                "SES takes letters, digits, _ and - in the name and the value of a tag, and 1 to 256 of them",
                field=f"tags[{name[:60]!a}]",
            )
    return FrozenMap(tags)


@dataclass(frozen=True, slots=True, repr=False)
class StoredTemplate:
    """A template by its name, and what fills its gaps: one row for each mail that is made of it.

    >>> from sesmail.ses.stored.content import StoredRow, StoredTemplate
    >>> rows = StoredRow(to="ada@example.org", data={"name": "Ada"}), StoredRow(to="bob@example.org")
    >>> StoredTemplate("news", rows, {"name": "reader"})
    StoredTemplate('news', 2 rows)

    It is a `Content` without bytes: SES makes those. Who asks for them, such as a transport that is not SES's API v2,
    gets `Unsupported`. Nobody stands in two rows: one call takes an address once.
    """

    name: str
    rows: tuple[StoredRow, ...]
    data: Data = field(default=FrozenMap(), hash=False)
    """For all rows. What a row says itself stands above it, name by name."""
    added_headers: tuple[tuple[str, str], ...] = ()
    places: tuple[int, ...] = field(default=(), compare=False)
    """Of each row among all that its author gave, where that is known: errors name it."""
    texts: tuple[str, ...] = field(init=False, compare=False)
    """The data of each row as the JSON that SES gets."""

    def __post_init__(self) -> None:
        _set(self, "name", checked_name(self.name))
        rows = tuple(self.rows)
        _set(self, "rows", rows)
        _set(self, "data", read_data(self.data))
        if not rows:
            raise MailError("there is no row, and so nobody to send it to", field="rows")
        _check_each_once(rows)
        texts = [data_text(self.data, row, field=f"rows[{index}].data") for index, row in enumerate(rows)]
        _set(self, "texts", tuple(texts))

    @property
    def stored_template(self) -> str:
        """The name of the template."""
        return self.name

    @property
    def message_id(self) -> str:
        """None: SES gives it one."""
        return ""

    @property
    def needs_smtputf8(self) -> bool:
        """Never: it goes by the API."""
        return False

    @property
    def size(self) -> int:
        """How many bytes of JSON."""
        return sum([len(text.encode()) for text in self.texts])

    def to_bytes(self) -> bytes:
        """There are none."""
        raise no_bytes()

    def chunks(self) -> Iterator[bytes]:
        """There are none."""
        raise no_bytes()

    def as_utf8(self) -> StoredTemplate:
        """There are no bytes to write in it."""
        raise no_bytes()

    def with_headers(self, pairs: Headers) -> StoredTemplate:
        """The same with these headers in front."""
        from dataclasses import replace

        return replace(self, added_headers=(*header_pairs(pairs), *self.added_headers))

    def __repr__(self) -> str:
        return f"StoredTemplate({self.name!r}, {len(self.rows)} rows)"


def data_text(data: Data, row: StoredRow, *, field: str = "data") -> str:
    """The data of a row over that of all, as the JSON that SES gets."""
    text = json.dumps({**data, **row.data}, ensure_ascii=False)
    if len(text) > LARGEST_DATA:
        raise TooLarge(
            f"{len(text):,} characters of JSON, and SES takes at most {LARGEST_DATA:,} for one mail",
            size=len(text),
            limit=LARGEST_DATA,
            field=field,
        )
    return text


def checked_name(name: str) -> str:
    """The name of a template, as SES takes it."""
    if NAME.fullmatch(header_text(name, "template")):
        return name
    raise MailError("the name of a template is 1 to 64 letters, digits, _ and -", field="template")


def _check_each_once(rows: tuple[StoredRow, ...]) -> None:
    seen: dict[str, int] = {}
    for index, row in enumerate(rows):
        for address in row.recipients:
            first = seen.setdefault(address.email, index)
            if first != index:
                raise MailError(
                    f"somebody in it is in rows[{first}] too, and one call takes an address once; send it in another",
                    field=f"rows[{index}]",
                )


def no_bytes() -> Unsupported:
    """What everybody hears who is not SES's API v2."""
    return Unsupported(
        "the mail is made by SES of a template that SES keeps, and has no bytes here; only SES's API v2 sends it",
        feature="stored templates",
        instead=INSTEAD,
        field="template",
    )


def stored_of(content: object) -> StoredTemplate:
    """The content of a mail of which it is known that it is one of these."""
    if not isinstance(content, StoredTemplate):
        raise SetupError(f"a content that names a stored template is a StoredTemplate, not {type(content).__name__}")
    return content
