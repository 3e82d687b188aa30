"""What the box makes of logins and letters, and how its refusals are told to clients of SMTP."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from sesmail.errors import SetupError
from sesmail.local.box import Box
from sesmail.local.call import Call
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.handles import AccountHandle
from sesmail.local.keys import DEFAULT_ACCOUNT, DEFAULT_KEY, DEFAULT_SECRET, AccessKey, Role, user_arn
from sesmail.local.policy import Policy
from sesmail.local.smtp.endpoint import SmtpEndpoint
from sesmail.local.smtp.login import Credentials
from sesmail.local.smtp.office import Letter
from sesmail.local.smtp.replies import reply_to
from sesmail.ses.smtp_password import smtp_password
from tests.local.asking import RAW, REGION, ask, box

ARN = user_arn(DEFAULT_ACCOUNT, "local")


def letter(data: bytes = RAW, *recipients: str, sender: str = "shop@example.com") -> Letter:
    return Letter(DEFAULT_KEY, sender, recipients or ("ada@example.org",), data)


def told(asked: Box, **changes: Any) -> str:
    """The reply to a letter."""
    return SmtpEndpoint(asked, REGION).take(letter(**changes)).to_bytes().decode()


# ── who it is ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def endpoint() -> SmtpEndpoint:
    asked = box()
    for name in ("AKIAOTHER", "ASIAROLE"):
        asked.keys.add(AccessKey(name, f"secret-of-{name}", DEFAULT_ACCOUNT, ARN))
    asked.keys.add(AccessKey("AKIAEMPTY", "", DEFAULT_ACCOUNT, ARN))
    return SmtpEndpoint(asked, REGION)


@pytest.mark.parametrize(
    ("user", "password", "known"),
    [
        (DEFAULT_KEY, smtp_password(DEFAULT_SECRET, REGION), True),
        ("AKIAOTHER", smtp_password("secret-of-AKIAOTHER", REGION), True),
        ("AKIAOTHER", smtp_password(DEFAULT_SECRET, REGION), False),
        (DEFAULT_KEY, smtp_password(DEFAULT_SECRET, "us-east-1"), False),
        (DEFAULT_KEY, DEFAULT_SECRET, False),
        (DEFAULT_KEY, "", False),
        (DEFAULT_KEY, "pässwörd", False),
        (DEFAULT_KEY.lower(), smtp_password(DEFAULT_SECRET, REGION), False),
        ("AKIANOBODY", smtp_password(DEFAULT_SECRET, REGION), False),
        ("AKIAEMPTY", "", False),
        ("", smtp_password(DEFAULT_SECRET, REGION), False),
        ("ASIAROLE", smtp_password("secret-of-ASIAROLE", REGION), False),
    ],
)
def test_a_user_is_known_by_the_password_of_this_region(
    endpoint: SmtpEndpoint, user: str, password: str, known: bool
) -> None:
    assert endpoint.knows(Credentials(user, password)) is known


def test_a_key_that_assume_role_gave_has_no_password(endpoint: SmtpEndpoint) -> None:
    arn = "arn:aws:iam::123456789012:role/mailer"
    endpoint.box.keys.roles[arn] = Role(arn)
    given = ask(endpoint.box, "AssumeRole", "sts", RoleArn=arn, RoleSessionName="first")["Credentials"]
    password = smtp_password(given["SecretAccessKey"], REGION)

    assert not endpoint.knows(Credentials(given["AccessKeyId"], password))
    with pytest.raises(SetupError, match="is no key of a user"):
        endpoint.password_of(given["AccessKeyId"])


def test_a_key_has_its_password(endpoint: SmtpEndpoint) -> None:
    assert endpoint.password_of("AKIAOTHER") == smtp_password("secret-of-AKIAOTHER", REGION)
    with pytest.raises(SetupError, match="add it with add_key"):
        endpoint.password_of("AKIANOBODY")


# ── letters ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_letter_is_in_the_ledger() -> None:
    asked = box()
    reply = told(asked)

    (mail,) = asked.ledger
    assert reply == f"250 Ok {mail.message_id}\r\n"
    assert (mail.service, mail.operation, mail.region) == ("smtp", "SendRawEmail", REGION)
    assert (mail.to, mail.return_path, mail.sender) == (("ada@example.org",), "shop@example.com", "shop@example.com")


def test_a_letter_counts_for_the_account_of_its_key() -> None:
    asked = box()
    account = "210987654321"
    asked.keys.add(AccessKey("AKIAOTHER", "x", account, user_arn(account, "other")))
    reply = SmtpEndpoint(asked, REGION).take(Letter("AKIAOTHER", "shop@example.com", ("ada@example.org",), RAW))

    assert reply.to_bytes().startswith(b"554 Message rejected: Email address is not verified. The following identities")
    asked.region(REGION, account).identities = asked.region(REGION).identities
    SmtpEndpoint(asked, REGION).take(Letter("AKIAOTHER", "shop@example.com", ("ada@example.org",), RAW))
    assert [mail.account for mail in asked.ledger] == [account]


def test_the_envelope_says_who_gets_it_and_where_it_goes_back() -> None:
    asked = box()
    raw = RAW.replace(b"Subject:", b"Cc: Bob <bob@Example.org>\r\nReturn-Path: <elsewhere@example.com>\r\nSubject:")
    told(asked, data=raw, sender="bounces@example.com")
    SmtpEndpoint(asked, REGION).take(letter(raw, "eve@example.org", "bob@example.org"))

    first, second = asked.ledger
    assert (first.recipients, first.return_path) == (("ada@example.org",), "bounces@example.com")
    assert (second.to, second.cc, second.bcc) == ((), ("bob@example.org",), ("eve@example.org",))
    assert b"eve@" not in second.raw


REJECTED = "Email address is not verified. The following identities failed the check in region EU-WEST-1: "
MISSING_SET = b"X-SES-CONFIGURATION-SET: none\r\n"


@pytest.mark.parametrize(
    ("changes", "reply"),
    [
        ({"sender": "eve@example.net"}, f"554 Message rejected: {REJECTED}eve@example.net"),
        ({"data": RAW.replace(b"shop@", b"eve@shop.")}, None),
        (
            {"data": RAW.replace(b"From:", b"From: a@example.com\r\nFrom:")},
            "554 Transaction failed: Duplicate header 'From'.",
        ),
        ({"data": b"nonsense\r\n"}, "554 Transaction failed: A line of the header section is no header."),
        ({"data": b"To: a@example.org\r\n\r\n"}, "554 Transaction failed: Missing required header 'From'."),
        ({"data": MISSING_SET + RAW}, "554 Transaction failed: Configuration set <none> does not exist."),
        (
            {"data": RAW + b"x" * 999 + b"\r\n"},
            "554 Transaction failed: A line of the message is longer than 998 characters.",
        ),
    ],
)
def test_a_letter_that_ses_does_not_take_is_refused(changes: dict[str, Any], reply: str | None) -> None:
    asked = box()

    assert told(asked, **changes).startswith(f"{reply}\r\n" if reply else "250 Ok ")
    assert len(asked.ledger) == (reply is None)


def test_more_than_fifty_recipients_are_refused() -> None:
    asked = box()
    everybody = tuple(f"user{number}@example.org" for number in range(51))
    endpoint = SmtpEndpoint(asked, REGION)

    assert endpoint.take(letter(RAW, *everybody)).lines == ("Transaction failed: Recipient count exceeds 50.",)
    assert endpoint.take(letter(RAW, *everybody[1:])).code == 250


def test_the_sandbox_holds_here_too() -> None:
    assert told(box(sandbox=True)) == f"554 Message rejected: {REJECTED}ada@example.org\r\n"


def test_rate_and_quota_hold_here_too() -> None:
    asked = box(rate=1.0)
    replies = [told(asked) for _ in range(2)]
    full = box(quota=0.0)

    assert replies[0].startswith("250 Ok ")
    assert replies[1] == "454 Throttling failure: Maximum sending rate exceeded\r\n"
    assert told(full) == "454 Throttling failure: Daily message quota exceeded\r\n"


def test_an_account_that_is_shut_down_or_paused_sends_nothing() -> None:
    asked = box()
    AccountHandle(asked, REGION).suspend()
    paused = box()
    ask(paused, "PutAccountSendingAttributes", SendingEnabled=False)

    assert told(asked).startswith("554 Message rejected: Sending paused for this account. For more information")
    assert told(paused) == "554 Message rejected: Email sending has been disabled for this account.\r\n"


def allowing(asked: Box, **statement: Any) -> None:
    document = {"Statement": {"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": "*", **statement}}
    policy = Policy.parse(document, principals=False)
    asked.keys.add(AccessKey(DEFAULT_KEY, DEFAULT_SECRET, DEFAULT_ACCOUNT, ARN, policy))


def test_a_policy_holds_here_too() -> None:
    asked = box()
    allowing(asked, Action="ses:SendEmail")
    resource = f"arn:aws:ses:{REGION}:{DEFAULT_ACCOUNT}:identity/example.com"
    said = f"User `{ARN}' is not authorized to perform `ses:SendRawEmail' on resource `{resource}'"

    assert told(asked) == f"554 Access denied: {said}\r\n"
    allowing(asked)
    assert told(asked).startswith("250 Ok ")


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ({"StringEquals": {"ses:ApiVersion": "2"}}, 250),
        ({"StringEquals": {"ses:ApiVersion": "1"}}, 554),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, 250),
        ({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}, 554),
        ({"StringEquals": {"aws:RequestedRegion": REGION}}, 250),
        ({"StringEquals": {"ses:FromAddress": "shop@example.com"}}, 250),
        ({"StringEquals": {"ses:FeedbackAddress": "bounces@example.com"}}, 250),
        ({"ForAllValues:StringLike": {"ses:Recipients": "*@example.net"}}, 554),
    ],
)
def test_a_condition_knows_how_a_letter_came(condition: dict[str, Any], code: int) -> None:
    asked = box()
    allowing(asked, Condition=condition)

    assert SmtpEndpoint(asked, REGION).at("192.0.2.7").take(letter(sender="bounces@example.com")).code == code


def test_a_letter_in_a_configuration_set_says_its_tags() -> None:
    asked = box()
    ask(asked, "CreateConfigurationSet", ConfigurationSetName="main")
    told(asked, data=b"X-SES-CONFIGURATION-SET: main\r\nX-SES-MESSAGE-TAGS: a=b, c=d\r\n" + RAW)

    (mail,) = asked.ledger
    assert (mail.configuration_set, dict(mail.tags)) == ("main", {"a": "b", "c": "d"})
    assert b"X-SES" not in mail.raw


@pytest.mark.parametrize("kind", FaultKind)
def test_every_fault_has_a_reply(kind: FaultKind) -> None:
    """Only what another try can mend is temporary."""
    reply = reply_to(Fault(kind, "what it is"))

    temporary = {FaultKind.TOO_FAST: 454, FaultKind.TOO_MANY: 454, FaultKind.INTERNAL: 451}
    assert reply.code == temporary.get(kind, 554)
    assert (kind in temporary) != ("what it is" in reply.lines[0])


# ── who listens, and our own mistakes ────────────────────────────────────────────────────────────────────────────


def test_letters_are_told_to_whoever_wants_to_hear() -> None:
    heard: list[tuple[Call | None, Fault | None]] = []
    endpoint = SmtpEndpoint(box(), REGION, on_call=lambda call, fault: heard.append((call, fault))).at("192.0.2.7")
    endpoint.take(letter())
    endpoint.take(letter(b"nonsense"))

    call = Call("smtp", "SendRawEmail", {}, REGION, DEFAULT_KEY, "192.0.2.7")
    assert [each for each, _ in heard] == [call, call]
    assert heard[0][1] is None
    assert heard[1][1] is not None
    assert heard[1][1].kind is FaultKind.INVALID


def test_a_listener_that_fails_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def fails(call: Call | None, fault: Fault | None) -> None:
        raise BrokenPipeError("gone")

    with caplog.at_level(logging.ERROR, "sesmail"):
        assert SmtpEndpoint(box(), REGION, on_call=fails).take(letter()).code == 250

    assert "what listens to the box's calls failed: BrokenPipeError" in caplog.text


def test_our_own_mistakes_are_told_as_temporary(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = box()
    heard: list[Fault | None] = []
    monkeypatch.setattr(asked.region(REGION).quota, "maximum", "many")
    with caplog.at_level(logging.ERROR, "sesmail"):
        endpoint = SmtpEndpoint(asked, REGION, on_call=lambda _call, fault: heard.append(fault))
        reply = endpoint.take(letter())

    assert reply.to_bytes() == b"451 Temporary service failure\r\n"
    assert [fault.kind for fault in heard if fault] == [FaultKind.INTERNAL]
    assert "the box failed at SendRawEmail: TypeError" in caplog.text


def test_nothing_secret_is_printed() -> None:
    credentials = Credentials("AKIA", "s3cret")
    sent = Letter("AKIA", "shop@example.com", ("s3cret@example.org",), b"s3cret")

    for value in (credentials, sent, SmtpEndpoint(box(), REGION)):
        assert "s3cret" not in repr(value)
        assert DEFAULT_SECRET not in repr(value)
