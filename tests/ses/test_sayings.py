"""What the texts of SES tell: real ones, odd ones, cut ones, and ones that somebody made to hurt."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail import Email, Envelope, Outgoing, SesOptions, mime
from sesmail.ses.people import People
from sesmail.ses.sayings import (
    MOST_NAMED,
    MOST_QUOTED,
    Denial,
    Missing,
    Unverified,
    meaning,
    printable,
    quoted,
)

NOT_VERIFIED = "Email address is not verified."
FAILED = f"{NOT_VERIFIED} The following identities failed the check in region"

# ── who is not verified ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "region", "identities", "is_cut"),
    [
        (f"{FAILED} US-EAST-1: a@x.com, Ann <b@y.com>, b@y.com", "us-east-1", ("a@x.com", "b@y.com"), False),
        (f"{FAILED} AP-SOUTHEAST-2: a@x.com", "ap-southeast-2", ("a@x.com",), False),
        (f'{FAILED} EU-WEST-1: "Lovelace, Ada" <ada@x.com>, ada@x.com', "eu-west-1", ("ada@x.com",), False),
        (f'{FAILED} EU-WEST-1: "a \\", b" <ada@x.com>, c@x.com', "eu-west-1", ("ada@x.com", "c@x.com"), False),
        (f'{FAILED} EU-WEST-1: "a b"@x.com, c@x.com', "eu-west-1", ('"a b"@x.com', "c@x.com"), False),
        (f'{FAILED} EU-WEST-1: O"Brien <o@x.com>, c@x.com', "eu-west-1", ("o@x.com", "c@x.com"), False),
        (
            f"{FAILED} EU-WEST-1: =?utf-8?Q?Lovelace,_A?= <ada@x.com>, c@x.com",
            "eu-west-1",
            ("ada@x.com", "c@x.com"),
            False,
        ),
        (f"{FAILED} EU-WEST-1: example.com, a@x.com", "eu-west-1", ("example.com", "a@x.com"), False),
        (
            f"{FAILED} EU-WEST-1: arn:aws:ses:eu-west-1:123456789012:identity/example.com, a@x.com",
            "eu-west-1",
            ("example.com", "a@x.com"),
            False,
        ),
        (f"{FAILED} EU-WEST-1: arn:aws:ses:eu-west-1:1:template/x.y, a@x.com", "eu-west-1", ("a@x.com",), False),
        (f"{FAILED} US-EAST-1: a@x.com, b@y.com...", "us-east-1", ("a@x.com", "b@y.com"), True),
        (f"{FAILED} US-EAST-1: a@x.com, b@y.com…", "us-east-1", ("a@x.com", "b@y.com"), True),
        (f"{FAILED} US-EAST-1: a@x.com, ...", "us-east-1", ("a@x.com",), True),
        (f'{FAILED} US-EAST-1: a@x.com, "b.c, d.e, f...', "us-east-1", ("a@x.com",), True),
        (f"{FAILED} US-EAST-1: a@x.com, Ann <b@y...", "us-east-1", ("a@x.com",), True),
        (f"{FAILED} US-EAST-1: a@x.com, <b@y...", "us-east-1", ("a@x.com",), True),
        (f"{FAILED} US-EAST-1: a@x.com.", "us-east-1", ("a@x.com",), False),
        (f"{FAILED} US-EAST-1:", "us-east-1", (), False),
        (f"{FAILED} US-EAST-1: ,,, Ann, @x.com, ann@, <>", "us-east-1", (), False),
        (f"Message rejected: {FAILED} EU-WEST-1: a@x.com\r\n", "eu-west-1", ("a@x.com",), False),
        ("email address is NOT verified. the following identities failed the check: a@x.com", "", ("a@x.com",), False),
        (NOT_VERIFIED, "", (), False),
        (NOT_VERIFIED.rstrip("."), "", (), False),
        ("Email address not verified a@x.com", "", ("a@x.com",), False),  # moto's
        (f"{FAILED} US-EAST-1: {'x' * 320}@x.com, a@x.com", "us-east-1", ("a@x.com",), False),
    ],
)
def test_a_refusal_names_who_is_not_verified(text: str, region: str, identities: tuple[str, ...], is_cut: bool) -> None:
    assert Unverified.read(text) == Unverified(region, identities, is_cut)


@pytest.mark.parametrize("text", ["", "Email address", "Mail FROM domain is not verified", "Missing domain"])
def test_another_text_names_nobody(text: str) -> None:
    assert Unverified.read(text) is None


def test_a_list_without_end_is_cut() -> None:
    many = Unverified.read(f"{FAILED} US-EAST-1: " + ", ".join(f"r{n}@example.org" for n in range(1_000)))
    long = Unverified.read(f"{FAILED} US-EAST-1: " + "a@x.com," * 100_000)

    assert many is not None
    assert many.is_cut
    assert len(many.identities) == 200
    assert long is not None
    assert long.is_cut
    assert "a@x.com" in long.identities


labels = st.text("abcXYZ019-", min_size=1, max_size=12).map(lambda text: f"a{text}z")
domains = st.lists(labels, min_size=2, max_size=4).map(".".join)
atoms = st.text("abcXYZ019!#$%&'*+/=?^_`{|}~-.", min_size=1, max_size=12).map(lambda text: f"a{text.strip('.')}z")
quoted_locals = st.text('ab ,;:<>@.\\"', min_size=1, max_size=10).map(
    lambda text: '"{}q"'.format(" ".join(text.translate(str.maketrans("", "", '<\\"')).split()))
)
addresses = st.builds("{}@{}".format, st.one_of(atoms, quoted_locals), domains)
names = st.one_of(
    st.text("abc éß漢", max_size=8),
    st.text('abc,;:@<>.() \\"', max_size=20).map(
        lambda text: '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))
    ),
)
entries = st.one_of(
    addresses.map(lambda address: (address, address)),
    st.tuples(names, addresses).map(lambda pair: (f"{pair[0]} <{pair[1]}>", pair[1])),
    domains.map(lambda domain: (domain, domain)),
    domains.map(lambda domain: (f"arn:aws:ses:eu-west-1:123456789012:identity/{domain}", domain)),
)


@given(st.lists(entries, min_size=1, max_size=50), st.sampled_from(["US-EAST-1", "ap-southeast-5"]), st.booleans())
def test_whoever_is_built_into_a_text_is_read_back(listed: list[tuple[str, str]], region: str, is_cut: bool) -> None:
    text = f"{FAILED} {region}: {', '.join(entry for entry, _ in listed)}{'...' if is_cut else ''}"

    expected = tuple(dict.fromkeys(identity for _, identity in listed))
    assert Unverified.read(text) == Unverified(region.lower(), expected, is_cut)


@given(st.lists(entries, min_size=1, max_size=6), st.data())
def test_a_list_that_is_cut_anywhere_invents_nobody(listed: list[tuple[str, str]], data: st.DataObject) -> None:
    whole = ", ".join(entry for entry, _ in listed)
    at = data.draw(st.integers(0, len(whole)))
    said = Unverified.read(f"{FAILED} US-EAST-1: {whole[:at]}...")
    true = [identity for _, identity in listed]

    assert said is not None
    assert said.is_cut
    senders, recipients = People(recipients=tuple(true)).told_apart(said)
    assert set(senders) | set(recipients) <= {part for identity in true for part in _it_and_its_domains(identity)}


def _it_and_its_domains(identity: str) -> Iterator[str]:
    yield identity
    labels = identity.rpartition("@")[2].split(".")
    yield from (".".join(labels[at:]) for at in range(len(labels)))


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    for said in (text, f"{NOT_VERIFIED}{text}", f"{FAILED} US-EAST-1: {text}"):
        Unverified.read(said)
        Denial.read(said)
        Missing.read(said)


# ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────

PEOPLE = People(
    senders=("shop@mail.example.com", "bounce@example.com"), recipients=("ada@example.org", "b@x.example.net")
)


@pytest.mark.parametrize(
    ("identities", "senders", "recipients"),
    [
        (["shop@mail.example.com"], 1, 0),
        (["SHOP@mail.Example.com"], 1, 0),
        (["ADA@example.org"], 0, 1),
        (["mail.example.com"], 1, 0),
        (["example.com"], 1, 0),
        (["Example.Net"], 0, 1),
        (["shop@mail.example.com", "ada@example.org", "b@x.example.net"], 1, 2),
        (["nobody@example.com"], 1, 1),
        (["ample.com"], 1, 1),
        ([], 0, 0),
    ],
)
def test_identities_are_told_apart(identities: list[str], senders: int, recipients: int) -> None:
    of_senders, of_recipients = PEOPLE.told_apart(Unverified("", tuple(identities)))

    assert (len(of_senders), len(of_recipients)) == (senders, recipients)
    assert set(of_senders) | set(of_recipients) == set(identities)


def test_who_writes_to_himself_is_both() -> None:
    people = People(senders=("a@x.com",), recipients=("a@x.com", "b@x.com"))

    assert people.told_apart(Unverified("", ("a@x.com",))) == (("a@x.com",), ("a@x.com",))
    assert people.told_apart(Unverified("", ("x.com",))) == (("x.com",), ("x.com",))


def test_half_an_identity_is_nobody() -> None:
    cut = Unverified("", ("shop@mail.example.com", "ada@examp"), is_cut=True)
    whole = Unverified("", ("shop@mail.example.com", "ada@example.org"), is_cut=True)

    assert PEOPLE.told_apart(cut) == (("shop@mail.example.com",), ())
    assert PEOPLE.told_apart(whole) == (("shop@mail.example.com",), ("ada@example.org",))


def test_people_are_made_of_a_mail() -> None:
    mail = Email(
        sender="Shop <shop@EXAMPLE.com>",
        to="ada@example.org",
        bcc="bob@example.org",
        headers={"Sender": "Robot <robot@example.com>"},
        ses=SesOptions(feedback_address="bounces@example.com"),
    )
    envelope = Envelope.of(mail, return_path="bounce@example.com")
    people = People.of(Outgoing(mail, envelope, mime.write(mail), mail.ses))

    assert people.senders == ("shop@example.com", "bounce@example.com", "bounces@example.com", "robot@example.com")
    assert people.recipients == ("ada@example.org", "bob@example.org")
    assert repr(people) == "People(4 senders, 2 recipients)"


def test_people_of_a_mail_without_a_sender_have_the_return_path() -> None:
    mail = Email(to="ada@example.org", headers={"Sender": "robot@example.com"})
    envelope = Envelope.of(mail, return_path="bounce@example.com")

    people = People.of(Outgoing(mail, envelope, mime.write(mail.replace(sender="a@b.example")), mail.ses))
    assert people.senders == ("bounce@example.com", "robot@example.com")


# ── who may not do what ──────────────────────────────────────────────────────────────────────────────────────────

USER = "arn:aws:iam::123456789012:user/shop"
IDENTITY = "arn:aws:ses:us-east-1:123456789012:identity/ada@example.org"
SET = "arn:aws:ses:us-east-1:123456789012:configuration-set/main"


@pytest.mark.parametrize(
    ("text", "denial"),
    [
        (
            f"User `{USER}' is not authorized to perform `ses:SendEmail' on resource `{IDENTITY}'",
            Denial(USER, "ses:SendEmail", IDENTITY),
        ),
        (
            f"Access denied: User `{USER}' is not authorized to perform `ses:SendRawEmail' on resource `{SET}'",
            Denial(USER, "ses:SendRawEmail", SET),
        ),
        (
            f"Access denied: User <{USER}> is not authorized to perform ses:SendRawEmail on resource <{IDENTITY}>",
            Denial(USER, "ses:SendRawEmail", IDENTITY),
        ),
        (
            (
                f"User: {USER} is not authorized to perform: ses:SendEmail on resource: {IDENTITY} because no"
                " identity-based policy allows the ses:SendEmail action"
            ),
            Denial(USER, "ses:SendEmail", IDENTITY, "identity-based policy"),
        ),
        (
            (
                f"User: {USER} is not authorized to perform: ses:SendEmail on resource: {IDENTITY} because no"
                " permissions boundary allows the ses:SendEmail action"
            ),
            Denial(USER, "ses:SendEmail", IDENTITY, "permissions boundary"),
        ),
        (
            (
                f"User: {USER} is not authorized to perform: ses:SendEmail on resource: {IDENTITY} with an explicit"
                " deny in a service control policy: arn:aws:organizations::1:policy/o-1/x"
            ),
            Denial(USER, "ses:SendEmail", IDENTITY, "service control policy", is_explicit=True),
        ),
        (
            f"User: {USER} is not authorized to perform: ses:SendEmail on resource: {IDENTITY}. with an explicit deny",
            Denial(USER, "ses:SendEmail", IDENTITY, "", is_explicit=True),
        ),
        (
            f"User: {USER} is not authorized to perform: ses:VerifyEmailIdentity",
            Denial(USER, "ses:VerifyEmailIdentity"),
        ),
        ("User is not authorized to perform: ses:GetAccount on resource: *", Denial("", "ses:GetAccount", "*")),
        (f"arn:{'x' * 1_000} is not authorized to perform: ses:GetAccount", Denial("", "ses:GetAccount")),
        ("not authorized", Denial()),
        ("", Denial()),
    ],
)
def test_a_denial_says_who_may_not_do_what(text: str, denial: Denial) -> None:
    assert Denial.read(text) == denial


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Configuration set <main> does not exist.", Missing("configuration set", "main")),
        ("Configuration set 'main' does not exist", Missing("configuration set", "main")),
        ("Transaction failed: configuration set <main> does not exist.", Missing("configuration set", "main")),
        ("Template welcome does not exist.", Missing("template", "welcome")),
        ("Tenant <acme> does not exist.", Missing("tenant", "acme")),
        ("List with name: news doesn't exist.", Missing("contact list", "news")),
        ("Domain example.com does not exist", None),
        ("", None),
    ],
)
def test_a_refusal_names_what_is_not_there(text: str, missing: Missing | None) -> None:
    assert Missing.read(text) == missing


def test_a_meaning_is_that_of_the_first_saying() -> None:
    table = {"b": "second letter", "a": "first letter", "": "neither"}

    assert meaning("A b", table) == "second letter"
    assert meaning("A", table) == "first letter"
    assert meaning("", table) == "neither"


# ── what is repeated ─────────────────────────────────────────────────────────────────────────────────────────────


@given(st.text(), st.integers(1, 400))
def test_what_is_repeated_is_one_line_with_an_end(text: str, most: int) -> None:
    for printed in (printable(text, most), quoted(text, most), printable(text + "\x1b[2J\r\n\u202e", most)):
        assert printed.isprintable()
        assert len(printed) <= most
        assert "  " not in printed


def test_what_is_cut_ends_in_dots() -> None:
    assert printable("x" * 10, 5) == "xxxx…"
    assert printable("x" * 5, 5) == "xxxxx"
    assert quoted("ab " * 1_000) == ("ab " * 100)[: MOST_QUOTED - 1] + "…"


@pytest.mark.parametrize("joint", [", ", ",", " ", ";", " and "])
def test_no_more_than_a_few_addresses_are_repeated(joint: str) -> None:
    said = quoted("Bad: " + joint.join(f"r{n}@example.org" for n in range(8)))

    assert said.count("@") == MOST_NAMED
    assert "r0@example.org" in said
    assert "r2@example.org" not in said


def test_addresses_without_a_blank_between_are_many() -> None:
    assert quoted("Bad: <a@x.com><b@x.com><c@x.com>, d@x.com") == "Bad: …, …"
    assert quoted("Bad: <a@x.com><b@x.com>") == "Bad: <a@x.com><b@x.com>"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 error: Value 'secret' at 'content.x' failed", "1 error: Value '…' at 'content.x' failed"),
        ("Value 'it's secret' at 'a' failed; Value 'x' at 'b'", "Value '…' at 'a' failed; Value '…' at 'b'"),
        ("Bad value 'secret', with more of the secret", "Bad value '…"),
        (f"Value '{'secret ' * 1_000}' at 'a' failed", "Value '…"),
        (f"token {'A1b2' * 40} is bad", "token … is bad"),
        ("Missing final '@domain'.", "Missing final '@domain'"),
        ("Duplicate header 'Subject'.", "Duplicate header 'Subject'"),
    ],
)
def test_what_was_sent_is_not_repeated(text: str, said: str) -> None:
    assert quoted(text) == said


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────

LIMIT_S = 0.5 if sys.gettrace() else 0.05
PUMPS = [
    *"a.,;:\"'<>@\\ `-…\n\0é",
    *(
        '"\\',
        '\\"',
        '",',
        "<a",
        '<\\"',
        '<"a"',
        "a@",
        "a.",
        ", ",
        "a@b.c,",
        '"a" <',
        "...",
        "alue '",
        "' at '",
        " at '",
        "\x1b[",
    ),
    *("arn:", " on resource arn:", "is not authorized to perform x:y ", "because no a ", "with an explicit deny in a "),
    *("configuration set ", "configuration set a ", "template <", NOT_VERIFIED, f"{FAILED} US-EAST-1: ", "A", "Ab "),
]
PREFIXES = ["", f"{FAILED} US-EAST-1: ", "User x is not authorized to perform ses:SendEmail on resource ", 'x "']
READERS: list[Callable[[str], object]] = [Unverified.read, Denial.read, Missing.read, quoted]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_hostile_text_costs_no_time(prefix: str) -> None:
    slowest = {}
    for pump in PUMPS:
        text = (prefix + pump * (100_000 // len(pump)))[:100_000]
        for read in READERS:
            start = process_time()
            read(text)
            slowest[pump, read.__qualname__] = process_time() - start

    worst = max(slowest, key=lambda key: slowest[key])
    assert slowest[worst] < LIMIT_S, (worst, slowest[worst])
