"""How identities begin and change, whichever API asks: the rules behind the operations of v1 and v2."""

from __future__ import annotations

from sesmail.local.addresses import Mailbox
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.identities import FAILED, NOT_STARTED, PENDING, Dkim, Identity, MailFrom, signing_zone
from sesmail.local.policy import Policy, PolicyProblem

MOST_IDENTITIES = 10_000
MOST_POLICIES = 20


def check_can_begin(here: Here, name: str) -> None:
    """Whether there is an identity of this name, or can be one."""
    address = name if "@" in name else f"postmaster@{name}"
    if Mailbox.parse(address).email != address:  # there is a display name, or blanks
        raise Fault(FaultKind.INVALID, "Invalid email address")
    identities = here.region.identities
    if len(identities.by_name) >= MOST_IDENTITIES and not identities.get(name):
        raise Fault(FaultKind.LIMIT, f"You have reached the limit of {MOST_IDENTITIES} identities.")


def enrolled(here: Here, name: str) -> Identity:
    """A new identity, not yet verified."""
    check_can_begin(here, name)
    name = name if "@" in name else name.lower()
    identity = Identity(name, here.now, since=here.now, token=here.token(44))
    here.region.identities.add(identity)
    return identity


def begun(here: Here, name: str) -> Identity:
    """The identity of this name; a new one, or one that waits anew, when it had failed."""
    identity = here.region.identities.get(name) or enrolled(here, name)
    if identity.status_at(here.now) == FAILED:
        identity.status, identity.error, identity.since = PENDING, "", here.now
    return identity


def known_identity(here: Here, name: str) -> Identity:
    """The identity of this name, or the fault that there is none."""
    identity = here.region.identities.get(name)
    if identity is None:
        raise Fault(FaultKind.NOT_FOUND, f"Email identity {name} does not exist.")
    return identity


def start_easy_dkim(here: Here, identity: Identity, length: str = "RSA_2048_BIT") -> Dkim:
    """SES makes the keys; three CNAME records are to be published."""
    tokens = identity.dkim.tokens if identity.dkim.origin == "AWS_SES" else []
    identity.dkim = Dkim(
        enabled=True,
        status=PENDING,
        since=here.now,
        tokens=tokens or [here.token() for _ in range(3)],
        zone=signing_zone(here.region.name),
        next_length=length,
        generated=here.now,
    )
    return identity.dkim


def start_own_dkim(here: Here, identity: Identity, selector: str) -> Dkim:
    """The key is the owner's; one TXT record is to be published."""
    identity.dkim = Dkim(enabled=True, status=PENDING, since=here.now, tokens=[selector], origin="EXTERNAL")
    return identity.dkim


def start_copied_dkim(here: Here, identity: Identity, origin: str) -> Dkim:
    """The keys are those of the same identity in another Region; nothing is to be published."""
    parent = here.box.region(origin.removeprefix("AWS_SES_").lower().replace("_", "-"), here.region.account)
    theirs = parent.identities.get(identity.name)
    if theirs is None or theirs.dkim.origin != "AWS_SES" or theirs.dkim.status == NOT_STARTED:
        raise Fault(FaultKind.INVALID, f"{identity.name} has no Easy DKIM in {parent.name} that could be copied.")
    status = theirs.dkim_status_at(here.now)
    identity.dkim = Dkim(True, status, here.now, list(theirs.dkim.tokens), origin, theirs.dkim.zone)
    if status != PENDING:
        identity.verify(here.now)
    return identity.dkim


def set_mail_from(here: Here, identity: Identity, domain: str, on_failure: str) -> None:
    """A return path of one's own, or none again."""
    if not domain:
        identity.mail_from = None
        return
    Mailbox.parse(f"bounce@{domain}")
    parent = identity.name.rpartition("@")[2].lower()
    if not domain.lower().endswith(f".{parent}"):
        said = f"Provided MAIL-FROM domain <{domain}> is not subdomain of the domain of the identity <{identity.name}>."
        raise Fault(FaultKind.INVALID, said)
    old = identity.mail_from
    if old and old.domain == domain.lower():
        old.on_failure = on_failure
    else:
        identity.mail_from = MailFrom(domain.lower(), on_failure, since=here.now)


def put_policy(identity: Identity, name: str, document: str) -> None:
    """Let others send with an identity."""
    try:
        Policy.parse(document, principals=True)
    except PolicyProblem as problem:
        raise Fault(FaultKind.POLICY_INVALID, str(problem)) from problem
    if name not in identity.policies and len(identity.policies) >= MOST_POLICIES:
        raise Fault(FaultKind.LIMIT, f"An identity has at most {MOST_POLICIES} policies.")
    identity.policies[name] = document
