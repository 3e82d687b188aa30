"""Redirect: all mail goes to one place, whatever it says, and nothing is changed that the caller holds."""

from __future__ import annotations

import pickle

import pytest

from sesmail import Address, Email, Envelope, Mailer, Outgoing, SesOptions, mime
from sesmail.errors import InvalidAddress, SetupError, Throttled
from sesmail.mime.parts import Part
from sesmail.policies.redirect import OPTIONS, Redirect
from sesmail.policies.split import Split
from sesmail.transports import MemoryTransport, TransportUrl
from sesmail.transports.limits import NONE, Limits
from sesmail.transports.option import read_options
from tests.policies.carrying import COLOURS, Carry
from tests.policies.stepping import Scripted, Stepper, outgoing, people


def header(mail: Outgoing, name: str) -> str:
    return Part.parse(mail.content.to_bytes()).header(name)


@COLOURS
def test_mail_goes_to_the_given_address_alone(carry: Carry) -> None:
    way = Scripted()
    mail = outgoing(["a@example.org"], cc="b@example.org", bcc=["c@example.org", "d@example.org"])
    result = carry(Redirect(way, "dev@example.com"), mail)

    assert way.people == [["dev@example.com"]]
    assert way.seen[0].envelope == Envelope("shop@example.com", to=["dev@example.com"])  # type: ignore[arg-type]
    assert [one.address.email for one in result.recipients] == ["dev@example.com"], "no customer is said to have mail"


def test_to_and_cc_stand_in_headers_and_blind_copies_as_a_number() -> None:
    way = Scripted()
    mail = outgoing(
        ["Ada <a@example.org>", "b@example.org"], cc="c@example.org", bcc=["d@example.org", "e@example.org"]
    )
    Redirect(way, "dev@example.com").send(mail)

    (seen,) = way.seen
    assert header(seen, "x-original-to") == "a@example.org, b@example.org"
    assert header(seen, "x-original-cc") == "c@example.org"
    assert header(seen, "x-original-bcc-count") == "2"
    assert b"d@example.org" not in seen.content.to_bytes()
    assert header(seen, "to") == "Ada <a@example.org>, b@example.org", "the mail itself stays as it is"


def test_what_is_not_there_has_no_header() -> None:
    way = Scripted()
    Redirect(way, "dev@example.com").send(outgoing(["a@example.org"]))
    assert [name for name, _ in way.seen[0].content.added_headers] == ["X-Original-To"]
    Redirect(way, "dev@example.com").send(outgoing([], bcc="a@example.org"))
    assert way.seen[1].content.added_headers == (("X-Original-Bcc-Count", "1"),)


def test_the_envelope_says_who_would_have_got_it_and_not_the_headers() -> None:
    way = Scripted()
    envelope = Envelope("bounce@example.com", to=["real@example.org"], bcc=["blind@example.org"])  # type: ignore[arg-type]
    mailer = Mailer(Redirect(way, "dev@example.com"), sender="shop@example.com")
    mailer.send(to="shown@example.org", text="Hello", envelope=envelope)

    assert way.people == [["dev@example.com"]]
    assert header(way.seen[0], "x-original-to") == "real@example.org"
    assert header(way.seen[0], "x-original-bcc-count") == "1"


def test_bounces_go_where_they_went() -> None:
    way = Scripted()
    options = SesOptions(feedback_address="feedback@example.com", contact_list="news")
    email = Email(sender="shop@example.com", to="a@example.org", ses=options, text="Hello")
    mail = Outgoing(email, Envelope.of(email, return_path="bounce@example.com"), mime.write(email), email.ses)
    Redirect(way, "dev@example.com").send(mail)

    assert way.seen[0].ses is options
    assert way.seen[0].envelope.return_path.email == "bounce@example.com"


@pytest.mark.parametrize(
    "domain", ["example.org", f"{'a' * 60}.{'b' * 60}.{'c' * 50}.example", "xn--bcher-kva.example"]
)
def test_fifty_long_addresses_are_written_and_read_back(domain: str) -> None:
    everyone = [f"{'x' * 58}{number:02}@{domain}" for number in range(50)]
    way = Scripted()
    Redirect(way, "dev@example.com").send(outgoing(everyone[:25], cc=everyone[25:]))

    data = way.seen[0].content.to_bytes()
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert header(way.seen[0], "x-original-to").split(", ") == everyone[:25]
    assert header(way.seen[0], "x-original-cc").split(", ") == everyone[25:]


def test_of_thousands_only_some_are_named() -> None:
    way = Scripted(limits=NONE)
    Redirect(way, "dev@example.com").send(outgoing(people(51)))
    Redirect(way, "dev@example.com").send(outgoing(people(5000)))
    Redirect(way, "dev@example.com").send(outgoing(people(50)))

    assert header(way.seen[0], "x-original-to").endswith("reader49@example.org, and 1 more")
    assert header(way.seen[1], "x-original-to").endswith("reader49@example.org, and 4950 more")
    assert header(way.seen[1], "x-original-to").count("@") == 50
    assert header(way.seen[2], "x-original-to").endswith("reader49@example.org")


