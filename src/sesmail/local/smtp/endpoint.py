"""The endpoint of SMTP: users and passwords, and from a letter to the box. What `local.endpoint` is to HTTP."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hmac import compare_digest

from sesmail.errors import SetupError
from sesmail.local.box import Box
from sesmail.local.call import Call
from sesmail.local.dispatch import send
from sesmail.local.faults import Fault
from sesmail.local.here import Here
from sesmail.local.keys import DEFAULT_SECRET, OF_ROLES
from sesmail.local.listeners import Listener, own_mistake, tell
from sesmail.local.raw_mail import RawMail
from sesmail.local.sending import LARGEST, Sending
from sesmail.local.smtp.login import Credentials
from sesmail.local.smtp.office import Letter
from sesmail.local.smtp.replies import Reply, reply_to
from sesmail.ses.smtp_password import smtp_password


@dataclass(frozen=True, slots=True, repr=False)
class SmtpEndpoint:
    """Knows the keys of a box, and hands letters to it: an `Office`. Its Region is that of the door."""

    box: Box
    region: str
    largest: int = LARGEST
    on_call: Listener | None = None
    source_ip: str = "127.0.0.1"

    def at(self, source_ip: str) -> SmtpEndpoint:
        """The same for a client at this address."""
        return replace(self, source_ip=source_ip)

    def password_of(self, key_id: str) -> str:
        """The password that goes with an access key of the box."""
        with self.box.lock:
            key = self.box.keys.keys.get(key_id)
        if key is None or key_id.startswith(OF_ROLES):
            raise SetupError(f"{key_id!r:.40} is no key of a user of this box; add it with add_key")
        return smtp_password(key.secret, self.region)

    def knows(self, credentials: Credentials) -> bool:
        """Whether this is the password for a key of a user, in this Region. Keys of roles have none."""
        try:
            password = self.password_of(credentials.user)
        except SetupError:
            smtp_password(DEFAULT_SECRET, self.region)  # so that it takes as long
            return False
        return compare_digest(password.encode(), credentials.password.encode())

    def take(self, letter: Letter) -> Reply:
        """Send it, or tell why not."""
        call = Call("smtp", "SendRawEmail", {}, self.region, letter.user, self.source_ip)
        fault = None
        try:
            reply = Reply(250, f"Ok {self._send(letter, call)}")
        except Fault as refused:
            fault = refused
        except Exception as error:  # noqa: BLE001 - our own mistakes too are told in the client's language
            fault = own_mistake(call, error)
        tell(self.on_call, call, fault)
        return reply_to(fault) if fault else reply

    def _send(self, letter: Letter, call: Call) -> str:
        box = self.box
        with box.lock:
            key = box.keys.keys[letter.user]
            here = Here(box, box.region(self.region, key.account), key, box.clock.now(), call)
            sending = Sending(
                actions=("ses:SendRawEmail",),
                mail=RawMail.parse(letter.data),
                size=len(letter.data),
                largest=self.largest,
                everybody=letter.recipients,
                return_path=letter.sender,
            )
            return send(here, sending)
