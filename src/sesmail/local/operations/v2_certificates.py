"""S/MIME certificates of identities: kept and told, while no mail is signed with them."""

from __future__ import annotations

from sesmail.local.call import Params, Result
from sesmail.local.enrolment import known_identity
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.identities import ADDRESS, Identity
from sesmail.local.operations.served import serves
from sesmail.local.paging import page

_KEPT = "kept and told; no mail is signed"


@serves("sesv2", note=_KEPT)
def associate_email_identity_certificate(here: Here, asked: Params) -> Result:
    identity = known_identity(here, asked["EmailIdentity"])
    address = _address(identity, asked)
    if address in identity.certificates:
        raise Fault(FaultKind.EXISTS, f"A certificate is already associated with {address}.")
    identity.certificates[address] = asked["CertificateArn"]
    return {}


@serves("sesv2", note=_KEPT)
def disassociate_email_identity_certificate(here: Here, asked: Params) -> Result:
    identity = known_identity(here, asked["EmailIdentity"])
    identity.certificates.pop(_address(identity, asked), None)
    return {}


@serves("sesv2", note="certificates stay PROVISIONING")
def list_email_identity_certificates(here: Here, asked: Params) -> Result:
    kept = sorted(known_identity(here, asked["EmailIdentity"]).certificates.items())
    shown, token = page(kept, asked.get("NextToken"), asked.get("PageSize"), 1000)
    listed = [{"FromAddress": address, "CertificateArn": arn, "Status": "PROVISIONING"} for address, arn in shown]
    return {"Certificates": listed, "NextToken": token} if token else {"Certificates": listed}


def _address(identity: Identity, asked: Params) -> str:
    """Whose certificate it is: the identity's own, or of an address at the domain."""
    address: str = asked.get("FromAddress", identity.name if identity.kind == ADDRESS else "")
    domain = address.rpartition("@")[2].lower()
    fits = address == identity.name if identity.kind == ADDRESS else f".{domain}".endswith(f".{identity.name}")
    if not fits:
        raise Fault(FaultKind.INVALID, f"FromAddress must be an address of the identity {identity.name}.")
    return address
