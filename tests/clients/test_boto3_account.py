"""boto3 and the account: what it may send, whom it must not write to, and how it leaves the sandbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sesmail.local import BoxClock, LocalSes

from .boto import Client, ClientError, client, refused
from .conftest import NOW, SENDER

TEXT = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello Ada"}}}
REQUEST = {
    "MailType": "TRANSACTIONAL",
    "WebsiteURL": "https://shop.example",
    "ContactLanguage": "EN",
    "UseCaseDescription": "Receipts for orders",
    "AdditionalContactEmailAddresses": ["ops@shop.example"],
    "ProductionAccessEnabled": True,
}


# ── what a new one is like ───────────────────────────────────────────────────────────────────────────────────────


def test_a_new_account_is_in_the_sandbox(v1: Client, v2: Client) -> None:
    account = v2.get_account()

    assert account["ProductionAccessEnabled"] is False
    assert (account["SendingEnabled"], account["EnforcementStatus"]) == (True, "HEALTHY")
    assert account["SendQuota"] == {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 0.0}
    assert account["SuppressionAttributes"]["SuppressedReasons"] == ["BOUNCE", "COMPLAINT"]
    assert account["VdmAttributes"] == {"VdmEnabled": "DISABLED"}
    assert "Details" not in account
    quota = v1.get_send_quota()
    assert (quota["Max24HourSend"], quota["MaxSendRate"], quota["SentLast24Hours"]) == (200.0, 1.0, 0.0)
    assert v1.get_account_sending_enabled()["Enabled"] is True
    assert v1.get_send_statistics()["SendDataPoints"] == []


def test_a_box_can_be_another_account_from_the_beginning() -> None:
    with LocalSes(sandbox=False, quota=-1, rate=2.5) as ses, client(ses, "sesv2") as v2:
        account = v2.get_account()

    assert account["ProductionAccessEnabled"] is True
    assert (account["SendQuota"]["Max24HourSend"], account["SendQuota"]["MaxSendRate"]) == (-1.0, 2.5)


# ── production access ────────────────────────────────────────────────────────────────────────────────────────────


def test_production_access_is_asked_for_once_and_granted(ses: LocalSes, v2: Client) -> None:
    v2.put_account_details(**REQUEST)
    waiting = v2.get_account()
    with refused(v2.exceptions.ConflictException, "ConflictException", 409, "under review"):
        v2.put_account_details(**REQUEST)
    ses.account.grant_production(quota=50_000, rate=14)
    granted = v2.get_account()

    assert waiting["ProductionAccessEnabled"] is False
    assert waiting["Details"]["ReviewDetails"]["Status"] == "PENDING"
    assert waiting["Details"]["ReviewDetails"]["CaseId"]
    asked = {name: value for name, value in REQUEST.items() if name != "ProductionAccessEnabled"}
    assert asked.items() <= waiting["Details"].items()
    assert (granted["ProductionAccessEnabled"], granted["Details"]["ReviewDetails"]["Status"]) == (True, "GRANTED")
    assert granted["SendQuota"] == {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 0.0}


def test_who_was_denied_may_ask_again(ses: LocalSes, v2: Client) -> None:
    v2.put_account_details(**REQUEST)
    ses.account.deny_production()
    denied = v2.get_account()
    v2.put_account_details(**REQUEST)

    assert (denied["ProductionAccessEnabled"], denied["Details"]["ReviewDetails"]["Status"]) == (False, "DENIED")
    assert v2.get_account()["Details"]["ReviewDetails"]["Status"] == "PENDING"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"MailType": "PROMOTIONAL"}, "'mailType' failed to satisfy constraint: Member must satisfy enum"),
        ({"ContactLanguage": "JP"}, "'contactLanguage'"),
        ({"WebsiteURL": "x" * 1001}, "'websiteURL'"),
        ({"UseCaseDescription": "x" * 5001}, "'useCaseDescription'"),
        ({"AdditionalContactEmailAddresses": [f"{n}@shop.example" for n in range(5)]}, "less than or equal to 4"),
    ],
)
def test_a_request_that_ses_would_not_read_is_refused(v2: Client, change: dict[str, object], text: str) -> None:
    with refused(v2.exceptions.BadRequestException, "BadRequestException", 400, text):
        v2.put_account_details(**{**REQUEST, **change})

    assert "Details" not in v2.get_account()


# ── switches ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_sending_is_switched_off_and_on(v1: Client, v2: Client) -> None:
    v2.put_account_sending_attributes(SendingEnabled=False)
    off = v1.get_account_sending_enabled()["Enabled"]
    v1.update_account_sending_enabled(Enabled=True)

    assert off is False
    assert v2.get_account()["SendingEnabled"] is True


def test_what_has_no_effect_here_is_kept(v2: Client) -> None:
    vdm = {"VdmEnabled": "ENABLED", "DashboardAttributes": {"EngagementMetrics": "ENABLED"}}
    v2.put_account_vdm_attributes(VdmAttributes=vdm)
    v2.put_account_dedicated_ip_warmup_attributes(AutoWarmupEnabled=True)
    v2.put_account_suppression_attributes(SuppressedReasons=["COMPLAINT"])
    account = v2.get_account()

    assert (account["VdmAttributes"], account["DedicatedIpAutoWarmupEnabled"]) == (vdm, True)
    assert account["SuppressionAttributes"]["SuppressedReasons"] == ["COMPLAINT"]


def test_the_state_that_aws_gives_is_told(ses: LocalSes, v2: Client) -> None:
    ses.account.suspend()
    suspended = v2.get_account()["EnforcementStatus"]
    ses.account.restore()

    assert (suspended, v2.get_account()["EnforcementStatus"]) == ("SHUTDOWN", "HEALTHY")


# ── the suppression list ─────────────────────────────────────────────────────────────────────────────────────────


def test_somebody_is_put_on_the_list_and_taken_off(shop: LocalSes, v2: Client) -> None:
    v2.put_suppressed_destination(EmailAddress="ada+label@Example.ORG", Reason="BOUNCE")
    found = v2.get_suppressed_destination(EmailAddress="ada+label@example.org")["SuppressedDestination"]
    v2.delete_suppressed_destination(EmailAddress="ada+label@example.org")

    assert (found["EmailAddress"], found["Reason"]) == ("ada+label@Example.ORG", "BOUNCE")
    assert found["LastUpdateTime"] == datetime.fromtimestamp(NOW, UTC)
    for operation in (v2.get_suppressed_destination, v2.delete_suppressed_destination):
        with refused(v2.exceptions.NotFoundException, "NotFoundException", 404, "not exist on your suppression list"):
            operation(EmailAddress="ada+label@example.org")


def test_in_the_sandbox_nobody_is_put_on_it(v2: Client) -> None:
    with refused(v2.exceptions.BadRequestException, "BadRequestException", 400, "sandbox"):
        v2.put_suppressed_destination(EmailAddress="ada@example.org", Reason="BOUNCE")

    assert v2.list_suppressed_destinations()["SuppressedDestinationSummaries"] == []


def _listed(v2: Client, **wanted: object) -> list[str]:
    return [one["EmailAddress"] for one in v2.list_suppressed_destinations(**wanted)["SuppressedDestinationSummaries"]]


def test_the_list_comes_in_pages_by_reason_and_by_time(shop: LocalSes, v2: Client) -> None:
    for n in range(5):
        shop.clock.advance(hours=1)
        v2.put_suppressed_destination(EmailAddress=f"{n}@example.org", Reason="COMPLAINT" if n % 2 else "BOUNCE")
    begin = datetime.fromtimestamp(NOW, UTC)
    pages = [v2.list_suppressed_destinations(PageSize=2)]
    while "NextToken" in pages[-1]:
        pages.append(v2.list_suppressed_destinations(PageSize=2, NextToken=pages[-1]["NextToken"]))

    assert [len(page["SuppressedDestinationSummaries"]) for page in pages] == [2, 2, 1]
    assert _listed(v2, Reasons=["COMPLAINT"]) == ["1@example.org", "3@example.org"]
    assert len(_listed(v2, Reasons=["COMPLAINT", "BOUNCE"])) == 5
    assert _listed(v2, StartDate=begin + timedelta(hours=4)) == ["3@example.org", "4@example.org"]
    assert _listed(v2, EndDate=begin + timedelta(hours=1)) == ["0@example.org"]
    with refused(v2.exceptions.BadRequestException, "BadRequestException", 400, "enum"):
        _listed(v2, Reasons=["SPITE"])


def test_a_mail_to_somebody_on_the_list_is_taken_and_bounces(shop: LocalSes, v2: Client) -> None:
    v2.put_suppressed_destination(EmailAddress="ada@example.org", Reason="COMPLAINT")
    to = {"ToAddresses": ["ada@example.org", "bob@example.org"]}
    v2.send_email(FromEmailAddress=SENDER, Destination=to, Content={"Simple": TEXT})
    v2.put_account_suppression_attributes(SuppressedReasons=["BOUNCE"])
    v2.send_email(FromEmailAddress=SENDER, Destination=to, Content={"Simple": TEXT})

    first, second = shop.sent
    assert first.fates == {"ada@example.org": "Bounce", "bob@example.org": "Delivery"}
    assert second.fates == {"ada@example.org": "Delivery", "bob@example.org": "Delivery"}
    bounce = next(event.payload["bounce"] for event in shop.events if event.kind == "Bounce")
    assert (bounce["bounceType"], bounce["bounceSubType"]) == ("Permanent", "OnAccountSuppressionList")
    assert [one["emailAddress"] for one in bounce["bouncedRecipients"]] == ["ada@example.org"]


# ── what was sent ────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_sent_is_counted_in_both_until_it_is_a_day_old(shop: LocalSes, v1: Client, v2: Client) -> None:
    simulator = ["bounce@simulator.amazonses.com", "complaint@simulator.amazonses.com"]
    v1.send_email(Source=SENDER, Destination={"ToAddresses": ["a@example.org", "b@example.org"]}, Message=TEXT)
    v2.send_email(FromEmailAddress=SENDER, Destination={"BccAddresses": simulator}, Content={"Simple": TEXT})
    sent = v2.get_account()["SendQuota"]["SentLast24Hours"], v1.get_send_quota()["SentLast24Hours"]
    (point,) = v1.get_send_statistics()["SendDataPoints"]
    shop.clock.advance(hours=24)

    assert sent == (2.0, 2.0)  # the simulator is for nothing
    assert point["Timestamp"] == datetime.fromtimestamp(NOW, UTC)
    assert [point[name] for name in ("DeliveryAttempts", "Bounces", "Complaints", "Rejects")] == [4, 1, 1, 0]
    assert v1.get_send_quota()["SentLast24Hours"] == 0.0


def test_calls_that_send_nothing_have_a_rate_of_their_own() -> None:
    clock = BoxClock(at=NOW)
    with LocalSes(control_rate=1, clock=clock) as ses, client(ses, "sesv2") as v2, client(ses, "ses") as v1:
        v2.get_account()
        v1.get_send_quota()
        v2.list_email_identities()

        with refused(ClientError, "ThrottlingException", 400, "Rate exceeded"):
            v2.get_account()
        with refused(ClientError, "Throttling", 400, "Rate exceeded"):
            v1.get_send_quota()
        clock.advance(1)
        v2.get_account()