@pytest.mark.parametrize("local", ["a=?utf-8?q?b?=", '"a b"', '"a,  b"', "x" * 64])
def test_odd_addresses_are_written_so_that_they_are_read_back(local: str) -> None:
    envelope = Envelope("shop@example.com", to=[f"{local}@example.org"])  # type: ignore[arg-type]
    way = Scripted()
    Mailer(Redirect(way, "dev@example.com"), sender="shop@example.com").send(
        to="shown@example.org", text="Hello", envelope=envelope
    )
    from sesmail.mime.decoding import decoded_words

    assert decoded_words(header(way.seen[0], "x-original-to")) == f"{local}@example.org"


def test_an_address_beyond_ascii_goes_into_the_headers_too() -> None:
    envelope = Envelope("shop@example.com", to=["jürgen@example.org"])  # type: ignore[arg-type]
    way = Scripted(limits=NONE)
    Mailer(Redirect(way, "dev@example.com"), sender="shop@example.com").send(
        to="shown@example.org", text="Hello", envelope=envelope
    )
    assert way.seen[0].content.to_bytes().isascii()


def test_what_the_caller_holds_is_not_changed() -> None:
    mail = outgoing(["a@example.org"], cc="b@example.org", bcc="c@example.org", attachments={"a.txt": b"a"})
    before = (mail.email, mail.envelope, mail.ses, mail.content, mail.content.to_bytes(), pickle.dumps(mail.envelope))
    Redirect(Scripted(), "dev@example.com").send(mail)

    after = (mail.email, mail.envelope, mail.ses, mail.content, mail.content.to_bytes(), pickle.dumps(mail.envelope))
    assert after == before


def test_two_redirects_leave_both_traces() -> None:
    way = Scripted()
    Redirect(Redirect(way, "inner@example.com"), "outer@example.com").send(outgoing(["a@example.org"]))

    assert way.people == [["inner@example.com"]]
    assert way.seen[0].content.added_headers == (
        ("X-Original-To", "outer@example.com"),
        ("X-Original-To", "a@example.org"),
    )


def test_a_split_around_it_has_a_result_about_whom_it_reached() -> None:
    way = Scripted()
    result = Split(Redirect(way, "dev@example.com"), 2).send(outgoing(people(4)))

    assert way.people == [["dev@example.com"]] * 2
    assert [one.address.email for one in result.recipients] == ["dev@example.com"]


def test_an_error_of_the_way_comes_through() -> None:
    error = Throttled("slower")
    stepper = Stepper(Redirect(Scripted(), "dev@example.com").flow(outgoing()))
    with pytest.raises(Throttled) as raised:
        stepper.give(error)
    assert raised.value is error


def test_it_takes_what_its_way_takes() -> None:
    assert Redirect(Scripted(limits=NONE), "dev@example.com").limits == NONE


# ── how it is set up ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "to", ["", [], None, "dev", ["a@example.com", "b@@example.com"], "dev@example.com, secret@@x", 7]
)
def test_a_wrong_address_is_found_when_it_is_built_and_not_quoted(to: object) -> None:
    with pytest.raises(SetupError, match="redirect takes") as raised:
        Redirect(Scripted(), to)  # type: ignore[arg-type]
    assert "@@" not in str(raised.value)
    assert "secret" not in str(raised.value)


def test_the_place_of_a_wrong_address_is_named() -> None:
    with pytest.raises(SetupError, match=r"to\[1\]") as raised:
        Redirect(Scripted(), ["a@example.com", "b"])
    assert isinstance(raised.value.__cause__, InvalidAddress)


def test_more_addresses_than_the_way_takes_are_refused_when_it_is_built() -> None:
    Redirect(Scripted(limits=Limits(max_recipients=2)), people(2))
    with pytest.raises(SetupError, match="3 addresses, and the way out takes 2"):
        Redirect(Scripted(limits=Limits(max_recipients=2)), people(3))
    Redirect(Scripted(limits=NONE), people(100))


def test_somebody_named_twice_gets_one_mail() -> None:
    way = Scripted()
    Redirect(way, ["dev@example.com", "Dev <dev@EXAMPLE.com>", Address("ops@example.com")]).send(outgoing())
    assert way.people == [["dev@example.com", "ops@example.com"]]
    assert repr(Redirect(way, ["dev@example.com"] * 60)) == "scripted://?redirect=dev@example.com"


def test_it_is_said_in_a_url_and_prints_the_same() -> None:
    memory = MemoryTransport()
    said = read_options(TransportUrl.parse("memory://?redirect=a%2Bb@example.com,%22c,d%22@example.com"), OPTIONS)
    policy = Redirect.around(memory, said)

    assert repr(policy) == 'memory://?redirect=a%2Bb@example.com,"c,d"@example.com'
    again = read_options(TransportUrl.parse(repr(policy)), OPTIONS)
    assert repr(Redirect.around(memory, again)) == repr(policy)
    assert Redirect.around(memory, {}) is memory
