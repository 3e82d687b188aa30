"""Attributes of a message: ours, and those that users of django-anymail know."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.mail import EmailMessage

from sesmail import Address, MailError, Outcome, SesOptions
from sesmail.errors import InvalidHeader, NotFound, SesmailError, UnknownOption, Unsupported
from sesmail.integrations.django.letter import Letter
from sesmail.integrations.django.settings import Settings

from .conftest import Sent

ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"
SENDER = "shop@example.com"


def message(**attributes: Any) -> EmailMessage:
    made = EmailMessage("Hello", "Hello Ada", SENDER, [ADA])
    vars(made).update(attributes)
    return made


def letter(settings: Settings | None = None, **attributes: Any) -> Letter:
    return Letter.of(message(**attributes), settings or Settings())


def test_a_mapping_of_tags_is_tags_of_ses() -> None:
    email = letter(tags={"kind": "order", "n": 4}).email

    assert email.tags == {"kind": "order", "n": "4"}
    assert email.headers == ()


def test_a_list_of_tags_is_headers_as_with_anymail() -> None:
    email = letter(tags=["spring", "sale"]).email

    assert email.headers == (("X-Tag", "spring"), ("X-Tag", "sale"))
    assert email.tags == {}


def test_a_name_for_tags_makes_one_of_ses() -> None:
    named = Settings.of({"message_tag": "campaign"})
    email = letter(named, tags=["spring"]).email

    assert email.tags == {"campaign": "spring"}
    assert email.headers == (("X-Tag", "spring"),)
    with pytest.raises(Unsupported, match="several are given"):
        letter(named, tags=["spring", "sale"])


def test_metadata_is_a_header() -> None:
    assert letter(metadata={"order": 42}).email.metadata == {"order": 42}


def test_options_of_ses_come_from_attributes_headers_and_settings() -> None:
    settings = Settings.of({"configuration_set": "main", "tenant": "acme"})

    assert letter(settings).email.ses == SesOptions(configuration_set="main", tenant="acme")
    assert letter(settings, configuration_set="other").email.ses.configuration_set == "other"
    assert letter(tenant="b").email.ses == SesOptions(tenant="b")
    assert letter(ses=SesOptions(topic="news", contact_list="readers")).email.ses.topic == "news"


def test_the_envelope_has_a_sender_of_its_own() -> None:
    assert letter(envelope_sender="b@example.com").envelope.return_path == Address("b@example.com")


def test_parameters_of_boto3_are_options() -> None:
    email = letter(
        esp_extra={
            "ConfigurationSetName": "main",
            "EmailTags": [{"Name": "a", "Value": "1"}],
            "EndpointId": "e",
            "FeedbackForwardingEmailAddress": "f@example.com",
            "FeedbackForwardingEmailAddressIdentityArn": "arn:r",
            "FromEmailAddressIdentityArn": "arn:f",
            "ListManagementOptions": {"ContactListName": "readers", "TopicName": "news"},
            "TenantName": "acme",
        }
    ).email

    assert email.tags == {"a": "1"}
    assert email.ses == SesOptions(
        configuration_set="main",
        endpoint_id="e",
        feedback_address="f@example.com",
        return_path_arn="arn:r",
        from_arn="arn:f",
        contact_list="readers",
        topic="news",
        tenant="acme",
    )
    assert letter(esp_extra={"ListManagementOptions": {"ContactListName": "r"}}).email.ses.contact_list == "r"


@pytest.mark.parametrize(
    ("attributes", "error", "says"),
    [
        ({"tags": "spring"}, InvalidHeader, "tags: expected a mapping or a list, not str"),
        ({"metadata": [1]}, InvalidHeader, "metadata: expected a mapping, not list"),
        ({"ses": "main"}, MailError, "ses: expected SesOptions, not str"),
        ({"esp_extra": 4}, MailError, "esp_extra: expected a mapping, not int"),
        ({"esp_extra": {"TenentName": "a"}}, UnknownOption, "did you mean 'TenantName'"),
        ({"esp_extra": {"EmailTags": {"a": "1"}}}, MailError, "not how boto3 is given it"),
        ({"track_opens": True}, Unsupported, "track_opens: .*configuration set"),
        ({"track_clicks": False}, Unsupported, "track_clicks"),
        ({"send_at": 4}, Unsupported, "task queue"),
        ({"merge_metadata": {ADA: {"a": 1}}}, Unsupported, "merge_metadata"),
        ({"merge_data": {ADA: {"a": 1}}}, Unsupported, "give template_id too"),
        ({"merge_global_data": {"a": 1}}, Unsupported, "merge_global_data"),
    ],
)
def test_what_cannot_be_is_refused(attributes: dict[str, Any], error: type[SesmailError], says: str) -> None:
    with pytest.raises(error, match=says):
        letter(**attributes)


def test_what_anymails_own_messages_leave_open_is_not_said(sent: Sent) -> None:
    unset = type("UNSET", (object,), {})
    assert message(anymail_status=object(), template_id=unset, merge_data=unset).send() == 1
    assert sent.last.stored_template == ""
    email = letter(anymail_status=object(), tags=["a"], metadata=unset, track_opens=unset, esp_extra=unset).email

    assert email.headers == (("X-Tag", "a"),)
    assert email.metadata == {}


def test_a_class_asks_for_all_of_its_messages(sent: Sent) -> None:
    class Welcome(EmailMessage):  # type: ignore[misc]
        tags = {"kind": "welcome"}  # noqa: RUF012 - as a project has it
        configuration_set = "main"

        @property
        def metadata(self) -> dict[str, str]:
            return {"words": str(len(self.body.split()))}

    Welcome("Hello", "Hello Ada", None, [ADA]).send()
    email = sent.last.email
    assert (dict(email.tags), email.ses.configuration_set, dict(email.metadata)) == (
        {"kind": "welcome"},
        "main",
        {"words": "2"},
    )


def test_a_class_has_a_template_for_all_of_its_messages(sent: Sent) -> None:
    class Stored(EmailMessage):  # type: ignore[misc]
        template_id = "welcome"

    assert Stored(to=[ADA]).send() == 1
    assert sent.last.stored_template == "welcome"


def test_what_cannot_be_is_ignored_where_the_settings_say_so() -> None:
    lenient = Settings.of({"ignore_unsupported": True})

    assert letter(lenient, track_opens=True, merge_data={ADA: {"a": 1}}, send_at=4).email.subject == "Hello"


# ── templates that SES keeps ─────────────────────────────────────────────────────────────────────────────────────


def stored(**attributes: Any) -> EmailMessage:
    made = EmailMessage("", "", None, [f"Ada <{ADA}>", BOB], cc=["c@example.org"], reply_to=["r@example.org"])
    vars(made).update({"template_id": "welcome", **attributes})
    return made


def test_a_stored_template_goes_to_each_with_their_data(sent: Sent) -> None:
    mail = stored(
        merge_data={ADA: {"name": "Ada"}, BOB: {"name": "Bob"}},
        merge_global_data={"shop": "Tea"},
        merge_headers={ADA: {"X-Row": "1"}},
        metadata={"campaign": 3, "kind": "all"},
        merge_metadata={ADA: {"kind": "ada"}},
        tags={"kind": "welcome"},
        envelope_sender="bounces@example.com",
    )

    assert mail.send() == 1
    assert [outgoing.stored_template for outgoing in (sent[0], sent[1])] == ["welcome", "welcome"]
    rows: list[Any] = [row for outgoing in (sent[0], sent[1]) for row in outgoing.content.rows]  # type: ignore[attr-defined]
    assert [row.data["name"] for row in rows] == ["Ada", "Bob"]
    assert rows[0].headers == (("X-Row", "1"),)
    assert [dict(row.metadata) for row in rows] == [{"campaign": 3, "kind": "ada"}, {}]
    assert str(rows[0].cc[0]) == "c@example.org"
    email = sent[0].email
    assert email.ses.feedback_address == "bounces@example.com"
    assert (dict(email.tags), str(email.reply_to[0])) == ({"kind": "welcome"}, "r@example.org")
    outcomes = [(one.address.email, one.outcome) for one in mail.sesmail_result.recipients]
    assert outcomes == [
        (ADA, Outcome.SENT),
        ("c@example.org", Outcome.SENT),
        (BOB, Outcome.SENT),
        ("c@example.org", Outcome.SENT),
    ]


def test_a_stored_template_may_go_to_bcc_alone(sent: Sent) -> None:
    mail = EmailMessage(to=[], bcc=[EVE])
    mail.template_id = "welcome"

    assert mail.send() == 1
    assert sent.last.envelope.recipients == (Address(EVE),)


def test_a_stored_template_goes_to_those_whom_the_message_says(sent: Sent) -> None:
    mail = stored(merge_data={ADA: {"name": "Ada"}, BOB: {"name": "Bob"}}, recipients=lambda: [BOB, EVE])

    assert mail.send() == 1
    (row,) = sent[0].content.rows  # type: ignore[attr-defined]
    assert len(sent) == 1
    assert ([one.email for one in (*row.to, *row.cc, *row.bcc)], row.data["name"]) == ([BOB, EVE], "Bob")


@pytest.mark.parametrize("written", [{"subject": "Hello"}, {"body": "Hello"}, {"attachments": [("a", "b", None)]}])
def test_a_stored_template_takes_nothing_beside_it(written: dict[str, Any], sent: Sent) -> None:
    with pytest.raises(Unsupported, match=next(iter(written))):
        stored(**written).send()


def test_data_for_somebody_else_is_a_mistake(sent: Sent) -> None:
    with pytest.raises(MailError, match="merge_data: it names somebody"):
        stored(merge_data={EVE: {}}).send()


def test_a_stored_template_that_reaches_nobody_raises(sent: Sent) -> None:
    sent.transport.fail_next(NotFound("no such template"), times=2)
    mail = stored()
    with pytest.raises(NotFound):
        mail.send()


def test_a_stored_template_that_reaches_some_says_whom(sent: Sent) -> None:
    sent.transport.refuse(ADA)
    mail = stored(cc=[])

    assert mail.send() == 1
    outcomes = {one.address.email: one.outcome for one in mail.sesmail_result.recipients}
    assert outcomes == {ADA: Outcome.REFUSED, BOB: Outcome.SENT}
