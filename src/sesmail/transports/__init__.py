"""Floor 3: ways out. A transport carries an `Outgoing` and gives a `SendResult`, or raises.

May import floors 0 and 1, and of floor 2 `sesmail.ses` where the way leads to SES. Knows no policy, writer or mailer.
Each transport is one file, or a room where it takes more; `base` is the contract, `limits` what a way out takes,
`option` what a URL can say.
"""

from __future__ import annotations

from sesmail._door import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.transports.base import BaseTransport as BaseTransport
    from sesmail.transports.base import BlockingTransport as BlockingTransport
    from sesmail.transports.base import LocalTransport as LocalTransport
    from sesmail.transports.base import Transport as Transport
    from sesmail.transports.console import ConsoleTransport as ConsoleTransport
    from sesmail.transports.file import FileTransport as FileTransport
    from sesmail.transports.limits import Limits as Limits
    from sesmail.transports.memory import MemoryTransport as MemoryTransport
    from sesmail.transports.null import NullTransport as NullTransport
    from sesmail.transports.ses import SesTransport as SesTransport
    from sesmail.transports.smtp.ses import SesSmtpTransport as SesSmtpTransport
    from sesmail.transports.smtp.transport import SmtpTransport as SmtpTransport
    from sesmail.transports.url import TransportUrl as TransportUrl

_HOME = {
    "BaseTransport": "base",
    "BlockingTransport": "base",
    "ConsoleTransport": "console",
    "FileTransport": "file",
    "Limits": "limits",
    "LocalTransport": "base",
    "MemoryTransport": "memory",
    "NullTransport": "null",
    "SesSmtpTransport": "smtp.ses",
    "SesTransport": "ses",
    "SmtpTransport": "smtp.transport",
    "Transport": "base",
    "TransportUrl": "url",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - a test compares it with the imports above
__getattr__ = door(__name__, _HOME)
