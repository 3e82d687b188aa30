"""SES by SMTP: against the box, and what is refused when the transport is built."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest

from sesmail import Address, Envelope, SesOptions, mime
from sesmail.errors import (
    AccessDenied,
    AuthFailed,
    ConnectFailed,
    ConnectionLost,
    Outcome,
    QuotaExceeded,
    Rejected,
    RejectedUnverified,
    SendError,
    SetupError,
    Throttled,
    Unavailable,
    UnknownOption,
    Unsupported,
)
from sesmail.local import LocalSes
from sesmail.local.trouble import TLS_FAULTS
from sesmail.mail.outgoing import Outgoing
from sesmail.ses.smtp_password import smtp_password
from sesmail.transports import TransportUrl
from sesmail.transports.limits import NONE, SES
from sesmail.transports.smtp.ses import KEEPING, OPTIONS, SesSmtpTransport
from tests.transports.smtp.places import COLOURS, REGION, closing, to_box
from tests.transports.smtp.talking import ADA, BOB, EVE, FROM, error_of, outgoing

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
PASSWORD = smtp_password(SECRET, "eu-west-1")


def transport(region: str = "eu-west-1", **settings: Any) -> SesSmtpTransport:
    if not settings.keys() & {"password", "secret_key"}:
        settings["password"] = PASSWORD
    return SesSmtpTransport(region, **{"user": KEY, **settings})


# ── what it is ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({}, "email-smtp.eu-west-1.amazonaws.com:587"),
        ({"tls": "implicit"}, "email-smtp.eu-west-1.amazonaws.com:465"),
        ({"port": 2587}, "email-smtp.eu-west-1.amazonaws.com:2587"),
        ({"fips": True}, "email-smtp-fips.eu-west-1.amazonaws.com:587"),
        ({"dual_stack": True}, "email-smtp.eu-west-1.api.aws:587"),
        ({"host": "vpce-1.example.com", "fips": True}, "vpce-1.example.com:587"),
    ],
)
def test_host_and_port_follow_from_the_region(settings: dict[str, Any], place: str) -> None:
    assert str(transport(**settings)._terms.place) == place


def test_it_says_what_it_is_and_no_secret() -> None:
    there = transport(secret_key=SECRET)

    assert repr(there) == "SesSmtpTransport('eu-west-1', 'email-smtp.eu-west-1.amazonaws.com:587', starttls)"
    assert there.region == "eu-west-1"
    assert there.name == "ses+smtp"
    assert there.limits is SES
    assert (KEEPING.idle_s, KEEPING.uses) == (8.0, 100), "SES closes after ten seconds"
    for hidden in (SECRET, PASSWORD, KEY):
        assert hidden not in repr(there) + repr(vars(there)) + repr(there._terms)


def test_the_password_is_derived_on_request() -> None:
    login = transport(secret_key=SECRET)._terms.login

    assert login
    assert (login.user, login.password) == (KEY, PASSWORD)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"user": ""}, "give user and password"),
        ({"user": "ASIAIOSFODNN7EXAMPLE"}, "key of a role"),
        ({"password": ""}, "give the SMTP password"),
        ({"password": PASSWORD, "secret_key": SECRET}, "give the SMTP password"),
        ({"password": KEY}, "the id of an access key"),
        ({"password": SECRET}, "a secret access key"),
        ({"password": PASSWORD + "\n"}, "line end"),
        ({"secret_key": SECRET + "\n"}, "copy it again"),
        ({"user": KEY + "\0"}, "control character"),
        ({"tls": "none"}, "SES speaks with nobody in clear"),
        ({"region": "eu-west-1a"}, "availability zone"),
        ({"region": ""}, "no Region"),
        ({"host": "a b"}, "host is"),
        ({"port": 0}, "port is"),
        ({"idle_s": 0}, "idle"),
        ({"timeout_s": 0}, "timeout"),
        ({"max_connections": 0}, "connections"),
        ({"messages_per_connection": 0}, "uses|messages"),
    ],
)
def test_what_cannot_work_is_refused_when_it_is_built(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(SetupError, match=text) as caught:
        transport(**settings)

    for hidden in (SECRET, PASSWORD, SECRET[:20]):
        assert hidden not in str(caught.value)


def test_a_password_from_before_2019_works() -> None:
    old = "A" + PASSWORD[1:]

    assert transport(password=old)._terms.login


# ── URLs ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def of_url(url: str) -> SesSmtpTransport:
    return SesSmtpTransport.from_url(TransportUrl.parse(url))


def test_a_url_says_all_of_it(ses: LocalSes) -> None:
    door = ses.smtp
    url = (
        f"ses+smtp://{door.user}:{door.password.replace('/', '%2F')}@{REGION}?host={door.host}&port={door.port}"
        f"&ca_file={door.ca_file}&local_name=app.example.com&max_connections=2&messages_per_connection=3&idle_s=4"
        "&connect_timeout_s=5&read_timeout_s=6&timeout_s=7&fips=no&dual_stack=no&secret=no&tls=starttls"
    )
    with closing(of_url(url)) as there:
        assert there.send(outgoing()).failed == ()


def test_every_option_is_taken_and_no_other() -> None:
    values = {
        "tls": "implicit",
        "secret": "yes",
        "fips": "yes",
        "dual_stack": "yes",
        "host": "mail.example.com",
        "port": "25",
        "ca_file": __file__,
        "local_name": "app.example.com",
    }
    query = "&".join(f"{option.name}={values.get(option.name, '5')}" for option in OPTIONS)
    there = of_url(f"ses+smtp://{KEY}:{SECRET.replace('/', '%2F')}@eu-west-1?{query}")

    assert repr(there) == "SesSmtpTransport('eu-west-1', 'mail.example.com:25', implicit)"
    assert there._terms.login
    assert there._terms.login.password == PASSWORD
    assert there._terms.local_name == "app.example.com"
    with pytest.raises(UnknownOption, match="did you mean 'secret'"):
        of_url(f"ses+smtp://{KEY}:x@eu-west-1?secrets=yes")


def test_a_port_may_stand_in_its_usual_place() -> None:
    assert of_url(f"ses+smtp://{KEY}:{PASSWORD.replace('/', '%2F')}@eu-west-1:2587")._terms.place.port == 2587
    assert of_url(f"ses+smtp://{KEY}:{PASSWORD.replace('/', '%2F')}@eu-west-1:25?port=25")._terms.place.port == 25
    with pytest.raises(SetupError, match="two ports"):
        of_url(f"ses+smtp://{KEY}:x@eu-west-1:2587?port=25")


@pytest.mark.parametrize("url", [f"ses+smtp://{KEY}:x@", f"ses+smtp://{KEY}:x@eu-west-1/path"])
def test_a_url_names_a_region_and_no_path(url: str) -> None:
    with pytest.raises(SetupError, match="names a Region"):
        of_url(url)


# ── a mail ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_mail_arrives_with_the_id_that_ses_gives_it(ses: LocalSes, tls: str, colour: str) -> None:
    ses.forget()
    with closing(to_box(ses, tls=tls)) as there:
        result = COLOURS[colour](there, outgoing(ADA, bcc=EVE))

    (sent,) = ses.sent
    assert result.message_id == sent.message_id
    assert re.fullmatch(r"[0-9a-f-]+", result.message_id)
    assert result.message_id_header == f"<{sent.message_id}@email.amazonses.com>"
    assert result.transport == "ses+smtp"
    assert result.raw == {"reply": f"250 Ok {sent.message_id}"}
    assert sent.recipients == (ADA, EVE)
    assert sent.return_path == FROM
    assert EVE.encode() not in sent.raw


def test_the_header_names_the_region() -> None:
    assert transport()._header_of("0100", outgoing()) == "<0100@eu-west-1.amazonses.com>"
    out = outgoing()
    assert transport()._header_of("", out) == out.content.message_id


@pytest.mark.parametrize("reply", ["Ok", "Ok ", "Ok a b", "queued as 5", "Ok \u001b[2J", "OK: 5"])
def test_a_reply_without_an_id_has_none(reply: str) -> None:
    assert transport()._id_in(reply) == ""


def test_options_and_tags_reach_ses_and_not_the_reader(ses: LocalSes) -> None:
    import boto3

    boto = boto3.client("sesv2", **ses.client_options)
    boto.create_configuration_set(ConfigurationSetName="main")
    options = SesOptions(configuration_set="main", feedback_address="bounces@example.com")
    with closing(to_box(ses)) as there:
        there.send(outgoing(ADA, ses=options, tags={"kind": "bill"}))
    boto.delete_configuration_set(ConfigurationSetName="main")
    boto.close()

    sent = ses.sent[-1]
    assert sent.configuration_set == "main"
    assert dict(sent.tags) == {"kind": "bill"}
    assert sent.return_path == "bounces@example.com"
    assert b"X-SES" not in sent.raw


@pytest.mark.parametrize(
    ("fields", "feature"),
    [
        ({"ses": SesOptions(endpoint_id="abc.d")}, "endpoint_id"),
        ({"to": "zoë@example.org"}, "non-ASCII local part"),
        ({"ses": SesOptions(feedback_address="zoë@example.com")}, "non-ASCII local part"),
    ],
)
def test_what_smtp_cannot_say_to_ses_is_refused_before_anything_is_said(fields: dict[str, Any], feature: str) -> None:
    to = fields.pop("to", ADA)
    with pytest.raises(Unsupported) as caught:
        transport(host="unreachable.invalid").send(outgoing(to, **fields))

    assert caught.value.feature == feature


def test_addresses_beyond_ascii_in_headers_are_refused_too() -> None:
    out = outgoing(ADA, reply_to="zoë@example.org")
    redirected = Outgoing(out.email, Envelope(FROM, (Address(ADA),)), mime.write(out.email), out.ses)  # type: ignore[arg-type]

    with pytest.raises(Unsupported, match="SES takes no address"):
        transport(host="unreachable.invalid").send(redirected)


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────

CHAOS: list[tuple[str, dict[str, Any], type[SendError], Outcome, bool, str]] = [
    ("throttle", {}, Throttled, Outcome.NOT_SENT, True, "reply"),
    ("quota", {}, QuotaExceeded, Outcome.NOT_SENT, True, "reply"),
    ("unavailable", {}, Unavailable, Outcome.NOT_SENT, True, "reply"),
    ("expire_credentials", {}, AuthFailed, Outcome.NOT_SENT, False, "auth"),
    ("reply", {"code": 421, "on": "connect"}, Throttled, Outcome.NOT_SENT, True, "connect"),
    ("reply", {"code": 450, "on": "rcpt"}, Unavailable, Outcome.NOT_SENT, True, "mail"),
    ("reply", {"code": 550, "on": "rcpt"}, Rejected, Outcome.REFUSED, False, "mail"),
    ("reply", {"code": 550, "on": "mail"}, Rejected, Outcome.REFUSED, False, "mail"),
    ("reply", {"code": 451, "on": "data"}, Unavailable, Outcome.NOT_SENT, True, "data"),
    ("reply", {"code": 554, "on": "message"}, Rejected, Outcome.REFUSED, False, "reply"),
    ("reset", {"when": "before", "on": "message"}, ConnectionLost, Outcome.UNKNOWN, False, "reply"),
    ("reset", {"when": "after", "on": "message"}, ConnectionLost, Outcome.UNKNOWN, False, "reply"),
    ("reset", {"when": "before", "on": "mail"}, ConnectionLost, Outcome.NOT_SENT, True, "mail"),
    ("cut_answer", {"at": 5, "on": "message"}, ConnectionLost, Outcome.UNKNOWN, False, "reply"),
    ("garble", {"on": "message"}, ConnectionLost, Outcome.UNKNOWN, False, "reply"),
    ("garble", {"on": "ehlo"}, ConnectFailed, Outcome.NOT_SENT, True, "connect"),
]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(("trouble", "said", "kind", "outcome", "retryable", "stage"), CHAOS)
def test_a_trouble_of_ses_is_the_error_that_it_is(
    ses: LocalSes,
    trouble: str,
    said: dict[str, Any],
    kind: type[SendError],
    outcome: Outcome,
    retryable: bool,
    stage: str,
    colour: str,
) -> None:
    ses.chaos.clear()
    getattr(ses.chaos, trouble)(**said)
    with closing(to_box(ses)) as there:
        error = error_of(COLOURS[colour], there, outgoing(ADA))
        assert COLOURS[colour](there, outgoing(ADA)).failed == ()

    assert type(error) is kind
    assert isinstance(error, SendError)
    assert (error.outcome, error.retryable, error.stage) == (outcome, retryable, stage)


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("fault", TLS_FAULTS)
def test_tls_that_fails_is_no_connection_and_nothing_is_said(ses: LocalSes, fault: str, tls: str, colour: str) -> None:
    ses.chaos.clear()
    ses.chaos.break_tls(fault)
    before = len(ses.sent)
    with closing(to_box(ses, tls=tls)) as there:
        error = error_of(COLOURS[colour], there, outgoing(ADA))

    assert isinstance(error, ConnectFailed)
    assert (error.outcome, error.stage) == (Outcome.NOT_SENT, "connect")
    assert error.retryable is (fault == "reset")
    assert len(ses.sent) == before


def test_a_partial_refusal_is_one_outcome_for_each(ses: LocalSes) -> None:
    ses.chaos.clear()
    ses.chaos.reply(550, "5.1.1 No such user", on="rcpt", skip=1)
    ses.chaos.reply(450, "4.2.1 Later", on="rcpt", skip=1)
    with closing(to_box(ses)) as there:
        result = there.send(outgoing(ADA, BOB, EVE))

    ada, bob, eve = result.recipients
    assert [one.outcome for one in (ada, bob, eve)] == [Outcome.SENT, Outcome.REFUSED, Outcome.NOT_SENT]
    assert isinstance(bob.error, Rejected)
    assert isinstance(eve.error, Unavailable)
    assert (bob.error.code, bob.error.retryable, eve.error.retryable) == ("550 5.1.1", False, True)
    assert (bob.error.recipients, eve.error.recipients) == ((BOB,), (EVE,))
    assert ses.sent[-1].recipients == (ADA,)


def test_who_is_not_verified_is_told_apart() -> None:
    with LocalSes(smtp=True, region="eu-west-1") as ses:
        ses.identity("example.com").verify()
        ses.identity(BOB).verify()
        with closing(to_box(ses)) as there:
            error = error_of(there.send, outgoing(ADA, BOB))

    assert isinstance(error, RejectedUnverified)
    assert (error.recipients, error.senders, error.region) == ((ADA,), (), "eu-west-1")


def test_a_policy_that_says_no_is_access_denied(ses: LocalSes) -> None:
    allowed = {"Effect": "Allow", "Action": "ses:GetAccount", "Resource": "*"}
    ses.allow({"Version": "2012-10-17", "Statement": [allowed]})
    try:
        with closing(to_box(ses)) as there:
            error = error_of(there.send, outgoing(ADA))
    finally:
        ses.allow(None)

    assert isinstance(error, AccessDenied)
    assert error.action == "ses:SendRawEmail"


@pytest.mark.parametrize("colour", COLOURS)
def test_a_wrong_password_is_never_shown(ses: LocalSes, colour: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with closing(to_box(ses, password=PASSWORD)) as there:
        error = error_of(COLOURS[colour], there, outgoing(ADA))

    assert isinstance(error, AuthFailed)
    assert PASSWORD not in f"{error} {error!r} {error.__cause__!r} {caplog.text}"


def test_limits_may_be_others() -> None:
    assert transport(limits=NONE).limits is NONE
