"""django-anymail with its SES backend, which sends raw mails by v2."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sesmail.local import LocalSes

from .boto import Client
from .conftest import SENDER, SHOP, driven
from .environments import python_with

pytestmark = pytest.mark.server

DRIVER = Path(__file__).parent / "drivers" / "send_with_django.py"
ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"

Django = Callable[..., Any]


@pytest.fixture(scope="session")
def python() -> Path:
    return python_with("anymail", "django-anymail[amazon-ses]>=15.2", "django>=5.2,<6")  # one Django for every Python


@pytest.fixture
def django(ses: LocalSes, python: Path, surroundings: dict[str, str]) -> Django:
    """Send some mails by a Django that is set up for the box."""

    def run(*mails: dict[str, object], **settings: object) -> Any:
        params = {**ses.client_options, "config": {"retries": {"total_max_attempts": 1}}}
        wanted = {
            "EMAIL_BACKEND": "anymail.backends.amazon_ses.EmailBackend",
            "INSTALLED_APPS": ["anymail"],
            "ANYMAIL": {"AMAZON_SES_CLIENT_PARAMS": params, **settings},
        }
        return driven([python / "python", "-I", DRIVER], {"settings": wanted, "mails": mails}, surroundings)

    return run


def mail(**changed: object) -> dict[str, object]:
    return {"subject": "Hello", "body": "Hello Ada", "from_email": SENDER, "to": [ADA], **changed}


def test_a_mail_with_everything_arrives(shop: LocalSes, v2: Client, django: Django) -> None:
    v2.create_configuration_set(ConfigurationSetName="main")
    png = bytes(range(256))
    logo = {"name": "logo.png", "data": b64encode(png).decode(), "kind": "image/png", "content_id": "logo"}
    paper = {"name": "Übersicht.pdf", "data": b64encode(png).decode(), "kind": "application/pdf"}
    more = {
        "tags": ["spring"],
        "metadata": {"order": 42},
        "envelope_sender": f"bounces@{SHOP}",
        "esp_extra": {"EmailTags": [{"Name": "size", "Value": "big"}]},
    }
    full = mail(
        subject="Grüße № 42",
        body="Schöne Grüße\n",
        html="<p>Schöne Grüße <img src='cid:logo'></p>",
        from_email=f"Schöner Shop <orders@{SHOP}>",
        to=[f"Ada Lovelace <{ADA}>", "bob@münchen.example"],
        cc=[BOB],
        bcc=[EVE],
        reply_to=[f"help@{SHOP}"],
        files=[logo, paper],
        more=more,
    )
    (result,) = django(full, AMAZON_SES_CONFIGURATION_SET_NAME="main")

    (sent,) = shop.sent
    email = sent.email
    assert result == {"count": 1, "message_id": sent.message_id, "status": ["queued"]}
    assert (sent.service, sent.configuration_set, sent.tags) == ("sesv2", "main", {"size": "big"})
    assert (sent.to, sent.cc, sent.bcc) == ((ADA, "bob@xn--mnchen-3ya.example"), (BOB,), (EVE,))
    assert sent.return_path == f"bounces@{SHOP}"
    assert email.sender is not None
    assert (email.sender.name, email.sender.email) == ("Schöner Shop", f"orders@{SHOP}")
    assert [one.email for one in email.reply_to] == [f"help@{SHOP}"]
    assert email.subject == "Grüße № 42"
    assert email.text is not None
    assert email.text.splitlines() == ["Schöne Grüße"]
    assert email.html == "<p>Schöne Grüße <img src='cid:logo'></p>"
    found = {file.name: (file.content_id if file.inline else "", file.data) for file in email.attachments}
    assert found == {"logo.png": ("logo", png), "Übersicht.pdf": ("", png)}
    assert dict(email.headers)["X-Tag"] == "spring"
    assert dict(email.metadata) == {"order": 42}
    assert EVE.encode() not in sent.raw


def test_a_tag_can_be_one_of_ses(shop: LocalSes, django: Django) -> None:
    django(mail(more={"tags": ["spring"]}), AMAZON_SES_MESSAGE_TAG_NAME="campaign")

    assert shop.sent[0].tags == {"campaign": "spring"}


def test_a_mail_for_nobody_but_bcc_arrives(shop: LocalSes, django: Django) -> None:
    django(mail(to=[], bcc=[EVE]))

    assert shop.sent[0].recipients == (EVE,)
    assert EVE.encode() not in shop.sent[0].raw


def test_refusals_are_errors_of_anymail(ses: LocalSes, django: Django) -> None:
    ses.identity(SHOP).verify()
    ses.identity(ADA).verify()
    rejected, no_set, sent, too_fast, template = django(
        mail(to=[BOB]),
        mail(more={"esp_extra": {"ConfigurationSetName": "none"}}),
        mail(),
        mail(),
        mail(subject="", body="", more={"template_id": "welcome"}),
    )

    assert sent["count"] == 1
    for refusal, code, status, text in (
        (rejected, "MessageRejected", 400, f"failed the check in region US-EAST-1: {BOB}"),
        (no_set, "NotFoundException", 404, "Configuration set <none> does not exist."),
        (too_fast, "TooManyRequestsException", 429, "Maximum sending rate exceeded."),
        (template, "NotFoundException", 404, "Template welcome does not exist."),
    ):
        assert refusal["classes"][0] == "AnymailAPIError"
        assert (refusal["code"], refusal["status"]) == (code, status)
        assert text in refusal["text"]


def test_what_iam_forbids_is_an_error_of_anymail(shop: LocalSes, django: Django) -> None:
    """All of its mails are raw, so a policy for ``ses:SendEmail`` alone is not enough."""
    rule = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}
    shop.allow({"Version": "2012-10-17", "Statement": rule})
    (refusal,) = django(mail())

    assert (refusal["code"], refusal["status"]) == ("AccessDeniedException", 403)
    assert "is not authorized to perform `ses:SendRawEmail'" in refusal["text"]
