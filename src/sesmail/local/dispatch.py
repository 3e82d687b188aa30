"""Dispatch: what every send goes through, by whichever call or door it came. First the rules, then the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sesmail.local.acceptance import Terms, accept
from sesmail.local.authority import Arns, check_authority
from sesmail.local.configuration_sets import ConfigurationSet
from sesmail.local.faults import Fault, FaultKind, not_here
from sesmail.local.here import Here
from sesmail.local.lists.management import mailing_of
from sesmail.local.region import SHUTDOWN
from sesmail.local.sending import People, Sending
from sesmail.local.sets import known_set
from sesmail.local.tenants.tenancy import sending_tenant

MOST_RECIPIENTS = 50
_TAG = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_LONGEST_TAG = 256
_OBEYED = frozenset(  # of X-SES- headers
    "configuration-set message-tags source-arn from-arn return-path-arn tenant list-management-options".split()
)


def send(here: Here, sending: Sending) -> str:
    """Take a mail and give its id, or raise what SES would answer."""
    _check_account(here)
    sending.mail.check()
    people = People.of(sending)
    _check_people(people)
    _check_size(sending)
    options = _options(sending)
    used = _configuration_set(here, sending.configuration_set or options.get("configuration-set", ""), people)
    tags = sending.tags or _tags_of(options.get("message-tags", ""))
    _check_tags(tags)
    check_authority(here, sending.actions, people, used, _arns(sending, options))
    tenant = sending_tenant(here, sending.tenant or options.get("tenant", ""), people.sender.email, used)
    mailing = mailing_of(here, sending.contact_list, sending.topic, options.get("list-management-options", ""))
    _check_amount(here, people.counted)
    return accept(here, sending, people, Terms(used, tags, tenant, mailing))


def _check_account(here: Here) -> None:
    if here.region.enforcement == SHUTDOWN:
        raise Fault(
            FaultKind.SUSPENDED,
            "Sending paused for this account. For more information, please check the inbox of the email address"
            " associated with your AWS account",
        )
    if not here.region.sending_enabled:
        raise Fault(FaultKind.PAUSED, "Email sending has been disabled for this account.")


def _check_people(people: People) -> None:
    if not people.recipients:
        raise Fault(FaultKind.INVALID, "There are no recipients specified.")
    if len(people.recipients) > MOST_RECIPIENTS:
        raise Fault(FaultKind.INVALID, f"Recipient count exceeds {MOST_RECIPIENTS}.")


def _check_size(sending: Sending) -> None:
    if sending.size > sending.largest:
        said = f"Message length is more than {sending.largest} bytes long: '{sending.size}'."
        raise Fault(FaultKind.INVALID, said)


def _options(sending: Sending) -> dict[str, str]:
    """What the mail itself asks of SES, by its X-SES- headers."""
    options = sending.mail.options()
    for name in options:
        if name not in _OBEYED:
            raise not_here(f"The header X-SES-{name.upper()[:100]}")
    return options


def _configuration_set(here: Here, asked: str, people: People) -> ConfigurationSet | None:
    """The set that the mail asks for, or else that of the sender's identity."""
    nearest = here.region.identities.nearest(people.sender.email, here.now)
    name = asked or (nearest.configuration_set if nearest else "")
    if not name:
        return None
    found = known_set(here, name)
    if not found.sending_enabled:
        said = f"Sending is paused for the configuration set <{name}>."
        raise Fault(FaultKind.PAUSED_SET, said, ConfigurationSetName=name)
    return found


def _arns(sending: Sending, options: Mapping[str, str]) -> Arns:
    """Identities of others; what the call says counts, and then what the mail says."""
    from_header = [options[name] for name in ("source-arn", "from-arn") if name in options]
    for_bounces = [options[name] for name in ("return-path-arn",) if name in options]
    return Arns(_given(sending.source_arns) or from_header, _given(sending.return_path_arns) or for_bounces)


def _given(arns: Sequence[str]) -> list[str]:
    return [arn for arn in arns if arn]


def _tags_of(header: str) -> dict[str, str]:
    # SES leaves out what is not ASCII here, and says nothing.
    pairs = (entry.partition("=") for entry in header.split(",") if entry.strip() and entry.isascii())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _check_tags(tags: Mapping[str, str]) -> None:
    for what, text in (pair for name, value in tags.items() for pair in (("name", name), ("value", value))):
        if not 0 < len(text) <= _LONGEST_TAG or not _TAG.issuperset(text):
            said = f"Invalid tag {what} <{text[:100]}>: only alphanumeric ASCII characters, '_', and '-' are allowed."
            raise Fault(FaultKind.INVALID, said)


def _check_amount(here: Here, counted: int) -> None:
    if not here.region.quota.has_room(counted, here.now):
        raise Fault(FaultKind.TOO_MANY, "Daily message quota exceeded.")
    if not here.region.rate.has_room(here.now):
        raise Fault(FaultKind.TOO_FAST, "Maximum sending rate exceeded.")
