"""Allow: who is on the list gets mail, nobody else does, and an empty list is nobody."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from sesmail import Address, Mailer, Outcome
from sesmail.errors import Rejected, SetupError, Throttled, Withheld
from sesmail.policies.allow import OPTIONS, Allow
from sesmail.testing import TransportContract
from sesmail.transports import MemoryTransport, TransportUrl
from sesmail.transports.limits import NONE
from sesmail.transports.option import read_options
from tests.policies.carrying import COLOURS, Carry
from tests.policies.stepping import Scripted, Stepper, outgoing, partly


class TestContract(TransportContract):
    """Whoever is on the list sees no difference."""

    def make_transport(self) -> Allow:
        return Allow(MemoryTransport(), ["@example.com"])

    def delivered(self, transport: Any) -> list[bytes]:
        return [mail.content.to_bytes() for mail in transport.inner.sent]

    def refuse(self, transport: Any, addresses: list[Address]) -> None:
        transport.inner.refuse(*addresses)

    # Its name is the way's, since it was the way that carried the mail.
    def test_a_result_says_where_the_mail_can_be_found_again(self) -> None:
        result = self.make_transport().send(outgoing(["a@example.com"]))
        assert (result.transport, bool(result.message_id)) == ("memory", True)


def allows(people: Any, email: str) -> bool:
    return Allow(Scripted(), people).allows(Address(email))


# ── who is on the list ───────────────────────────────────────────────────────────────────────────────────────────


def test_pitfall_51_an_empty_list_means_nobody() -> None:
    way = Scripted()
    empty: list[Any] = [[], (), "", " ", set(), iter(())]
    for nobody in empty:
        with pytest.raises(Withheld):
            Allow(way, nobody).send(outgoing(["a@example.com"], cc="b@example.org", bcc="c@example.net"))
    with pytest.raises(Withheld):
        Allow.around(way, read_options(TransportUrl.parse("memory://?allow="), OPTIONS)).send(outgoing())
    assert way.seen == []


def test_everybody_is_said_aloud() -> None:
    assert allows("*", "anybody@anywhere.example")
    assert allows(["ada@example.org", "*"], "eve@example.com")


@pytest.mark.parametrize("entry", ["example.com", "@example.com", "EXAMPLE.com", "@Example.COM"])
def test_a_domain_is_all_of_its_addresses_in_any_case(entry: str) -> None:
    assert allows([entry], "Ada@example.com")
    assert allows([entry], "eve@EXAMPLE.COM")
    for other in ("a@sub.example.com", "a@badexample.com", "a@example.com.evil.example", "example.com@evil.example"):
        assert not allows([entry], other)


def test_subdomains_are_said_by_a_star_and_a_dot() -> None:
    assert allows(["*.Example.com"], "a@sub.example.com")
    assert allows(["*.example.com"], "a@very.deep.example.com")
    assert not allows(["*.example.com"], "a@example.com")
    assert not allows(["*.example.com"], "a@badexample.com")
    assert not allows(["*.example.com"], "a@sub.example.com.evil.example")


def test_an_international_domain_is_compared_in_its_wire_form() -> None:
    assert allows(["Bücher.example"], "a@xn--bcher-kva.example")
    assert allows(["@xn--bcher-kva.example", "*.bücher.example"], "a@www.bücher.example")


def test_an_address_is_compared_in_its_normal_form() -> None:
    assert allows(["Ada <ada@EXAMPLE.org>"], "ada@example.org")
    assert allows([("Ada", "ada@example.org")], '"ada"@example.org')
    assert allows(Address("ada@example.org", "Ada"), "ada@example.org")
    assert allows(["Postmaster@example.org"], "postmaster@example.org"), "a role name is the same in any case"
    assert not allows(["ada@example.org"], "eve@example.org")


def test_the_part_before_the_at_is_compared_to_the_letter() -> None:
    assert not allows(["ada@example.org"], "Ada@example.org")
    assert not allows(["ada@example.org"], "ada+label@example.org")


def test_a_domain_without_a_dot_takes_its_at() -> None:
    assert allows(["@localhost"], "a@localhost")


def test_a_text_is_a_list_with_commas() -> None:
    people = 'ada@example.org, example.com,"a,b"@example.net'
    assert allows(people, "ada@example.org")
    assert allows(people, "x@example.com")
    assert allows(people, '"a,b"@example.net')


@pytest.mark.parametrize(
    "entry",
    [
        *("", "yes", "ada", "localhost", "@", "*.", "@*", "**", "*example.com", "*@example.com", "ada*@example.com"),
        *("*.*.com", "@a@example.com", "exa mple.com", ".example.com", "example..com", "ex*.com", "<a@example.com"),
        *("@*.example.com", "a@b@c.example", "a.b\n", b"example.com", 7, None, ("a", "b", "c")),
    ],
)
def test_what_is_no_address_domain_or_pattern_is_named_when_it_is_built(entry: Any) -> None:
    with pytest.raises(SetupError, match=r"people\[1\].* is no address, domain or pattern"):
        Allow(Scripted(), ["ada@example.org", entry])


@pytest.mark.parametrize("people", [None, 7, object()])
def test_nothing_is_no_list(people: Any) -> None:
    with pytest.raises(SetupError, match="allow takes a list"):
        Allow(Scripted(), people)


def test_a_quote_that_is_never_closed_is_refused() -> None:
    with pytest.raises(SetupError, match="allow: a quote"):
        Allow(Scripted(), '"a@example.com')


def test_a_wrong_entry_is_shown_but_of_an_address_the_beginning_only() -> None:
    with pytest.raises(SetupError, match=r"people\[0\] \('yes'\)"):
        Allow(Scripted(), "yes")
    with pytest.raises(SetupError, match=r"people\[0\] \('ada\.lovela'…\)") as raised:
        Allow(Scripted(), ["ada.lovelace@@secret"])
    assert "secret" not in str(raised.value)


# ── what becomes of a mail ───────────────────────────────────────────────────────────────────────────────────────


@COLOURS
def test_strangers_are_withheld_and_the_others_get_it(carry: Carry) -> None:
    way = Scripted()
    mail = outgoing(["a@example.com", "b@example.org"], cc="c@example.org", bcc=["d@example.org", "e@example.com"])
    result = carry(Allow(way, "example.com"), mail)

    assert way.people == [["a@example.com", "e@example.com"]]
    assert [str(one.outcome) for one in result.recipients] == ["sent", "withheld", "withheld", "withheld", "sent"]
    error = result.recipients[1].error
    assert isinstance(error, Withheld)
    assert (error.policy, error.recipients) == ("allow", ("b@example.org", "c@example.org", "d@example.org"))
    assert result.message_id == "id-1"
    assert way.seen[0].envelope.bcc == (Address("e@example.com"),), "who was a blind copy still is"


@COLOURS
def test_where_nobody_is_left_it_raises_counts_in_text_and_names_in_an_attribute(carry: Carry) -> None:
    way = Scripted()
    with pytest.raises(Withheld) as raised:
        carry(Allow(way, ["example.com"]), outgoing(["a@example.org"], bcc="b@example.org"))

    assert way.seen == []
    assert str(raised.value) == "2 of 2 recipients are not on the list of allow; put them there if mail may go there"
    assert raised.value.recipients == ("a@example.org", "b@example.org")
    assert raised.value.policy == "allow"
    assert pickle.loads(pickle.dumps(raised.value)).recipients == raised.value.recipients


def test_whoever_is_allowed_sees_the_very_mail() -> None:
    mail = outgoing(["a@example.com"])
    for people in ("*", "example.com"):
        stepper = Stepper(Allow(Scripted(), people).flow(mail))
        assert stepper.sends.outgoing is mail
        stepper.give("result")
        assert stepper.result == "result"


def test_what_goes_wrong_with_the_others_is_raised_as_it_is() -> None:
    error = Throttled("slower")
    with pytest.raises(Throttled) as raised:
        Allow(Scripted(error), "example.com").send(outgoing(["a@example.com", "b@example.org"]))
    assert raised.value is error


def test_what_the_way_said_of_each_is_kept() -> None:
    way = Scripted(partly(b=Rejected("no")))
    result = Allow(way, "example.com").send(outgoing(["a@example.com", "b@example.com", "c@example.org"]))

    assert [one.outcome for one in result.recipients] == [Outcome.SENT, Outcome.REFUSED, Outcome.WITHHELD]


def test_the_envelope_counts_and_not_the_headers() -> None:
    way = Scripted()
    mailer = Mailer(Allow(way, "example.com"), sender="shop@example.com")
    mail = outgoing(["a@example.org"])
    with pytest.raises(Withheld):
        mailer.send(to="a@example.com", text="Hello", envelope=mail.envelope)
    assert way.seen == []


def test_what_the_caller_holds_is_not_changed() -> None:
    mail = outgoing(["a@example.com", "b@example.org"])
    before = (mail.email, mail.envelope, mail.content.to_bytes())
    Allow(Scripted(), "example.com").send(mail)
    assert (mail.email, mail.envelope, mail.content.to_bytes()) == before
    assert len(mail.envelope.recipients) == 2


def test_it_takes_what_its_way_takes() -> None:
    assert Allow(Scripted(limits=NONE), "*").limits == NONE


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("allow=", "allow="),
        ("allow=*", "allow=*"),
        ("allow=example.com,%20a%2Bb@example.org,*.Example.net", "allow=@example.com,a%2Bb@example.org,*.example.net"),
        ("allow=a@example.com,a@EXAMPLE.com", "allow=a@example.com"),
    ],
)
def test_it_is_said_in_a_url_and_prints_the_same(query: str, shown: str) -> None:
    memory = MemoryTransport()
    policy = Allow.around(memory, read_options(TransportUrl.parse(f"memory://?{query}"), OPTIONS))

    assert repr(policy) == f"memory://?{shown}"
    again = Allow.around(memory, read_options(TransportUrl.parse(repr(policy)), OPTIONS))
    assert repr(again) == repr(policy)
    assert Allow.around(memory, {}) is memory


def test_a_wrong_entry_in_a_url_is_named() -> None:
    with pytest.raises(SetupError, match=r"people\[1\]"):
        Allow.around(MemoryTransport(), read_options(TransportUrl.parse("memory://?allow=a@b.example,yes"), OPTIONS))
    with pytest.raises(SetupError, match="memory://: allow takes addresses, domains"):
        read_options(TransportUrl.parse('memory://?allow="a'), OPTIONS)
