"""Rendered: from a template, or a `Mail`, and the rest of what a mail says, to the fields of an `Email`.

Rule 1: what the call says stands above what a `Mail` says of itself, and that above what the template gives. Tags and
        headers are put together name by name.
Rule 2: attachments come together: those of the call or the `Mail`, and those that the template shows.
Rule 3: the template shows the URL by which the header says how to unsubscribe, so the two cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from sesmail.errors import SetupError, UnknownOption
from sesmail.mail.attachment import Attachment
from sesmail.mail.message import Email, EmailFields, at_field
from sesmail.mail.unsubscribe import Unsubscribe
from sesmail.mailer.defaults import Defaults
from sesmail.mailer.reports import TemplatedFields
from sesmail.templates.engine import Engine
from sesmail.templates.mail import Mail

NOTHING: Mapping[str, object] = {}
_FIELDS = EmailFields.__optional_keys__


def email_fields(engine: Engine | None, mail: Mail | None, asked: TemplatedFields) -> EmailFields:
    """The fields of the mail, with the texts that the template gives."""
    template, context, locale = asked.pop("template", ""), asked.pop("context", NOTHING), asked.pop("locale", "")
    context = _mapping(context)
    fields = cast("EmailFields", asked)
    if mail is not None:
        if template:
            raise SetupError(f"{type(mail).__name__} has its own template; give one of the two")
        template, context = mail.template_name(), {**mail.context(), **context}
        locale = locale or mail.locale()
        fields = _over(_said_by(mail), fields)
    elif not template:
        raise SetupError("context and locale go with a template: give template= too")
    _check_fields(fields)
    if engine is None:
        raise SetupError("this mailer has no templates: give it some, such as Mailer(…, templates='mails/')")
    if subject := fields.get("subject"):  # which the page may show, as it does one of the template
        context = {"subject": subject, **context}
    made = engine.render(template, context, locale=locale, unsubscribe_url=_url(fields))
    texts: EmailFields = {"subject": made.subject, "text": made.text, "html": made.html}
    files = at_field("attachments", Attachment.parse_list, fields.get("attachments"))
    return {**texts, **_said(fields), "attachments": (*files, *made.attachments)}


def _said(fields: EmailFields) -> EmailFields:
    """What is empty is not said; ``None`` for a text or the HTML is: then there is none."""
    return cast("EmailFields", {name: value for name, value in fields.items() if not _is_empty(value)})


def _is_empty(value: object) -> bool:
    return isinstance(value, str | tuple | list) and not value


def _mapping(context: object) -> Mapping[str, object]:
    if not isinstance(context, Mapping | None):
        raise SetupError(f"context is a mapping of names to values, and not {type(context).__name__}")
    return context or NOTHING


def _check_fields(fields: EmailFields) -> None:
    """Before a template misses what was meant for it."""
    for name in fields:
        if name not in _FIELDS:
            raise UnknownOption(name, known=sorted(_FIELDS), where="a mail (what a template prints is in context=)")


def _said_by(mail: Mail) -> EmailFields:
    own: EmailFields = {"to": mail.recipients(), "attachments": mail.attachments()}
    if subject := mail.subject():
        own["subject"] = subject
    return {**own, **mail.fields()}


def _over(own: EmailFields, call: EmailFields) -> EmailFields:
    """What the call says over what the `Mail` does; tags and headers name by name, as over an `Email`."""
    call = _said(call)
    if not {"tags", "headers"} & own.keys() & call.keys():
        return {**own, **call}
    said = Defaults(Email(tags=own.get("tags"), headers=own.get("headers", ())))
    both = said.complete(Email(tags=call.get("tags"), headers=call.get("headers", ())))
    return {**own, **call, "tags": both.tags, "headers": both.headers}


def _url(fields: EmailFields) -> str:
    given = fields.get("unsubscribe")
    if not given:
        return ""
    unsubscribe = at_field("unsubscribe", Unsubscribe.parse, given)
    return unsubscribe.url or unsubscribe.mailto
