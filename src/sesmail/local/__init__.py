"""Floor 6: SES in a box. A local Amazon SES for development and tests that real clients talk to.

May import floors 0 to 5. The API needs no third-party package: botocore's service models are read as files. SMTP needs
cryptography, for its certificates.
"""

from __future__ import annotations

from sesmail.local.chaos import Chaos, Mishap
from sesmail.local.clock import BoxClock
from sesmail.local.events import Event
from sesmail.local.handles import AccountHandle, IdentityHandle
from sesmail.local.ledger import SentMail
from sesmail.local.local_ses import LocalSes
from sesmail.local.policy import PolicyProblem
from sesmail.local.smtp.options import SmtpAccess, SmtpOptions
from sesmail.local.trouble import Kind, Trouble
from sesmail.local.verification.links import VerificationMail

__all__ = [
    "AccountHandle",
    "BoxClock",
    "Chaos",
    "Event",
    "IdentityHandle",
    "Kind",
    "LocalSes",
    "Mishap",
    "PolicyProblem",
    "SentMail",
    "SmtpAccess",
    "SmtpOptions",
    "Trouble",
    "VerificationMail",
]
