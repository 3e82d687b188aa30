"""All identities of an account, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sesmail.errors import AccountError
from sesmail.local import LocalSes
from sesmail.ses.call import ApiFault, Call
from sesmail.ses.identities import PAGE, Identities
from sesmail.ses.question import Question
from tests.ses.asking import MAKERS, Told, awaited, client, now

COLOURS = pytest.mark.parametrize("ask", [now, awaited])
CLIENTS = pytest.mark.parametrize("name", MAKERS)
Ask = Callable[[Question[Any]], Any]


@pytest.fixture
def ses() -> Iterator[LocalSes]:
    with LocalSes() as ses:
        yield ses


@CLIENTS
@COLOURS
def test_names_come_as_they_are_written_and_say_who_may_send(ses: LocalSes, name: str, ask: Ask) -> None:
    ses.identity("Ada@Example.ORG").verify()
    ses.identity("shop.example").verify()
    ses.identity("late.example").fail()
    there = client(ses, name)

    assert ask(Identities(there)) == {"Ada@Example.ORG": True, "late.example": False, "shop.example": True}
    there.close()


@CLIENTS
@COLOURS
def test_all_pages_are_read(ses: LocalSes, name: str, ask: Ask) -> None:
    everybody = {f"reader{number:04}@example.org" for number in range(2 * PAGE + 1)}
    for one in everybody:
        ses.identity(one).verify()
    there = client(ses, name)

    assert ask(Identities(there)).keys() == everybody
    there.close()


@COLOURS
def test_asked_again_it_goes_on_with_the_page_that_failed(ask: Ask) -> None:
    throttled = ApiFault(Call("sesv2", "ListEmailIdentities", {}), code="TooManyRequests", message="", status=429)
    there = Told(page("a.example", token="2"), throttled, page("b.example"))
    question = Identities(there)
    with pytest.raises(AccountError) as caught:
        ask(question)
    assert caught.value.operation == "ListEmailIdentities"

    assert ask(question) == {"a.example": True, "b.example": True}
    tokens = [call.parameters.get("NextToken") for call in there.calls]
    assert tokens == [None, "2", "2"]
    assert {call.parameters["PageSize"] for call in there.calls} == {1000}
    assert ask(question).keys() == {"a.example", "b.example"}, "all is known, and nobody is asked any more"


def page(*names: str, token: str = "") -> dict[str, object]:
    listed = [{"IdentityName": name, "SendingEnabled": True} for name in names]
    return {"EmailIdentities": listed, **({"NextToken": token} if token else {})}


def test_a_list_that_turns_in_a_circle_has_an_end() -> None:
    there = Told(page("a.example", token="2"), page("b.example", token="2"), page("c.example"))
    assert Identities(there).answer() == {"a.example": True, "b.example": True}


@pytest.mark.parametrize(
    ("about", "may_send"),
    [
        ({"SendingEnabled": True, "VerificationStatus": "PENDING"}, True),
        ({"SendingEnabled": False, "VerificationStatus": "SUCCESS"}, False),
        ({"VerificationStatus": "SUCCESS"}, True),
        ({"VerificationStatus": "TEMPORARY_FAILURE"}, False),
        ({"SendingEnabled": "true"}, False),
        ({}, False),
    ],
)
def test_who_may_send_is_read_from_what_is_there(about: dict[str, object], may_send: bool) -> None:
    there = Told({"EmailIdentities": [{"IdentityName": "a.example", **about}]})
    assert Identities(there).answer() == {"a.example": may_send}


@pytest.mark.parametrize("values", [{}, {"EmailIdentities": None}, {"EmailIdentities": ["a.example", {}, None]}])
def test_what_has_no_name_is_passed_over(values: dict[str, object]) -> None:
    assert Identities(Told(values)).answer() == {}
