"""A mail that SES refuses, and what it makes of one that it takes: the fact sheet's sections 1.1 to 1.4 and 2.1 to 2.3.

A row names what is wrong, how both APIs answer, and the text where the sheet has it to the letter. Where it has none,
the text here is empty, and only the code is held.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from sesmail.local.box import Box
from sesmail.local.call import Call
from sesmail.local.handles import AccountHandle
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET, AccessKey
from sesmail.local.policy import Policy
from tests.local.answers import BAD, NO_SET, REJECTED, Answer, codes_of, refused
from tests.local.asking import REGION, ask, box

ACCOUNT = "123456789012"
USER = f"arn:aws:iam::{ACCOUNT}:user/local"
ARN = f"arn:aws:ses:{REGION}:{ACCOUNT}"

# ── mails, and the four calls that send one ──────────────────────────────────────────────────────────────────────

SIMPLE = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello Ada"}}}
SENDER, ADA = "shop@example.com", "ada@example.org"


def raw(*headers: str, sender: str = SENDER, body: str = "Hello Ada") -> bytes:
    return "\r\n".join([f"From: {sender}", "Subject: Hello", *headers, "", body, ""]).encode()


def v2_simple(sender: str, to: list[str], **more: object) -> Call:
    content = {"Content": {"Simple": SIMPLE}, "FromEmailAddress": sender}
    return Call("sesv2", "SendEmail", {**content, "Destination": {"ToAddresses": to}, **more}, REGION)


def v2_raw(sender: str, to: list[str], **more: object) -> Call:
    content = {"Content": {"Raw": {"Data": raw(sender=sender)}}}
    return Call("sesv2", "SendEmail", {**content, "Destination": {"ToAddresses": to}, **more}, REGION)


def v1_simple(sender: str, to: list[str], **more: object) -> Call:
    content = {"Message": SIMPLE, "Source": sender}
    return Call("ses", "SendEmail", {**content, "Destination": {"ToAddresses": to}, **more}, REGION)


def v1_raw(sender: str, to: list[str], **more: object) -> Call:
    return Call("ses", "SendRawEmail", {"RawMessage": {"Data": raw(sender=sender)}, "Destinations": to, **more}, REGION)


Way = Callable[..., Call]
SIMPLE_WAYS: tuple[Way, ...] = (v2_simple, v1_simple)
WAYS: tuple[Way, ...] = (*SIMPLE_WAYS, v2_raw, v1_raw)
# Without recipients beside it, a raw mail of v1 is for those in its headers.
TO_NOBODY: tuple[Way, ...] = (*SIMPLE_WAYS, v2_raw)


# ── a mail is refused ────────────────────────────────────────────────────────────────────────────────────────────

TOO_FAST = {"sesv2": ("TooManyRequestsException", 429), "ses": ("Throttling", 400)}
UNVERIFIED = "Email address is not verified. The following identities failed the check in region EU-WEST-1: "


@dataclass(frozen=True)
class Refused:
    """A mail, and how it is refused, whichever call it comes by."""

    what: str
    said: Mapping[str, Answer]
    text: str = ""
    before: Callable[[Box], object] = lambda _box: None
    sender: str = SENDER
    to: tuple[str, ...] = (ADA,)
    asked: Mapping[str, str] | None = None
    start: Mapping[str, object] | None = None
    ways: tuple[Way, ...] = WAYS


def use_up_the_rate(asked: Box) -> None:
    AccountHandle(asked, REGION).rate = 1
    ask(asked, "SendEmail", **v2_simple(SENDER, ["success@simulator.amazonses.com"]).params)


def pause_set(asked: Box) -> None:
    ask(asked, "CreateConfigurationSet", ConfigurationSetName="main", SendingOptions={"SendingEnabled": False})


def demand_mail_from(asked: Box) -> None:
    mail_from = {"MailFromDomain": "bounce.example.com", "BehaviorOnMxFailure": "REJECT_MESSAGE"}
    ask(asked, "PutEmailIdentityMailFromAttributes", EmailIdentity="example.com", **mail_from)


REFUSED = [
    # 1.1 and 2.3: how many
    Refused("51 recipients", BAD, "Recipient count exceeds 50.", to=(ADA,) * 51),
    Refused("no recipients", BAD, "There are no recipients specified.", to=(), ways=TO_NOBODY),
    # 2.1, 2.2, 2.3: identities
    Refused("a sender who is not verified", REJECTED, UNVERIFIED + "eve@x.example", sender="eve@x.example"),
    Refused("a recipient in the sandbox", REJECTED, UNVERIFIED + ADA, start={"sandbox": True}),
    Refused(
        "both, one of them with a name",
        REJECTED,
        f"{UNVERIFIED}Eve <eve@x.example>, eve@x.example, {ADA}",
        sender="Eve <eve@x.example>",
        start={"sandbox": True},
    ),
    Refused(
        "a MAIL FROM domain that must be verified, and is not",
        dict.fromkeys(("sesv2", "ses"), ("MailFromDomainNotVerifiedException", 400)),
        before=demand_mail_from,
    ),
    # 2.1, 2.2, 2.3: configuration sets
    Refused(
        "a configuration set that is not there",
        NO_SET,
        "Configuration set <main> does not exist.",
        asked={"ConfigurationSetName": "main"},
    ),
    Refused(
        "a configuration set that is paused",
        {"sesv2": ("SendingPausedException", 400), "ses": ("ConfigurationSetSendingPausedException", 400)},
        before=pause_set,
        asked={"ConfigurationSetName": "main"},
    ),
    # 2.1, 2.2, 2.3: the account
    Refused(
        "an account that its owner paused",
        {"sesv2": ("SendingPausedException", 400), "ses": ("AccountSendingPausedException", 400)},
        before=lambda asked: ask(asked, "PutAccountSendingAttributes", SendingEnabled=False),
    ),
    Refused(
        "an account that AWS shut down",
        {"sesv2": ("AccountSuspendedException", 400), "ses": ("MessageRejected", 400)},
        "Sending paused for this account. For more information, please check the inbox of the email address associated"
        " with your AWS account",
        before=lambda asked: AccountHandle(asked, REGION).suspend(),
    ),
    # 1.1 and 2.3: how much
    Refused(
        "more than the day's quota",
        {"sesv2": ("LimitExceededException", 400), "ses": ("Throttling", 400)},
        "Daily message quota exceeded.",
        to=(ADA, "bob@example.org"),
        start={"quota": 1.0},
    ),
    Refused(
        "more than the rate",
        TOO_FAST,
        "Maximum sending rate exceeded.",
        before=use_up_the_rate,
    ),
    Refused("a rate of nothing", TOO_FAST, start={"rate": 0.0}),
    # 2.3: the syntax of addresses
    Refused("an address without a domain part", BAD, "Missing final '@domain'", to=("ada",)),
    Refused("an address with an empty domain", BAD, "Missing domain", to=("ada@",)),
    Refused("a blank in a local part", BAD, "Local address contains control or whitespace", to=("a da@example.org",)),
    Refused("a local part beyond ASCII", BAD, "Local address contains control or whitespace", to=("ädä@example.org",)),
    Refused("a comma in a local part", BAD, "Local address contains illegal character", to=("a,da@example.org",)),
    Refused("a blank in a domain", BAD, "Domain contains control or whitespace", to=("ada@exam ple.org",)),
    Refused("a domain beyond ASCII", BAD, "Domain contains illegal character", to=("ada@exämple.org",)),
    Refused(
        "a comma in a bare name", BAD, "Illegal address", to=("Lovelace, Ada <ada@example.org>",), ways=SIMPLE_WAYS
    ),
    Refused("a route", BAD, "Extra route-addr", to=("<@a.example,@b.example:ada@example.org>",)),
    Refused("one bad address among good ones", BAD, to=(ADA, "bob@", "eve@example.org")),  # 1.1
    # 1.2: names and sizes
    Refused("a name beyond ASCII", BAD, to=("Adä <ada@example.org>",), ways=SIMPLE_WAYS),
    Refused("a label of 64 characters", BAD, to=(f"ada@{'a' * 64}.org",)),
    Refused("a domain of 256 characters", BAD, to=(f"ada@{'a.' * 126}exam",)),
]


ROWS = [(row, way) for row in REFUSED for way in row.ways]


@pytest.mark.parametrize(("row", "way"), ROWS, ids=[f"{row.what}, {way.__name__}" for row, way in ROWS])
def test_a_mail_is_refused(row: Refused, way: Way) -> None:
    asked = box(**(row.start or {}))
    row.before(asked)
    call = way(row.sender, list(row.to), **(row.asked or {}))
    said, text = refused(asked, call)

    assert said == row.said[call.service]
    assert text == row.text or not row.text
    assert said[0] in codes_of(call.service, call.operation)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_a_policy_forbids_is_denied(way: Way) -> None:
    """Raw content asks for another right, by v2 as well; the resource is the identity, or the configuration set."""
    asked = box()
    ask(asked, "CreateConfigurationSet", ConfigurationSetName="main")
    action = f"ses:{'SendRawEmail' if way in (v1_raw, v2_raw) else 'SendEmail'}"
    call = way(SENDER, [ADA], ConfigurationSetName="main")

    for allowed, denied in (("configuration-set/*", "identity/example.com"), ("identity/*", "configuration-set/main")):
        rule = {"Effect": "Allow", "Action": "ses:*", "Resource": f"arn:aws:ses:*:*:{allowed}"}
        policy = Policy.parse({"Version": "2012-10-17", "Statement": rule})
        asked.keys.add(AccessKey(DEFAULT_KEY, DEFAULT_SECRET, ACCOUNT, USER, policy))
        said, text = refused(asked, call)

        assert said == (("AccessDeniedException", 403) if call.service == "sesv2" else ("AccessDenied", 403))
        assert text == f"User `{USER}' is not authorized to perform `{action}' on resource `{ARN}:{denied}'"


def test_a_long_list_of_identities_is_cut() -> None:
    _, text = refused(box(sandbox=True), v2_simple(SENDER, [f"{'a' * 60}{number}@example.org" for number in range(50)]))

    assert text.startswith(UNVERIFIED)
    assert text.endswith("@example.org...")


def test_a_name_in_the_list_is_quoted_as_it_came() -> None:
    _, text = refused(box(), v2_simple('"Lovelace, Eve" <eve@x.example>', [ADA]))

    assert text == UNVERIFIED + '"Lovelace, Eve" <eve@x.example>, eve@x.example'


# ── the bytes of a mail are refused ──────────────────────────────────────────────────────────────────────────────

# 1.2: what may stand in a mail once, as the sheet lists it.
ONCE = (
    "Accept-Language acceptLanguage Archived-At Auto-Submitted Bounces-to Comments Content-Alternative Content-Base"
    " Content-Class Content-Description Content-Disposition Content-Duration Content-ID Content-Language Content-Length"
    " Content-Location Content-MD5 Content-Transfer-Encoding Content-Type Date Delivered-To"
    " Disposition-Notification-Options Disposition-Notification-To DKIM-Signature DomainKey-Signature Errors-To From"
    " Importance In-Reply-To Keywords List-Archive List-Help List-Id List-Owner List-Post List-Subscribe"
    " List-Unsubscribe List-Unsubscribe-Post Message-Context Message-ID MIME-Version Organization Original-From"
    " Original-Message-ID Original-Recipient Original-Subject Precedence Priority References Reply-To Return-Path"
    " Return-Receipt-To Sender Solicitation Sensitivity Subject Thread-Index Thread-Topic User-Agent VBR-Info"
).split()
OF_RAW = [
    *((f"two {name}", raw(f"{name}: a", f"{name}: b"), f"Duplicate header '{name}'.") for name in ONCE),
    ("a long head", raw(*(f"X-{number}: {'a' * 900}" for number in range(80))), "Header section too long."),
    ("a header without a name", raw(": a"), "Empty header names are illegal."),
    ("a line of 999 characters", raw(body="a" * 999), ""),
    ("a header of 999 characters", raw(f"X-A: {'a' * 994}"), ""),
    ("no From", b"To: ada@example.org\r\n\r\nHello\r\n", ""),
]


def by_raw(data: bytes, service: str) -> Call:
    """A raw mail, by either API."""
    if service == "sesv2":
        return Call(service, "SendEmail", {"Content": {"Raw": {"Data": data}}, "Destination": {"ToAddresses": [ADA]}})
    return Call(service, "SendRawEmail", {"RawMessage": {"Data": data}, "Destinations": [ADA]})


@pytest.mark.parametrize("service", ["sesv2", "ses"])
@pytest.mark.parametrize(("what", "data", "text"), OF_RAW, ids=[row[0] for row in OF_RAW])
def test_bytes_are_refused(what: str, data: bytes, text: str, service: str) -> None:
    said, told = refused(box(), by_raw(data, service))

    assert said == BAD[service]
    assert told == text or not text


@pytest.mark.parametrize(("service", "most"), [("sesv2", 40 * 2**20), ("ses", 10 * 2**20)])
def test_a_mail_has_a_largest_size(service: str, most: int) -> None:
    """1.1: 40 MB by v2, 10 MB by v1. Which MB is meant, nobody says."""
    line = "a" * 98 + "\r\n"
    body = line * ((most - len(raw(body=""))) // len(line))
    body += "a" * (most - len(raw(body=body)))
    asked = box()

    call = by_raw(raw(body=body), service)
    assert ask(asked, call.operation, service, **call.params)
    assert refused(asked, by_raw(raw(body=f"{body}a"), service))[0] == BAD[service]


# ── v2 checks the parts of a simple mail ─────────────────────────────────────────────────────────────────────────


def header(name: str = "X-A", value: str = "a") -> dict[str, object]:
    return {"Headers": [{"Name": name, "Value": value}]}


def file(**about: object) -> dict[str, object]:
    whole = {"FileName": "a.txt", "RawContent": b"Hello\n", **about}
    return {"Attachments": [{name: value for name, value in whole.items() if value is not None}]}


BLOCKED = (
    "ade adp app asp bas bat cer chm cmd com cpl crt csh der exe fxp gadget hlp hta inf ins isp its js jse ksh lib lnk"
    " mad maf mag mam maq mar mas mat mau mav maw mda mdb mde mdt mdw mdz msc msh msh1 msh2 mshxml msh1xml msh2xml msi"
    " msp mst ops pcd pif plg prf prg reg scf scr sct shb shs sys ps1 ps1xml ps2 ps2xml psc1 psc2 tmp url vb vbe vbs"
    " vps vsmacros vss vst vsw vxd ws wsc wsf wsh xnk"
).split()
OURS = (
    "From To Cc Bcc Subject Reply-To Date Message-ID MIME-Version Content-Type Content-Transfer-Encoding Return-Path"
    " DKIM-Signature"
).split()
SIMPLE_REFUSED: list[tuple[str, dict[str, object]]] = [
    # 1.2: headers
    ("16 headers", {"Headers": [{"Name": f"X-{number}", "Value": "a"} for number in range(16)]}),
    ("an empty header name", header("")),
    ("a header name of 127 characters", header("a" * 127)),
    ("a colon in a header name", header("X:A")),
    ("a blank in a header name", header("X A")),
    ("a header name beyond ASCII", header("X-Ä")),
    ("an empty header value", header(value="")),
    ("a header value of 996 characters", header(value="a" * 996)),
    ("name and value of 997 characters", header("a" * 126, "a" * 871)),
    ("a line end in a header value", header(value="a\r\nBcc: eve@x.example")),
    ("a tab in a header value", header(value="a\tb")),
    ("a header value beyond ASCII", header(value="ä")),
    *((f"the header {name}", header(name, "text/plain")) for name in OURS),
    ("a line end in the subject", {"Subject": {"Data": "Hello\r\nBcc: eve@x.example"}}),
    ("a charset that is none", {"Subject": {"Data": "Hello", "Charset": "nothing"}}),
    ("a subject beyond ASCII without a charset", {"Subject": {"Data": "Grüße"}}),
    # 1.4: attachments
    ("a file without a name", file(FileName=None)),
    ("a file name of 256 characters", file(FileName="a" * 252 + ".txt")),
    ("a file without content", file(RawContent=None)),
    ("an empty content type", file(ContentType="")),
    ("a content type of 79 characters", file(ContentType="text/" + "a" * 74)),
    ("an empty content id", file(ContentId="")),
    ("a content id of 79 characters", file(ContentId="a" * 79)),
    ("a description of 1001 characters", file(ContentDescription="a" * 1001)),
    *((f"a line end in {name}", file(**{name: "a\r\nX: y"})) for name in ("FileName", "ContentType", "ContentId")),
    ("another disposition", file(ContentDisposition="INSIDE")),
    ("another transfer encoding", file(ContentTransferEncoding="EIGHT_BIT")),
]


@pytest.mark.parametrize(("what", "more"), SIMPLE_REFUSED, ids=[row[0] for row in SIMPLE_REFUSED])
def test_a_part_of_a_simple_mail_is_refused(what: str, more: dict[str, object]) -> None:
    said, _ = refused(box(), v2_simple(SENDER, [ADA], Content={"Simple": {**SIMPLE, **more}}))

    assert said == BAD["sesv2"]


@pytest.mark.parametrize("ending", [*BLOCKED, "EXE", "Js"])
def test_a_blocked_ending_is_refused(ending: str) -> None:
    """1.4, by v2 and in a raw mail, with whatever case."""
    name = f"report.pdf.{ending}"
    data = raw(f'Content-Type: application/pdf; name="{name}"')

    assert (
        refused(box(), v2_simple(SENDER, [ADA], Content={"Simple": {**SIMPLE, **file(FileName=name)}}))[0]
        == (REJECTED["sesv2"])
    )
    assert refused(box(), by_raw(data, "sesv2"))[0] == refused(box(), by_raw(data, "ses"))[0] == REJECTED["ses"]


# ── tags ─────────────────────────────────────────────────────────────────────────────────────────────────────────

TAGS_REFUSED = [
    ("", "a"),
    ("a", ""),
    ("a" * 257, "a"),
    ("a", "a" * 257),
    ("a b", "a"),
    ("a", "a.b"),
    ("ä", "a"),
    ("a", "ä"),
]


@pytest.mark.parametrize(("name", "value"), TAGS_REFUSED)
def test_a_tag_is_refused(name: str, value: str) -> None:
    tags = [{"Name": name, "Value": value}]

    assert refused(box(), v2_simple(SENDER, [ADA], EmailTags=tags))[0] == BAD["sesv2"]
    assert refused(box(), v1_simple(SENDER, [ADA], Tags=tags))[0] == BAD["ses"]


def test_tags_of_the_call_are_all_that_count() -> None:
    """1.3: those of the header are ignored then, and not merged."""
    asked = box()
    data = raw("X-SES-MESSAGE-TAGS: kind=header, b=c")
    ask(asked, "SendEmail", EmailTags=[{"Name": "kind", "Value": "call"}], **by_raw(data, "sesv2").params)
    ask(asked, "SendEmail", **by_raw(data, "sesv2").params)

    assert [dict(mail.tags) for mail in asked.ledger] == [{"kind": "call"}, {"kind": "header", "b": "c"}]


def test_a_tag_beyond_ascii_in_a_header_is_left_out() -> None:
    """1.3: the send succeeds."""
    asked = box()
    ask(asked, "SendEmail", **by_raw(raw("X-SES-MESSAGE-TAGS: kind=ä, b=c"), "sesv2").params)

    assert [dict(mail.tags) for mail in asked.ledger] == [{"b": "c"}]


# ── at the limit, and not over it ────────────────────────────────────────────────────────────────────────────────

TAKEN: list[tuple[str, Call]] = [
    *((f"50 recipients by {way.__name__}", way(SENDER, [ADA] * 50)) for way in WAYS),
    *((f"a quoted comma by {way.__name__}", way(SENDER, ['"Lovelace, Ada" <ada@example.org>'])) for way in WAYS),
    ("a line of 998 characters", by_raw(raw(body="a" * 998), "ses")),
    ("a header of 998 characters", by_raw(raw(f"X-A: {'a' * 993}"), "ses")),
    ("8-bit text", by_raw(raw(body="Grüße"), "ses")),
    ("two of a header that may be there twice", by_raw(raw("X-A: a", "X-A: b", "Received: a", "Received: b"), "ses")),
    ("a tag of 256 characters", v2_simple(SENDER, [ADA], EmailTags=[{"Name": "a" * 256, "Value": "Az09_-" * 42}])),
]
SIMPLE_TAKEN: list[tuple[str, dict[str, object]]] = [
    ("15 headers", {"Headers": [{"Name": f"X-{number}", "Value": "a"} for number in range(15)]}),
    ("name and value of 996 characters", header("a" * 126, "a" * 870)),
    ("a header name of 126 characters", header("a" * 126)),
    ("a subject with its charset", {"Subject": {"Data": "Grüße", "Charset": "UTF-8"}}),
    ("a subject of 2000 characters", {"Subject": {"Data": "Hello " * 333}}),
    ("a body on one line", {"Body": {"Html": {"Data": "Hello " * 333}}}),
    ("a file name of 255 characters", file(FileName="a" * 251 + ".txt")),
    ("a content id of 78 characters", file(ContentId="a" * 78, ContentDisposition="INLINE")),
    *((f"a file .{ending}", file(FileName=f"a.{ending}")) for ending in ("zip", "html", "svg", "jar", "iso")),
]
TAKEN += [(what, v2_simple(SENDER, [ADA], Content={"Simple": {**SIMPLE, **more}})) for what, more in SIMPLE_TAKEN]


@pytest.mark.parametrize(("what", "call"), TAKEN, ids=[row[0] for row in TAKEN])
def test_what_is_at_the_limit_is_taken(what: str, call: Call) -> None:
    assert ask(box(), call.operation, call.service, **call.params)["MessageId"]


# ── what SES makes of a mail that it takes ───────────────────────────────────────────────────────────────────────


def test_date_and_message_id_are_overwritten_and_the_return_path_is_hidden() -> None:
    """1.2 and 5.5: the id that the call gives is that of the mail."""
    asked = box()
    given = ("Date: Thu, 1 Jan 1970 00:00:00 +0000", "Message-ID: <mine@example.com>", "Return-Path: b@example.com")
    sent = ask(asked, "SendEmail", **by_raw(raw(*given), "sesv2").params)["MessageId"]

    (mail,) = asked.ledger
    head = mail.raw.partition(b"\r\n\r\n")[0].decode()
    assert f"Message-ID: <{sent}@{REGION}.amazonses.com>" in head
    assert "Date: Fri, 15 Jan 2027 08:00:00 +0000" in head
    assert "@amazonses.com>" in next(line for line in head.splitlines() if line.startswith("Return-Path:"))
    assert not any(text in head for text in ("1970", "mine@", "b@example.com"))
    assert mail.return_path == "b@example.com"


def test_what_the_call_says_takes_the_place_of_headers() -> None:
    """5.4: of From and Reply-To in a raw mail by v2. What it says of recipients changes no header."""
    asked = box()
    data = raw("To: Everybody <all@example.org>", "Reply-To: old@example.com", sender="old@example.com")
    about = {"FromEmailAddress": "New <new@example.com>", "ReplyToAddresses": ["re@example.com", "me@example.com"]}
    ask(asked, "SendEmail", **{**by_raw(data, "sesv2").params, **about})

    (mail,) = asked.ledger
    head = mail.raw.partition(b"\r\n\r\n")[0].decode().splitlines()
    assert {"From: New <new@example.com>", "Reply-To: re@example.com, me@example.com"} < set(head)
    assert "To: Everybody <all@example.org>" in head
    assert not any("old@example.com" in line for line in head)
    assert (mail.sender, mail.recipients) == ("New <new@example.com>", (ADA,))


def test_a_file_without_a_content_type_has_that_of_its_name() -> None:
    """1.4."""
    asked = box()
    ask(asked, "SendEmail", **v2_simple(SENDER, [ADA], Content={"Simple": {**SIMPLE, **file(FileName="a.csv")}}).params)

    (mail,) = asked.ledger
    assert b"Content-Type: text/csv" in mail.raw


def test_what_counts_against_the_quota() -> None:
    """1.1 and 9: recipients, also of a mail with a virus and those on the suppression list; not the simulator."""
    asked = box()
    ask(asked, "PutSuppressedDestination", EmailAddress=ADA, Reason="BOUNCE")
    virus = "X5O!P%@AP[4\\PZX54(P^)7CC)7}" + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    for call, sent in (
        (v2_simple(SENDER, ["bob@example.org"] * 5), 5),
        (v2_simple(SENDER, [ADA]), 6),
        (by_raw(raw(body=virus), "ses"), 7),
        (v2_simple(SENDER, ["bounce+x@simulator.amazonses.com"]), 7),
    ):
        ask(asked, call.operation, call.service, **call.params)

        assert ask(asked, "GetSendQuota", "ses")["SentLast24Hours"] == sent
        assert isinstance(ask(asked, "GetAccount")["SendQuota"]["SentLast24Hours"], float)
