"""Identities by v1. Where v2 answers that something is not there, most of v1 leaves it out."""

from __future__ import annotations

from collections.abc import Iterator

from sesmail.local import enrolment
from sesmail.local.addresses import Mailbox
from sesmail.local.call import Params, Result
from sesmail.local.enrolment import known_identity
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.identities import ADDRESS, DOMAIN, FAILED, NOT_STARTED, SUCCESS, Identity
from sesmail.local.operations.served import serves
from sesmail.local.paging import page
from sesmail.local.verification.mails import ask_owner

_NO_DNS = "no DNS is asked: see `verify`"
_KINDS = {"EmailAddress": ADDRESS, "Domain": DOMAIN}
_MOST_ASKED_FOR = 100
_NOTIFICATIONS = ("Bounce", "Complaint", "Delivery")


def in_v1(word: str) -> str:
    """``TEMPORARY_FAILURE`` is ``TemporaryFailure`` in v1."""
    return "".join(part.capitalize() for part in word.split("_"))


# ── begin and end ────────────────────────────────────────────────────────────────────────────────────────────────


@serves("ses")
def verify_email_identity(here: Here, asked: Params) -> Result:
    address = Mailbox.parse(asked["EmailAddress"]).email
    enrolment.begun(here, address)
    ask_owner(here, address)
    return {}


@serves("ses")
def verify_email_address(here: Here, asked: Params) -> Result:
    return verify_email_identity(here, asked)


@serves("ses", note=_NO_DNS)
def verify_domain_identity(here: Here, asked: Params) -> Result:
    return {"VerificationToken": enrolment.begun(here, _domain(asked)).token}


@serves("ses", note=_NO_DNS)
def verify_domain_dkim(here: Here, asked: Params) -> Result:
    identity = enrolment.begun(here, _domain(asked))
    if identity.dkim_status_at(here.now) in (NOT_STARTED, FAILED):
        enrolment.start_easy_dkim(here, identity)
    return {"DkimTokens": identity.dkim.tokens}


def _domain(asked: Params) -> str:
    domain: str = asked["Domain"]
    if "@" in domain:
        raise Fault(FaultKind.INVALID, f"Invalid domain name {domain[:100]}.")
    return domain


@serves("ses")
def delete_identity(here: Here, asked: Params) -> Result:
    here.region.identities.remove(asked["Identity"])
    return {}


@serves("ses")
def delete_verified_email_address(here: Here, asked: Params) -> Result:
    if "@" in asked["EmailAddress"]:
        here.region.identities.remove(asked["EmailAddress"])
    return {}


# ── look ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@serves("ses")
def list_identities(here: Here, asked: Params) -> Result:
    kind = _KINDS.get(asked.get("IdentityType", ""))
    ordered = sorted(one.name for one in here.region.identities.by_name.values() if kind in (None, one.kind))
    names, token = page(ordered, asked.get("NextToken"), asked.get("MaxItems"), 1000)
    return {"Identities": names, "NextToken": token} if token else {"Identities": names}


@serves("ses")
def list_verified_email_addresses(here: Here, _asked: Params) -> Result:
    everyone = here.region.identities.by_name.values()
    verified = sorted(one.name for one in everyone if one.kind == ADDRESS and one.status_at(here.now) == SUCCESS)
    return {"VerifiedEmailAddresses": verified}


def _asked_for(here: Here, asked: Params) -> Iterator[tuple[str, Identity]]:
    if len(asked["Identities"]) > _MOST_ASKED_FOR:
        raise Fault(FaultKind.INVALID, f"At most {_MOST_ASKED_FOR} identities can be asked for at once.")
    found = ((name, here.region.identities.get(name)) for name in asked["Identities"])
    return ((name, identity) for name, identity in found if identity)


@serves("ses")
def get_identity_verification_attributes(here: Here, asked: Params) -> Result:
    attributes = {}
    for name, identity in _asked_for(here, asked):
        attributes[name] = {"VerificationStatus": in_v1(identity.status_at(here.now))}
        attributes[name] |= {"VerificationToken": identity.token} if identity.kind == DOMAIN else {}
    return {"VerificationAttributes": attributes}


