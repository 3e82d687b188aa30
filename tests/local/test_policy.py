"""IAM policies: what AWS would say, above all where that is not what one reads."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.local.condition import Condition
from sesmail.local.glob import Glob
from sesmail.local.policy import MAX_CHARACTERS, Policy, PolicyProblem, Question, Verdict
from sesmail.mail.frozen_map import FrozenMap

VERSION = "2012-10-17"
ACCOUNT = "123456789012"
IDENTITY = f"arn:aws:ses:eu-west-1:{ACCOUNT}:identity/example.com"
ADA = f"arn:aws:iam::{ACCOUNT}:user/staff/ada"
ALLOWED, DENIED, SILENT = Verdict.ALLOWED, Verdict.DENIED, Verdict.SILENT

# The policies of the SES guide: any mail; a From address and recipients; who may take on a role.
ANY_MAIL = {
    "Version": VERSION,
    "Statement": [{"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": "*"}],
}
SOME_MAIL = {
    "Version": VERSION,
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "ses:SendRawEmail",
            "Resource": "*",
            "Condition": {
                "StringLike": {"ses:FromAddress": "*@example.com"},
                "ForAllValues:StringLike": {"ses:Recipients": ["*@example.net"]},
            },
        }
    ],
}
TRUST = {
    "Version": VERSION,
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "s3cret"}},
    },
}


def one(**elements: object) -> dict[str, object]:
    """A document with one statement; what is None is left out."""
    whole = {"Effect": "Allow", "Action": "ses:*", "Resource": "*", **elements}
    return {"Version": VERSION, "Statement": {name: value for name, value in whole.items() if value is not None}}


def asked(
    action: str = "ses:SendEmail", resource: str = IDENTITY, principal: str = ADA, **context: str | tuple[str, ...]
) -> Question:
    """A question; ``ses_FromAddress=`` stands for the key ``ses:FromAddress``."""
    keys = {
        name.replace("_", ":", 1): value if isinstance(value, tuple) else (value,) for name, value in context.items()
    }
    return Question(action, resource, principal, keys)


def verdict(document: Mapping[str, object], question: Question) -> Verdict:
    """What a document says, read as a mapping and as text."""
    said = Policy.parse(document).verdict(question)
    assert Policy.parse(json.dumps(document)).verdict(question) is said
    return said


# ── the documents of the guide ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("document", "question", "expected"),
    [
        (ANY_MAIL, asked("ses:SendRawEmail"), ALLOWED),
        (ANY_MAIL, asked("ses:SendEmail"), SILENT),
        (
            SOME_MAIL,
            asked("ses:SendRawEmail", ses_FromAddress="a@example.com", ses_Recipients="b@example.net"),
            ALLOWED,
        ),
        (SOME_MAIL, asked("ses:SendRawEmail", ses_FromAddress="a@example.org", ses_Recipients="b@example.net"), SILENT),
        (
            SOME_MAIL,
            asked("ses:SendRawEmail", ses_FromAddress="a@example.com", ses_Recipients=("b@example.net", "c@else.net")),
            SILENT,
        ),
        (SOME_MAIL, asked("ses:SendRawEmail", ses_FromAddress="a@example.com"), ALLOWED),
        (SOME_MAIL, asked("ses:SendRawEmail", ses_Recipients="b@example.net"), SILENT),
        (TRUST, asked("sts:AssumeRole", sts_ExternalId="s3cret"), ALLOWED),
        (TRUST, asked("sts:AssumeRole", sts_ExternalId="S3CRET"), SILENT),
        (TRUST, asked("sts:AssumeRole"), SILENT),
        (TRUST, asked("sts:AssumeRole", principal="arn:aws:iam::999999999999:root", sts_ExternalId="s3cret"), SILENT),
    ],
)
def test_the_documents_of_the_guide(document: Mapping[str, object], question: Question, expected: Verdict) -> None:
    assert verdict(document, question) is expected


# ── statements ───────────────────────────────────────────────────────────────────────────────────────────────────

NOT_IN_EUROPE = "arn:aws:ses:us-east-1:123456789012:identity/example.com"
WITH_SET = f"arn:aws:ses:eu-west-1:{ACCOUNT}:configuration-set/news"


@pytest.mark.parametrize(
    ("statement", "question", "expected"),
    [
        # actions are read in any case, and may hold wildcards
        ({"Action": "SES:sendemail"}, asked(), ALLOWED),
        ({"Action": "ses:Send*Email"}, asked("ses:SendRawEmail"), ALLOWED),
        ({"Action": "ses:Send?mail"}, asked(), ALLOWED),
        ({"Action": "ses:Send?mail"}, asked("ses:SendRawEmail"), SILENT),
        ({"Action": "*"}, asked("sts:AssumeRole"), ALLOWED),
        ({"Action": ["ses:GetAccount", "ses:SendEmail"]}, asked(), ALLOWED),
        ({"Action": "sts:*"}, asked(), SILENT),
        # NotAction is about all other actions, of all other services too
        ({"Action": None, "NotAction": "ses:Delete*"}, asked("sts:AssumeRole"), ALLOWED),
        ({"Action": None, "NotAction": "ses:Delete*"}, asked("ses:DeleteEmailIdentity"), SILENT),
        ({"Action": None, "NotAction": ["ses:A", "ses:SENDEMAIL"]}, asked(), SILENT),
        # resources are read to the letter; a star reaches over slashes and colons
        ({"Resource": IDENTITY}, asked(), ALLOWED),
        ({"Resource": IDENTITY.upper().replace("ARN:", "arn:")}, asked(), SILENT),
        ({"Resource": "arn:aws:ses:*"}, asked(), ALLOWED),
        ({"Resource": f"arn:aws:ses:*:{ACCOUNT}:identity/*"}, asked(resource=NOT_IN_EUROPE), ALLOWED),
        ({"Resource": f"arn:aws:ses:eu-west-?:{ACCOUNT}:identity/*"}, asked(resource=NOT_IN_EUROPE), SILENT),
        ({"Resource": f"arn:aws:ses:eu-west-1:{ACCOUNT}:identity/*"}, asked(resource=WITH_SET), SILENT),
        ({"Resource": [IDENTITY, WITH_SET]}, asked(resource=WITH_SET), ALLOWED),
        ({"Resource": IDENTITY + "${*}"}, asked(resource=f"{IDENTITY}-2"), SILENT),
        ({"Resource": IDENTITY + "${*}"}, asked(resource=f"{IDENTITY}*"), ALLOWED),
        ({"Resource": None, "NotResource": f"{IDENTITY}*"}, asked(), SILENT),
        ({"Resource": None, "NotResource": f"{IDENTITY}*"}, asked(resource=WITH_SET), ALLOWED),
        # an effect
        ({"Effect": "Deny"}, asked(), DENIED),
        ({"Effect": "Deny", "Action": "ses:GetAccount"}, asked(), SILENT),
    ],
)  # fmt: skip
def test_what_a_statement_is_about(statement: dict[str, object], question: Question, expected: Verdict) -> None:
    assert verdict(one(**statement), question) is expected


def test_a_statement_that_denies_wins_wherever_it_stands() -> None:
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    deny = {"Effect": "Deny", "Action": "ses:SendEmail", "Resource": "*"}

    for statements in ([allow, deny], [deny, allow], [deny, allow, allow]):
        assert verdict({"Version": VERSION, "Statement": statements}, asked()) is DENIED
        assert verdict({"Version": VERSION, "Statement": statements}, asked("ses:SendRawEmail")) is ALLOWED


# ── principals ───────────────────────────────────────────────────────────────────────────────────────────────────

ROLE = f"arn:aws:iam::{ACCOUNT}:role/mail/Sender"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Sender/nightly"
OTHER = "999999999999"


@pytest.mark.parametrize(
    ("principal", "asking", "expected"),
    [
        ("*", "", ALLOWED),
        ({"AWS": "*"}, f"arn:aws:iam::{OTHER}:user/eve", ALLOWED),
        # an account, written either way, is everybody in it
        ({"AWS": ACCOUNT}, ACCOUNT, ALLOWED),
        ({"AWS": ACCOUNT}, ADA, ALLOWED),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, ADA, ALLOWED),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, SESSION, ALLOWED),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, ACCOUNT, ALLOWED),
        ({"AWS": ACCOUNT}, f"arn:aws:iam::{OTHER}:root", SILENT),
        ({"AWS": ACCOUNT}, f"arn:aws:ses:eu-west-1:{ACCOUNT}:identity/x", SILENT),
        ({"AWS": ACCOUNT}, "", SILENT),
        ({"AWS": ACCOUNT}, "arn:aws", SILENT),
        # a user is one user
        ({"AWS": ADA}, ADA, ALLOWED),
        ({"AWS": ADA}, f"{ADA}2", SILENT),
        ({"AWS": ADA}, ACCOUNT, SILENT),
        ({"AWS": [f"arn:aws:iam::{OTHER}:user/bob", ADA]}, ADA, ALLOWED),
        # a role is all its sessions, which do not know its path; a session is one
        ({"AWS": ROLE}, ROLE, ALLOWED),
        ({"AWS": ROLE}, SESSION, ALLOWED),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/Sender"}, SESSION, ALLOWED),
        ({"AWS": f"arn:aws:iam::{OTHER}:role/Sender"}, SESSION, SILENT),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/Sender2"}, SESSION, SILENT),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/Sender"}, SESSION, SILENT),
        ({"AWS": SESSION}, SESSION, ALLOWED),
        ({"AWS": SESSION}, f"{SESSION}2", SILENT),
        ({"AWS": SESSION}, ROLE, SILENT),
        ({"AWS": f"arn:aws:sts::{ACCOUNT}:federated-user/ada"}, f"arn:aws:sts::{ACCOUNT}:federated-user/ada", ALLOWED),
        ({"AWS": f"arn:aws-us-gov:iam::{ACCOUNT}:user/ada"}, f"arn:aws-us-gov:iam::{ACCOUNT}:user/ada", ALLOWED),
        # a service
        ({"Service": "ses.amazonaws.com"}, "ses.amazonaws.com", ALLOWED),
        ({"Service": ["sns.amazonaws.com", "ses.amazonaws.com"], "AWS": ADA}, "ses.amazonaws.com", ALLOWED),
        ({"Service": "sns.amazonaws.com", "AWS": ADA}, ADA, ALLOWED),
        ({"Service": "sns.amazonaws.com"}, ADA, SILENT),
    ],
)
def test_who_is_meant(principal: object, asking: str, expected: Verdict) -> None:
    turned = {ALLOWED: SILENT, SILENT: ALLOWED}[expected]

    assert verdict(one(Principal=principal), asked(principal=asking)) is expected
    assert verdict(one(NotPrincipal=principal), asked(principal=asking)) is turned


def test_a_policy_of_an_identity_must_name_principals_and_one_of_a_user_must_not() -> None:
    assert Policy.parse(TRUST, principals=True) == Policy.parse(TRUST)
    assert Policy.parse(ANY_MAIL, principals=False) == Policy.parse(ANY_MAIL)
    with pytest.raises(PolicyProblem, match=re.escape("Statement[0]: names no Principal")):
        Policy.parse(ANY_MAIL, principals=True)
    with pytest.raises(PolicyProblem, match=re.escape("Statement[0]: names a Principal")):
        Policy.parse(TRUST, principals=False)
    with pytest.raises(PolicyProblem, match="names a Principal"):
        Policy.parse(one(NotPrincipal={"AWS": ADA}), principals=False)


# ── conditions ───────────────────────────────────────────────────────────────────────────────────────────────────

FROM = "ses:FromAddress"
TO = "ses:Recipients"
NOW = "aws:CurrentTime"
IP = "aws:SourceIp"
SOURCE = "aws:SourceArn"
VERSION_KEY = "ses:ApiVersion"
FINANCE = "arn:aws:svc:*:111122223333:finance/*"
STORE = "arn:aws:svc:us-east-2:999999999999:store/abc:111122223333:finance/x"


@pytest.mark.parametrize(
    ("block", "context", "holds"),
    [
        # text: to the letter, without wildcards but in Like, and case counts
        ({"StringEquals": {FROM: "a@x"}}, {FROM: "a@x"}, True),
        ({"StringEquals": {FROM: "a@x"}}, {FROM: "A@x"}, False),
        ({"StringEquals": {FROM: "*"}}, {FROM: "a@x"}, False),
        ({"StringEquals": {FROM: "*"}}, {FROM: "*"}, True),
        ({"StringEqualsIgnoreCase": {FROM: "a@X"}}, {FROM: "A@x"}, True),
        ({"StringEqualsIgnoreCase": {FROM: "a@X"}}, {FROM: "b@x"}, False),
        ({"StringNotEqualsIgnoreCase": {FROM: "a@X"}}, {FROM: "A@x"}, False),
        ({"StringLike": {FROM: "*@example.com"}}, {FROM: "a@example.com"}, True),
        ({"StringLike": {FROM: "*@example.com"}}, {FROM: "a@Example.com"}, False),
        ({"StringLike": {FROM: "*@example.com"}}, {FROM: "a@example.com.evil"}, False),
        ({"StringLike": {FROM: "?@x"}}, {FROM: "@x"}, False),
        ({"StringLike": {FROM: "a${*}${?}${$}@x"}}, {FROM: "a*?$@x"}, True),
        ({"StringLike": {FROM: "a${*}@x"}}, {FROM: "ab@x"}, False),
        ({"StringEquals": {FROM: "a${*}@x"}}, {FROM: "a*@x"}, True),
        ({"StringLike": {FROM: "$@{x}"}}, {FROM: "$@{x}"}, True),
        ({"StringNotLike": {FROM: "*@x"}}, {FROM: "a@x"}, False),
        ({"StringNotLike": {FROM: "*@x"}}, {FROM: "a@y"}, True),
        # the values of one key are ORed, and of a negated operator NORed; operators and keys are ANDed
        ({"StringEquals": {FROM: ["a@x", "b@x"]}}, {FROM: "b@x"}, True),
        ({"StringNotEquals": {FROM: ["a@x", "b@x"]}}, {FROM: "b@x"}, False),
        ({"StringNotEquals": {FROM: ["a@x", "b@x"]}}, {FROM: "c@x"}, True),
        ({"StringEquals": {FROM: "a@x", "ses:FeedbackAddress": "f@x"}}, {FROM: "a@x"}, False),
        ({"StringEquals": {FROM: "a@x"}, "StringLike": {FROM: "b*"}}, {FROM: "a@x"}, False),
        ({"StringLike": {FROM: "a*"}, "StringNotLike": {FROM: "*y"}}, {FROM: "a@x"}, True),
        # a key that is not there
        ({"StringEquals": {FROM: "a@x"}}, {}, False),
        ({"StringLike": {FROM: "*"}}, {}, False),
        ({"StringNotEquals": {FROM: "a@x"}}, {}, True),
        ({"StringEqualsIfExists": {FROM: "a@x"}}, {}, True),
        ({"StringEqualsIfExists": {FROM: "a@x"}}, {FROM: "b@x"}, False),
        ({"StringNotEqualsIfExists": {FROM: "a@x"}}, {}, True),
        ({"StringNotEqualsIfExists": {FROM: "a@x"}}, {FROM: "a@x"}, False),
        ({"StringEquals": {FROM: "a@x"}}, {FROM: ()}, False),
        ({"NumericEquals": {"aws:MultiFactorAuthAge": 5}}, {}, False),
        ({"NumericNotEquals": {"aws:MultiFactorAuthAge": 5}}, {}, True),
        ({"NotIpAddress": {IP: "10.0.0.0/8"}}, {}, True),
        ({"Null": {FROM: "true"}}, {}, True),
        ({"Null": {FROM: "true"}}, {FROM: "a@x"}, False),
        ({"Null": {FROM: False}}, {FROM: "a@x"}, True),
        ({"Null": {FROM: "False"}}, {}, False),
        ({"Null": {TO: "true"}}, {TO: ()}, True),
        ({"Null": {TO: ["true", "false"]}}, {}, True),
        # names of keys are read in any case, on both sides
        ({"StringEquals": {"SES:fromaddress": "a@x"}}, {"ses:FROMADDRESS": "a@x"}, True),
        ({"StringEquals": {"aws:ResourceTag/Team": "a"}}, {"aws:ResourceTag/team": "a"}, True),
        # many values: all of them, any of them
        ({"ForAllValues:StringLike": {TO: "*@x"}}, {TO: ("a@x", "b@x")}, True),
        ({"ForAllValues:StringLike": {TO: "*@x"}}, {TO: ("a@x", "b@y")}, False),
        ({"ForAllValues:StringLike": {TO: ["*@x", "*@y"]}}, {TO: ("a@x", "b@y")}, True),
        ({"ForAllValues:StringLike": {TO: "*@x"}}, {}, True),
        ({"ForAllValues:StringLike": {TO: "*@x"}}, {TO: ("",)}, True),
        ({"ForAllValues:StringNotLike": {TO: "*@x"}}, {TO: ("a@y", "b@x")}, False),
        ({"ForAllValues:StringNotLike": {TO: "*@x"}}, {TO: ("a@y", "b@z")}, True),
        ({"ForAllValues:StringNotLike": {TO: "*@x"}}, {}, True),
        ({"ForAllValues:StringLikeIfExists": {TO: "*@x"}}, {TO: ("b@y",)}, False),
        ({"ForAnyValue:StringLike": {TO: "*@x"}}, {TO: ("a@x", "b@y")}, True),
        ({"ForAnyValue:StringLike": {TO: "*@x"}}, {TO: ("a@z", "b@y")}, False),
        ({"ForAnyValue:StringLike": {TO: "*@x"}}, {}, False),
        ({"ForAnyValue:StringLike": {TO: "*"}}, {TO: ("",)}, False),
        ({"ForAnyValue:StringLikeIfExists": {TO: "*@x"}}, {}, True),
        ({"ForAnyValue:StringNotLike": {TO: "*@x"}}, {TO: ("a@x", "b@y")}, True),
        ({"ForAnyValue:StringNotLike": {TO: "*@x"}}, {TO: ("a@x", "b@x")}, False),
        ({"ForAnyValue:StringNotLike": {TO: "*@x"}}, {}, False),
        # true and false
        ({"Bool": {"aws:SecureTransport": "true"}}, {"aws:SecureTransport": "true"}, True),
        ({"Bool": {"aws:SecureTransport": True}}, {"aws:SecureTransport": "True"}, True),
        ({"Bool": {"aws:SecureTransport": "FALSE"}}, {"aws:SecureTransport": "true"}, False),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, {}, True),
        # numbers, which may be written as numbers
        ({"NumericEquals": {VERSION_KEY: 2}}, {VERSION_KEY: "2.0"}, True),
        ({"NumericNotEquals": {VERSION_KEY: ["1", 2]}}, {VERSION_KEY: "2"}, False),
        ({"NumericLessThan": {VERSION_KEY: "10"}}, {VERSION_KEY: "9"}, True),
        ({"NumericLessThan": {VERSION_KEY: "2"}}, {VERSION_KEY: "2"}, False),
        ({"NumericLessThanEquals": {VERSION_KEY: "2"}}, {VERSION_KEY: "2"}, True),
        ({"NumericGreaterThan": {VERSION_KEY: -1.5}}, {VERSION_KEY: "-1"}, True),
        ({"NumericGreaterThanEquals": {VERSION_KEY: "2"}}, {VERSION_KEY: "1"}, False),
        ({"NumericEquals": {VERSION_KEY: "2"}}, {VERSION_KEY: "two"}, False),
        ({"NumericNotEquals": {VERSION_KEY: "2"}}, {VERSION_KEY: "two"}, True),
        ({"StringEquals": {VERSION_KEY: 2}}, {VERSION_KEY: "2"}, True),
        # dates
        ({"DateGreaterThan": {NOW: "2018-08-31T12:00Z"}}, {NOW: "2018-08-31T12:00:01Z"}, True),
        ({"DateGreaterThan": {NOW: "2018-08-31T12:00Z"}}, {NOW: "2018-08-31T12:00:00Z"}, False),
        ({"DateGreaterThanEquals": {NOW: "2018-08-31T12:00Z"}}, {NOW: "2018-08-31T12:00:00Z"}, True),
        ({"DateLessThan": {NOW: "2018-08-31"}}, {NOW: "2018-08-30T23:59:59.999Z"}, True),
        ({"DateLessThanEquals": {NOW: "2018-08-31T02:00:00+02:00"}}, {NOW: "2018-08-31T00:00:00Z"}, True),
        ({"DateEquals": {NOW: "2018-08-31T00:00:00Z"}}, {NOW: "1535673600"}, True),
        ({"DateEquals": {"aws:EpochTime": 1535673600}}, {"aws:EpochTime": "2018-08-31"}, True),
        ({"DateNotEquals": {"aws:EpochTime": 1535673600}}, {"aws:EpochTime": "2018-08-31"}, False),
        ({"DateEquals": {NOW: "2018-08-31"}}, {NOW: "today"}, False),
        # addresses
        ({"IpAddress": {IP: "203.0.113.0/24"}}, {IP: "203.0.113.9"}, True),
        ({"IpAddress": {IP: "203.0.113.0/24"}}, {IP: "203.0.114.9"}, False),
        ({"IpAddress": {IP: "203.0.113.9/24"}}, {IP: "203.0.113.7"}, True),
        ({"IpAddress": {IP: "203.0.113.9"}}, {IP: "203.0.113.9"}, True),
        ({"IpAddress": {IP: ["10.0.0.0/8", "2001:DB8::/32"]}}, {IP: "2001:db8:1::2"}, True),
        ({"IpAddress": {IP: "0.0.0.0/0"}}, {IP: "::1"}, False),
        ({"NotIpAddress": {IP: ["10.0.0.0/8", "127.0.0.0/8"]}}, {IP: "127.0.0.1"}, False),
        ({"NotIpAddress": {IP: "10.0.0.0/8"}}, {IP: "127.0.0.1"}, True),
        ({"IpAddress": {IP: "0.0.0.0/0"}}, {IP: "localhost"}, False),
        # ARNs: each part for itself, so that a star in the middle stays in its part (the example of the IAM guide)
        ({"ArnLike": {SOURCE: FINANCE}}, {SOURCE: "arn:aws:svc:us-east-2:111122223333:finance/a:b"}, True),
        ({"ArnLike": {SOURCE: FINANCE}}, {SOURCE: STORE}, False),
        ({"StringLike": {SOURCE: FINANCE}}, {SOURCE: STORE}, True),
        ({"ArnEquals": {SOURCE: "arn:aws:ses:*:*:identity/*"}}, {SOURCE: IDENTITY}, True),
        ({"ArnNotEquals": {SOURCE: "arn:aws:ses:*:*:identity/*"}}, {SOURCE: IDENTITY}, False),
        ({"ArnNotLike": {SOURCE: "arn:aws:sns:*:*:*"}}, {SOURCE: IDENTITY}, True),
        ({"ArnLike": {SOURCE: "arn:*:*:*:*:*"}}, {SOURCE: "no arn"}, False),
        # nothing is asked
        ({}, {}, True),
        ({"StringEquals": {}}, {}, True),
    ],
)  # fmt: skip
def test_a_condition_holds_or_not(
    block: dict[str, object], context: dict[str, str | tuple[str, ...]], holds: bool
) -> None:
    values = {name: value if isinstance(value, tuple) else (value,) for name, value in context.items()}
    question = Question("ses:SendEmail", IDENTITY, context=values)

    assert verdict(one(Condition=block), question) is (ALLOWED if holds else SILENT)
    assert verdict(one(Effect="Deny", Condition=block), question) is (DENIED if holds else SILENT)


def test_several_values_where_one_is_usual() -> None:
    """A key that has one value in AWS. Whoever gives it two gets neither a crash nor a way around."""
    question = asked(ses_FromAddress=("a@x", "b@x"))

    assert verdict(one(Condition={"StringEquals": {FROM: "b@x"}}), question) is ALLOWED
    assert verdict(one(Condition={"StringNotEquals": {FROM: "b@x"}}), question) is SILENT


def test_what_is_denied_to_those_without_a_second_factor() -> None:
    """The IAM guide: with ``Bool`` whoever has a lasting key slips through, since the key is missing there."""
    naive = one(Effect="Deny", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})
    right = one(Effect="Deny", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})

    assert verdict(naive, asked()) is SILENT
    assert verdict(right, asked()) is DENIED


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("document", "place", "reason"),
    [
        ([], "policy", "expected an object in braces, not list"),
        (None, "policy", "not nothing"),
        ({1: 2}, "policy", "expected an object in braces"),
        ({**ANY_MAIL, "statement": []}, "policy", "'statement' is not known here; did you mean 'Statement'?"),
        ({**ANY_MAIL, "Comment": "x"}, "policy", "'Comment' is not known here"),
        ({**ANY_MAIL, "Version": "2012-10-18"}, "Version", "write '2012-10-17'"),
        ({**ANY_MAIL, "Version": 2012}, "Version", "expected text, not int"),
        ({**ANY_MAIL, "Id": 1}, "Id", "expected text, not int"),
        ({"Version": VERSION}, "Statement", "the policy has no statement"),
        ({"Version": VERSION, "Statement": []}, "Statement", "the policy has no statement"),
        ({"Version": VERSION, "Statement": "Allow"}, "Statement[0]", "not str"),
        ({"Version": VERSION, "Statement": None}, "Statement[0]", "not nothing"),
        (one(Sid=1), "Statement[0].Sid", "expected text"),
        (
            {**ANY_MAIL, "Statement": [one(Sid="a")["Statement"], one(Sid="a")["Statement"]]},
            "Statement",
            "two statements have the same Sid",
        ),
        (one(Efect="Allow"), "Statement[0]", "'Efect' is not known here; did you mean 'Effect'?"),
        (one(conditions={}), "Statement[0]", "did you mean 'Condition'?"),
        (one(Effect="allow"), "Statement[0].Effect", "Allow or Deny"),
        (one(Effect=None), "Statement[0].Effect", "Allow or Deny"),
        (one(Effect=["Allow"]), "Statement[0].Effect", "expected text, not list"),
        (one(Action=None), "Statement[0]", "names no Action and no NotAction"),
        (one(Action=[]), "Statement[0].Action", "the list is empty"),
        (one(Action={}), "Statement[0].Action", "expected text or a list of texts, not dict"),
        (one(Action=["ses:*", None]), "Statement[0].Action", "expected text or a list of texts, not nothing"),
        (one(Action="SendEmail"), "Statement[0].Action", "one looks like ses:SendEmail"),
        (one(Action=["ses:Send Email"]), "Statement[0].Action", "one looks like ses:SendEmail"),
        (one(Action="ses:${aws:username}"), "Statement[0].Action", "is no action"),
        (one(NotAction="ses:X"), "Statement[0]", "has both Action and NotAction"),
        (one(Resource=None), "Statement[0]", "names no Resource and no NotResource"),
        (one(NotResource="*"), "Statement[0]", "has both Resource and NotResource"),
        (one(Resource="example.com"), "Statement[0].Resource", "is no resource"),
        (one(Resource="arn:aws:ses:*:*:identity/${aws:username}"), "Statement[0].Resource", "policy variable"),
        (one(Resource=None, NotResource="arn:${x}"), "Statement[0].NotResource", "write out what it stands for"),
        # principals
        (one(Principal="*", NotPrincipal="*"), "Statement[0]", "has both Principal and NotPrincipal"),
        (one(Principal="123456789012"), "Statement[0].Principal", "expected an object in braces, not str"),
        (one(Principal={}), "Statement[0].Principal", "names nobody"),
        (one(Principal={"Aws": ACCOUNT}), "Statement[0].Principal", "did you mean 'AWS'?"),
        (one(Principal={"Federated": "accounts.google.com"}), "Statement[0].Principal", "'Federated' is not known"),
        (one(Principal={"AWS": []}), "Statement[0].Principal.AWS", "the list is empty"),
        (one(Principal={"AWS": "12345"}), "Statement[0].Principal.AWS", "is no principal"),
        (one(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"}), "Statement[0].Principal.AWS", "the whole ARN"),
        (one(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:group/x"}), "Statement[0].Principal.AWS", "is no principal"),
        (one(Principal={"AWS": "AIDAIOSFODNN7EXAMPLE"}), "Statement[0].Principal.AWS", "is no principal"),
        (one(NotPrincipal={"AWS": "x"}), "Statement[0].NotPrincipal.AWS", "is no principal"),
        (one(Principal={"Service": "*"}), "Statement[0].Principal.Service", "is no service"),
        # conditions
        (one(Condition=[]), "Statement[0].Condition", "expected an object in braces, not list"),
        (one(Condition={"StringEquals": "x"}), "Statement[0].Condition.StringEquals", "not str"),
        # size, shape and version of the whole
        (one(Resource=["arn:" + "a" * MAX_CHARACTERS]), "policy", "longer than 10240 characters"),
        (one(Resource={1, 2}), "policy", "this cannot be written as JSON"),
        (one(Condition={"StringLike": {FROM: float("nan")}}), "policy", "this cannot be written as JSON"),
        ({**one(Resource="arn:${*}"), "Version": "2008-10-17"}, "Version", "write that version"),
        ({"Statement": one(Resource="arn:${*}")["Statement"]}, "Version", "write that version"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(document: Mapping[str, object], place: str, reason: str) -> None:
    with pytest.raises(PolicyProblem) as caught:
        Policy.parse(document)

    assert caught.value.place == place
    assert reason in caught.value.reason
    assert str(caught.value) == f"{place}: {caught.value.reason}"


@pytest.mark.parametrize(
    ("operator", "key", "value", "reason"),
    [
        ("StringEqual", FROM, "x", "did you mean 'StringEquals'?"),
        ("stringlike", FROM, "x", "did you mean 'StringLike'?"),
        ("StringLikeIfExist", FROM, "x", "did you mean 'StringLike'?"),
        ("Contains", FROM, "x", "'Contains' is no condition operator"),
        ("ForAllValue:StringLike", TO, "x", "did you mean 'ForAllValues'?"),
        (":StringLike", TO, "x", "'' is no set operator"),
        ("StringLike", TO, "x", "write ForAllValues:StringLike or ForAnyValue:StringLike"),
        ("NullIfExists", FROM, "true", "Null stands alone"),
        ("ForAllValues:Null", TO, "true", "Null stands alone"),
        ("Null", FROM, "maybe", "'maybe' is not true or false"),
        ("Null", "ses:From", "true", "no condition key"),
        ("StringLike", "ses:FromAdress", "x", "did you mean 'ses:FromAddress'?"),
        ("StringLike", "aws:sourceipp", "x", "did you mean 'aws:SourceIp'?"),
        ("StringLike", "aws:ResourceTag/", "x", "no condition key"),
        ("StringLike", "s3:prefix", "x", "no condition key of SES or STS"),
        ("StringLike", FROM, [], "the list is empty"),
        ("StringLike", FROM, {}, "not dict"),
        ("StringLike", FROM, "${aws:username}@x", "the policy variable in '${aws:username}@x' is not known here"),
        ("StringEquals", FROM, "${*}${", "policy variable"),
        ("StringLike", FROM, "${${*}}", "policy variable"),
        ("Bool", "aws:SecureTransport", "yes", "'yes' is not true or false"),
        ("NumericEquals", VERSION_KEY, "2,5", "is not a number"),
        ("NumericEquals", VERSION_KEY, "nan", "is not a number"),
        ("DateLessThan", NOW, "2026", "is not a date such as"),
        ("DateLessThan", NOW, "2026-02-30", "is not a date such as"),
        ("DateLessThan", NOW, "2026-01-01T00:00:00", "is not a date such as"),
        ("IpAddress", IP, "10.0.0.0/33", "is not an IP address or a range"),
        ("ArnLike", SOURCE, "arn:aws:ses:*", "is not an ARN of six parts"),
    ],
)
def test_a_condition_that_is_not_understood_is_refused(operator: str, key: str, value: object, reason: str) -> None:
    with pytest.raises(PolicyProblem) as caught:
        Policy.parse(one(Condition={operator: {key: value}}))

    assert caught.value.place == f"Statement[0].Condition.{operator}.{key}"
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "this is no JSON"),
        ("{", "this is no JSON"),
        ("[" * 200_000, "the JSON is too deep"),
        ('{"Version": ' + "9" * 5000 + "}", "this is no JSON"),
        ('{"Version": "a", "Id": "a", "Id": "b"}', "'Id' is there twice in one object"),
        ('{"Condition": {"Bool": {"a": true}, "Bool": {"b": true}}}', "'Bool' is there twice"),
        ("null", "expected an object in braces, not nothing"),
    ],
)
def test_text_that_is_no_policy_is_refused(text: str, reason: str) -> None:
    with pytest.raises(PolicyProblem) as caught:
        Policy.parse(text)

    assert caught.value.place == "policy"
    assert reason in caught.value.reason


def test_a_policy_has_so_many_characters_and_no_more() -> None:
    """Blanks between the elements do not count."""
    frame = len(json.dumps(one(Resource="arn:"), separators=(",", ":")))
    longest = one(Resource="arn:" + "ß" * (MAX_CHARACTERS - frame))

    assert Policy.parse(json.dumps(longest, indent=8)).statements
    with pytest.raises(PolicyProblem, match="longer than"):
        Policy.parse(json.dumps(longest).replace("arn:", "arn:a"))


def test_a_mapping_that_holds_itself_is_refused() -> None:
    document: dict[str, object] = {"Version": VERSION}
    document["Statement"] = document

    with pytest.raises(PolicyProblem, match="cannot be written as JSON"):
        Policy.parse(document)


def test_the_older_version_is_read_too() -> None:
    for document in ({**ANY_MAIL, "Version": "2008-10-17"}, {"Statement": ANY_MAIL["Statement"], "Id": "old"}):
        assert verdict(document, asked("ses:SendRawEmail")) is ALLOWED


def test_any_mapping_is_a_document() -> None:
    condition = FrozenMap({"StringEquals": FrozenMap({FROM: "a@x"})})
    statement = FrozenMap({"Effect": "Allow", "Action": ("ses:*",), "Resource": "*", "Condition": condition})
    policy = Policy.parse(FrozenMap({"Version": VERSION, "Statement": (statement,)}))

    assert policy.verdict(asked(ses_FromAddress="a@x")) is ALLOWED
    assert policy.verdict(asked(ses_FromAddress="b@x")) is SILENT


def test_policies_are_values() -> None:
    policy = Policy.parse(SOME_MAIL)

    assert policy == Policy.parse(json.dumps(SOME_MAIL))
    assert hash(policy) == hash(Policy.parse(SOME_MAIL))
    assert policy != Policy.parse(ANY_MAIL)
    assert policy != Policy.parse(json.dumps(SOME_MAIL).replace("example.net", "example.org"))
    assert "*@example.net" in repr(policy)
    assert isinstance(policy.statements[0].conditions[0], Condition)


def test_a_problem_pickles() -> None:
    problem = pickle.loads(pickle.dumps(PolicyProblem("Statement[0]", "names nobody")))

    assert str(problem) == "Statement[0]: names nobody"
    assert isinstance(problem, ValueError)


# ── for all ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("", [""], ["a"]),
        ("a", ["a"], ["", "A", "aa"]),
        ("*", ["", "a", "a\nb", "*"], []),
        ("**", ["", "a"], []),
        ("?", ["a", "\n"], ["", "aa"]),
        ("*a", ["a", "ba", "aa"], ["", "ab"]),
        ("**a", ["a", "ba"], ["", "ab"]),
        ("a**", ["a", "ab"], ["", "ba"]),
        ("***?*", ["a", "ab"], [""]),
        ("a**b***c", ["abc", "aabbcc", "a*b*c"], ["acb", "abcd"]),
        ("a*b*a", ["aba", "abba", "abbaa"], ["ab", "aa"]),
        ("${*}a${*}", ["*a*"], ["bab", "*a", "a*"]),
        ("${?}${$}?${?}", ["?$x?"], ["x$x?", "?$x$"]),
        ("*${$}{x}", ["${x}", "$${x}"], ["{x}", "${y}"]),
    ],
)
def test_a_glob_matches_from_end_to_end(pattern: str, matching: list[str], others: list[str]) -> None:
    glob = Glob.of(pattern)

    assert [text for text in (*matching, *others) if glob.matches(text)] == matching


def as_expression(pattern: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)


@given(st.text("ab:*?", max_size=12), st.text("ab:", max_size=14))
def test_a_glob_matches_what_an_expression_matches(pattern: str, text: str) -> None:
    assert Glob.of(pattern).matches(text) is bool(re.fullmatch(as_expression(pattern), text, re.DOTALL))


@given(st.text("a*?${}", max_size=12))
def test_an_escaped_text_matches_itself_and_nothing_else(text: str) -> None:
    glob = Glob.of("".join(f"${{{letter}}}" if letter in "*?$" else letter for letter in text))

    assert glob.matches(text)
    assert not glob.matches(f"{text}a")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*a" * 2000 + "b", "a" * 5000),
        ("*" + "a?" * 2000 + "b", "a" * 5000),
        ("a*" * 2000 + "?b", "a" * 5000),
        ("*" * 4000 + "b", "a" * 5000),
    ],
)
@pytest.mark.timeout(5)
def test_a_hostile_pattern_takes_no_longer(pattern: str, text: str) -> None:
    assert not Glob.of(pattern).matches(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_ELEMENT = st.sampled_from("Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition".split())
_VALUE = _JSON | st.sampled_from(["Allow", "*", "ses:*", "arn:aws:ses:*", {"AWS": "*"}, {"Bool": {FROM: "true"}}, {}])


@given(st.dictionaries(_ELEMENT, _VALUE) | _JSON)
def test_anything_is_a_policy_or_a_problem(statement: object) -> None:
    try:
        policy = Policy.parse({"Version": VERSION, "Statement": statement})
    except PolicyProblem:
        return
    assert policy.verdict(asked()) in Verdict


_FAMILIES = st.sampled_from(["Equals", "EqualsIgnoreCase", "Like"])
_WORDS = st.text("aAb*", max_size=3)


@given(_FAMILIES, st.lists(_WORDS, min_size=1, max_size=3), st.lists(_WORDS.filter(bool), min_size=1, max_size=3))
def test_a_negated_operator_says_the_opposite_for_all_and_any(
    family: str, wanted: list[str], given_: list[str]
) -> None:
    question = asked(ses_Recipients=tuple(given_))

    def holds(operator: str) -> bool:
        return verdict(one(Condition={operator: {TO: wanted}}), question) is ALLOWED

    assert holds(f"ForAllValues:String{family}") is not holds(f"ForAnyValue:StringNot{family}")
    assert holds(f"ForAnyValue:String{family}") is not holds(f"ForAllValues:StringNot{family}")


@given(st.text(max_size=30) | st.from_regex(r"[0-9T:.Z+\-]{4,30}", fullmatch=True))
def test_any_text_is_a_value_of_the_request(value: str) -> None:
    """What cannot be read matches nothing, and a negated operator is true for it."""
    context = {"aws:CurrentTime": (value,), "aws:SourceIp": (value,), "aws:SourceArn": (value,)}
    question = Question("ses:SendEmail", "*", context=context)
    conditions: dict[str, dict[str, object]] = {
        "DateEquals": {"aws:CurrentTime": "2026-01-31"},
        "IpAddress": {"aws:SourceIp": "203.0.113.7"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ses:a:b:c"},
    }

    for name, block in conditions.items():
        negated = "NotIpAddress" if name == "IpAddress" else name.replace("Date", "DateNot").replace("Arn", "ArnNot")
        held = verdict(one(Condition={name: block}), question) is ALLOWED
        assert held is not (verdict(one(Condition={negated: block}), question) is ALLOWED)
