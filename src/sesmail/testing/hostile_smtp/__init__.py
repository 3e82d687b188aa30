"""An SMTP server that misbehaves: `HostileSmtp`, and the table of `MISBEHAVIOURS`.

``dialogue`` is what a good server says, ``misbehaviour`` how one answer can go wrong, ``table`` the named ways,
``stream`` the bytes, ``conversation`` puts these together, and ``server`` holds the door open.
"""

from __future__ import annotations

from sesmail.testing.hostile_smtp.dialogue import Reply, Step
from sesmail.testing.hostile_smtp.misbehaviour import Act, Endless, Misbehaviour
from sesmail.testing.hostile_smtp.record import Command, TakenMail
from sesmail.testing.hostile_smtp.server import HostileSmtp
from sesmail.testing.hostile_smtp.table import MISBEHAVIOURS

__all__ = ["MISBEHAVIOURS", "Act", "Command", "Endless", "HostileSmtp", "Misbehaviour", "Reply", "Step", "TakenMail"]
