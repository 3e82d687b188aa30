"""Places: every address of a mail, with the name of the field in which its author wrote it."""

from __future__ import annotations

from collections.abc import Iterator

from sesmail.mail.address import Address
from sesmail.mail.outgoing import Outgoing


def places(outgoing: Outgoing) -> Iterator[tuple[str, Address]]:
    """The addresses of the mail as ``to[1]`` and the like, then those whom only the envelope names."""
    email, envelope = outgoing.email, outgoing.envelope
    named: set[str] = set()
    for address in (email.sender,) if email.sender else ():
        named.add(address.email)
        yield "sender", address
    for name, addresses in (("to", email.to), ("cc", email.cc), ("bcc", email.bcc), ("reply_to", email.reply_to)):
        for index, address in enumerate(addresses):
            named.add(address.email)
            yield f"{name}[{index}]", address
    for index, address in enumerate(envelope.recipients):
        if address.email not in named:
            yield f"envelope[{index}]", address
    if envelope.return_path.email not in named:
        yield "envelope.return_path", envelope.return_path
