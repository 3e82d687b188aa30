"""Settings: what Django's settings say about sesmail, read once for each alias, as a value.

The nearest word counts, name by name: the ``OPTIONS`` of an alias in ``MAILERS`` (Django 6.1), then ``SESMAIL``, then
``SESMAIL_URL``, then the environment's ``SESMAIL_URL``, then the settings of django-ses and django-anymail
(`inherited`). These come last: ``AWS_ACCESS_KEY_ID`` may be there for other things than mail.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from os import environ
from typing import Any

from sesmail.errors import MailError, SetupError, UnknownOption
from sesmail.mail.address import Address
from sesmail.mail.frozen_map import FrozenMap
from sesmail.mail.message import Email, at_field
from sesmail.mail.ses_options import SesOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.templates.engine import Engine

URL = "SESMAIL_URL"
SESMAIL = "SESMAIL"
_PLAIN = (
    *("url", "sender", "reply_to", "headers", "tags", "return_path"),
    *("message_tag", "ignore_unsupported", "templates"),
)
# What a mail asks of SES: each a setting too, for the mails that do not say it themselves.
_OF_SES = (
    *("configuration_set", "tenant", "from_arn", "source_arn", "return_path_arn"),
    *("feedback_address", "contact_list", "topic", "endpoint_id"),
)
KNOWN = (*_PLAIN, *_OF_SES)
_NONE: FrozenMap[str] = FrozenMap()


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one backend. Equal settings share one mailer.

    >>> from sesmail.integrations.django.settings import Settings
    >>> Settings.of({"url": "memory://", "sender": "Shop <shop@example.com>"}).sender
    Address('shop@example.com', 'Shop')
    >>> Settings.of({"sendr": "shop@example.com"})
    Traceback (most recent call last):
        ...
    sesmail.errors.UnknownOption: SESMAIL has no option 'sendr'; did you mean 'sender'?
    """

    url: str = field(default="", repr=False)
    sender: Address | None = None
    """For mails whose ``from_email`` is Django's placeholder."""
    reply_to: tuple[Address, ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    tags: FrozenMap[str] = field(default=_NONE, repr=False)
    return_path: Address | None = None
    message_tag: str = ""
    """The name of the tag that a tag without a name becomes, as django-anymail's users have them."""
    ignore_unsupported: bool = False
    templates: str | Engine | None = field(default=None, repr=False)
    ses: FrozenMap[str] = _NONE

    @classmethod
    def of(cls, said: Mapping[str, Any], *, where: str = SESMAIL) -> Settings:
        """Read them. Raises `SetupError` for what is none, and names the nearest."""
        check_names(said, where)
        try:
            mail = Email(
                sender=said.get("sender"),
                reply_to=said.get("reply_to", ()),
                headers=said.get("headers", ()),
                tags=said.get("tags"),
            )
            path = said.get("return_path")
            return cls(
                url=_text(said, "url", where),
                sender=mail.sender,
                reply_to=mail.reply_to,
                headers=mail.headers,
                tags=mail.tags,
                return_path=at_field("return_path", Address.parse, path) if path else None,
                message_tag=_text(said, "message_tag", where),
                ignore_unsupported=bool(said.get("ignore_unsupported", False)),
                templates=_templates(said.get("templates"), where),
                ses=_ses({name: said[name] for name in _OF_SES if said.get(name)}),
            )
        except MailError as error:
            raise SetupError(f"{where} is wrong: {error}") from error


def check_names(said: Mapping[str, Any], where: str) -> None:
    """Whether they all are settings."""
    if not isinstance(said, Mapping):
        raise SetupError(f"{where} is a mapping of settings, not {type(said).__name__}")
    for name in said:
        if name not in KNOWN:
            raise UnknownOption(str(name), known=KNOWN, where=where)


@lru_cache(maxsize=32)
def _current() -> Settings:
    return Settings.of(said_by_django())


def current() -> Settings:
    """What Django's settings say now. They are read again when Django tells that one has changed."""
    return _current()


def forget() -> None:
    """Read them again when they are next asked for."""
    _current.cache_clear()
    _of_alias.clear()


# Django makes a backend for each send, and hands it the same options each time.
_of_alias: dict[str, tuple[Mapping[str, Any], Settings]] = {}


def with_options(options: Mapping[str, Any], alias: str | None) -> Settings:
    """The settings of an alias, or of a backend that was made with options of its own."""
    if not options:
        return current()
    known = _of_alias.get(alias or "")
    if known is None or known[0] != options:
        where = f"MAILERS[{alias!r}]['OPTIONS']" if alias else "EmailBackend"
        known = _of_alias[alias or ""] = dict(options), Settings.of({**said_by_django(), **options}, where=where)
    return known[1]


def said_by_django() -> dict[str, Any]:
    """All that is said, by name."""
    from django.conf import settings

    from sesmail.integrations.django.inherited import inherited

    own = getattr(settings, SESMAIL, None) or {}
    check_names(own, SESMAIL)
    url = getattr(settings, URL, "") or environ.get(URL, "")
    return {**inherited(settings), **({"url": url} if url else {}), **own}


def _text(said: Mapping[str, Any], name: str, where: str) -> str:
    value = said.get(name, "")
    if not isinstance(value, str):
        raise SetupError(f"{where}: {name} is text, not {type(value).__name__}")
    return value


def _templates(named: Any, where: str) -> Any:  # noqa: ANN401 - the mailer looks at it more closely
    if not isinstance(named, Hashable):  # as mailers are kept by their settings
        raise SetupError(f"{where}: templates is one folder, engine or dotted name, not {type(named).__name__}")
    return named


def _ses(said: dict[str, str]) -> FrozenMap[str]:
    SesOptions(**said)  # which says what is wrong with them
    return FrozenMap(said)
