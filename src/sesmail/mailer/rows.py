"""Rows: many mails that have something in common, such as their template, and each a row of its own."""

from __future__ import annotations

from sesmail.errors import SetupError
from sesmail.mail.message import Email
from sesmail.mailer.reports import MailFields, MailLike, TemplatedFields
from sesmail.templates.mail import Mail


def check_one_of(mails: object, rows: object, common: TemplatedFields) -> None:
    """Mails come one way or the other, and only rows have something in common."""
    if mails is not None and (rows is not None or common):
        raise SetupError("what is said once for all goes with rows=: leave out the mails, or put it into each of them")
    if mails is None and rows is None:
        raise SetupError("there is nothing to send: give mails, or rows= with what they have in common")


def asked(common: TemplatedFields, mail: MailLike) -> tuple[Email | Mail | None, MailFields]:
    """What `send` is called with: a mail, or its fields over what all have in common."""
    if isinstance(mail, Email | Mail):
        if common:  # left out it would not be missed, and put above it would say more than the mail itself
            raise SetupError(
                f"a row that is {type(mail).__name__} has all its fields, so {', '.join(common)} cannot be said for"
                " all: give the fields of each row, or put it into the mails"
            )
        return mail, {}
    return None, over(common, mail)


def over(common: TemplatedFields, row: MailFields) -> MailFields:
    """What a row says, over what all have in common. Contexts are put together name by name.

    >>> from sesmail.mailer.rows import over
    >>> over({"template": "news", "context": {"month": "May"}}, {"to": "ada@example.org", "context": {"name": "Ada"}})
    {'template': 'news', 'context': {'month': 'May', 'name': 'Ada'}, 'to': 'ada@example.org'}
    """
    context = {**(common.get("context") or {}), **(row.get("context") or {})}
    return {**common, **row, "context": context} if context else {**common, **row}
