"""Identities by v2."""

from __future__ import annotations

from typing import Any

from sesmail.local import enrolment
from sesmail.local.call import Params, Result
from sesmail.local.enrolment import known_identity
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.identities import ADDRESS, FAILED, SUCCESS, Dkim, Identity
from sesmail.local.operations.served import serves
from sesmail.local.paging import page
from sesmail.local.resource_tags import tagged
from sesmail.local.sets import known_set
from sesmail.local.verification.mails import ask_owner


@serves("sesv2", note="no DNS is asked for a domain: see `verify`")
def create_email_identity(here: Here, asked: Params) -> Result:
    name, dkim = asked["EmailIdentity"], asked.get("DkimSigningAttributes", {})
    if here.region.identities.get(name):
        raise Fault(FaultKind.EXISTS, f"Email identity {name} already exist.")
    _check_set(here, asked.get("ConfigurationSetName", ""))
    if dkim and "@" in name:
        raise Fault(FaultKind.INVALID, "DkimSigningAttributes are for domains, and this is an address.")
    tags = tagged({}, asked.get("Tags", ()))
    identity = enrolment.enrolled(here, name)
    try:
        if identity.kind != ADDRESS:
            _start_dkim(here, identity, dkim.get("DomainSigningAttributesOrigin", ""), dkim)
    except Fault:
        here.region.identities.remove(name)
        raise
    identity.configuration_set = asked.get("ConfigurationSetName", "")
    identity.tags = tags
    if identity.kind == ADDRESS:
        ask_owner(here, identity.name)
    return {
        "IdentityType": identity.kind,
        "VerifiedForSendingStatus": identity.status_at(here.now) == SUCCESS,
        "DkimAttributes": _dkim(here, identity),
    }


def _start_dkim(here: Here, identity: Identity, origin: str, attributes: Params) -> Dkim:
    selector, key = attributes.get("DomainSigningSelector"), attributes.get("DomainSigningPrivateKey")
    if (selector is None) != (key is None) or (origin == "EXTERNAL" and selector is None):
        raise Fault(FaultKind.INVALID, "DomainSigningSelector and DomainSigningPrivateKey belong together.")
    if selector is not None:
        return enrolment.start_own_dkim(here, identity, selector)
    if origin.startswith("AWS_SES_"):
        return enrolment.start_copied_dkim(here, identity, origin)
    return enrolment.start_easy_dkim(here, identity, attributes.get("NextSigningKeyLength", "RSA_2048_BIT"))


def _dkim(here: Here, identity: Identity) -> Result:
    dkim = identity.dkim
    about: dict[str, Any] = {
        "SigningEnabled": dkim.enabled,
        "Status": identity.dkim_status_at(here.now),
        "SigningAttributesOrigin": dkim.origin,
    }
    if dkim.tokens:
        about["Tokens"] = dkim.tokens
    if dkim.generated is not None:
        about |= {"NextSigningKeyLength": dkim.next_length, "LastKeyGenerationTimestamp": dkim.generated}
    about |= {"CurrentSigningKeyLength": dkim.current_length} if dkim.current_length else {}
    return about | ({"SigningHostedZone": dkim.zone} if dkim.zone else {})


@serves("sesv2")
def get_email_identity(here: Here, asked: Params) -> Result:
    identity = known_identity(here, asked["EmailIdentity"])
    status = identity.status_at(here.now)
    about: dict[str, Any] = {
        "IdentityType": identity.kind,
        "FeedbackForwardingStatus": identity.feedback,
        "VerifiedForSendingStatus": status == SUCCESS,
        "VerificationStatus": status,
        "VerificationInfo": _verification(here, identity),
        "DkimAttributes": _dkim(here, identity),
        "Policies": identity.policies,
        "Tags": [{"Key": key, "Value": value} for key, value in identity.tags.items()],
    }
    if identity.mail_from:
        about["MailFromAttributes"] = {
            "MailFromDomain": identity.mail_from.domain,
            "MailFromDomainStatus": identity.mail_from_status_at(here.now),
            "BehaviorOnMxFailure": identity.mail_from.on_failure,
        }
    return about | ({"ConfigurationSetName": identity.configuration_set} if identity.configuration_set else {})


