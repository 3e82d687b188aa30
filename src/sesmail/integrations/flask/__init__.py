"""Flask: an extension that holds mailers for applications.

`extension` is `SesMail`, and `holder` what it keeps in an application. `settings` reads ``app.config``, `app_mailer`
sends, `mail_templates` makes mails of the application's templates, `site` builds links, `signals` tells of mails, and
`commands` is ``flask sesmail``.
"""

from __future__ import annotations

from sesmail.errors import MissingExtra

try:
    import flask as _flask  # noqa: F401 - asked for here, so that its absence is told once
except ModuleNotFoundError as error:
    if error.name != "flask":
        raise
    raise MissingExtra(package="flask", extra="flask", purpose="sesmail.integrations.flask") from error

from sesmail.integrations.flask.app_mailer import AppMailer
from sesmail.integrations.flask.extension import SesMail
from sesmail.integrations.flask.signals import mail_failed, mail_sent

__all__ = ["AppMailer", "SesMail", "mail_failed", "mail_sent"]
