"""LocalSes: opening and closing, what clients are given, what a person would do."""

from __future__ import annotations

import json
import smtplib
import time
from typing import Any
from urllib.request import Request, urlopen

import pytest

from sesmail.errors import SetupError
from sesmail.local import BoxClock, LocalSes, PolicyProblem
from sesmail.local.call import Call
from sesmail.local.faults import Fault
from sesmail.local.shift import Shift
from tests.local.asking import RAW, ask, request


def _get(url: str) -> object:
    with urlopen(url, timeout=5) as reply:
        return json.loads(reply.read())


def test_it_answers_while_it_is_open_and_can_be_opened_again() -> None:
    ses = LocalSes()
    for _ in range(2):
        with ses:
            url = ses.url
            assert _get(f"{url}/v2/email/account")

    with pytest.raises(OSError, match="refused"):
        urlopen(url, timeout=5)
    with pytest.raises(SetupError, match="not open"):
        ses.url  # noqa: B018 - asking is what fails


def test_a_new_account_is_as_amazon_makes_them() -> None:
    account = ask(LocalSes().box, "GetAccount")

    assert account["ProductionAccessEnabled"] is False
    assert account["SendQuota"] == {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 0.0}
    assert "Details" not in account


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_options_hold_for_every_region(region: str) -> None:
    account = ask(LocalSes(sandbox=False, quota=7, rate=3).box, "GetAccount", region=region)

    assert account["ProductionAccessEnabled"] is True
    assert account["SendQuota"] == {"Max24HourSend": 7.0, "MaxSendRate": 3.0, "SentLast24Hours": 0.0}


def test_what_clients_are_given_leads_to_it() -> None:
    with LocalSes(region="eu-west-2") as ses:
        assert {ses.client_options["endpoint_url"]} == {
            value for name, value in ses.environment.items() if name.startswith("AWS_ENDPOINT")
        }
        assert ses.client_options["region_name"] == ses.environment["AWS_DEFAULT_REGION"] == "eu-west-2"
        assert ses.client_options["aws_secret_access_key"] == ses.environment["AWS_SECRET_ACCESS_KEY"]


def test_the_mail_is_in_the_ledger_as_its_recipients_get_it() -> None:
    ses = LocalSes(sandbox=False, clock=BoxClock(at=1_800_000_000))
    ses.identity("example.com").verify()
    params: dict[str, Any] = {
        "EmailTags": [{"Name": "a", "Value": "b"}],
        "Destination": {"BccAddresses": ["eve@example.org"]},
    }
    answer = ask(ses.box, "SendEmail", region="us-east-1", Content={"Raw": {"Data": RAW}}, **params)

    (mail,) = ses.sent
    assert (mail.message_id, mail.service, mail.operation) == (answer["MessageId"], "sesv2", "SendEmail")
    assert (mail.sender, mail.return_path, mail.recipients) == ("shop@example.com",) * 2 + (("eve@example.org",),)
    assert (mail.bcc, mail.to, mail.cc) == (("eve@example.org",), (), ())
    assert (mail.subject, mail.email.text) == ("Hello", "Hello Ada\n")
    assert mail.time.isoformat() == "2027-01-15T08:00:00+00:00"
    assert dict(mail.tags) == {"a": "b"}
    assert b"eve@" not in mail.raw
    assert [(event.kind, event.recipients) for event in ses.events] == [
        ("Send", ("eve@example.org",)),
        ("Delivery", ("eve@example.org",)),
    ]
    assert repr(ses) == "LocalSes(1 mails)"
    ses.forget()
    assert (ses.sent, ses.events) == ((), ())


def test_the_ledger_has_an_end_and_counts_on() -> None:
    ses = LocalSes(sandbox=False, quota=-1, rate=1e6, keep=2)
    ses.identity("example.com").verify()
    for _ in range(5):
        ask(ses.box, "SendEmail", region="us-east-1", Content={"Raw": {"Data": RAW}})

    assert len(ses.sent) == 2
    assert ses.box.ledger.total == 5


def test_identities_are_what_the_dns_and_their_owner_make_of_them() -> None:
    ses = LocalSes()
    identity = ses.identity("example.com")

    assert repr(identity) == "IdentityHandle('example.com', MISSING)"
    identity.verify()
    assert identity.status == "SUCCESS"
    assert (
        ask(ses.box, "GetEmailIdentity", region="us-east-1", EmailIdentity="example.com")["DkimAttributes"]["Status"]
        == "SUCCESS"
    )
    identity.fail("TYPE_NOT_FOUND")
    about = ask(ses.box, "GetEmailIdentity", region="us-east-1", EmailIdentity="example.com")
    assert (about["VerificationStatus"], about["VerificationInfo"]["ErrorType"]) == ("FAILED", "TYPE_NOT_FOUND")
    assert ses.identity("example.com", region="eu-west-1").status == "MISSING"


