"""Settings: what ``app.config`` says about a mailer, under ``SESMAIL_``, or ``SESMAIL_NEWS_`` for the mailer ``news``.

Rule 1: a key that no mailer of the application has is an error that names the nearest. The mailers that are still to
        come are not known at `init_app`, so what may be one of theirs is held against all when the first mail is sent.
Rule 2: a mailer has its own keys only. What it does not say is not taken from another one.
Rule 3: values are not repeated in errors: a URL holds a password.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sesmail.errors import SetupError, UnknownOption
from sesmail.mail.address import AddressesLike, AddressLike
from sesmail.mail.message import Headers
from sesmail.transports.base import Transport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.templates.sources import Source

PREFIX = "SESMAIL_"
# Each key, and of which types its value may be where the mailer itself does not judge.
KEYS: Mapping[str, tuple[type, ...]] = {
    "URL": (),
    "SENDER": (),
    "REPLY_TO": (),
    "HEADERS": (),
    "TAGS": (Mapping,),
    "CONFIGURATION_SET": (str,),
    "TEMPLATES": (),
    "BASE_URL": (str,),
    "INLINE_CSS": (bool,),
    "LOCALE": (str,),
    "TRANSLATIONS": (str, os.PathLike),
    "CATCH": (bool,),
}
OF_TEMPLATES = ("TEMPLATES", "INLINE_CSS", "LOCALE", "TRANSLATIONS")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """What one mailer is told, read once."""

    prefix: str
    said: Mapping[str, object]
    root: Path

    @classmethod
    def read(cls, name: str, config: Mapping[str, object], root: str) -> Settings:
        """The settings of the mailer ``name``. ``None`` says nothing."""
        prefix = prefix_of(name)
        found = {key: config[prefix + key] for key in KEYS if config.get(prefix + key) is not None}
        for key, value in found.items():
            if KEYS[key] and not isinstance(value, KEYS[key]):
                wanted = " or ".join(kind.__name__ for kind in KEYS[key])
                raise SetupError(f"app.config[{prefix + key!r}] is {wanted}, and not {type(value).__name__}")
        return cls(prefix, found, Path(root))

    @property
    def url(self) -> str | Transport:
        """Where mails go: as configured, or as the environment says; ``""`` where nobody does."""
        return cast("str | Transport", self.said.get("URL") or os.environ.get(f"{self.prefix}URL", ""))

    @property
    def sender(self) -> AddressLike | None:
        """From whom they are."""
        return cast("AddressLike | None", self.said.get("SENDER"))

    @property
    def reply_to(self) -> AddressesLike:
        """Where answers go."""
        return cast("AddressesLike", self.said.get("REPLY_TO", ()))

    @property
    def headers(self) -> Headers:
        """What every mail has in its head."""
        return cast("Headers", self.said.get("HEADERS", ()))

    @property
    def tags(self) -> Mapping[str, str]:
        """What every mail is tagged with."""
        return cast("Mapping[str, str]", self.said.get("TAGS", {}))

    @property
    def base_url(self) -> str:
        """Where the site is, as in ``https://shop.example``."""
        return self.text("BASE_URL").rstrip("/")

    def text(self, key: str) -> str:
        """A text; empty where it is not said."""
        return cast("str", self.said.get(key, ""))

    @property
    def inlines_css(self) -> bool:
        """Whether style sheets go into attributes."""
        return bool(self.said.get("INLINE_CSS", False))

    @property
    def translations(self) -> Path | None:
        """The folder of catalogues."""
        return self.root / cast("str", self.said["TRANSLATIONS"]) if "TRANSLATIONS" in self.said else None

    @property
    def sources(self) -> list[Source]:
        """Where templates come from, if that is said. Folders are seen from the application's own."""
        given = self.said.get("TEMPLATES", ())
        several = given if isinstance(given, list | tuple) else [given]
        return [self._source(cast("Source", one)) for one in several]

    def _source(self, source: Source) -> Source:
        if not isinstance(source, str | os.PathLike):
            return source
        # "package:folder" is no folder; "C:\mails" is one.
        names_package = isinstance(source, str) and ":" in source and not Path(source).is_absolute()
        return source if names_package else self.root / source

    def __repr__(self) -> str:
        return f"Settings({', '.join(self.prefix + key for key in self.said)})"


def prefix_of(name: str) -> str:
    """What the keys of a mailer begin with."""
    if name and not _NAME.fullmatch(name):
        raise SetupError(f"a mailer's name is of lower-case letters, digits and _, as in 'news', and not {name!a}")
    return f"{PREFIX}{name.upper()}_" if name else PREFIX


def keys_of(name: str) -> set[str]:
    """All that may be said about a mailer."""
    return {prefix_of(name) + key for key in KEYS}


def check_name(name: str, others: Collection[str]) -> None:
    """Refuse a name that is taken, or whose keys could be another's: ``base`` has SESMAIL_BASE_URL."""
    if name in others:
        known = repr(name) if name else "without a name"
        raise SetupError(f"this app has a mailer {known} already: give one of them name='…'")
    for other in {"", *others} - {name}:
        if shared := keys_of(name) & keys_of(other):
            raise SetupError(f"the mailer cannot be called {name!r}: {min(shared)} would be a key of two mailers")


def check_keys(config: Iterable[str], names: Collection[str], *, all_are_here: bool) -> None:
    """Refuse a key that is nobody's."""
    known = set().union(*map(keys_of, {"", *names}))
    for key in config:
        if not key.startswith(PREFIX) or key in known:
            continue
        if not all_are_here and any(key.endswith(f"_{last}") and key != PREFIX + last for last in KEYS):
            continue  # perhaps of a mailer that is still to come
        raise UnknownOption(key, known=known, where="app.config")
