"""What SES says when it refuses: the codes of the box beside botocore's models, and calls that send nothing.

The rows are those of the fact sheet's sections 1.1 to 1.3 and 2.1 to 2.3. Mails that are refused have a file of their
own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from botocore.parsers import create_parser

from sesmail.local.box import Box
from sesmail.local.call import Call
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.handles import IdentityHandle
from sesmail.local.http.message import HttpReply
from sesmail.local.models.service import Service
from sesmail.local.wire.query import Query
from sesmail.local.wire.rest_json import RestJson
from tests.local.answers import BAD, LIMIT, NO_SET, UNMODELLED, Answer, codes_of, refused
from tests.local.asking import REGION, ask, box

# ── the codes ────────────────────────────────────────────────────────────────────────────────────────────────────


def answer(kind: FaultKind, service: str) -> Answer:
    fault = Fault(kind, "")
    return fault.v2 if service == "sesv2" else fault.v1


@pytest.mark.parametrize("service", ["sesv2", "ses"])
@pytest.mark.parametrize("kind", FaultKind, ids=lambda kind: kind.name)
def test_a_code_has_the_status_of_the_model(kind: FaultKind, service: str) -> None:
    code, status = answer(kind, service)
    modelled = {error.code: error.status for error in Service.of(service).errors.values()}

    assert status == {**UNMODELLED[service], **modelled}[code]


@pytest.mark.parametrize("service", ["sesv2", "ses"])
def test_codes_without_a_model_are_all_listed(service: str) -> None:
    codes = {answer(kind, service)[0] for kind in FaultKind}

    assert codes - set(Service.of(service).errors) == set(UNMODELLED[service])


@pytest.mark.parametrize("kind", FaultKind, ids=lambda kind: kind.name)
def test_a_client_reads_the_code_that_is_meant(kind: FaultKind) -> None:
    """`e.response["Error"]["Code"]`, by botocore's own parsers."""
    fault = Fault(kind, "some <text> & more", ConfigurationSetName="main")
    v2 = RestJson(Service.of("sesv2")).refusal(fault, "id")
    v1 = Query([Service.of("ses"), Service.of("sts")]).refusal(fault, "id")

    read = create_parser("rest-json").parse(_received(v2), None)
    assert read["Error"] == {"Code": fault.v2[0], "Message": fault.message}
    assert read["ResponseMetadata"]["HTTPStatusCode"] == fault.v2[1]
    read = create_parser("query").parse(_received(v1), None)
    assert (
        read["Error"].items()
        >= {
            "Type": "Sender" if fault.v1[1] < 500 else "Receiver",
            "Code": fault.v1[0],
            "Message": fault.message,
        }.items()
    )
    assert read["ResponseMetadata"]["HTTPStatusCode"] == fault.v1[1]


def _received(reply: HttpReply) -> dict[str, object]:
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return {"status_code": reply.status, "headers": headers, "body": reply.body}


# ── what was done before a call ──────────────────────────────────────────────────────────────────────────────────

Before = Callable[[Box], None]
NAME = "ConfigurationSetName"
MAIN = {NAME: "main"}
SNS = "arn:aws:sns:eu-west-1:123456789012:topic"


def nothing(_asked: Box) -> None:
    pass


def once(operation: str, service: str) -> Before:
    """The box is told to hold calls to their rate, and takes the first of them."""

    def before(asked: Box) -> None:
        asked.control_rate = 1.0
        ask(asked, operation, service)

    return before


def with_set(asked: Box) -> None:
    ask(asked, "CreateConfigurationSet", ConfigurationSetName="main")


def with_destination(asked: Box, name: str = "a") -> None:
    destination = {"MatchingEventTypes": ["SEND"], "SnsDestination": {"TopicArn": SNS}}
    about: dict[str, object] = {"EventDestinationName": name, "EventDestination": destination}
    asked.handle(Call("sesv2", "CreateConfigurationSetEventDestination", {**about, **MAIN}, REGION))


def with_ten_destinations(asked: Box) -> None:
    with_set(asked)
    for number in range(10):
        with_destination(asked, f"d{number}")


