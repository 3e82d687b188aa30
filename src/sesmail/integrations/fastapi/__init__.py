"""FastAPI and Starlette: mailers that an application holds, opened and closed with it.

`lifespan` puts mailers on an application and closes them, `held` finds them there, `dependency` is for FastAPI alone,
and `background` sends after the response. Names are imported when they are first used, so that plain Starlette needs
no FastAPI.
"""

from __future__ import annotations

from sesmail._door import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.integrations.fastapi.background import send_after_response as send_after_response
    from sesmail.integrations.fastapi.dependency import MailerDep as MailerDep
    from sesmail.integrations.fastapi.dependency import get_mailer as get_mailer
    from sesmail.integrations.fastapi.dependency import mailer_named as mailer_named
    from sesmail.integrations.fastapi.held import mailer_of as mailer_of
    from sesmail.integrations.fastapi.lifespan import add_mailer as add_mailer
    from sesmail.integrations.fastapi.lifespan import mail_lifespan as mail_lifespan

_HOME = {
    "MailerDep": "dependency",
    "add_mailer": "lifespan",
    "get_mailer": "dependency",
    "mail_lifespan": "lifespan",
    "mailer_named": "dependency",
    "mailer_of": "held",
    "send_after_response": "background",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - a test compares it with the imports above
__getattr__ = door(__name__, _HOME, extra="fastapi", worlds=("fastapi", "starlette"))
