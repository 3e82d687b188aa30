"""Formats: dates, numbers and money as the language of the mail writes them, by Babel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal

from jinja2 import pass_context
from jinja2.runtime import Context

from sesmail.errors import MissingExtra, SetupError
from sesmail.templates.gaps import Unprintable
from sesmail.templates.rendering import current

Number = int | float | Decimal
NAMES = ("date", "time", "datetime", "number", "percent", "money")


class Formats:
    """The filters, each in the locale of the mail in the making, or in the usual one."""

    def __init__(self, usual: str) -> None:
        from babel import Locale, UnknownLocaleError, dates, numbers

        self._dates = dates
        self._numbers = numbers
        self._locale = Locale
        self._unknown = (UnknownLocaleError, ValueError)
        try:
            self._usual = str(Locale.parse(usual, sep=_separator(usual)))
        except self._unknown:
            raise SetupError(f"Babel knows no locale {usual!r}") from None

    @property
    def filters(self) -> Mapping[str, Callable[..., str]]:
        """By the names that templates use."""
        return {name: _not_folded(getattr(self, name)) for name in NAMES}

    def date(self, value: dt.date, format: str = "medium") -> str:  # noqa: A002 - as Babel calls it
        """``{{ order.date|date }}``, ``|date("long")``."""
        return self._dates.format_date(value, format, locale=self._here())

    def time(self, value: dt.time | dt.datetime, format: str = "short", tz: str | None = None) -> str:  # noqa: A002
        """``{{ start|time }}``, ``|time("short", tz="Europe/Berlin")``."""
        return self._dates.format_time(value, format, tzinfo=self._zone(tz), locale=self._here())

    def datetime(self, value: dt.datetime, format: str = "medium", tz: str | None = None) -> str:  # noqa: A002
        """``{{ start|datetime("long", tz="Europe/Berlin") }}``."""
        return self._dates.format_datetime(value, format, tzinfo=self._zone(tz), locale=self._here())

    def number(self, value: Number, format: str | None = None) -> str:  # noqa: A002
        """``{{ count|number }}``."""
        return self._numbers.format_decimal(value, format, locale=self._here())

    def percent(self, value: Number, format: str | None = None) -> str:  # noqa: A002
        """``{{ 0.19|percent }}``."""
        return self._numbers.format_percent(value, format, locale=self._here())

    def money(self, value: Number, currency: str) -> str:
        """``{{ total|money("EUR") }}``."""
        return self._numbers.format_currency(value, currency, locale=self._here())

    def _here(self) -> str:
        locale = current().locale
        if not locale:
            return self._usual
        try:
            return str(self._locale.parse(locale, sep=_separator(locale)))
        except self._unknown:  # a locale that has templates and no formats: a dialect, a made-up one
            return self._usual

    def _zone(self, name: str | None) -> dt.tzinfo | None:
        return None if name is None else self._dates.get_timezone(name)


def _not_folded(write: Callable[..., str]) -> Callable[..., str]:
    """The filter for a language that is known only while rendering. Jinja would run one on a constant once for all."""

    @pass_context
    def written(_context: Context, value: object, *values: object, **settings: object) -> str:
        if value is None:  # of which Babel would make today, and now
            raise Unprintable("is None", "ask for it first, such as {{ day|date if day else '' }}")
        return write(value, *values, **settings)

    return written


def _separator(locale: str) -> str:
    return "-" if "-" in locale else "_"


def formats(usual: str) -> Mapping[str, Callable[..., str]]:
    """The filters, or none where Babel is not installed."""
    try:
        return Formats(usual).filters
    except ImportError:
        return {}


def missing() -> MissingExtra:
    """What to say to who uses a filter that is not there."""
    return MissingExtra(package="babel", extra="babel", purpose=f"the filters {', '.join(NAMES)}")