def _verification(here: Here, identity: Identity) -> Result:
    about: dict[str, Any] = {"LastCheckedTimestamp": here.now} if identity.kind != ADDRESS else {}
    about |= {"LastSuccessTimestamp": identity.succeeded} if identity.succeeded is not None else {}
    failed = identity.status_at(here.now) == FAILED and identity.kind != ADDRESS
    return about | ({"ErrorType": identity.error or "HOST_NOT_FOUND"} if failed else {})


@serves("sesv2", lacks=("Filter",))
def list_email_identities(here: Here, asked: Params) -> Result:
    ordered = sorted(here.region.identities.by_name.values(), key=lambda identity: identity.name)
    shown, token = page(ordered, asked.get("NextToken"), asked.get("PageSize"), 1000)
    listed = [
        {
            "IdentityType": identity.kind,
            "IdentityName": identity.name,
            "SendingEnabled": identity.status_at(here.now) == SUCCESS,
            "VerificationStatus": identity.status_at(here.now),
        }
        for identity in shown
    ]
    return {"EmailIdentities": listed, "NextToken": token} if token else {"EmailIdentities": listed}


@serves("sesv2")
def delete_email_identity(here: Here, asked: Params) -> Result:
    here.region.identities.remove(known_identity(here, asked["EmailIdentity"]).name)
    return {}


@serves("sesv2")
def put_email_identity_dkim_attributes(here: Here, asked: Params) -> Result:
    known_identity(here, asked["EmailIdentity"]).dkim.enabled = asked.get("SigningEnabled", False)
    return {}


@serves("sesv2")
def put_email_identity_dkim_signing_attributes(here: Here, asked: Params) -> Result:
    identity = known_identity(here, asked["EmailIdentity"])
    if identity.kind == ADDRESS:
        raise Fault(FaultKind.INVALID, "DKIM signing attributes are for domains, and this is an address.")
    dkim = _start_dkim(here, identity, asked["SigningAttributesOrigin"], asked.get("SigningAttributes", {}))
    about = {"DkimStatus": identity.dkim_status_at(here.now), "DkimTokens": dkim.tokens}
    return about | ({"SigningHostedZone": dkim.zone} if dkim.zone else {})


@serves("sesv2")
def put_email_identity_feedback_attributes(here: Here, asked: Params) -> Result:
    known_identity(here, asked["EmailIdentity"]).feedback = asked.get("EmailForwardingEnabled", False)
    return {}


@serves("sesv2", note="no DNS is asked: see `verify_mail_from`")
def put_email_identity_mail_from_attributes(here: Here, asked: Params) -> Result:
    identity = known_identity(here, asked["EmailIdentity"])
    on_failure = asked.get("BehaviorOnMxFailure", "USE_DEFAULT_VALUE")
    enrolment.set_mail_from(here, identity, asked.get("MailFromDomain", ""), on_failure)
    return {}


@serves("sesv2")
def put_email_identity_configuration_set_attributes(here: Here, asked: Params) -> Result:
    name = asked.get("ConfigurationSetName", "")
    _check_set(here, name)
    known_identity(here, asked["EmailIdentity"]).configuration_set = name
    return {}


def _check_set(here: Here, name: str) -> None:
    if name:
        known_set(here, name)


# ── policies: who else may send with an identity ─────────────────────────────────────────────────────────────────


@serves("sesv2")
def create_email_identity_policy(here: Here, asked: Params) -> Result:
    identity = known_identity(here, asked["EmailIdentity"])
    if asked["PolicyName"] in identity.policies:
        raise Fault(FaultKind.EXISTS, f"Policy {asked['PolicyName']} already exists.")
    enrolment.put_policy(identity, asked["PolicyName"], asked["Policy"])
    return {}


@serves("sesv2")
def update_email_identity_policy(here: Here, asked: Params) -> Result:
    identity = known_identity(here, asked["EmailIdentity"])
    _check_policy(identity, asked["PolicyName"])
    enrolment.put_policy(identity, asked["PolicyName"], asked["Policy"])
    return {}


@serves("sesv2")
def delete_email_identity_policy(here: Here, asked: Params) -> Result:
    known_identity(here, asked["EmailIdentity"]).policies.pop(asked["PolicyName"], None)
    return {}


@serves("sesv2")
def get_email_identity_policies(here: Here, asked: Params) -> Result:
    return {"Policies": known_identity(here, asked["EmailIdentity"]).policies}


def _check_policy(identity: Identity, name: str) -> None:
    if name not in identity.policies:
        raise Fault(FaultKind.NOT_FOUND, f"Policy {name} does not exist.")
