"""Floor 6: for the tests of programs that send mail. `Mailbox` catches mails, `TransportContract` tests transports.

`CuttingProxy` and `HostileSmtp` are what a transport that speaks SMTP meets in a bad world. May import floors 0 to 5.
Needs neither pytest nor a network beyond this machine; the fixture ``mailbox`` is in `sesmail.integrations`.
"""

from __future__ import annotations

from sesmail.testing.captured import CapturedMail
from sesmail.testing.contract import TransportContract
from sesmail.testing.cutting_proxy import CuttingProxy
from sesmail.testing.every_cut import cuts, every_cut
from sesmail.testing.hostile_smtp import MISBEHAVIOURS, HostileSmtp, Misbehaviour
from sesmail.testing.line import Passage
from sesmail.testing.mailbox import Mailbox, capture
from sesmail.testing.plan import Flow, Plan

__all__ = [
    "MISBEHAVIOURS",
    "CapturedMail",
    "CuttingProxy",
    "Flow",
    "HostileSmtp",
    "Mailbox",
    "Misbehaviour",
    "Passage",
    "Plan",
    "TransportContract",
    "capture",
    "cuts",
    "every_cut",
]
