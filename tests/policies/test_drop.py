"""Drop: nothing leaves, nothing is raised, and nobody is told that it was sent."""

from __future__ import annotations

import logging

import pytest

from sesmail import Mailer, Outcome
from sesmail.errors import SetupError, Unsupported, Withheld
from sesmail.policies.drop import OPTIONS, Drop
from sesmail.transports import MemoryTransport, TransportUrl
from sesmail.transports.limits import NONE
from sesmail.transports.option import read_options
from tests.policies.carrying import COLOURS, Carry
from tests.policies.stepping import Scripted, outgoing, people


@COLOURS
def test_nothing_leaves_and_everyone_is_withheld(carry: Carry) -> None:
    way = Scripted()
    mail = outgoing(["a@example.org"], cc="b@example.org", bcc="c@example.org")
    result = carry(Drop(way), mail)

    assert way.seen == []
    assert [one.address for one in result.recipients] == list(mail.envelope.recipients)
    assert {one.outcome for one in result.recipients} == {Outcome.WITHHELD}
    assert (result.message_id, result.transport) == ("", "drop")
    assert result.message_id_header == mail.content.message_id


def test_the_program_goes_on_and_who_asks_is_told() -> None:
    mailer = Mailer(Drop(Scripted()), sender="shop@example.com")
    result = mailer.send(to="a@example.org", text="Hello")
    with pytest.raises(Withheld) as raised:
        result.raise_if_any_failed()

    assert raised.value.recipients == ("a@example.org",)
    error = result.recipients[0].error
    assert isinstance(error, Withheld)
    assert error.policy == "drop"
    assert mailer.send_many([{"to": "a@example.org", "text": "Hello"}]).sent == 0


def test_mails_are_held_to_the_limits_of_the_way() -> None:
    assert Drop(Scripted(limits=NONE)).limits == NONE
    with pytest.raises(Unsupported):
        Mailer(Drop(Scripted()), sender="shop@example.com").send(to=people(51), text="Hello")


def test_it_is_said_once_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    drop = Drop(Scripted())
    with caplog.at_level(logging.WARNING, "sesmail"):
        drop.send(outgoing())
        drop.send(outgoing())

    assert [record.getMessage() for record in caplog.records] == ["drop withholds a mail, and every one that follows"]


def test_it_is_said_in_a_url() -> None:
    memory = MemoryTransport()

    def opened(query: str) -> object:
        return Drop.around(memory, read_options(TransportUrl.parse(f"memory://?{query}"), OPTIONS))

    assert repr(opened("drop=yes")) == "memory://?drop=yes"
    assert opened("drop=no") is memory
    assert opened("") is memory
    with pytest.raises(SetupError, match="drop takes yes or no"):
        opened("drop=dev@example.com")