@serves("ses")
def get_identity_dkim_attributes(here: Here, asked: Params) -> Result:
    attributes = {
        name: {
            "DkimEnabled": identity.dkim.enabled,
            "DkimVerificationStatus": in_v1(identity.dkim_status_at(here.now)),
            "DkimTokens": identity.dkim.tokens,
        }
        for name, identity in _asked_for(here, asked)
    }
    return {"DkimAttributes": attributes}


@serves("ses")
def get_identity_mail_from_domain_attributes(here: Here, asked: Params) -> Result:
    attributes = {
        name: {
            "MailFromDomain": identity.mail_from.domain,
            "MailFromDomainStatus": in_v1(identity.mail_from_status_at(here.now)),
            "BehaviorOnMXFailure": in_v1(identity.mail_from.on_failure),
        }
        for name, identity in _asked_for(here, asked)
        if identity.mail_from
    }
    return {"MailFromDomainAttributes": attributes}


@serves("ses")
def get_identity_notification_attributes(here: Here, asked: Params) -> Result:
    attributes = {
        name: {
            **{f"{kind}Topic": identity.topics.get(kind, "") for kind in _NOTIFICATIONS},
            "ForwardingEnabled": identity.feedback,
            **{f"HeadersIn{kind}NotificationsEnabled": identity.headers_in.get(kind, False) for kind in _NOTIFICATIONS},
        }
        for name, identity in _asked_for(here, asked)
    }
    return {"NotificationAttributes": attributes}


# ── change ───────────────────────────────────────────────────────────────────────────────────────────────────────


@serves("ses")
def set_identity_dkim_enabled(here: Here, asked: Params) -> Result:
    known_identity(here, asked["Identity"]).dkim.enabled = asked["DkimEnabled"]
    return {}


@serves("ses", note="no DNS is asked: see `verify_mail_from`")
def set_identity_mail_from_domain(here: Here, asked: Params) -> Result:
    on_failure = asked.get("BehaviorOnMXFailure", "UseDefaultValue")
    in_v2 = {"UseDefaultValue": "USE_DEFAULT_VALUE", "RejectMessage": "REJECT_MESSAGE"}[on_failure]
    enrolment.set_mail_from(here, known_identity(here, asked["Identity"]), asked.get("MailFromDomain", ""), in_v2)
    return {}


@serves("ses")
def set_identity_feedback_forwarding_enabled(here: Here, asked: Params) -> Result:
    known_identity(here, asked["Identity"]).feedback = asked["ForwardingEnabled"]
    return {}


@serves("ses", note="kept; nothing posts notifications yet")
def set_identity_notification_topic(here: Here, asked: Params) -> Result:
    topics = known_identity(here, asked["Identity"]).topics
    topics[asked["NotificationType"]] = asked.get("SnsTopic", "")
    return {}


@serves("ses", note="kept; nothing posts notifications yet")
def set_identity_headers_in_notifications_enabled(here: Here, asked: Params) -> Result:
    known_identity(here, asked["Identity"]).headers_in[asked["NotificationType"]] = asked["Enabled"]
    return {}


# ── policies: who else may send with an identity ─────────────────────────────────────────────────────────────────


@serves("ses")
def put_identity_policy(here: Here, asked: Params) -> Result:
    enrolment.put_policy(known_identity(here, asked["Identity"]), asked["PolicyName"], asked["Policy"])
    return {}


@serves("ses")
def get_identity_policies(here: Here, asked: Params) -> Result:
    policies = known_identity(here, asked["Identity"]).policies
    return {"Policies": {name: policies[name] for name in asked["PolicyNames"] if name in policies}}


@serves("ses")
def list_identity_policies(here: Here, asked: Params) -> Result:
    return {"PolicyNames": sorted(known_identity(here, asked["Identity"]).policies)}


@serves("ses")
def delete_identity_policy(here: Here, asked: Params) -> Result:
    known_identity(here, asked["Identity"]).policies.pop(asked["PolicyName"], None)
    return {}
