"""SesOptions: what one mail asks of SES beyond sending it."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sesmail.errors import InvalidAddress, InvalidHeader
from sesmail.mail.address import Address
from sesmail.mail.characters import header_text


@dataclass(frozen=True, slots=True, kw_only=True)
class SesOptions:
    """Options of Amazon SES for one mail, the same for its API and its SMTP door.

    >>> from sesmail import SesOptions
    >>> SesOptions(configuration_set="transactional", tenant="acme").configuration_set
    'transactional'

    A way out to SES that cannot carry an option says so; none is dropped in silence. Those without a network stand in
    for SES and take them all.
    """

    configuration_set: str = ""
    """Where events go, and with which pool and options the mail is sent."""
    tenant: str = ""
    """The tenant to whom reputation and limits are counted."""
    from_arn: str = ""
    """The identity of another account that allows you to use its address in From."""
    source_arn: str = ""
    """The same for the address that v1 of the API calls source."""
    return_path_arn: str = ""
    """The same for the address that bounces go to."""
    feedback_address: str = ""
    """Where SES forwards bounces and complaints to."""
    contact_list: str = ""
    """The contact list whose subscriptions SES keeps, with its own unsubscribe link."""
    topic: str = ""
    """The topic in that contact list."""
    endpoint_id: str = ""
    """The global endpoint that spreads sending over two Regions (API only)."""

    def __post_init__(self) -> None:
        for option in fields(self):
            object.__setattr__(self, option.name, header_text(getattr(self, option.name), option.name))
        if self.feedback_address:
            object.__setattr__(self, "feedback_address", _address(self.feedback_address))
        if self.topic and not self.contact_list:
            raise InvalidHeader("a topic belongs to a contact list; give contact_list too", field="topic")


def _address(text: str) -> str:
    try:
        return Address(text).email
    except InvalidAddress as error:
        raise error.inside("feedback_address") from error.__cause__


NO_OPTIONS = SesOptions()