def test_the_mail_from_domain_is_verified_on_its_own() -> None:
    ses = LocalSes()
    identity = ses.identity("example.com")
    with pytest.raises(SetupError, match="has no MAIL FROM domain"):
        identity.verify_mail_from()
    assert identity.status == "MISSING"
    ask(ses.box, "CreateEmailIdentity", region="us-east-1", EmailIdentity="example.com")
    ask(
        ses.box,
        "PutEmailIdentityMailFromAttributes",
        region="us-east-1",
        EmailIdentity="example.com",
        MailFromDomain="mail.example.com",
    )

    def status() -> str:
        about = ask(ses.box, "GetEmailIdentity", region="us-east-1", EmailIdentity="example.com")
        return str(about["MailFromAttributes"]["MailFromDomainStatus"])

    assert status() == "PENDING"
    identity.verify_mail_from()
    assert status() == "SUCCESS"
    identity.fail_mail_from()
    assert status() == "FAILED"


def test_a_name_that_can_be_no_identity_is_refused() -> None:
    with pytest.raises(SetupError, match="'no domain' can be no identity: Domain contains control or whitespace"):
        LocalSes().identity("no domain").verify()


def test_the_account_is_what_amazon_makes_of_it() -> None:
    ses = LocalSes()
    account = ses.account
    assert repr(account) == "AccountHandle(123456789012, us-east-1, sandbox)"
    account.deny_production()  # nobody asked: nothing happens
    account.grant_production()
    assert (account.sandbox, account.quota, account.rate) == (False, 50_000, 14)
    account.quota, account.rate = 10, 2
    assert (account.quota, account.rate) == (10, 2)
    assert "production" in repr(account)
    assert ses.account_in("eu-west-1").sandbox
    account.suspend()
    assert ask(ses.box, "GetAccount", region="us-east-1")["EnforcementStatus"] == "SHUTDOWN"
    account.restore()
    assert ask(ses.box, "GetAccount", region="us-east-1")["EnforcementStatus"] == "HEALTHY"


def test_a_policy_that_is_none_is_refused_when_it_is_given() -> None:
    with pytest.raises(PolicyProblem):
        LocalSes().allow({"Statement": [{"Effect": "Maybe"}]})
    with pytest.raises(PolicyProblem):
        LocalSes().add_role("arn:aws:iam::123456789012:role/mailer", policy="{")


def test_calls_are_told_to_whoever_wants_to_hear() -> None:
    heard: list[tuple[str, str]] = []
    with LocalSes(
        on_call=lambda call, fault: heard.append((call.operation if call else "", fault.kind.name if fault else ""))
    ) as ses:
        _get(f"{ses.url}/v2/email/account")
        for target in ("/v2/email/identities/missing.example", "/nowhere"):
            with pytest.raises(OSError, match="404"):
                _get(ses.url + target)

    assert heard == [("GetAccount", ""), ("GetEmailIdentity", "NOT_FOUND"), ("", "UNKNOWN_OPERATION")]


def test_the_door_is_for_this_machine() -> None:
    with LocalSes() as ses:
        for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
            with pytest.raises(OSError, match=r"4\d\d"):
                urlopen(Request(f"{ses.url}/v2/email/account", headers=headers), timeout=5)


def test_the_clock_moves_on_only() -> None:
    clock = BoxClock(at=100)
    clock.advance(1, minutes=1, hours=1)

    assert clock.now() == 100 + 3661
    with pytest.raises(ValueError, match="not back"):
        clock.advance(-1)
    assert abs(BoxClock().now() - time.time()) < 60


@pytest.mark.parametrize(
    "options", [{"quota": -2}, {"quota": float("nan")}, {"rate": -1}, {"rate": float("inf")}, {"rate": float("nan")}]
)
def test_limits_that_are_none_are_refused_when_the_box_is_built(options: dict[str, float]) -> None:
    with pytest.raises(SetupError, match="is a number of recipients"):
        LocalSes(**options)  # type: ignore[arg-type]
    with pytest.raises(SetupError, match="is a number of recipients"):
        setattr(LocalSes().account, *next(iter(options.items())))


def test_limits_that_were_chosen_stay() -> None:
    ses = LocalSes(quota=5, rate=100)
    ses.account.grant_production()
    assert (ses.account.quota, ses.account.rate) == (5, 100)
    ses.account.grant_production(quota=7)
    assert (ses.account.quota, ses.account.rate) == (7, 100)
    ses.account.enter_sandbox()
    assert (ses.account.sandbox, ses.account.quota, ses.account.rate) == (True, 5, 100)


def test_another_account_can_be_set_up() -> None:
    ses = LocalSes()
    ses.identity("example.com", account="210987654321").verify()
    ses.account_in("us-east-1", account="210987654321").grant_production()

    assert ses.identity("example.com").status == "MISSING"
    assert ses.account.sandbox
    assert not ses.account_in("us-east-1", account="210987654321").sandbox


