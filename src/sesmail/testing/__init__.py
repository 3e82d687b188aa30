"""Floor 6: for the tests of programs that send mail. `Mailbox` catches mails, `TransportContract` tests transports.

May import floors 0 to 5. Needs neither pytest nor a network; the fixture ``mailbox`` is in `sesmail.integrations`.
"""

from __future__ import annotations

from sesmail.testing.captured import CapturedMail
from sesmail.testing.contract import TransportContract
from sesmail.testing.mailbox import Mailbox, capture

__all__ = ["CapturedMail", "Mailbox", "TransportContract", "capture"]
