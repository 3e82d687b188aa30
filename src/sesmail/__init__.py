"""sesmail: sending e-mail through Amazon SES.

The front door. Every name is imported from its own file when it is first used, so that a program pays only for what it
uses: ``import sesmail`` costs next to nothing, and no third-party package is imported here.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail import errors as errors
    from sesmail import mime as mime
    from sesmail.errors import MailError as MailError
    from sesmail.errors import NotVerified as NotVerified
    from sesmail.errors import Outcome as Outcome
    from sesmail.errors import SendError as SendError
    from sesmail.errors import SesmailError as SesmailError
    from sesmail.errors import SetupError as SetupError
    from sesmail.errors import Withheld as Withheld
    from sesmail.mail.address import Address as Address
    from sesmail.mail.address import SupportsAddress as SupportsAddress
    from sesmail.mail.alternative import Alternative as Alternative
    from sesmail.mail.attachment import Attachment as Attachment
    from sesmail.mail.attachment import SupportsAttachment as SupportsAttachment
    from sesmail.mail.envelope import Envelope as Envelope
    from sesmail.mail.message import Email as Email
    from sesmail.mail.outgoing import Content as Content
    from sesmail.mail.outgoing import Outgoing as Outgoing
    from sesmail.mail.outgoing import RecipientResult as RecipientResult
    from sesmail.mail.outgoing import SendResult as SendResult
    from sesmail.mail.problem import Problem as Problem
    from sesmail.mail.ses_options import SesOptions as SesOptions
    from sesmail.mail.unsubscribe import Unsubscribe as Unsubscribe
    from sesmail.mailer.async_mailer import AsyncMailer as AsyncMailer
    from sesmail.mailer.mailer import Mailer as Mailer
    from sesmail.mailer.reports import MailReport as MailReport
    from sesmail.mailer.reports import ManyReport as ManyReport
    from sesmail.templates.mail import Mail as Mail
    from sesmail.templates.templates import Templates as Templates
    from sesmail.transports.base import Transport as Transport
    from sesmail.transports.limits import Limits as Limits

__version__ = "0.1.0"

_HOME = {
    "Address": "sesmail.mail.address",
    "Alternative": "sesmail.mail.alternative",
    "AsyncMailer": "sesmail.mailer.async_mailer",
    "Attachment": "sesmail.mail.attachment",
    "Content": "sesmail.mail.outgoing",
    "Email": "sesmail.mail.message",
    "Envelope": "sesmail.mail.envelope",
    "Limits": "sesmail.transports.limits",
    "Mail": "sesmail.templates.mail",
    "MailError": "sesmail.errors",
    "MailReport": "sesmail.mailer.reports",
    "Mailer": "sesmail.mailer.mailer",
    "ManyReport": "sesmail.mailer.reports",
    "NotVerified": "sesmail.errors",
    "Outcome": "sesmail.errors",
    "Outgoing": "sesmail.mail.outgoing",
    "Problem": "sesmail.mail.problem",
    "RecipientResult": "sesmail.mail.outgoing",
    "SendError": "sesmail.errors",
    "SendResult": "sesmail.mail.outgoing",
    "SesOptions": "sesmail.mail.ses_options",
    "SesmailError": "sesmail.errors",
    "SetupError": "sesmail.errors",
    "SupportsAddress": "sesmail.mail.address",
    "SupportsAttachment": "sesmail.mail.attachment",
    "Templates": "sesmail.templates.templates",
    "Transport": "sesmail.transports.base",
    "Unsubscribe": "sesmail.mail.unsubscribe",
    "Withheld": "sesmail.errors",
    "errors": "",
    "mime": "",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - a test compares it with the imports above


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'sesmail' has no attribute {name!r}")
    from importlib import import_module

    home = _HOME[name]
    value: object = getattr(import_module(home), name) if home else import_module(f"sesmail.{name}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