def test_events_go_with_their_mails() -> None:
    ses = LocalSes(sandbox=False, rate=1e6, keep=1)
    ses.identity("example.com").verify()
    for _ in range(3):
        ask(ses.box, "SendEmail", region="us-east-1", Content={"Raw": {"Data": RAW}})

    assert {event.mail.number for event in ses.events} == {3}


def test_a_quota_without_limit_forgets_too() -> None:
    ses = LocalSes(sandbox=False, quota=-1, rate=1e6, clock=BoxClock(at=1_800_000_000))
    ses.identity("example.com").verify()
    for _ in range(30):
        ses.clock.advance(hours=1)
        ask(ses.box, "SendEmail", region="us-east-1", Content={"Raw": {"Data": RAW}})

    assert len(ses.box.region("us-east-1").quota.sends) == 24


def test_a_listener_that_fails_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def fails(_call: object, _fault: object) -> None:
        raise BrokenPipeError("gone")

    with LocalSes(on_call=fails) as ses:
        assert _get(f"{ses.url}/v2/email/account")
    assert "what listens to the box's calls failed: BrokenPipeError" in caplog.text


@pytest.mark.parametrize("service", ["ses", "sesv2"])
def test_our_own_mistakes_are_told_in_the_client_s_language(
    service: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    import boto3
    from botocore.config import Config

    heard: list[str] = []
    with LocalSes(on_call=lambda _call, fault: heard.append(fault.kind.name if fault else "")) as ses:
        monkeypatch.setattr(ses.box.region("us-east-1").quota, "maximum", "many")
        client = boto3.client(service, config=Config(retries={"total_max_attempts": 1}), **ses.client_options)
        with pytest.raises(client.exceptions.ClientError) as caught:
            (client.get_account if service == "sesv2" else client.get_send_quota)()
        client.close()

    error = caught.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert error["Error"]["Code"] in ("InternalServiceErrorException", "InternalFailure")
    assert "sesmail.local itself failed" in error["Error"]["Message"]
    assert heard == ["INTERNAL"]
    assert "the box failed at Get" in caplog.text


def test_a_key_of_a_role_does_not_come_back_to_life() -> None:
    ses = LocalSes(clock=BoxClock(at=1_800_000_000))
    arn = "arn:aws:iam::123456789012:role/mailer"
    ses.add_role(arn)
    first = ask(ses.box, "AssumeRole", "sts", RoleArn=arn, RoleSessionName="first")["Credentials"]["AccessKeyId"]
    for hours in (2, 3):
        ses.clock.advance(hours=hours)
        ask(ses.box, "AssumeRole", "sts", RoleArn=arn, RoleSessionName="later")
        scope = (
            f"AWS4-HMAC-SHA256 Credential={first}/20270115/us-east-1/ses/aws4_request, SignedHeaders=host, Signature=0"
        )
        reply = request(ses.box, "GET", "/v2/email/account", authorization=scope)
        assert (reply.status, reply.headers["x-amzn-ErrorType"]) == (403, "ExpiredTokenException")


def test_a_role_is_an_arn() -> None:
    for wrong in ("mailer", "a" * 20, "arn:aws:iam::1:role/mailer", "arn:aws:iam::123456789012:user/mailer"):
        with pytest.raises(SetupError, match="is no role"):
            LocalSes().add_role(wrong)


def test_links_lead_to_the_box_from_the_first_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    start = Shift.start

    def serving(shift: Shift[Any]) -> None:
        told.append(ses.box.url)
        start(shift)

    monkeypatch.setattr(Shift, "start", serving)
    ses = LocalSes()
    with ses:
        assert told == [ses.url]


@pytest.mark.parametrize("door", ["http", "smtp"])
def test_a_listener_cannot_close_half_a_box(door: str) -> None:
    said: list[str] = []

    def listen(_call: Call | None, _fault: Fault | None) -> None:
        try:
            ses.stop()
        except SetupError as error:
            said.append(str(error))

    with LocalSes(sandbox=False, smtp=True, on_call=listen) as ses:
        ses.identity("example.com").verify()
        if door == "http":
            urlopen(f"{ses.url}/v2/email/account", timeout=10).close()
        with smtplib.SMTP_SSL("localhost", ses.smtp.tls_port, context=ses.smtp.ssl_context(), timeout=10) as client:
            client.login(ses.smtp.user, ses.smtp.password)
            client.sendmail("a@example.com", ["b@example.org"], b"From: a@example.com\r\n\r\nHello\r\n")
        assert len(ses.sent) == 1

    assert all("from another thread" in one for one in said)
    assert len(said) == {"http": 2, "smtp": 1}[door]
