"""Mails that ask the owner of an address to open a link: Amazon's own, those of the account, and what the link does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sesmail.local.box import Box
from sesmail.local.call import Call
from sesmail.local.clock import BoxClock
from sesmail.local.handles import AccountHandle, IdentityHandle
from sesmail.local.keeper import Folder
from sesmail.local.models.service import Service
from sesmail.local.verification.links import Letters, VerificationMail
from tests.local.answers import codes_of, refused
from tests.local.asking import REGION, ask, box, refusal, request

ADA = "ada@example.org"
DAY = 24 * 3600
TEMPLATE = {
    "TemplateName": "welcome",
    "FromEmailAddress": "shop@example.com",
    "TemplateSubject": "Is this you?",
    "TemplateContent": "<html><body><h1 style='color: red'>Grüße</h1></body></html>",
    "SuccessRedirectionURL": "https://example.com/yes",
    "FailureRedirectionURL": "https://example.com/no",
}


def status(asked: Box, name: str = ADA) -> str:
    return IdentityHandle(asked, REGION, name).status


def letter(asked: Box) -> VerificationMail:
    return list(asked.letters)[-1]


def opened(asked: Box, link: str) -> tuple[int, str]:
    """Status, and where it leads or what it says."""
    reply = request(asked, "GET", link.removeprefix("http://sesmail.local"))
    return reply.status, reply.headers.get("Location") or reply.body.decode()


def start(asked: Box, address: str = ADA) -> None:
    ask(asked, "CreateEmailIdentity", EmailIdentity=address)


# ── Amazon's own mail ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("sesv2", "CreateEmailIdentity", {"EmailIdentity": ADA}),
        ("ses", "VerifyEmailIdentity", {"EmailAddress": ADA}),
        ("ses", "VerifyEmailAddress", {"EmailAddress": ADA}),
    ],
)
def test_the_owner_of_an_address_gets_a_link_that_verifies(
    service: str, operation: str, params: dict[str, str]
) -> None:
    asked = box()
    ask(asked, operation, service, **params)
    mail = letter(asked)

    assert (mail.address, mail.region, mail.account) == (ADA, REGION, "123456789012")
    assert mail.link.encode() in mail.raw
    assert f"To: {ADA}\r\n".encode() in mail.raw
    assert status(asked) == "PENDING"
    assert opened(asked, mail.link) == (200, f"{ADA} is verified.")
    assert status(asked) == "SUCCESS"


def test_it_is_no_mail_of_the_account() -> None:
    asked = box()
    start(asked)

    assert (len(asked.ledger), asked.events.all()) == (0, ())
    assert ask(asked, "GetAccount")["SendQuota"]["SentLast24Hours"] == 0


def test_a_domain_gets_no_mail() -> None:
    asked = box()
    ask(asked, "CreateEmailIdentity", EmailIdentity="example.net")
    ask(asked, "VerifyDomainIdentity", "ses", Domain="example.edu")
    IdentityHandle(asked, REGION, "eve@example.org").verify()

    assert not asked.letters


@pytest.mark.parametrize(("after", "verified"), [(DAY - 1, True), (DAY, False), (30 * DAY, False)])
def test_a_link_lives_for_a_day(after: float, *, verified: bool) -> None:
    asked = box()
    start(asked)
    asked.clock.advance(after)

    assert opened(asked, letter(asked).link)[0] == (200 if verified else 410)
    assert status(asked) == ("SUCCESS" if verified else "FAILED")


def test_after_a_failure_one_can_begin_anew_by_v1() -> None:
    asked = box()
    start(asked)
    old = letter(asked).link
    asked.clock.advance(DAY)
    ask(asked, "VerifyEmailIdentity", "ses", EmailAddress=ADA)

    assert opened(asked, old)[0] == 410
    assert opened(asked, letter(asked).link)[0] == 200


def test_a_link_can_be_opened_twice_and_changes_nothing_then() -> None:
    asked = box()
    start(asked)
    opened(asked, letter(asked).link)
    first = ask(asked, "GetEmailIdentity", EmailIdentity=ADA)["VerificationInfo"]
    asked.clock.advance(60)

    assert opened(asked, letter(asked).link)[0] == 200
    assert ask(asked, "GetEmailIdentity", EmailIdentity=ADA)["VerificationInfo"] == first


def test_the_link_of_an_identity_that_is_gone_verifies_nobody() -> None:
    asked = box()
    start(asked)
    ask(asked, "DeleteEmailIdentity", EmailIdentity=ADA)

    assert opened(asked, letter(asked).link) == (410, "This link is too old, or nobody asks for it any more.")
    assert status(asked) == "MISSING"


def test_a_link_that_nobody_was_sent_is_not_found() -> None:
    assert opened(box(), "/_sesmail/verify/x")[0] == 404


def test_old_links_are_forgotten() -> None:
    asked = box()
    start(asked)
    asked.clock.advance(7 * DAY)
    start(asked, "bob@example.org")

    assert [link.address for link in asked.region(REGION).links.values()] == ["bob@example.org"]


def test_a_refused_identity_gets_no_mail() -> None:
    asked = box()
    start(asked)
    refusal(asked, "CreateEmailIdentity", EmailIdentity=ADA)

    assert len(asked.letters) == 1


def kept_in(folder: Path) -> Box:
    """A box that reads what one before it wrote, as after a kill."""
    made = Box(clock=BoxClock(at=1_800_000_000))
    made.keeper = keeper = Folder(folder, made)
    keeper.load()
    return made


def test_a_link_survives_a_restart(tmp_path: Path) -> None:
    before = kept_in(tmp_path)
    start(before)
    assert opened(kept_in(tmp_path), letter(before).link)[0] == 200
    assert status(kept_in(tmp_path)) == "SUCCESS"


def test_a_link_does_not_outlive_its_identity() -> None:
    asked = box()
    start(asked)
    old = letter(asked).link
    ask(asked, "DeleteEmailIdentity", EmailIdentity=ADA)
    asked.clock.advance(60)
    start(asked)

    assert opened(asked, old)[0] == 410
    assert opened(asked, letter(asked).link)[0] == 200


def test_mails_are_kept_up_to_a_number_and_a_size() -> None:
    def mail(number: int) -> VerificationMail:
        return VerificationMail(ADA, "link", REGION, "1", float(number), "id", b"x" * 100)

    few, small = Letters(most=3), Letters(most_bytes=350)
    for number in range(5):
        few.add(mail(number))
        small.add(mail(number))

    assert [one.at for one in few] == [one.at for one in small] == [2, 3, 4]
    small.clear()
    small.add(mail(9))
    assert len(small) == 1


def test_links_are_kept_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sesmail.local.verification.mails._MOST_LINKS", 3)
    asked = box()
    for number in range(5):
        start(asked, f"a{number}@example.org")

    assert [link.address[:2] for link in asked.region(REGION).links.values()] == ["a2", "a3", "a4"]


def test_the_control_lists_them_by_region() -> None:
    asked = box()
    start(asked)
    ask(asked, "CreateEmailIdentity", region="us-east-1", EmailIdentity="bob@example.org")
    listed = json.loads(request(asked, "GET", f"/_sesmail/verifications?region={REGION}").body)["verifications"]

    assert [one["address"] for one in listed] == [ADA]
    assert set(listed[0]) == {"address", "link", "messageId", "time", "account", "region", "raw"}
    request(asked, "DELETE", "/_sesmail/sent")
    assert not asked.letters


def test_a_mail_says_nothing_of_its_link_when_it_is_printed() -> None:
    asked = box()
    start(asked)
    mail = letter(asked)

    assert repr(mail) == f"VerificationMail({mail.message_id!r}, {REGION})"
    assert mail.time.isoformat() == "2027-01-15T08:00:00+00:00"


# ── in the words of the account ──────────────────────────────────────────────────────────────────────────────────


def with_template(**options: Any) -> Box:
    asked = box(**options)
    ask(asked, "CreateCustomVerificationEmailTemplate", **TEMPLATE)
    return asked


@pytest.mark.parametrize("service", ["sesv2", "ses"])
def test_a_mail_of_ones_own_is_sent_and_its_link_leads_on(service: str) -> None:
    asked = with_template()
    answer = ask(asked, "SendCustomVerificationEmail", service, EmailAddress=ADA, TemplateName="welcome")
    (taken,), mail = list(asked.ledger), letter(asked)

    assert taken.message_id == mail.message_id == answer["MessageId"]
    assert (taken.sender, taken.recipients, taken.subject) == ("shop@example.com", (ADA,), "Is this you?")
    assert taken.raw == mail.raw
    html = taken.email.html or ""
    assert "Grüße" in html
    assert f'<a href="{mail.link}">' in html
    assert [event.kind for event in asked.events.all()] == ["Send", "Delivery"]
    assert ask(asked, "GetAccount")["SendQuota"]["SentLast24Hours"] == 1
    assert status(asked) == "PENDING"
    assert opened(asked, mail.link) == (302, "https://example.com/yes")
    assert status(asked) == "SUCCESS"


def test_a_link_that_is_too_old_leads_elsewhere() -> None:
    asked = with_template()
    ask(asked, "SendCustomVerificationEmail", EmailAddress=ADA, TemplateName="welcome")
    asked.clock.advance(DAY)

    assert opened(asked, letter(asked).link) == (302, "https://example.com/no")
    assert status(asked) == "FAILED"


def test_it_is_for_production_only() -> None:
    asked = with_template()
    AccountHandle(asked, REGION).enter_sandbox()
    v1 = Call("ses", "SendCustomVerificationEmail", {"EmailAddress": ADA, "TemplateName": "welcome"}, REGION)

    assert refused(asked, v1)[0] == ("ProductionAccessNotGranted", 400)
    assert refusal(asked, "SendCustomVerificationEmail", EmailAddress=ADA, TemplateName="welcome").v2[0] == (
        "BadRequestException"
    )
    assert (status(asked), len(asked.letters), len(asked.ledger)) == ("MISSING", 0, 0)


def test_what_cannot_be_sent_begins_nothing() -> None:
    asked = with_template(quota=0)
    fault = refusal(asked, "SendCustomVerificationEmail", EmailAddress=ADA, TemplateName="welcome")

    assert fault.message == "Daily message quota exceeded."
    assert (status(asked), len(asked.letters)) == ("MISSING", 0)


def test_what_can_be_no_identity_gets_no_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = with_template()
    to_bob = {"EmailAddress": "Bob <bob@example.org>", "TemplateName": "welcome"}
    assert refusal(asked, "SendCustomVerificationEmail", **to_bob).message == "Invalid email address"
    monkeypatch.setattr("sesmail.local.enrolment.MOST_IDENTITIES", 1)
    assert refusal(asked, "SendCustomVerificationEmail", EmailAddress=ADA, TemplateName="welcome").v1[0] == (
        "LimitExceeded"
    )

    assert (len(asked.ledger), len(asked.letters)) == (0, 0)


def test_whoever_is_known_already_needs_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = with_template()
    start(asked)
    monkeypatch.setattr("sesmail.local.enrolment.MOST_IDENTITIES", 1)

    assert ask(asked, "SendCustomVerificationEmail", EmailAddress=ADA, TemplateName="welcome")["MessageId"]


def test_a_link_of_the_account_survives_a_kill(tmp_path: Path) -> None:
    before = kept_in(tmp_path)
    IdentityHandle(before, REGION, "example.com").verify()
    AccountHandle(before, REGION).grant_production()
    ask(before, "CreateCustomVerificationEmailTemplate", **TEMPLATE)
    ask(before, "SendCustomVerificationEmail", EmailAddress=ADA, TemplateName="welcome")
    after = kept_in(tmp_path)

    assert opened(after, letter(before).link) == (302, "https://example.com/yes")
    assert (status(after), len(after.ledger)) == ("SUCCESS", 1)


def test_a_mail_that_was_taken_stays_taken_when_the_state_cannot_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asked = kept_in(tmp_path)
    IdentityHandle(asked, REGION, "example.com").verify()
    AccountHandle(asked, REGION).grant_production()
    ask(asked, "CreateCustomVerificationEmailTemplate", **TEMPLATE)
    (tmp_path / "state.json").unlink()
    (tmp_path / "state.json").mkdir()  # in the way of the next one
    answer = ask(asked, "SendCustomVerificationEmail", EmailAddress=ADA, TemplateName="welcome")

    assert [mail.message_id for mail in asked.ledger] == [answer["MessageId"]]
    assert "the box's state could not be written" in caplog.text


def test_a_configuration_set_is_named_or_missing() -> None:
    asked = with_template()
    to_ada = {"EmailAddress": ADA, "TemplateName": "welcome", "ConfigurationSetName": "main"}
    assert refusal(asked, "SendCustomVerificationEmail", **to_ada).v2 == ("NotFoundException", 404)
    ask(asked, "CreateConfigurationSet", ConfigurationSetName="main")
    ask(asked, "SendCustomVerificationEmail", **to_ada)

    assert next(iter(asked.ledger)).configuration_set == "main"


def test_the_caller_must_be_allowed_to() -> None:
    asked = with_template()
    from dataclasses import replace

    from sesmail.local.keys import DEFAULT_KEY
    from sesmail.local.policy import Policy

    own = asked.keys.owner(DEFAULT_KEY)
    rule = {"Statement": {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}}
    asked.keys.add(replace(own, policy=Policy.parse(rule, principals=False)))
    fault = refusal(asked, "SendCustomVerificationEmail", EmailAddress=ADA, TemplateName="welcome")

    assert "not authorized to perform `ses:SendCustomVerificationEmail'" in fault.message


# ── templates ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_templates_are_kept_told_changed_and_removed_by_both_apis() -> None:
    asked = box()
    has_tags = "Tags" in Service.of("sesv2").operation(CREATE).takes.members  # an older botocore knows none
    tags: dict[str, Any] = {"Tags": [{"Key": "team", "Value": "shop"}]} if has_tags else {}
    ask(asked, "CreateCustomVerificationEmailTemplate", **TEMPLATE, **tags)
    by_v1 = ask(asked, "GetCustomVerificationEmailTemplate", "ses", TemplateName="welcome")
    by_v2 = ask(asked, "GetCustomVerificationEmailTemplate", TemplateName="welcome")
    assert by_v1 == TEMPLATE
    assert {**by_v2, **tags} == {**TEMPLATE, **({"Tags": []} | tags)}
    assert by_v2["Tags"] == tags.get("Tags", [])

    ask(asked, "UpdateCustomVerificationEmailTemplate", "ses", TemplateName="welcome", TemplateSubject="Really?")
    changed = {**TEMPLATE, "TemplateSubject": "Really?"}
    assert ask(asked, "GetCustomVerificationEmailTemplate", "ses", TemplateName="welcome") == changed
    ask(asked, "UpdateCustomVerificationEmailTemplate", **TEMPLATE)
    (listed,) = ask(asked, "ListCustomVerificationEmailTemplates")["CustomVerificationEmailTemplates"]
    assert listed == {name: text for name, text in TEMPLATE.items() if name != "TemplateContent"}
    ask(asked, "DeleteCustomVerificationEmailTemplate", TemplateName="welcome")
    ask(asked, "DeleteCustomVerificationEmailTemplate", "ses", TemplateName="welcome")
    assert ask(asked, "ListCustomVerificationEmailTemplates", "ses")["CustomVerificationEmailTemplates"] == []


def test_they_are_listed_in_pages() -> None:
    asked = box()
    for number in range(5):
        ask(asked, "CreateCustomVerificationEmailTemplate", **{**TEMPLATE, "TemplateName": f"t{number}"})
    names: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = ask(asked, "ListCustomVerificationEmailTemplates", "ses", MaxResults=2, **token)
        names += [one["TemplateName"] for one in answer["CustomVerificationEmailTemplates"]]
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}

    assert names == [f"t{number}" for number in range(5)]


CREATE = "CreateCustomVerificationEmailTemplate"


@pytest.mark.parametrize(
    ("change", "v1", "reason"),
    [
        ({"FromEmailAddress": "x@unverified.example"}, "FromEmailAddressNotVerified", "is not verified"),
        ({"FromEmailAddress": "Shop <shop@example.com>"}, "InvalidParameterValue", "without a name"),
        ({"TemplateSubject": "a\r\nBcc: eve@example.org"}, "InvalidParameterValue", "control characters"),
        ({"SuccessRedirectionURL": "javascript:alert(1)"}, "InvalidParameterValue", "no URL"),
        ({"FailureRedirectionURL": "https://a\r\nX: y"}, "InvalidParameterValue", "no URL"),
        ({"FailureRedirectionURL": "https://ü"}, "InvalidParameterValue", "no URL"),
        ({"TemplateContent": "<a href='x'>x</a>"}, "CustomVerificationEmailInvalidContent", "the tag <a>"),
        ({"TemplateContent": "x" * (10 * 2**20 + 1)}, "CustomVerificationEmailInvalidContent", "larger than 10 MB"),
    ],
)
def test_what_ses_does_not_take_is_refused(change: dict[str, str], v1: str, reason: str) -> None:
    asked = box()
    answer, said = refused(asked, Call("ses", CREATE, {**TEMPLATE, **change}, REGION))

    assert answer == (v1, 400)
    assert reason in said
    by_v2, _ = refused(asked, Call("sesv2", CREATE, {**TEMPLATE, **change}, REGION))
    assert by_v2 == ("BadRequestException", 400)
    assert v1 in codes_of("ses", CREATE)
    assert asked.region(REGION).verification_templates == {}


@pytest.mark.parametrize("service", ["sesv2", "ses"])
def test_what_is_there_twice_or_not_at_all_is_refused(service: str) -> None:
    asked = with_template()
    twice, _ = refused(asked, Call(service, CREATE, TEMPLATE, REGION))
    missing = []
    for name in ("Get", "Update"):
        operation = f"{name}CustomVerificationEmailTemplate"
        params = {**TEMPLATE, "TemplateName": "x"} if name == "Update" else {"TemplateName": "x"}
        answer, _ = refused(asked, Call(service, operation, params, REGION))
        assert answer[0] in codes_of(service, operation)
        missing.append(answer[0])

    assert twice[0] in codes_of(service, CREATE)
    absent = {"sesv2": "NotFoundException", "ses": "CustomVerificationEmailTemplateDoesNotExist"}[service]
    assert missing == [absent, absent]


def test_fifty_are_the_most() -> None:
    asked = box()
    for number in range(50):
        ask(asked, CREATE, **{**TEMPLATE, "TemplateName": f"t{number}"})

    assert refusal(asked, CREATE, **TEMPLATE).v1[0] == "LimitExceeded"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("plain text & more", ""),
        ("<p class=x id='y' title=\"z\">a < b</p><br/><img alt='' src='data:image/png;base64,AA=='/>", ""),
        ("<TABLE><TR><TD COLSPAN=2>x", ""),
        ("a <3 b", ""),
        ("<script>alert(1)</script>", "the tag <script>"),
        ("<SCRIPT src=x>", "the tag <SCRIPT>"),
        ("</style>", "the tag <style>"),
        ("<p onclick='x()'>", "the attribute onclick"),
        ("<p ONCLICK=x>", "the attribute onclick"),
        ("<p/onclick=x>", "the attribute onclick"),
        ("<img src='https://example.com/x.png'>", "an image is a data: URI"),
        ("<img src>", "an image is a data: URI"),
        ("<!-- x -->", "<!-- x -- is not allowed"),
        ("<!DOCTYPE html>", "<!DOCTYPE html is not allowed"),
        ("<?php ?>", "<?php ? is not allowed"),
        ("<p style='x", "the tag <p> is broken or never closed"),
    ],
)
def test_its_content_is_a_small_piece_of_html(content: str, reason: str) -> None:
    asked = box()
    if not reason:
        ask(asked, CREATE, **{**TEMPLATE, "TemplateContent": content})
        return
    said = refusal(asked, CREATE, **{**TEMPLATE, "TemplateContent": content}).message

    assert re.fullmatch(rf"The content of the custom verification email is invalid: {re.escape(reason)}.*", said)
