"""django-ses: Django's mail API by SES v1 and v2."""

from __future__ import annotations

from base64 import b64encode
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
PNG = bytes.fromhex("89504e470d0a1a0a") + bytes(range(256))
BOTH = pytest.mark.parametrize("uses_v2", [False, True], ids=["v1", "v2"])

Mail = dict[str, Any]


@pytest.fixture(scope="session")
def python() -> Path:
    return python_with("django-ses", "django-ses>=4.8", "django>=5.2,<6")  # one Django for every Python


class Django:
    """Programs with a Django that is set up for the box."""

    def __init__(self, ses: LocalSes, python: Path, surroundings: dict[str, str]) -> None:
        self._ses = ses
        self._python = python
        self._surroundings = {**surroundings, "AWS_MAX_ATTEMPTS": "1"}

    def run(self, *, uses_v2: bool = False, settings: dict[str, object] | None = None, **asked: object) -> Any:
        options = self._ses.client_options
        wanted = {
            "EMAIL_BACKEND": "django_ses.SESBackend",
            "AWS_SES_REGION_ENDPOINT_URL": options["endpoint_url"],
            "AWS_SES_REGION_NAME": options["region_name"],
            "AWS_SES_ACCESS_KEY_ID": options["aws_access_key_id"],
            "AWS_SES_SECRET_ACCESS_KEY": options["aws_secret_access_key"],
            "INSTALLED_APPS": ["django_ses"],
            "USE_TZ": True,
            "USE_SES_V2": uses_v2,
            **(settings or {}),
        }
        return driven([self._python / "python", "-I", DRIVER], {"settings": wanted, **asked}, self._surroundings)


@pytest.fixture
def django(ses: LocalSes, python: Path, surroundings: dict[str, str]) -> Django:
    return Django(ses, python, surroundings)


def mail(**changed: object) -> Mail:
    return {"subject": "Hello", "body": "Hello Ada", "from_email": SENDER, "to": [ADA], **changed}


@BOTH
def test_a_mail_with_everything_arrives(shop: LocalSes, django: Django, uses_v2: bool) -> None:
    logo = {"name": "logo.png", "data": b64encode(PNG).decode(), "kind": "image/png", "content_id": "logo"}
    table = {"name": "Übersicht.csv", "data": b64encode("größe;1".encode()).decode(), "kind": "text/csv"}
    full = mail(
        subject="Grüße № 42",
        body="Schöne Grüße\n",
        html="<p>Schöne Grüße <img src='cid:logo'></p>",
        to=[f"Ada Lovelace <{ADA}>"],
        cc=[BOB],
        bcc=[EVE],
        reply_to=[f"help@{SHOP}"],
        headers={"X-Order": "42", "X-SES-MESSAGE-TAGS": "campaign=spring"},
        files=[logo, table],
    )
    (result,) = django.run(uses_v2=uses_v2, mails=[full])

    (sent,) = shop.sent
    email = sent.email
    assert (result["count"], result["message_id"]) == (1, sent.message_id)
    assert (sent.service, sent.operation) == (("sesv2", "SendEmail") if uses_v2 else ("ses", "SendRawEmail"))
    assert sent.recipients == (ADA, BOB, EVE)
    assert sent.tags == {"campaign": "spring"}
    assert str(email.sender) == SENDER
    assert [(one.name, one.email) for one in (*email.to, *email.cc)] == [("Ada Lovelace", ADA), ("", BOB)]
    assert [one.email for one in email.reply_to] == [f"help@{SHOP}"]
    assert email.subject == "Grüße № 42"
    assert email.text is not None
    assert email.text.splitlines() == ["Schöne Grüße"]
    assert email.html == "<p>Schöne Grüße <img src='cid:logo'></p>"
    found = {file.name: (file.content_id if file.inline else "", file.data) for file in email.attachments}
    assert found == {"logo.png": ("logo", PNG), "Übersicht.csv": ("", "größe;1".encode())}
    assert dict(email.headers)["X-Order"] == "42"
    assert EVE.encode() not in sent.raw


@BOTH
def test_a_configuration_set_is_a_header(shop: LocalSes, django: Django, v2: Client, uses_v2: bool) -> None:
    v2.create_configuration_set(ConfigurationSetName="main")
    mails = [mail(), mail(headers={"X-SES-CONFIGURATION-SET": "none"})]
    sent, missing = django.run(uses_v2=uses_v2, settings={"AWS_SES_CONFIGURATION_SET": "main"}, mails=mails)

    assert sent["count"] == 1
    assert [one.configuration_set for one in shop.sent] == ["main"]
    assert missing["code"] == ("NotFoundException" if uses_v2 else "ConfigurationSetDoesNotExist")
    assert missing["text"].endswith("Configuration set <none> does not exist.")


@BOTH
def test_a_return_path_is_a_setting(shop: LocalSes, django: Django, uses_v2: bool) -> None:
    setting = "AWS_SES_RETURN_PATH" if uses_v2 else "AWS_SES_FROM_EMAIL"
    django.run(uses_v2=uses_v2, settings={setting: f"bounces@{SHOP}"}, mails=[mail()])

    assert [(one.sender, one.return_path) for one in shop.sent] == [(SENDER, f"bounces@{SHOP}")]


@BOTH
def test_refusals_are_those_of_boto3(ses: LocalSes, django: Django, uses_v2: bool) -> None:
    ses.identity(SHOP).verify()
    ses.identity(ADA).verify()
    ses.account.quota = 2
    mails = [mail(to=[BOB]), mail(to=[ADA, ADA]), mail(), mail(to=["ada@"]), mail(to=[ADA] * 51)]
    # Its own brake is off, or it would be too slow to be refused.
    rejected, sent, too_many, bad, crowd = django.run(
        uses_v2=uses_v2, settings={"AWS_SES_AUTO_THROTTLE": None}, mails=mails
    )
    ses.account.quota = 100
    (too_fast,) = django.run(uses_v2=uses_v2, mails=[mail()])

    assert (rejected["code"], rejected["classes"][0], rejected["status"]) == ("MessageRejected", "MessageRejected", 400)
    assert "in region US-EAST-1: " + BOB in rejected["text"]
    assert sent["count"] == 1
    assert (too_many["code"], too_many["status"]) == ("LimitExceededException" if uses_v2 else "Throttling", 400)
    assert (too_fast["code"], too_fast["status"]) == (
        ("TooManyRequestsException", 429) if uses_v2 else ("Throttling", 400)
    )
    for refusal in (bad, crowd):
        assert refusal["code"] == ("BadRequestException" if uses_v2 else "InvalidParameterValue")
        assert "ClientError" in refusal["classes"]


def test_its_commands_tend_identities(ses: LocalSes, django: Django) -> None:
    ses.identity(ADA).verify()
    _, _, listed = django.run(
        commands=[
            ["ses_email_address", "--add", BOB],
            ["ses_email_address", "--delete", EVE],
            ["ses_email_address", "--list"],
        ]
    )

    assert listed.splitlines()[1:] == [ADA]
    assert ses.identity(BOB).status == "PENDING"


def test_its_statistics_are_kept(shop: LocalSes, django: Django) -> None:
    database = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
    *_, kept = django.run(
        settings={"DATABASES": database},
        mails=[mail(to=[ADA, "bounce@simulator.amazonses.com"])],
        commands=[["migrate", "--verbosity", "0"], ["get_ses_statistics"], ["dumpdata", "django_ses"]],
    )

    assert '"delivery_attempts": 2, "bounces": 1, "complaints": 0, "rejects": 0' in kept
