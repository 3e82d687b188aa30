"""The box beside moto, the fake that most people know: the same calls of boto3 to both, and each difference named.

A difference that is not in the table fails, and so does one of the table that is no more. Whoever comes from moto can
read in it what will be different, and the fact sheet says for each who is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any, Literal

import pytest

from sesmail.local import BoxClock, LocalSes
from sesmail.local.operations import SERVED
from tests.local.moto_calls import CASES, POLICY, REGION, SANDBOXED, TOPIC, Step


def is_older(package: str, *than: int) -> bool:
    return tuple(int(part) for part in version(package).split(".")[:3]) < than


pytestmark = pytest.mark.skipif(
    is_older("moto", 5, 2, 5) or is_older("botocore", 1, 44, 5),
    reason="the table is about moto 5.2.5 and botocore 1.44.5, and one of those here is older",
)

# ── the differences ──────────────────────────────────────────────────────────────────────────────────────────────

Right = Literal["box", "moto", "open"]
Row = tuple[str, str, str, Right, str]


@dataclass(frozen=True)
class Difference:
    """What the two say to one call, and who is right: by the fact sheet, or ``open`` where it does not say."""

    operation: str
    path: str  # of a member of the answer; empty for whether there is one
    moto: str
    box: str
    right: Right
    why: str  # the section of the fact sheet, or the text of botocore's model
    case: str = ""  # in this one only


MISSING, TAKEN, HEX = "missing", "taken", "hex digits, at last zeros"
V1_INVALID, V2_INVALID = "InvalidParameterValue 400", "BadRequestException 400"
REJECTED, NOT_FOUND = "MessageRejected 400", "NotFoundException 404"
NO_SET, EXISTS = "ConfigurationSetDoesNotExist 400", "AlreadyExistsException 400"
A_SET = "Configuration set <main>"
NO_LIST, NO_POOL = "List with name: news doesn't exist", "Dedicated IP pool <pool> does not exist."
NO_SUB_DOMAIN = "Provided MAIL-FROM domain {} is not subdomain of the domain of the identity {}."
UNVERIFIED = (
    "Email address is not verified. The following identities failed the check in region US-EAST-1: shop@example.com"
)


def of(operations: str, *rows: Row, case: str = "") -> Iterator[Difference]:
    """The rows of some operations: path, what moto says, what the box says, who is right, and why."""
    return (Difference(operation, *row, case) for operation in operations.split() for row in rows)


DIFFERENCES = (
    # identities: those of moto are verified when they are made, and have no DKIM
    *of(
        "create_email_identity get_email_identity",
        ("DkimAttributes.SigningEnabled", "False", "True", "box", "11.3"),
        ("DkimAttributes.Status", "NOT_STARTED", "PENDING", "box", "11.3"),
        ("DkimAttributes.NextSigningKeyLength", "RSA_1024_BIT", "RSA_2048_BIT", "box", "4.4"),
        ("DkimAttributes.NextSigningKeyLength", "RSA_1024_BIT", MISSING, "open", "where SES makes no keys"),
        ("DkimAttributes.Tokens", MISSING, "3 tokens", "box", "4.4"),
        ("DkimAttributes.SigningHostedZone", MISSING, "dkim.amazonses.com", "box", "4.3"),
        ("DkimAttributes.LastKeyGenerationTimestamp", MISSING, "a time", "open", ""),
    ),
    *of(
        "get_email_identity",
        ("VerificationStatus", "SUCCESS", "PENDING", "box", "11.3"),
        ("VerificationInfo.LastCheckedTimestamp", MISSING, "a time", "box", "4.1"),
        ("VerificationInfo", MISSING, "{}", "open", "of an address"),
        ("FeedbackForwardingStatus", "False", "True", "open", ""),
        ("Tags", MISSING, "[]", "open", ""),
    ),
    *of(
        "list_email_identities",
        ("EmailIdentities[0].VerificationStatus", "SUCCESS", "PENDING", "box", "11.3"),
        ("EmailIdentities[0].SendingEnabled", "True", "False", "box", "11.3"),
    ),
    *of(
        "create_email_identity",
        ("DkimAttributes.Status", "SUCCESS", "PENDING", "box", "4.4"),
        ("DkimAttributes.SigningAttributesOrigin", "AWS_SES", "EXTERNAL", "box", "11.3"),
        ("DkimAttributes.Tokens", MISSING, "1 tokens", "box", "4.4"),
        ("DkimAttributes.LastKeyGenerationTimestamp", "a time", MISSING, "open", ""),
        case="a domain with a key of its owner",
    ),
    *of("create_email_identity", ("", TAKEN, EXISTS, "box", "11.3"), case="an identity twice"),
    *of(
        "get_email_identity get_email_identity_policies create_email_identity_policy",
        ("message", "no.example", "Email identity no.example does not exist.", "open", ""),
    ),
    *of("get_email_identity", ("message", "new.example", "Email identity new.example does not exist.", "open", "")),
    *of(
        "delete_email_identity",
        ("", TAKEN, NOT_FOUND, "box", "11.3"),
        ("", "KeyError", NOT_FOUND, "box", "11.3"),
        ("message", MISSING, "Email identity ada@example.com does not exist.", "open", ""),
    ),
    *of("create_email_identity", ("", TAKEN, V2_INVALID, "box", "2.3"), case="what is no identity"),
    *of("verify_email_identity", ("", TAKEN, V1_INVALID, "box", "2.3")),
    *of("verify_domain_identity", ("", TAKEN, V1_INVALID, "open", "")),
    # policies and tags
    *of("create_email_identity_policy", ("", TAKEN, EXISTS, "box", "model")),
    *of("update_email_identity_policy", ("", TAKEN, NOT_FOUND, "box", "model"), ("", TAKEN, V2_INVALID, "open", "")),
    *of(
        "get_email_identity_policies",
        ("Policies.q", POLICY, MISSING, "box", "it was refused"),
        ("Policies", MISSING, "{}", "box", "it was refused"),
    ),
    *of("list_tags_for_resource", ("", TAKEN, NOT_FOUND, "box", "model"), case="tags"),
    *of(
        "list_tags_for_resource",
        ("Tags", "[]", MISSING, "box", "2.3: the ARN of an identity says identity/"),
        ("Tags[0].Key", MISSING, "a", "box", "2.3: as above"),
        ("Tags[0].Value", MISSING, "1", "box", "2.3: as above"),
        case="tags of an identity",
    ),
    # configuration sets
    *of(
        "get_configuration_set",
        ("SendingOptions.SendingEnabled", "False", "True", "box", "11.3"),
        ("DeliveryOptions.TlsPolicy", MISSING, "OPTIONAL", "open", ""),
        ("ReputationOptions.ReputationMetricsEnabled", MISSING, "False", "open", ""),
        ("TrackingOptions", "{}", MISSING, "open", ""),
        ("DeliveryOptions", "{}", MISSING, "open", ""),
        ("ReputationOptions", "{}", MISSING, "open", ""),
        ("SuppressionOptions", "{}", MISSING, "open", ""),
        ("VdmOptions", "{}", MISSING, "open", ""),
    ),
    *of(
        "create_configuration_set",
        ("", "ConfigurationSetAlreadyExistsException 400", EXISTS, "box", "11.3"),
        ("message", f"{A_SET} already exists", f"{A_SET} already exists.", "open", ""),
        ("", TAKEN, V2_INVALID, "box", "1.3"),
        ("", TAKEN, "InvalidConfigurationSet 400", "box", "1.3"),
    ),
    *of(
        "delete_configuration_set",
        ("", "KeyError", NOT_FOUND, "box", "11.3"),
        ("", "KeyError", NO_SET, "box", "11.3"),
        ("message", MISSING, f"{A_SET} does not exist.", "box", "2.3"),
    ),
    *of(
        "describe_configuration_set",
        ("EventDestinations", "[]", MISSING, "open", "nobody asked for them"),
        ("ReputationOptions.SendingEnabled", MISSING, "True", "box", "it was asked for"),
        ("ReputationOptions.ReputationMetricsEnabled", MISSING, "True", "box", "it was asked for"),
    ),
    *of(
        "update_configuration_set_reputation_metrics_enabled",
        ("message", f"{A_SET} does not exist", f"{A_SET} does not exist.", "box", "2.3"),
    ),
    *of(
        "create_configuration_set_event_destination",
        ("message", "Invalid Configuration Set Name.", f"{A_SET} does not exist.", "box", "2.3"),
        ("message", "Duplicate Event destination Name.", "Event destination topic already exists.", "open", ""),
    ),
    # contact lists: an account of moto has as many as it likes
    *of(
        "create_contact_list",
        ("", TAKEN, EXISTS, "box", "11.3: a name is that of one list"),
        ("", TAKEN, "LimitExceededException 400", "box", "7.2"),
        case="a contact list",
    ),
    *of("get_contact_list", ("Tags", MISSING, "[]", "open", "")),
    *of("delete_contact_list", ("message", NO_LIST, f"{NO_LIST}.", "open", "moto says it with a full stop elsewhere")),
    *of("create_contact", ("", TAKEN, EXISTS, "box", "11.3")),
    *of(
        "get_contact",
        ("TopicDefaultPreferences", "[]", MISSING, "box", "model: the defaults that apply"),
        ("TopicDefaultPreferences[0].TopicName", MISSING, "offers", "box", "model: as above"),
        ("TopicDefaultPreferences[0].SubscriptionStatus", MISSING, "OPT_IN", "box", "model: as above"),
    ),
    *of(
        "list_contacts",
        ("Contacts[0].TopicDefaultPreferences", "[]", MISSING, "box", "model: as above"),
        ("Contacts[0].TopicDefaultPreferences[0].TopicName", MISSING, "offers", "box", "model: as above"),
        ("Contacts[0].TopicDefaultPreferences[0].SubscriptionStatus", MISSING, "OPT_IN", "box", "model: as above"),
        ("Contacts[1].EmailAddress", "eve@example.org", MISSING, "box", "model: PageSize"),
        ("Contacts[1].TopicPreferences", "[]", MISSING, "box", "model: PageSize"),
        ("Contacts[1].TopicDefaultPreferences", "[]", MISSING, "box", "model: PageSize"),
        ("Contacts[1].UnsubscribeAll", "False", MISSING, "box", "model: PageSize"),
        ("Contacts[1].LastUpdatedTimestamp", "a time", MISSING, "box", "model: PageSize"),
        ("NextToken", MISSING, "a token", "box", "model: PageSize"),
    ),
    # dedicated IP pools
    *of("create_dedicated_ip_pool", ("", TAKEN, EXISTS, "box", "model")),
    *of(
        "get_dedicated_ip_pool",
        ("DedicatedIpPool.ScalingMode", MISSING, "STANDARD", "box", "model: required"),
        ("message", "pool", NO_POOL, "open", ""),
    ),
    *of(
        "delete_dedicated_ip_pool",
        ("", "KeyError", NOT_FOUND, "box", "model"),
        ("message", MISSING, NO_POOL, "open", ""),
    ),
    # identities by v1
    *of(
        "list_identities",
        ("Identities[1]", "bob@new.example", MISSING, "box", "11.3: MaxItems"),
        ("Identities[2]", "new.example", MISSING, "box", "11.3: MaxItems"),
        ("NextToken", MISSING, "a token", "box", "11.3: MaxItems"),
    ),
    *of(
        "get_identity_verification_attributes",
        ("VerificationAttributes.ada@new.example.VerificationToken", "a token", MISSING, "box", "model"),
    ),
    *of(
        "get_identity_dkim_attributes",
        ("DkimAttributes.new.example.DkimVerificationStatus", "Success", "Pending", "box", "4.1"),
        (
            "DkimAttributes.ada@new.example.DkimVerificationStatus",
            "Success",
            "NotStarted",
            "box",
            "4.4: it has no keys",
        ),
        ("DkimAttributes.ada@new.example.DkimEnabled", "True", "False", "moto", "model: true, when nobody said else"),
        ("DkimAttributes.ada@new.example.DkimTokens", MISSING, "0 tokens", "open", ""),
        ("DkimAttributes.no.example.DkimEnabled", "True", MISSING, "open", ""),
        ("DkimAttributes.no.example.DkimVerificationStatus", "NotStarted", MISSING, "open", ""),
    ),
    *of(
        "get_identity_notification_attributes",
        ("NotificationAttributes.example.com.BounceTopic", MISSING, "", "box", "model: required"),
        ("NotificationAttributes.example.com.ComplaintTopic", MISSING, "", "box", "model: required"),
        ("NotificationAttributes.example.com.DeliveryTopic", MISSING, "", "box", "model: required"),
        ("NotificationAttributes.example.com.BounceTopic", MISSING, TOPIC, "box", "it was set"),
        ("NotificationAttributes.no.example.ForwardingEnabled", "True", MISSING, "open", ""),
        ("NotificationAttributes.no.example.HeadersInBounceNotificationsEnabled", "False", MISSING, "open", ""),
        ("NotificationAttributes.no.example.HeadersInComplaintNotificationsEnabled", "False", MISSING, "open", ""),
        ("NotificationAttributes.no.example.HeadersInDeliveryNotificationsEnabled", "False", MISSING, "open", ""),
    ),
    *of(
        "set_identity_feedback_forwarding_enabled set_identity_notification_topic",
        ("", TAKEN, V1_INVALID, "open", "of an identity that is not there"),
    ),
    *of(
        "get_identity_mail_from_domain_attributes",
        ("MailFromDomainAttributes.example.com.MailFromDomainStatus", "Success", "Pending", "box", "11.3"),
        (
            "MailFromDomainAttributes.example.com.BehaviorOnMXFailure",
            MISSING,
            "UseDefaultValue",
            "box",
            "model: required",
        ),
        (
            "MailFromDomainAttributes.example.com.BehaviorOnMXFailure",
            "UseDefaultValue",
            MISSING,
            "open",
            "there is none",
        ),
        ("MailFromDomainAttributes", MISSING, "{}", "open", "there is none"),
    ),
    *of(
        "set_identity_mail_from_domain",
        ("", TAKEN, V1_INVALID, "box", "4.2: a sub-domain"),
        (
            "message",
            NO_SUB_DOMAIN.format("'m.example.org'", "'example.com'"),
            NO_SUB_DOMAIN.format("<m.example.org>", "<example.com>"),
            "open",
            "",
        ),
        ("message", "Identity 'no.example' does not exist.", "Email identity no.example does not exist.", "open", ""),
    ),
    # what was sent
    *of("send_email send_raw_email", ("MessageId", "letters", HEX, "box", "5.5")),
    *of("get_send_quota", ("SentLast24Hours", "6.0", "5.0", "box", "11.3: raw mails"), case="sends"),
    *of("get_send_quota", ("SentLast24Hours", "5.0", "3.0", "box", "9: the simulator"), case="what was sent"),
    *of("get_send_statistics", ("SendDataPoints[0].DeliveryAttempts", "5", "4", "box", "11.3"), case="what was sent"),
    *of(
        "get_send_statistics",
        ("SendDataPoints[0].DeliveryAttempts", "0", MISSING, "open", ""),
        ("SendDataPoints[0].Bounces", "0", MISSING, "open", ""),
        ("SendDataPoints[0].Complaints", "0", MISSING, "open", ""),
        ("SendDataPoints[0].Rejects", "0", MISSING, "open", ""),
        ("SendDataPoints[0].Timestamp", "a time", MISSING, "open", ""),
        ("SendDataPoints", MISSING, "[]", "open", ""),
        case="statistics of nothing",
    ),
    # what is refused
    *of("send_email", ("", TAKEN, REJECTED, "box", "3.2"), case="in the sandbox, to somebody"),
    *of("send_email", ("", TAKEN, "TooManyRequestsException 429", "box", "1.1"), case="too fast"),
    *of("send_email send_raw_email", ("", TAKEN, "Throttling 400", "box", "1.1"), case="too fast"),
    *of("send_email", ("", TAKEN, "LimitExceededException 400", "box", "1.1"), case="too many"),
    *of("send_email send_raw_email", ("", TAKEN, "Throttling 400", "box", "1.1"), case="too many"),
    *of(
        "send_email",
        ("message", "Email address not verified shop@example.com", UNVERIFIED, "box", "2.3"),
        case="from nobody who is verified",
    ),
    *of(
        "send_email send_raw_email",
        ("message", "Did not have authority to send from email shop@example.com", UNVERIFIED, "box", "2.3"),
        case="from nobody who is verified",
    ),
    *of("send_email", ("", REJECTED, TAKEN, "box", "3.3"), case="from a sub-domain"),
    *of("send_email", ("", REJECTED, TAKEN, "box", "3.3"), case="from a domain in capitals"),
    *of("send_email", ("", REJECTED, TAKEN, "box", "3.3"), case="with a label"),
    *of("send_email", ("", REJECTED, V2_INVALID, "box", "2.3"), case="to 51"),
    *of(
        "send_email send_raw_email",
        ("", REJECTED, V1_INVALID, "box", "2.3"),
        ("message", "Too many recipients.", "Recipient count exceeds 50.", "box", "2.3"),
        case="to 51",
    ),
    *of("send_email", ("", V1_INVALID, V2_INVALID, "box", "11.3"), case="to no address"),
    *of("send_email", ("", TAKEN, V2_INVALID, "box", "1.1"), case="to nobody"),
    *of("send_email", ("", TAKEN, NOT_FOUND, "box", "11.3"), case="with a set that is not there"),
    *of("send_email send_raw_email", ("", TAKEN, NO_SET, "box", "11.3"), case="with a set that is not there"),
    *of("send_email", ("", TAKEN, V2_INVALID, "box", "1.3"), case="with a tag that is none"),
    *of("send_email", ("", TAKEN, V2_INVALID, "box", "1.2"), case="with a header that is none"),
    *of("send_email", ("", TAKEN, REJECTED, "box", "1.4"), case="with a file that is blocked"),
    *of("send_email", ("", "KeyError", TAKEN, "box", "11.3"), case="without a body"),
    *of("send_email send_raw_email", ("", "UnicodeDecodeError", TAKEN, "box", "11.3"), case="bytes that are no UTF-8"),
    *of("send_email", ("", TAKEN, V2_INVALID, "box", "1.2"), case="a header twice"),
    *of("send_raw_email", ("", TAKEN, V1_INVALID, "box", "1.2"), case="a header twice"),
    *of("send_email", ("", REJECTED, V2_INVALID, "box", "2.1"), case="without From"),
    *of("send_raw_email", ("", REJECTED, V1_INVALID, "box", "2.2"), case="without From"),
    *of(
        "send_email send_raw_email",
        ("message", "Source not specified", "Missing required header 'From'.", "open", ""),
        case="without From",
    ),
    # templates
    *of("create_template", ("message", "Duplicate Template Name.", "Template order already exists.", "open", "")),
    *of("get_template", ("Template.HtmlPart", "", MISSING, "open", "nobody gave one")),
    *of("update_template", ("message", "Invalid Template Name.", "Template no does not exist.", "open", "")),
    *of("get_template", ("message", "Invalid Template Name.", "Template order does not exist.", "open", "")),
    *of("create_template", ("", TAKEN, "InvalidTemplate 400", "open", ""), case="templates that are none"),
    *of(
        "test_render_template",
        ("", "TypeError", TAKEN, "box", "7.5"),
        ("", "TypeError", "MissingRenderingAttribute 400", "box", "2.2"),
        ("message", MISSING, "Attribute 'name' is not present in the rendering data.", "box", "6.2"),
        ("message", "Template rendering data is invalid", "The template data is no JSON object.", "open", ""),
        ("message", "Invalid Template Name.", "Template no does not exist.", "open", ""),
        case="a trial",
    ),
    *of(
        "send_templated_email",
        ("MessageId", "letters", HEX, "box", "11.3"),
        ("", TAKEN, V1_INVALID, "open", "data that are no JSON"),
        ("message", "Template (no) does not exist", "Template no does not exist.", "open", ""),
        case="a mail of a template",
    ),
    *of(
        "send_bulk_templated_email",
        *((f"Status[{n}].MessageId", "letters", answer, "box", "2.6") for n in (0, 1) for answer in (HEX, MISSING)),
        ("Status[0].Status", MISSING, "Success", "box", "2.6"),
        ("Status[1].Status", MISSING, "AccountThrottled", "box", "2.6"),
        ("Status[1].Error", MISSING, "Maximum sending rate exceeded.", "box", "2.6"),
        ("Status[0].Status", MISSING, "InvalidParameterValue", "box", "2.6"),
        ("Status[0].Error", MISSING, "Missing final '@domain'", "box", "2.6"),
        ("Status[1].Status", MISSING, "Success", "box", "2.6"),
        ("", REJECTED, V1_INVALID, "box", "11.3"),
        ("message", "Too many destinations.", "Recipient count exceeds 50.", "open", ""),
        ("message", "Template (no) does not exist", "Template no does not exist.", "open", ""),
        case="mails of a template",
    ),
)

# ── how it is told ───────────────────────────────────────────────────────────────────────────────────────────────

Told = dict[str, str]
HEX_ID = re.compile(r"[0-9a-f]{16}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-000000")


def told(client: Any, step: Step) -> Told:
    """An answer as texts: its members by their paths, and whether the call was taken by none."""
    from botocore.exceptions import ClientError

    try:
        answer = getattr(client, step.operation)(**step.params)
    except ClientError as refusal:
        error, status = refusal.response["Error"], refusal.response["ResponseMetadata"]["HTTPStatusCode"]
        return {"": f"{error['Code']} {status}", "message": error["Message"]}
    except Exception as fallen:  # noqa: BLE001 - moto's own errors come out of the call
        return {"": type(fallen).__name__}
    del answer["ResponseMetadata"]
    return {"": TAKEN, **dict(leaves(answer))}


def leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """The members of an answer. What is drawn at random is told by its looks."""
    name = path.rpartition(".")[2]
    match value:
        case dict() if value or not path:
            for key, inside in value.items():
                yield from leaves(inside, f"{path}.{key}" if path else key)
        case list() if name in ("Tokens", "DkimTokens"):
            yield path, f"{len(value)} tokens"
        case list() if value:
            for number, inside in enumerate(value):
                yield from leaves(inside, f"{path}[{number}]")
        case datetime():
            yield path, "a time"
        case str() if name in ("VerificationToken", "NextToken"):
            yield path, "a token"
        case str() if name == "MessageId":
            yield path, HEX if HEX_ID.fullmatch(value) else "letters"
        case _:
            yield path, str(value)


@pytest.fixture(scope="module")
def answers() -> dict[str, list[tuple[Told, Told]]]:
    """What moto and the box say, case by case, call by call."""
    by_moto, by_box = _asked_of_moto(), _asked_of_the_box()
    return {case: list(zip(by_moto[case], by_box[case], strict=True)) for case in CASES}


def _asked_of_moto() -> dict[str, list[Told]]:
    from moto import mock_aws

    clients = _clients({"region_name": REGION, "aws_access_key_id": "id", "aws_secret_access_key": "secret"})
    answers = {}
    for case, steps in CASES.items():
        with mock_aws():  # each time anew
            answers[case] = [told(clients[step.service], step) for step in steps]
    return answers


def _asked_of_the_box() -> dict[str, list[Told]]:
    answers = {}
    with LocalSes(sandbox=False, quota=200, rate=1, clock=BoxClock(at=1_800_000_000)) as ses:
        clients = _clients(ses.client_options)
        for case, steps in CASES.items():
            ses.box.regions.clear()
            ses.box.region(REGION).sandbox = case == SANDBOXED
            ses.clock.advance(900 - ses.clock.now() % 900)  # statistics begin a point every 15 minutes
            answers[case] = [_asked_and_verified(ses, clients[step.service], step, case) for step in steps]
        for client in clients.values():
            client.close()
    return answers


def _clients(options: dict[str, str]) -> dict[str, Any]:
    import boto3
    from botocore.config import Config

    once = Config(retries={"total_max_attempts": 1})  # or a refusal for haste is tried again, with pauses
    session = boto3.session.Session()  # moto hooks itself into those only that are made after it was imported
    return {service: session.client(service, config=once, **options) for service in ("ses", "sesv2")}


def _asked_and_verified(ses: LocalSes, client: Any, step: Step, case: str) -> Told:
    answer = told(client, step)
    if answer[""] == TAKEN and step.operation in VERIFYING:
        ses.identity(str(step.params[VERIFYING[step.operation]])).verify()
    ses.clock.advance(0 if case == "too fast" else 60)
    return answer


VERIFYING = {
    "verify_domain_identity": "Domain",
    "verify_email_identity": "EmailAddress",
    "verify_email_address": "EmailAddress",
}

# ── the comparison ───────────────────────────────────────────────────────────────────────────────────────────────


def found(case: str, pairs: list[tuple[Told, Told]]) -> Iterator[Difference]:
    """Each difference of a case, not yet judged."""
    for step, (moto, box) in zip(CASES[case], pairs, strict=True):
        alike = (moto[""] == TAKEN) == (box[""] == TAKEN)  # only then there is more to compare
        for path in {**moto, **box} if alike else [""]:
            ours, theirs = box.get(path, "missing"), moto.get(path, "missing")
            if ours != theirs:
                yield Difference(step.operation, path, theirs, ours, "open", "", case)


def is_about(listed: Difference, seen: Difference) -> bool:
    """Whether a row of the table is about what was found."""
    same = (listed.operation, listed.path, listed.moto, listed.box) == (seen.operation, seen.path, seen.moto, seen.box)
    return same and listed.case in ("", seen.case)


@pytest.mark.parametrize("case", CASES)
def test_every_difference_is_listed(case: str, answers: dict[str, list[tuple[Told, Told]]]) -> None:
    seen = dict.fromkeys(found(case, answers[case]))
    unlisted = [one for one in seen if not any(is_about(listed, one) for listed in DIFFERENCES)]

    assert unlisted == []


@pytest.mark.parametrize(
    "listed", DIFFERENCES, ids=lambda listed: f"{listed.operation} {listed.path} {listed.box[:30]}"
)
def test_every_difference_is_still_there(listed: Difference, answers: dict[str, list[tuple[Told, Told]]]) -> None:
    assert any(is_about(listed, one) for case, pairs in answers.items() for one in found(case, pairs))


def test_everything_that_both_serve_is_compared() -> None:
    from botocore import xform_name
    from moto.ses.responses import EmailResponse
    from moto.sesv2.responses import SESV2Response

    theirs = {"ses": vars(EmailResponse), "sesv2": vars(SESV2Response)}
    both = {(service, xform_name(name)) for service, name in SERVED if xform_name(name) in theirs.get(service, ())}
    compared = {(step.service, step.operation) for steps in CASES.values() for step in steps}

    assert len(both) >= 40
    assert both == compared