def with_destination_a(asked: Box) -> None:
    with_set(asked)
    with_destination(asked)


def with_tracking(asked: Box) -> None:
    with_set(asked)
    ask(asked, "PutConfigurationSetTrackingOptions", ConfigurationSetName="main", CustomRedirectDomain="t.example.com")


def with_all_identities(asked: Box) -> None:
    handle = IdentityHandle(asked, REGION, "a@example.com")
    handle.verify()
    identities = asked.region(REGION).identities
    (one,) = (identity for identity in identities.by_name.values() if identity.name == "a@example.com")
    identities.by_name |= {f"a{number}@example.com": one for number in range(9998)}


def with_all_sets(asked: Box) -> None:
    with_set(asked)
    sets = asked.region(REGION).configuration_sets
    sets |= {f"s{number}": sets["main"] for number in range(9999)}


def with_review(asked: Box) -> None:
    asked.region(REGION).sandbox = True
    ask(asked, "PutAccountDetails", MailType="MARKETING", WebsiteURL="https://example.com")


# ── the calls ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Refused:
    """A call that is refused: what is wrong, and how it is answered."""

    what: str
    service: str
    operation: str
    params: Mapping[str, object]
    said: Answer
    text: str = ""
    before: Before = nothing
    start: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.what}, {self.service} {self.operation}"


Said = tuple[str, Mapping[str, object], Answer]  # an operation, with what it is asked, and what it answers


def both(what: str, v2: Said, v1: Said, *, text: str = "", before: Before = nothing) -> Iterator[Refused]:
    """The same by both APIs."""
    yield Refused(what, "sesv2", *v2, text, before)
    yield Refused(what, "ses", *v1, text, before)


def every(
    what: str, service: str, operations: str, params: Mapping[str, object], said: Answer, text: str = ""
) -> Iterator[Refused]:
    """The same by several operations."""
    return (Refused(what, service, operation, params, said, text) for operation in operations.split())


