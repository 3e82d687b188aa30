"""Verification of addresses: the mail with a link that SES sends to an owner, and what opening the link does."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any

from sesmail.local.dispatch import send
from sesmail.local.enrolment import begun, check_can_begin
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.identities import SUCCESS
from sesmail.local.raw_mail import RawMail
from sesmail.local.sending import Sending
from sesmail.local.simple_mail import built
from sesmail.local.verification.links import Link, VerificationMail
from sesmail.local.verification.templates import VerificationTemplate

if TYPE_CHECKING:
    from sesmail.local.box import Box
    from sesmail.local.region import Region

PATH = "/_sesmail/verify/"
LIFE = 24 * 3600
_KEPT = 7 * 24 * 3600  # so that a link that is over can still say so
_MOST_LINKS = 10_000
_AT_ONCE = 10  # old ones that go for a new one, so that it does not get slower
_AMAZON = "Amazon Web Services <no-reply-aws@amazon.com>"
_ASKED = """\
Somebody asked Amazon SES in {region} (account {account}) to send mail from {address}.

If it was you, open this link within 24 hours:

{link}

If not, do nothing. This mail was written by a local SES, and went nowhere.
"""
_DISCLAIMER = "You receive this message since somebody asked to verify this address. If it was not you, ignore it."


def ask_owner(here: Here, address: str) -> None:
    """Amazon's own mail, which is none of the account's: it counts for nothing and has no events."""
    token = here.token()
    link = here.box.url + PATH + token
    about = {"region": here.region.name, "account": here.region.account, "address": address, "link": link}
    data = _written(_AMAZON, address, "Verify your e-mail address for Amazon SES", {"Text": _ASKED.format(**about)})
    _hand_out(here, token, Link(address, here.now), here.message_id(), data)


def send_verification(here: Here, template: VerificationTemplate, address: str, configuration_set: str) -> str:
    """A mail in the words of a template. It counts as others do, and nothing is begun where it cannot be sent."""
    if here.region.sandbox:
        raise Fault(FaultKind.PRODUCTION_ONLY, "Custom verification emails are for accounts with production access.")
    check_can_begin(here, address)
    token = here.token()
    link = escape(here.box.url + PATH + token)
    html = f'{template.content}\n<p><a href="{link}">{link}</a></p>\n<p>{_DISCLAIMER}</p>\n'
    data = _written(template.sender, address, template.subject, {"Html": html})
    sending = Sending(
        actions=("ses:SendCustomVerificationEmail",),
        mail=RawMail.parse(data),
        size=len(data),
        largest=len(data),
        to=[address],
        configuration_set=configuration_set,
    )
    message_id = send(here, sending)
    begun(here, address)
    _hand_out(here, token, Link(address, here.now, template.success_url, template.failure_url), message_id, data)
    here.box.keep()
    return message_id


def open_link(box: Box, token: str) -> tuple[Link, bool] | None:
    """Open a link: its address is verified, unless it is too old. ``None`` where there is no such link."""
    now = box.clock.now()
    for region in box.regions.values():
        link = region.links.get(token)
        if link:
            return link, _verified(region, link, now)
    return None


def _verified(region: Region, link: Link, now: float) -> bool:
    identity = region.identities.get(link.address)
    if identity is None or link.since < identity.created or now - link.since >= LIFE:
        return False
    if identity.status_at(now) != SUCCESS:
        identity.verify(now)
    return True


def _written(sender: str, address: str, subject: str, texts: Mapping[str, str]) -> bytes:
    body = {part: {"Data": text, "Charset": "UTF-8"} for part, text in texts.items()}
    message: dict[str, Any] = {"Subject": {"Data": subject, "Charset": "UTF-8"}, "Body": body}
    return built(message, sender, {"Destination": {"ToAddresses": [address]}})


def _hand_out(here: Here, token: str, link: Link, message_id: str, data: bytes) -> None:
    region = here.region
    raw = RawMail.parse(data).delivered(message_id=message_id, host=region.mail_host, at=here.now)
    region.links[token] = link
    for old in list(islice(region.links, _AT_ONCE)):
        if here.now - region.links[old].since >= _KEPT or len(region.links) > _MOST_LINKS:
            del region.links[old]
    where = here.box.url + PATH + token
    here.box.letters.add(VerificationMail(link.address, where, region.name, region.account, here.now, message_id, raw))
