"""The examples that AWS ships with botocore: each is taken, and its answer has what the example's has."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore import xform_name

from sesmail.local import LocalSes
from sesmail.local.operations import SERVED

from .boto import Client, client

DATA = Path(botocore.__file__).parent / "data"
ACCOUNT = "arn:aws:iam::123456789012"
# What the example of AssumeRole asks for and is told beside what the box has.
LACKED = {"AssumeRole": {"Policy", "Tags", "TransitiveTagKeys", "PackedPolicySize"}}

Example = tuple[str, str, dict[str, Any], dict[str, Any]]


def _examples() -> Iterator[Example]:
    """Service, operation, input and output of those that the box serves; SES v2 ships none."""
    for service in ("ses", "sesv2", "sts"):
        for operation, examples in _read(service).items():
            if (service, operation) in SERVED:
                for example in examples:
                    yield service, operation, example.get("input") or {}, example.get("output") or {}


def _read(service: str) -> dict[str, list[dict[str, Any]]]:
    (file,) = sorted((DATA / service).glob("*/examples-1.json*"))[-1:]
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    examples: dict[str, list[dict[str, Any]]] = json.loads(content)["examples"]
    return examples


EXAMPLES = list(_examples())


@pytest.fixture
def world(ses: LocalSes, v1: Client) -> LocalSes:
    """An account in which everything is that the examples speak of."""
    topic = "arn:aws:sns:us-east-1:123456789012:ExampleTopic"
    ses.account.grant_production()
    for name in ("example.com", "user@example.com"):
        ses.identity(name).verify()
        v1.set_identity_mail_from_domain(Identity=name, MailFromDomain="bounces.example.com")
        for kind in ("Bounce", "Complaint", "Delivery"):
            v1.set_identity_notification_topic(Identity=name, NotificationType=kind, SnsTopic=topic)
            v1.set_identity_headers_in_notifications_enabled(Identity=name, NotificationType=kind, Enabled=True)
        rule = {"Effect": "Allow", "Principal": "*", "Action": "ses:SendEmail", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": rule})
        v1.put_identity_policy(Identity=name, PolicyName="MyPolicy", Policy=policy)
    v1.create_configuration_set(ConfigurationSet={"Name": "foo"})
    text = {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}
    v1.send_email(Source="user@example.com", Destination={"ToAddresses": ["user@example.com"]}, Message=text)
    ses.add_role(f"{ACCOUNT}:role/demo", external_id="123ABC")
    return ses


def test_there_are_examples() -> None:
    assert len({operation for _, operation, *_ in EXAMPLES}) > 25


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example[0]}-{example[1]}")
def test_an_example_of_aws_is_taken(world: LocalSes, example: Example) -> None:
    service, operation, asked, told = example
    lacked = LACKED.get(operation, set())
    asked = {name: value for name, value in asked.items() if name not in lacked}
    if "RawMessage" in asked:
        asked["RawMessage"] = {"Data": asked["RawMessage"]["Data"].replace("\\n", "\n")}  # a slip of theirs

    with client(world, service) as api:
        answer = getattr(api, xform_name(operation))(**asked)

    assert {*_members(told)} - {(name,) for name in lacked} <= {*_members(answer)}


def _members(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every member that is not empty, into all structures and the first of a list."""
    if isinstance(value, list) and value:
        yield from _members(value[0], path)
    elif isinstance(value, dict):
        for name, inside in value.items():
            if inside not in ("", [], None):
                yield (*path, name)
                yield from _members(inside, (*path, name))


def test_what_is_said_to_be_empty_is_not_said(world: LocalSes, v1: Client) -> None:
    """The mail of the example has empty lists and texts for all that it does not want."""
    ((_, _, asked, _),) = [example for example in EXAMPLES if example[1] == "SendEmail"]
    v1.send_email(**asked)

    mail = world.sent[-1]
    assert mail.recipients == ("recipient1@example.com", "recipient2@example.com", "recipient3@example.com")
    assert (mail.return_path, mail.email.reply_to) == ("sender@example.com", ())
    assert mail.email.subject == "Test email"