V2_DESTINATION = {
    **MAIN,
    "EventDestinationName": "a",
    "EventDestination": {"MatchingEventTypes": ["SEND"], "SnsDestination": {"TopicArn": SNS}},
}
V1_DESTINATION = {
    **MAIN,
    "EventDestination": {"Name": "a", "MatchingEventTypes": ["send"], "SNSDestination": {"TopicARN": SNS}},
}
NO_DESTINATION = ("EventDestinationDoesNotExist", 400)
A_DESTINATION = {**MAIN, "EventDestinationName": "a"}
TRACKING = {**MAIN, "TrackingOptions": {"CustomRedirectDomain": "t.example.com"}}
NO_TRACKING = ("TrackingOptionsDoesNotExistException", 400)
DETAILS = {"MailType": "MARKETING", "WebsiteURL": "https://example.com"}
DOMAIN = {"EmailIdentity": "example.com"}
NO_JSON = {"PolicyName": "a", "Policy": "{"}
ADA = {"EmailAddress": "ada@example.org"}
RESOURCE = f"arn:aws:ses:{REGION}:123456789012:identity/example.com"
MANY_TAGS = [{"Key": f"k{number}", "Value": ""} for number in range(51)]
BAD_TAGS = {
    "51 tags": MANY_TAGS,
    "a tag key of 129 characters": [{"Key": "k" * 129, "Value": ""}],
    "an empty tag key": [{"Key": "", "Value": ""}],
    "a tag value of 257 characters": [{"Key": "k", "Value": "v" * 257}],
}
NOT_FOUND, EXISTS = ("NotFoundException", 404), ("AlreadyExistsException", 400)
V2_BAD, V1_BAD = BAD["sesv2"], BAD["ses"]
NO_DOMAIN_PART = "Missing final '@domain'"
REFUSED = (
    # 1.1: one call a second
    Refused(
        "a second call at once",
        "sesv2",
        "GetAccount",
        {},
        ("ThrottlingException", 400),
        "Rate exceeded",
        once("GetAccount", "sesv2"),
    ),
    Refused(
        "a second call at once",
        "ses",
        "GetSendQuota",
        {},
        ("Throttling", 400),
        "Rate exceeded",
        once("GetSendQuota", "ses"),
    ),
    # 1.3, 2.2: configuration sets
    *(
        row
        for name in ("a" * 65, "a b", "ä", "a.b", "")
        for row in both(
            f"a set named {name[:5]!r}",
            ("CreateConfigurationSet", {NAME: name}, V2_BAD),
            ("CreateConfigurationSet", {"ConfigurationSet": {"Name": name}}, ("InvalidConfigurationSet", 400)),
        )
    ),
    *both(
        "a set that is there",
        ("CreateConfigurationSet", MAIN, EXISTS),
        ("CreateConfigurationSet", {"ConfigurationSet": {"Name": "main"}}, ("ConfigurationSetAlreadyExists", 400)),
        before=with_set,
    ),
    *both(
        "a set too many",
        ("CreateConfigurationSet", {NAME: "x"}, LIMIT["sesv2"]),
        ("CreateConfigurationSet", {"ConfigurationSet": {"Name": "x"}}, LIMIT["ses"]),
        before=with_all_sets,
    ),
    *every(
        "a set that is not there",
        "sesv2",
        "GetConfigurationSet DeleteConfigurationSet PutConfigurationSetSendingOptions"
        " PutConfigurationSetSuppressionOptions PutConfigurationSetTrackingOptions PutConfigurationSetDeliveryOptions"
        " GetConfigurationSetEventDestinations",
        MAIN,
        NO_SET["sesv2"],
        "Configuration set <main> does not exist.",
    ),
    *every(
        "a set that is not there",
        "ses",
        "DescribeConfigurationSet DeleteConfigurationSet",
        MAIN,
        NO_SET["ses"],
        "Configuration set <main> does not exist.",
    ),
    Refused(
        "a set that is not there", "sesv2", "CreateEmailIdentity", {"EmailIdentity": "x.example", **MAIN}, NOT_FOUND
    ),
    *(
        Refused(
            f"{seconds} s",
            "sesv2",
            "CreateConfigurationSet",
            {**MAIN, "DeliveryOptions": {"MaxDeliverySeconds": seconds}},
            V2_BAD,
        )
        for seconds in (299, 50401)
    ),
    # 1.3, 2.2: event destinations
    *both(
        "an eleventh destination",
        ("CreateConfigurationSetEventDestination", V2_DESTINATION, LIMIT["sesv2"]),
        ("CreateConfigurationSetEventDestination", V1_DESTINATION, LIMIT["ses"]),
        before=with_ten_destinations,
    ),
    *both(
        "a destination that is there",
        ("CreateConfigurationSetEventDestination", V2_DESTINATION, EXISTS),
        ("CreateConfigurationSetEventDestination", V1_DESTINATION, ("EventDestinationAlreadyExists", 400)),
        before=with_destination_a,
    ),
    *both(
        "a destination that is not there",
        ("UpdateConfigurationSetEventDestination", V2_DESTINATION, NOT_FOUND),
        ("UpdateConfigurationSetEventDestination", V1_DESTINATION, NO_DESTINATION),
        before=with_set,
    ),
    *both(
        "a destination that is not there",
        ("DeleteConfigurationSetEventDestination", A_DESTINATION, NOT_FOUND),
        ("DeleteConfigurationSetEventDestination", A_DESTINATION, NO_DESTINATION),
        before=with_set,
    ),
    # 2.2: tracking options
    Refused(
        "options that are there",
        "ses",
        "CreateConfigurationSetTrackingOptions",
        TRACKING,
        ("TrackingOptionsAlreadyExistsException", 400),
        before=with_tracking,
    ),
    Refused(
        "options that are not there",
        "ses",
        "UpdateConfigurationSetTrackingOptions",
        TRACKING,
        NO_TRACKING,
        before=with_set,
    ),
    Refused(
        "options that are not there", "ses", "DeleteConfigurationSetTrackingOptions", MAIN, NO_TRACKING, before=with_set
    ),
    Refused(
        "no domain",
        "ses",
        "CreateConfigurationSetTrackingOptions",
        {**MAIN, "TrackingOptions": {}},
        ("InvalidTrackingOptions", 400),
        before=with_set,
    ),
    # 1.2, 1.3, 2.1: identities
    Refused("an identity that is there", "sesv2", "CreateEmailIdentity", DOMAIN, EXISTS),
    Refused(
        "an identity too many",
        "sesv2",
        "CreateEmailIdentity",
        {"EmailIdentity": "x.example"},
        LIMIT["sesv2"],
        before=with_all_identities,
    ),
    *(
        Refused(what, "sesv2", "CreateEmailIdentity", {"EmailIdentity": name}, V2_BAD)
        for what, name in (
            ("a label of 64 characters", f"{'a' * 64}.example"),
            ("a domain of 256 characters", "a." * 126 + "exam"),
            ("a name around an address", "Ada <ada@example.org>"),
            ("a blank", " example.org"),
        )
    ),
    *every(
        "an address as a domain", "ses", "VerifyDomainIdentity VerifyDomainDkim", {"Domain": "a@example.com"}, V1_BAD
    ),
    *every(
        "a domain as an address",
        "ses",
        "VerifyEmailIdentity VerifyEmailAddress",
        {"EmailAddress": "a.example"},
        V1_BAD,
        NO_DOMAIN_PART,
    ),
    *every(
        "an identity that is not there",
        "sesv2",
        "GetEmailIdentity DeleteEmailIdentity GetEmailIdentityPolicies PutEmailIdentityFeedbackAttributes"
        " PutEmailIdentityDkimAttributes PutEmailIdentityMailFromAttributes",
        {"EmailIdentity": "x.example"},
        NOT_FOUND,
    ),
    # 4.1
    *every(
        "101 identities",
        "ses",
        "GetIdentityVerificationAttributes GetIdentityDkimAttributes GetIdentityMailFromDomainAttributes"
        " GetIdentityNotificationAttributes",
        {"Identities": ["example.com"] * 101},
        V1_BAD,
    ),
    # 2.1, 2.2: policies
    *both(
        "a policy that is none",
        ("CreateEmailIdentityPolicy", {**DOMAIN, **NO_JSON}, V2_BAD),
        ("PutIdentityPolicy", {"Identity": "example.com", **NO_JSON}, ("InvalidPolicy", 400)),
    ),
    # 1.3: tags of resources
    *(
        Refused(what, "sesv2", "TagResource", {"ResourceArn": RESOURCE, "Tags": tags}, V2_BAD)
        for what, tags in BAD_TAGS.items()
    ),
    *(
        Refused(what, "sesv2", "CreateEmailIdentity", {"EmailIdentity": "x.example", "Tags": tags}, V2_BAD)
        for what, tags in BAD_TAGS.items()
    ),
    *(
        Refused(what, "sesv2", "CreateConfigurationSet", {**MAIN, "Tags": tags}, V2_BAD)
        for what, tags in BAD_TAGS.items()
    ),
    # 2.1: the rest
    Refused(
        "details under review", "sesv2", "PutAccountDetails", DETAILS, ("ConflictException", 409), before=with_review
    ),
    Refused(
        "a token of nowhere",
        "sesv2",
        "ListSuppressedDestinations",
        {"NextToken": "x"},
        ("InvalidNextTokenException", 400),
    ),
    Refused(
        "in the sandbox",
        "sesv2",
        "PutSuppressedDestination",
        {**ADA, "Reason": "BOUNCE"},
        V2_BAD,
        start={"sandbox": True},
    ),
    *every(
        "somebody who is not listed", "sesv2", "GetSuppressedDestination DeleteSuppressedDestination", ADA, NOT_FOUND
    ),
    *both(
        "a member that is missing",
        ("CreateEmailIdentity", {}, V2_BAD),
        ("VerifyDomainIdentity", {}, ("ValidationError", 400)),
    ),
)


@pytest.mark.parametrize("row", REFUSED, ids=str)
def test_a_call_is_refused(row: Refused) -> None:
    asked = box(**row.start)
    row.before(asked)
    before = repr(asked.regions)

    said, text = refused(asked, Call(row.service, row.operation, row.params))

    assert said == row.said
    assert text == row.text or not row.text
    assert said[0] in codes_of(row.service, row.operation)
    assert repr(asked.regions) == before
