"""Floor 6: SES in a box. A local Amazon SES for development and tests that real clients talk to.

May import floors 0 to 5. It imports no third-party package: botocore's service models are read as files.
"""

from __future__ import annotations

from sesmail.local.clock import BoxClock
from sesmail.local.events import Event
from sesmail.local.handles import AccountHandle, IdentityHandle
from sesmail.local.ledger import SentMail
from sesmail.local.local_ses import LocalSes
from sesmail.local.policy import PolicyProblem

__all__ = ["AccountHandle", "BoxClock", "Event", "IdentityHandle", "LocalSes", "PolicyProblem", "SentMail"]
