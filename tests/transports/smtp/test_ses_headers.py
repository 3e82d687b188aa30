"""What is asked of SES in the mail itself, and that SES reads it as it was meant."""

from __future__ import annotations

import pytest

from sesmail import SesOptions
from sesmail.errors import InvalidHeader, Unsupported
from sesmail.local.raw_mail import RawMail
from sesmail.transports.smtp.ses_headers import with_ses_headers
from tests.transports.smtp.talking import outgoing

ARN = "arn:aws:ses:eu-west-1:123456789012:identity/example.com"


def as_ses_reads(**fields: object) -> dict[str, str]:
    return RawMail.parse(with_ses_headers(outgoing(**fields)).to_bytes()).options()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ses", "header", "value"),
    [
        (SesOptions(configuration_set="main-set_1"), "configuration-set", "main-set_1"),
        (SesOptions(tenant="acme"), "tenant", "acme"),
        (SesOptions(source_arn=ARN), "source-arn", ARN),
        (SesOptions(from_arn=ARN * 10), "from-arn", ARN * 10),
        (SesOptions(return_path_arn=ARN), "return-path-arn", ARN),
        (SesOptions(contact_list="news"), "list-management-options", "news"),
        (SesOptions(contact_list="news", topic="offers"), "list-management-options", "news; topic=offers"),
    ],
)
def test_an_option_is_a_header(ses: SesOptions, header: str, value: str) -> None:
    assert as_ses_reads(ses=ses) == {header: value}


def test_all_at_once_with_tags() -> None:
    ses = SesOptions(configuration_set="main", tenant="acme", contact_list="news", from_arn=ARN)
    options = as_ses_reads(ses=ses, tags={f"name{number}": "v" * 50 for number in range(40)})

    assert options.pop("message-tags").split(", ") == [f"name{number}={'v' * 50}" for number in range(40)]
    assert options == {
        "configuration-set": "main",
        "tenant": "acme",
        "from-arn": ARN,
        "list-management-options": "news",
    }


def test_who_asks_nothing_gets_its_own_content_back() -> None:
    for out in (outgoing(), outgoing(ses=SesOptions()), outgoing(ses=SesOptions(feedback_address="a@b.example"))):
        assert with_ses_headers(out) is out.content


def test_the_content_that_is_carried_stays_as_it_is() -> None:
    out = outgoing(tags={"a": "b"})
    with_ses_headers(out)

    assert out.content.added_headers == ()
    assert b"X-SES" not in out.content.to_bytes()


def test_an_endpoint_is_for_the_api() -> None:
    with pytest.raises(Unsupported) as caught:
        with_ses_headers(outgoing(ses=SesOptions(endpoint_id="abc.def")))

    assert caught.value.field == "ses.endpoint_id"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"ses": SesOptions(configuration_set="two words")}, "ses.configuration_set"),
        ({"ses": SesOptions(tenant="grün")}, "ses.tenant"),
        ({"ses": SesOptions(source_arn="=?utf-8?q?a?=")}, "ses.source_arn"),
        ({"ses": SesOptions(source_arn="x" * 801)}, "ses.source_arn"),
        ({"ses": SesOptions(contact_list="a; topic=b")}, "ses.contact_list"),
        ({"ses": SesOptions(contact_list="a", topic="b=c")}, "ses.topic"),
        ({"tags": {"a,b": "c"}}, "tags"),
        ({"tags": {"a=b": "c"}}, "tags"),
        ({"tags": {"a": "b, c=d"}}, "tags['a']"),
        ({"tags": {"a": ""}}, "tags['a']"),
        ({"tags": {"a": "é"}}, "tags['a']"),
    ],
)
def test_what_ses_would_read_otherwise_is_refused(fields: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidHeader) as caught:
        with_ses_headers(outgoing(**fields))  # type: ignore[arg-type]

    assert caught.value.field == field
