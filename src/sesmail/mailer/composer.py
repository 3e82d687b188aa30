"""Composer: what both mailers think. From what is asked to what is carried, with everything said against it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from sesmail.errors import MailError, SetupError, TemplateError
from sesmail.mail.envelope import Envelope
from sesmail.mail.message import Email, EmailFields
from sesmail.mail.outgoing import Content, Outgoing
from sesmail.mailer.defaults import Defaults
from sesmail.mailer.refusals import refusals
from sesmail.mime.writer import write
from sesmail.transports.limits import Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.mail.problem import Problem
    from sesmail.mailer.reports import TemplatedFields
    from sesmail.templates.engine import Engine
    from sesmail.templates.mail import Mail

_OF_TEMPLATES = frozenset({"template", "context", "locale"})


class Composer:
    """Completes a mail with the mailer's defaults, builds it, and holds it to the limits of its way out."""

    __slots__ = ("_defaults", "_engine", "_limits")

    def __init__(self, defaults: Defaults, limits: Limits, engine: Engine | None) -> None:
        self._defaults = defaults
        self._limits = limits
        self._engine = engine

    def email(self, email: Email | Mail | None, fields: TemplatedFields) -> Email:
        """The mail that is asked for: built from fields or a template, or a given one with some fields changed."""
        if not _OF_TEMPLATES.isdisjoint(fields) or not isinstance(email, Email | None):
            return self.written(None, self._rendered(email, fields))
        return self.written(email, cast("EmailFields", fields))

    def written(self, email: Email | None, fields: EmailFields) -> Email:
        """The mail of fields that are no template."""
        if email is None:
            return self._defaults.complete(Email(**self._defaults.first(fields)))
        if fields:
            # What the mail says stands below the call and above the mailer, name by name for tags and headers.
            said = Defaults(Email(tags=email.tags, headers=email.headers))
            email = said.complete(email.replace(**fields))
        return self._defaults.complete(email)

    def _rendered(self, mail: Email | Mail | None, fields: TemplatedFields) -> EmailFields:
        from sesmail.mailer.rendered import email_fields  # which mails without a template do without
        from sesmail.templates.mail import Mail

        if isinstance(mail, Email):
            raise SetupError("a template makes a mail: give the fields of the other one beside it, and not the Email")
        if not isinstance(mail, Mail | None):
            raise _no_mail(mail)
        return email_fields(self._engine, mail, fields)

    def outgoing(self, email: Email, envelope: Envelope | None) -> Outgoing:
        """What is carried. Raises the first thing that stands in the way."""
        outgoing = _built(email, envelope)
        for problem in refusals(outgoing, self._limits):
            problem.raise_if_blocking()
        return outgoing

    def examined(
        self, email: Email | Mail | None, fields: TemplatedFields, envelope: Envelope | None
    ) -> tuple[Outgoing | None, list[Problem]]:
        """What would be carried, if it can be built; and what can be said against it, the gravest first."""
        from sesmail.mail.problem import Problem  # who only sends needs none
        from sesmail.mailer.advice import advice

        try:
            outgoing = _built(self.email(email, fields), envelope)
        except (MailError, TemplateError) as error:
            return None, [Problem.of_error(error)]
        return outgoing, [*self._refusals(outgoing), *advice(outgoing)]

    @property
    def limits(self) -> Limits:
        """What the way out takes."""
        return self._limits

    def stored(self, email: Email, content: Content) -> Outgoing:
        """What is carried of a mail that SES makes itself. Raises the first thing that stands in the way."""
        outgoing = Outgoing(email, Envelope.of(email), content, email.ses)
        for problem in refusals(outgoing, self._limits):
            problem.raise_if_blocking()
        return outgoing

    def _refusals(self, outgoing: Outgoing) -> Iterator[Problem]:
        from sesmail.mail.problem import Problem

        try:
            yield from refusals(outgoing, self._limits)
        except MailError as error:  # the writer's own no
            yield Problem.of_error(error)


def _no_mail(given: object) -> SetupError:
    hint = "; a template is one: template='…'" if isinstance(given, str) else ""
    return SetupError(f"expected an Email, a Mail, or fields by keyword, not {type(given).__name__}{hint}")


def _built(email: Email, envelope: Envelope | None) -> Outgoing:
    if not isinstance(envelope, Envelope | None):
        raise SetupError(f"expected an Envelope, not {type(envelope).__name__}")
    content = write(email)
    return Outgoing(email, envelope or Envelope.of(email), content, email.ses)
