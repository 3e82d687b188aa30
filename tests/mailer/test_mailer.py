"""Both mailers: what they are given, what they send, and to whom."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from sesmail import Address, AsyncMailer, Email, Envelope, Mailer, SendResult, SesOptions, mime
from sesmail.errors import (
    InvalidAddress,
    InvalidHeader,
    MailError,
    SetupError,
    Throttled,
    UnknownScheme,
    Unsupported,
    Withheld,
)
from sesmail.transports import BlockingTransport, MemoryTransport

if TYPE_CHECKING:
    from sesmail import Outgoing

FIELDS: dict[str, Any] = {"to": "ada@example.org", "subject": "Hi", "text": "Hello"}

# One way to send for each colour, so that what holds for one is asked of both.
Send = Callable[..., SendResult]


@pytest.fixture(params=["send", "await send"])
def sent_by(request: pytest.FixtureRequest) -> Callable[..., tuple[Send, MemoryTransport]]:
    def make(**settings: Any) -> tuple[Send, MemoryTransport]:
        memory = MemoryTransport()
        if request.param == "send":
            return Mailer(memory, **settings).send, memory
        mailer = AsyncMailer(memory, **settings)
        return lambda *args, **fields: asyncio.run(mailer.send(*args, **fields)), memory

    return make


Maker = Callable[..., tuple[Send, MemoryTransport]]


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("URL", "FROM", "REPLY_TO", "CONFIGURATION_SET"):
        monkeypatch.delenv(f"SESMAIL_{name}", raising=False)


# ── one send ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_mail_by_keyword(sent_by: Maker) -> None:
    send, memory = sent_by()
    result = send(sender="shop@example.com", cc="bob@example.org", bcc="eve@example.org", **FIELDS)

    (outgoing,) = memory.sent
    assert [one.address.email for one in result.recipients] == ["ada@example.org", "bob@example.org", "eve@example.org"]
    assert outgoing.email.subject == "Hi"
    assert outgoing.envelope == Envelope.of(outgoing.email)
    assert mime.read(outgoing.content.to_bytes()).text == "Hello\n"
    assert result.message_id_header == outgoing.content.message_id


def test_a_mail_as_a_value_is_sent_as_it_is(sent_by: Maker) -> None:
    send, memory = sent_by()
    mail = Email(sender="shop@example.com", **FIELDS)
    send(mail)

    assert memory.sent[0].email is mail


def test_the_call_changes_a_copy_of_the_mail(sent_by: Maker) -> None:
    send, memory = sent_by()
    mail = Email(sender="shop@example.com", **FIELDS)
    send(mail, to="bob@example.org", subject="Hi, Bob")

    assert memory.sent[0].email == mail.replace(to="bob@example.org", subject="Hi, Bob")
    assert mail.subject == "Hi"


def test_an_envelope_decides_who_gets_it(sent_by: Maker) -> None:
    send, memory = sent_by()
    envelope = Envelope(Address("bounce@example.com"), (Address("real@example.org"),))
    result = send(sender="shop@example.com", envelope=envelope, **FIELDS)

    assert list(result.by_recipient) == ["real@example.org"]
    assert memory.sent[0].envelope is envelope
    assert memory.sent[0].email.to == (Address("ada@example.org"),)


def test_a_mail_with_blind_copies_only(sent_by: Maker) -> None:
    send, memory = sent_by()
    result = send(sender="shop@example.com", bcc=["ada@example.org", "bob@example.org"])

    assert len(result.recipients) == 2
    assert b"example.org" not in memory.sent[0].content.to_bytes()


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({"to": "nobody"}, InvalidAddress, "to"),
        ({"to": "ada@example.org", "subject": "a\nb"}, InvalidHeader, "subject"),
        ({"to": []}, MailError, "to"),
        ({"to": "jürgen@example.org"}, Unsupported, "to[0]"),
        ({"to": [f"a{number}@example.org" for number in range(51)]}, Unsupported, "to"),
        ({"to": "ada@example.org", "attachments": {"run.EXE": b""}}, Unsupported, "attachments[0].name"),
        ({"to": "ada@example.org", "tags": {"a b": "c"}}, InvalidHeader, "tags['a b']"),
    ],
)
def test_a_wrong_mail_is_refused_before_anything_is_tried(
    sent_by: Maker, fields: dict[str, Any], error: type[MailError], field: str
) -> None:
    send, memory = sent_by(sender="shop@example.com")
    with pytest.raises(error) as caught:
        send(**fields)

    assert caught.value.field == field
    assert memory.sent == ()


def test_without_a_sender_nothing_is_sent(sent_by: Maker) -> None:
    send, _ = sent_by()
    with pytest.raises(MailError, match="sender: there is no sender"):
        send(**FIELDS)


def test_something_else_than_a_mail_is_refused(sent_by: Maker) -> None:
    send, _ = sent_by()
    with pytest.raises(SetupError, match="expected an Email, a Mail, or fields by keyword, not dict"):
        send(FIELDS)


@pytest.mark.parametrize("transport", [5, MemoryTransport, object()])
def test_something_else_than_a_transport_is_refused(transport: Any) -> None:
    with pytest.raises(SetupError, match=r"expected a URL or a transport, not (int|MemoryTransport|object)"):
        Mailer(transport)


def test_something_else_than_an_envelope_is_refused(sent_by: Maker) -> None:
    send, _ = sent_by(sender="a@example.com")
    with pytest.raises(SetupError, match="expected an Envelope, not str"):
        send(**FIELDS, envelope="bob@example.org")


def test_an_unknown_field_is_refused(sent_by: Maker) -> None:
    send, _ = sent_by()
    with pytest.raises(TypeError, match="subjct"):
        send(subjct="Hi")


def test_a_transports_error_goes_through(sent_by: Maker) -> None:
    send, memory = sent_by(sender="shop@example.com")
    error = Throttled("slow down")
    memory.fail_next(error)
    with pytest.raises(Throttled) as caught:
        send(**FIELDS)

    assert caught.value is error


# ── what the mailer adds ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_mailer_adds_what_the_mail_does_not_say(sent_by: Maker) -> None:
    send, memory = sent_by(
        sender="Shop <shop@example.com>",
        reply_to="help@example.com",
        headers={"X-App": "shop", "X-Env": "live"},
        tags={"app": "shop", "kind": "any"},
        configuration_set="main",
    )
    send(**FIELDS, headers={"x-env": "test"}, tags={"kind": "order"}, ses=SesOptions(tenant="acme"))
    send(Email(**FIELDS))

    by_call, by_value = (outgoing.email for outgoing in memory.sent)
    assert by_call.sender == by_value.sender == Address("shop@example.com", "Shop")
    assert by_call.reply_to == by_value.reply_to == (Address("help@example.com"),)
    assert by_call.headers == (("x-env", "test"), ("X-App", "shop"))
    assert by_value.headers == (("X-App", "shop"), ("X-Env", "live"))
    assert by_call.tags == {"app": "shop", "kind": "order"}
    assert by_value.tags == {"app": "shop", "kind": "any"}
    assert by_call.ses == SesOptions(tenant="acme", configuration_set="main")
    assert memory.sent[1].ses == SesOptions(configuration_set="main")


def test_tags_and_headers_are_put_together_name_by_name(sent_by: Maker) -> None:
    send, memory = sent_by(sender="a@example.com", tags={"a": "mailer", "b": "mailer"}, headers={"X-A": "mailer"})
    mail = Email(**FIELDS, tags={"a": "mail", "c": "mail"}, headers={"x-a": "mail", "X-C": "mail"})
    send(mail, tags={"d": "call", "c": "call"}, headers={"X-c": "call"})
    send(mail, subject="Other")

    by_call, by_mail = (outgoing.email for outgoing in memory.sent)
    assert by_call.tags == {"a": "mail", "b": "mailer", "c": "call", "d": "call"}
    assert by_call.headers == (("X-c", "call"), ("x-a", "mail"))
    assert by_mail.tags == {"a": "mail", "b": "mailer", "c": "mail"}
    assert by_mail.headers == mail.headers


def test_what_the_mail_says_stays(sent_by: Maker) -> None:
    send, memory = sent_by(sender="a@example.com", reply_to="b@example.com", configuration_set="main", tags={"a": "1"})
    mail = Email(
        **FIELDS,
        sender="c@example.com",
        reply_to="d@example.com",
        tags={"a": "2"},
        ses=SesOptions(configuration_set="other"),
    )
    send(mail)

    assert memory.sent[0].email is mail


def test_a_sender_of_none_takes_the_default(sent_by: Maker) -> None:
    send, memory = sent_by(sender="shop@example.com")
    send(sender=None, reply_to=None, **FIELDS)

    assert memory.sent[0].email.sender == Address("shop@example.com")


def test_precedence_is_call_mail_mailer_environment(sent_by: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SESMAIL_FROM", "Environment <env@example.com>")
    monkeypatch.setenv("SESMAIL_REPLY_TO", "one@example.com, two@example.com")
    monkeypatch.setenv("SESMAIL_CONFIGURATION_SET", "from-env")
    mail = Email(sender="mail@example.com", **FIELDS)

    send, memory = sent_by()
    send(**FIELDS)
    assert memory.sent[0].email.sender == Address("env@example.com", "Environment")
    assert len(memory.sent[0].email.reply_to) == 2
    assert memory.sent[0].email.ses.configuration_set == "from-env"

    send, memory = sent_by(sender="mailer@example.com", reply_to="mailer@example.com", configuration_set="from-mailer")
    send(**FIELDS)
    send(mail)
    send(mail, sender="call@example.com")
    senders = [outgoing.email.sender for outgoing in memory.sent]
    assert [sender and sender.local for sender in senders] == ["mailer", "mail", "call"]
    assert memory.sent[0].email.reply_to == (Address("mailer@example.com"),)
    assert memory.sent[0].email.ses.configuration_set == "from-mailer"


@pytest.mark.parametrize(
    ("variable", "value"),
    [("FROM", "hunter2 planted"), ("REPLY_TO", "a@b, hunter2"), ("CONFIGURATION_SET", "hunter2\n")],
)
def test_a_wrong_environment_is_named_and_not_repeated(
    sent_by: Maker, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(f"SESMAIL_{variable}", value)
    with pytest.raises(SetupError, match=f"SESMAIL_{variable} is wrong") as caught:
        sent_by()

    assert "hunter2" not in str(caught.value)


def test_wrong_defaults_are_refused_when_the_mailer_is_built(sent_by: Maker) -> None:
    with pytest.raises(InvalidAddress, match="sender"):
        sent_by(sender="nobody")
    with pytest.raises(InvalidHeader, match="own place"):
        sent_by(headers={"Subject": "x"})


# ── what carries it ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", [Mailer, AsyncMailer])
def test_the_url_comes_from_the_environment(kind: type[Mailer | AsyncMailer], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupError, match="set SESMAIL_URL"):
        kind()
    monkeypatch.setenv("SESMAIL_URL", "null://")
    assert repr(kind()) == f"{kind.__name__}(NullTransport())"
    assert repr(kind("memory://")) == f"{kind.__name__}(MemoryTransport(0 mails))"
    with pytest.raises(SetupError, match="no transport"):
        kind("")


@pytest.mark.parametrize(
    ("url", "nearest"),
    [("memory", "memory://"), ("consol://", "console"), ("nul:", "null"), ("files:///x", "file")],
)
def test_a_wrong_url_names_the_nearest_right_one(url: str, nearest: str) -> None:
    with pytest.raises(UnknownScheme, match=f"did you mean '{nearest}'"):
        Mailer(url)


def test_a_scheme_like_nothing_lists_what_there_is() -> None:
    with pytest.raises(UnknownScheme, match="known are console, file, memory, null"):
        Mailer("xyzzy://")


def test_a_transport_that_cannot_be_awaited_is_refused_when_the_mailer_is_built() -> None:
    class Blocking(BlockingTransport):
        name = "old"

        def send(self, outgoing: Outgoing) -> SendResult:
            return self.accepted(outgoing)

    assert Mailer(Blocking()).send(sender="a@example.com", **FIELDS).transport == "old"
    with pytest.raises(Unsupported, match="the transport 'old' cannot be awaited"):
        AsyncMailer(Blocking())


class Closing(MemoryTransport):
    closed = 0

    def close(self) -> None:
        self.closed += 1


def test_a_mailer_closes_its_transport() -> None:
    transport = Closing()
    with Mailer(transport) as mailer:
        assert mailer.transport is transport
    mailer.close()

    async def main() -> None:
        async with AsyncMailer(transport) as awaited:
            pass
        await awaited.close()

    asyncio.run(main())
    assert transport.closed == 4


# ── the two are one ──────────────────────────────────────────────────────────────────────────────────────────────


def test_each_public_name_of_one_is_there_in_the_other_with_the_same_parameters() -> None:
    names = {name for name in dir(Mailer) if not name.startswith("_")} | {"__init__"}

    assert names - {"__init__"} == {name for name in dir(AsyncMailer) if not name.startswith("_")}
    for name in names:
        one, other = getattr(Mailer, name), getattr(AsyncMailer, name)
        if callable(one):
            assert _parameters(one) == _parameters(other), name
    for name in ("send", "send_many", "check", "close"):
        assert inspect.iscoroutinefunction(getattr(AsyncMailer, name)), name
        assert not inspect.iscoroutinefunction(getattr(Mailer, name)), name


def _parameters(function: Callable[..., object]) -> list[tuple[str, object, object]]:
    return [(one.name, one.kind, one.default) for one in inspect.signature(function).parameters.values()]


# ── hooks ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_before_hooks_change_the_mail_ahead_of_building(sent_by: Maker) -> None:
    seen: list[Email] = []

    def first(email: Email) -> Email:
        seen.append(email)
        return email.replace(subject=f"[test] {email.subject}")

    def second(email: Email) -> Email:
        seen.append(email)
        return email.replace(to="qa@example.com", sender="test@example.com")

    send, memory = sent_by(sender="shop@example.com", before=[first, second])
    result = send(**FIELDS)

    assert seen[0].sender == Address("shop@example.com"), "the completed mail"
    assert list(result.by_recipient) == ["qa@example.com"]
    assert memory.sent[0].envelope.return_path == Address("test@example.com")
    assert b"[test] Hi" in memory.sent[0].content.to_bytes()


def test_a_veto_raises_and_nothing_is_sent(sent_by: Maker) -> None:
    def veto(email: Email) -> Email:
        raise Withheld("not on Sundays", policy="sundays")

    seen: list[SendResult] = []
    send, memory = sent_by(sender="shop@example.com", before=veto, after=seen.append)
    with pytest.raises(Withheld, match="not on Sundays"):
        send(**FIELDS)

    assert memory.sent == ()
    assert seen == []


def test_after_hooks_get_the_result(sent_by: Maker) -> None:
    one: list[SendResult] = []
    two: list[SendResult] = []
    send, _ = sent_by(sender="shop@example.com", after=(one.append, two.append))
    result = send(**FIELDS)

    assert one == two == [result]


def test_a_failing_after_hook_does_not_make_a_sent_mail_look_unsent(
    sent_by: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[SendResult] = []

    def broken(result: SendResult) -> None:
        raise ValueError("the counter is down")

    send, _ = sent_by(sender="shop@example.com", after=[broken, seen.append])
    result = send(**FIELDS)

    assert seen == [result]
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert record.getMessage().endswith("broken failed after the mail was sent")
    assert record.exc_info


@pytest.mark.parametrize("answer", [None, "mail"])
def test_a_before_hook_must_give_a_mail(sent_by: Maker, answer: object) -> None:
    def forgetful(email: Email) -> object:
        return answer

    send, _ = sent_by(sender="shop@example.com", before=forgetful)
    with pytest.raises(SetupError, match=f"forgetful gave {type(answer).__name__} and not the Email"):
        send(**FIELDS)


def test_a_hook_is_a_function(sent_by: Maker) -> None:
    with pytest.raises(SetupError, match="a hook is a function, not str"):
        sent_by(before=["print"])
    with pytest.raises(SetupError, match="a hook is a function, not NoneType"):
        sent_by(after=None)


async def _later(email: Email) -> Email:
    await asyncio.sleep(0)
    return email.replace(subject="later")


class _Later:
    async def __call__(self, email: Email) -> Email:
        return await _later(email)


def test_hooks_may_be_async_where_they_are_awaited(caplog: pytest.LogCaptureFixture) -> None:
    memory = MemoryTransport()
    seen: list[SendResult] = []

    async def after(result: SendResult) -> None:
        await asyncio.sleep(0)
        seen.append(result)

    async def broken(result: SendResult) -> None:
        raise ValueError("down")

    mailer = AsyncMailer(memory, sender="shop@example.com", before=[_later, _Later()], after=[broken, after])
    result = asyncio.run(mailer.send(to="ada@example.org"))

    assert memory.sent[0].email.subject == "later"
    assert seen == [result]
    assert len(caplog.records) == 1


@pytest.mark.parametrize("hook", [_later, _Later()])
def test_a_mailer_that_does_not_await_refuses_async_hooks(hook: Any) -> None:
    with pytest.raises(SetupError, match=r"_[lL]ater must be awaited, which AsyncMailer does"):
        Mailer("null://", before=hook)
    with pytest.raises(SetupError, match="must be awaited"):
        Mailer("null://", after=[hook])


def test_a_hook_that_is_cancelled_itself_is_a_hook_that_failed(caplog: pytest.LogCaptureFixture) -> None:
    async def after(result: SendResult) -> None:
        inner = asyncio.ensure_future(asyncio.sleep(10))
        inner.cancel()
        await inner

    result = asyncio.run(AsyncMailer("null://", sender="a@example.com", after=after).send(to="b@example.org"))

    assert result.failed == ()
    assert len(caplog.records) == 1


def test_who_cancels_a_send_in_its_after_hook_cancels_it() -> None:
    async def after(result: SendResult) -> None:
        await asyncio.sleep(10)

    async def main() -> None:
        sending = asyncio.ensure_future(
            AsyncMailer("null://", sender="a@example.com", after=after).send(to="b@example.org")
        )
        await asyncio.sleep(0.01)
        sending.cancel()
        await sending

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())
