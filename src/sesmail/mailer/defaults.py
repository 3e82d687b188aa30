"""Defaults: what a mailer adds to mails that do not say it themselves.

The nearest word counts: the call, then the mail, then the mailer, then the environment. For tags and headers that is
so name by name; everything else is taken whole. What is empty is not said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from os import environ

from sesmail.errors import MailError, SetupError
from sesmail.mail.address import AddressesLike, AddressLike
from sesmail.mail.message import Email, EmailFields, Headers
from sesmail.mail.ses_options import SesOptions

FROM = "SESMAIL_FROM"
REPLY_TO = "SESMAIL_REPLY_TO"
CONFIGURATION_SET = "SESMAIL_CONFIGURATION_SET"


class Defaults:
    """The defaults as a mail that holds them, so that they are read and checked like any mail."""

    __slots__ = ("pattern",)

    def __init__(self, pattern: Email) -> None:
        self.pattern = pattern

    @classmethod
    def of(
        cls,
        *,
        sender: AddressLike | None,
        reply_to: AddressesLike | None,
        headers: Headers,
        tags: Mapping[str, str] | None,
        configuration_set: str,
    ) -> Defaults:
        """What the mailer was given, over what the environment says."""
        ours = Email(
            sender=sender,
            reply_to=reply_to,
            headers=headers,
            tags=tags,
            ses=SesOptions(configuration_set=configuration_set),
        )
        return cls(_from_environment(environ).complete(ours))

    def first(self, fields: EmailFields) -> EmailFields:
        """The fields of a mail yet to be built, over the defaults that need no putting together. Spares a copy."""
        pattern = self.pattern
        if pattern.sender is not None:
            fields.setdefault("sender", pattern.sender)
        if pattern.reply_to:
            fields.setdefault("reply_to", pattern.reply_to)
        return fields

    def complete(self, email: Email) -> Email:
        """The mail with what it does not say itself; the mail itself where it says all."""
        changes: EmailFields = {}
        pattern = self.pattern
        if pattern.sender is not None and email.sender is None:
            changes["sender"] = pattern.sender
        if pattern.reply_to and not email.reply_to:
            changes["reply_to"] = pattern.reply_to
        if pattern.headers and (missing := _missing(pattern.headers, email.headers)):
            changes["headers"] = [*email.headers, *missing]
        if pattern.tags and not email.tags.keys() >= pattern.tags.keys():
            changes["tags"] = {**pattern.tags, **email.tags}
        if pattern.ses.configuration_set and not email.ses.configuration_set:
            changes["ses"] = replace(email.ses, configuration_set=pattern.ses.configuration_set)
        return email.replace(**changes) if changes else email


def _missing(defaults: tuple[tuple[str, str], ...], own: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    names = {name.lower() for name, _ in own}
    return [(name, value) for name, value in defaults if name.lower() not in names]


_READ: dict[str, Callable[[str], Email]] = {
    FROM: lambda text: Email(sender=text),
    REPLY_TO: lambda text: Email(reply_to=text),
    CONFIGURATION_SET: lambda text: Email(ses=SesOptions(configuration_set=text)),
}


def _from_environment(environment: Mapping[str, str]) -> Defaults:
    """What the environment says; an empty variable says nothing."""
    defaults = Defaults(Email())
    for variable, read in _READ.items():
        if text := environment.get(variable, ""):
            try:
                defaults = Defaults(defaults.complete(read(text)))
            except MailError as error:
                raise SetupError(f"the environment variable {variable} is wrong: {error.reason}") from error
    return defaults
