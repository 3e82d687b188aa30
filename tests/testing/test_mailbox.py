"""The mailbox: what it catches, and what it says when a test does not find it."""

from __future__ import annotations

import asyncio
import re
import sys
import threading
import unittest
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from functools import partial

import pytest

from sesmail import Address, AsyncMailer, Email, Envelope, Mailer, Outcome
from sesmail.errors import InvalidAddress, SetupError, Throttled, TimedOut, UnknownOption, Unsupported
from sesmail.mailer.diversion import diversion
from sesmail.testing import CapturedMail, Mailbox, capture
from sesmail.transports import MemoryTransport

# How applications hold them: built long before any test.
BEHIND = MemoryTransport()
MAILER = Mailer(BEHIND, sender="Shop <shop@example.com>")
ASYNC_MAILER = AsyncMailer(BEHIND, sender="shop@example.com")


def test_mailers_that_exist_already_are_caught(mailbox: Mailbox) -> None:
    MAILER.send(to="ada@example.org", subject="one")
    asyncio.run(ASYNC_MAILER.send(to="bob@example.org", subject="two"))
    Mailer("null://", sender="a@example.com").send(to="eve@example.org", subject="three")

    assert [mail.subject for mail in mailbox] == ["one", "two", "three"]
    assert mailbox[0].sender == Address("shop@example.com", "Shop")
    assert mailbox.last.subject == "three"
    assert repr(mailbox) == "Mailbox(3 mails)"
    assert BEHIND.sent == ()


def test_an_empty_mailbox_is_there() -> None:
    with capture() as mailbox:
        assert mailbox
        assert len(mailbox) == 0
        with pytest.raises(AssertionError, match="no mail was sent"):
            _ = mailbox.last


def test_afterwards_mails_go_their_way_again() -> None:
    memory = MemoryTransport()
    mailer = Mailer(memory, sender="shop@example.com")
    with capture():
        mailer.send(to="ada@example.org")
    mailer.send(to="bob@example.org")

    assert [outgoing.email.to[0].local for outgoing in memory.sent] == ["bob"]


def test_hooks_run_and_limits_hold(mailbox: Mailbox) -> None:
    mailer = Mailer("null://", sender="shop@example.com", before=lambda mail: mail.replace(subject="hooked"))
    mailer.send(to="ada@example.org")

    mailbox.assert_one(subject="hooked")
    with pytest.raises(Unsupported):
        mailer.send(to=[f"a{number}@example.org" for number in range(51)])
    Mailer("null://?limits=none", sender="a@example.com").send(to=[f"a{number}@example.org" for number in range(51)])
    assert len(mailbox.last.recipients) == 51


def test_bulk_counts_too(mailbox: Mailbox) -> None:
    MAILER.send_many([{"to": f"a{number}@example.org"} for number in range(30)], concurrency=4)
    asyncio.run(ASYNC_MAILER.send_many([{"to": f"b{number}@example.org"} for number in range(30)], concurrency=4))
    list(MAILER.iter_many([Email(to="c@example.org")]))

    mailbox.assert_count(61)
    mailbox.assert_one(to="a29@example.org")
    mailbox.assert_one(to="b29@example.org")
    with pytest.raises(AssertionError, match="61 mails were sent, not 1;"):
        mailbox.assert_count(1)


# ── scripted failures ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_next_sends_fail(mailbox: Mailbox) -> None:
    mailbox.fail_next(Throttled("slow down"), times=2)
    mailbox.fail_next(TimedOut("no answer"), arrives=True)
    for error in (Throttled, Throttled, TimedOut):
        with pytest.raises(error):
            MAILER.send(to="ada@example.org")
    mailbox.slow_down(0.001)
    mailbox.refuse("bob@example.org")
    result = MAILER.send(to=["ada@example.org", "bob@example.org"])

    assert len(mailbox) == 2
    assert result.by_recipient["bob@example.org"].outcome is Outcome.REFUSED
    mailbox.assert_none_to("bob@example.org")
    mailbox.clear()
    mailbox.assert_nothing_sent()
    assert MAILER.send(to="bob@example.org").failed == ()


# ── matching ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def receipt(mailbox: Mailbox) -> Mailbox:
    MAILER.send(
        to=["Ada Lovelace <ada@example.org>", "Bob@Example.org"],
        cc="carol@example.org",
        bcc="dave@example.org",
        reply_to="help@example.com",
        subject="Your receipt No. 42",
        text="Thank you, Ada.\r\n-- \r\n",
        html="<p>Thank you, Ada.",
        attachments={"receipt.pdf": b"%PDF"},
        tags={"kind": "receipt", "app": "shop"},
        metadata={"order": 42},
        headers=[("X-App", "shop"), ("X-App", "tea")],
    )
    return mailbox


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ({"to": "ada@example.org"}, {"to": "carol@example.org"}),
        ({"to": "Bob@example.org"}, {"to": "bob@example.org"}),
        ({"to": ("Somebody", "ada@example.org")}, {"to": ("Ada Lovelace", "ada@example.com")}),
        ({"to": ["Bob@example.org", "ada@example.org"]}, {"to": ["ada@example.org"]}),
        ({"to": re.compile("Lovelace <")}, {"to": re.compile("^Lovelace")}),
        ({"to": lambda address: address.name == ""}, {"to": lambda address: address.domain == "example.com"}),
        ({"cc": Address("carol@example.org")}, {"cc": []}),
        ({"bcc": "dave@example.org"}, {"bcc": "carol@example.org"}),
        ({"recipient": "dave@example.org"}, {"recipient": "shop@example.com"}),
        ({"sender": "shop@example.com"}, {"sender": re.compile("spam")}),
        ({"reply_to": "help@example.com"}, {"reply_to": "shop@example.com"}),
        ({"subject": "Your receipt No. 42"}, {"subject": "Your receipt"}),
        ({"subject": re.compile(r"No\. \d+$")}, {"subject": re.compile("invoice")}),
        ({"subject": len}, {"subject": str.isupper}),
        ({"text": "Thank you"}, {"text": "thank you"}),
        ({"text": "Ada.\n-- "}, {"text": ""}),
        ({"html": "<p>"}, {"html": ""}),
        ({"text": re.compile("Ada\\.")}, {"text": lambda text: not text}),
        ({"html": "<p>Thank"}, {"html": "<b>"}),
        ({"attachment": "receipt.pdf"}, {"attachment": "receipt"}),
        ({"attachment": re.compile("pdf$")}, {"attachment": re.compile("csv$")}),
        ({"tags": {"kind": "receipt"}}, {"tags": {"kind": "invoice"}}),
        ({"metadata": {"order": 42}}, {"metadata": {"order": 43}}),
        ({"headers": {"x-app": "shop"}}, {"headers": {"X-Other": "shop"}}),
        ({"subject": partial(re.search, "receipt")}, {"subject": partial(re.search, "invoice")}),
        ({}, {"to": "ada@example.org", "cc": "eve@example.org"}),
    ],
)
def test_a_mail_is_found_by_what_it_is(receipt: Mailbox, yes: dict[str, object], no: dict[str, object]) -> None:
    assert isinstance(receipt.assert_sent(**yes), CapturedMail)  # type: ignore[arg-type]
    assert receipt.assert_one(**yes).subject == "Your receipt No. 42"  # type: ignore[arg-type]
    receipt.assert_not_sent(**no)  # type: ignore[arg-type]
    for wrong in (receipt.assert_sent, receipt.assert_one):
        with pytest.raises(AssertionError):
            wrong(**no)  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        receipt.assert_not_sent(**yes)  # type: ignore[arg-type]


def test_a_user_object_is_an_address(receipt: Mailbox) -> None:
    class User:
        def __mail_address__(self) -> str:
            return "ada@example.org"

    receipt.assert_sent(to=User())
    with pytest.raises(AssertionError):
        receipt.assert_none_to(User())


def test_a_wrong_address_in_a_test_is_told(mailbox: Mailbox) -> None:
    """Also where there is no mail to compare it with, or the test would pass for ever."""
    with pytest.raises(InvalidAddress, match="wanted"):
        mailbox.assert_sent(to="ada at example")
    with pytest.raises(InvalidAddress, match="wanted"):
        mailbox.assert_not_sent(cc=["ada@example.org", "garbage"])
    with pytest.raises(InvalidAddress):
        mailbox.assert_none_to("garbage")
    with pytest.raises(SetupError, match="give several addresses as a list"):
        mailbox.assert_sent(to=("nobody@example.org", "bob@example.org"))


def test_none_to_means_none_in_whatever_case(receipt: Mailbox) -> None:
    with pytest.raises(AssertionError, match=r"1 of the mails to ADA@example\.org; 1 sent"):
        receipt.assert_none_to("ADA@example.org")


def test_an_unknown_field_names_the_nearest(receipt: Mailbox) -> None:
    with pytest.raises(UnknownOption, match="did you mean 'subject'"):
        receipt.assert_sent(subjet="x")  # type: ignore[call-arg]


def test_one_means_one(mailbox: Mailbox) -> None:
    for _ in range(2):
        MAILER.send(to="ada@example.org", subject="Hi")

    assert mailbox.assert_sent(to="ada@example.org").subject == "Hi"
    with pytest.raises(AssertionError, match="2 mails with subject='Hi', not one; 2 sent"):
        mailbox.assert_one(subject="Hi")


# ── what a failure says ──────────────────────────────────────────────────────────────────────────────────────────


def said_by(check: Callable[[], object]) -> str:
    with pytest.raises(AssertionError) as caught:
        check()
    return str(caught.value)


def test_a_failure_shows_what_was_sent_nearest_first(mailbox: Mailbox) -> None:
    MAILER.send(to="bob@example.org", bcc="eve@example.org", subject="Other", text="x" * 300)
    MAILER.send(to="ada@example.org", subject="Welcome!", text="Hello Ada")

    text = said_by(lambda: mailbox.assert_sent(to="ada@example.org", subject=re.compile("^Reset"), text=str.isdigit))
    assert text == (
        "no mail with to='ada@example.org' and subject=/^Reset/ and text=isdigit; 2 sent, nearest first:\n"
        "  1. to ada@example.org: 'Welcome!'\n"
        "     subject: wanted /^Reset/, was 'Welcome!'\n"
        "     text: wanted isdigit, was 'Hello Ada'\n"
        "  2. to bob@example.org, eve@example.org: 'Other'\n"
        "     to: wanted 'ada@example.org', was bob@example.org\n"
        "     subject: wanted /^Reset/, was 'Other'\n"
        f"     text: wanted isdigit, was '{'x' * 200}…'"
    )


def test_a_failure_with_nothing_sent_says_so(mailbox: Mailbox) -> None:
    assert said_by(mailbox.assert_sent) == "no mail at all; nothing was sent"
    assert said_by(lambda: mailbox.assert_one(cc="a@b.example")) == (
        "no mails with cc='a@b.example', not one; nothing was sent"
    )


def test_a_failure_with_many_mails_stays_readable(mailbox: Mailbox) -> None:
    MAILER.send_many([{"to": f"a{number}@example.org", "subject": "News"} for number in range(25)])

    text = said_by(mailbox.assert_nothing_sent)
    assert text.startswith("a mail was sent; 25 sent:\n  1. to a0@example.org: 'News'\n")
    assert text.endswith("\n  and 15 more")
    assert "25 of the mails with subject='News'" in said_by(lambda: mailbox.assert_not_sent(subject="News"))
    assert "was no attachment" in said_by(lambda: mailbox.assert_sent(attachment="a.pdf"))
    assert "cc: wanted 'a@b.example', was nobody" in said_by(lambda: mailbox.assert_sent(cc="a@b.example"))


# ── one caught mail ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_caught_mail_has_everything(receipt: Mailbox) -> None:
    mail = receipt.last

    assert [address.email for address in mail.to] == ["ada@example.org", "Bob@example.org"]
    assert (mail.cc[0].local, mail.bcc[0].local, mail.reply_to[0].local) == ("carol", "dave", "help")
    assert len(mail.recipients) == 4
    assert (mail.text, mail.html) == ("Thank you, Ada.\r\n-- \r\n", "<p>Thank you, Ada.")
    assert mail == receipt[0]
    assert mail.attachments[0].data == b"%PDF"
    assert mail.email.metadata == {"order": 42}
    assert mail.envelope == Envelope.of(mail.email)
    assert mail.bytes.startswith(b"From: Shop <shop@example.com>\r\n")
    assert repr(mail).startswith("CapturedMail(Email(from shop@example.com: 2 to,")


def test_what_a_mail_has_not_is_empty(mailbox: Mailbox) -> None:
    MAILER.send(bcc="ada@example.org")

    assert (mailbox.last.text, mailbox.last.html, mailbox.last.to, mailbox.last.links()) == ("", "", (), [])


# ── who catches what ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_thread_without_a_context_falls_back_to_the_only_mailbox(mailbox: Mailbox) -> None:
    thread = threading.Thread(target=lambda: MAILER.send(to="ada@example.org"))
    thread.start()
    thread.join()

    mailbox.assert_count(1)


def test_tests_in_threads_do_not_see_each_others_mail() -> None:
    barrier = threading.Barrier(8)

    def test(number: int) -> list[str]:
        with capture() as mailbox:
            barrier.wait()
            for _ in range(20):
                MAILER.send(to=f"reader{number}@example.org")
            barrier.wait()
            return [mail.to[0].email for mail in mailbox]

    with ThreadPoolExecutor(8) as pool:
        for number, caught in enumerate(pool.map(test, range(8))):
            assert caught == [f"reader{number}@example.org"] * 20


def test_tests_in_tasks_do_not_see_each_others_mail() -> None:
    async def test(number: int) -> list[str]:
        with capture() as mailbox:
            for _ in range(20):
                await ASYNC_MAILER.send(to=f"reader{number}@example.org")
                await asyncio.sleep(0)
            return [mail.to[0].email for mail in mailbox]

    async def main() -> list[list[str]]:
        return await asyncio.gather(*map(test, range(8)))

    for number, caught in enumerate(asyncio.run(main())):
        assert caught == [f"reader{number}@example.org"] * 20


def in_a_thread(call: Callable[[], object]) -> BaseException | None:
    """What a call raises in a thread that has no context of ours."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except SetupError as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return raised[0] if raised else None


def test_a_thread_of_nobody_is_an_error_while_several_catch() -> None:
    captures = [capture(), capture()]
    contexts = [Context(), Context()]
    boxes = [context.run(one.__enter__) for one, context in zip(captures, contexts, strict=True)]
    error = in_a_thread(lambda: MAILER.send(to="ada@example.org"))
    assert in_a_thread(lambda: contexts[1].run(MAILER.send, to="bob@example.org")) is None
    for one, context in zip(captures, contexts, strict=True):
        context.run(one.__exit__, None, None, None)

    assert "2 tests catch mail at once" in str(error)
    assert "copy_context" in str(error)
    assert [len(box) for box in boxes] == [0, 1]


def test_of_captures_inside_one_another_the_inner_one_catches() -> None:
    with capture() as outer:
        before = copy_context()
        with capture() as inner:
            assert in_a_thread(lambda: MAILER.send(to="thread@example.org")) is None
            MAILER.send(to="here@example.org")
            before.run(MAILER.send, to="before@example.org")
        assert in_a_thread(lambda: MAILER.send(to="after@example.org")) is None

    assert [mail.to[0].local for mail in inner] == ["thread", "here"]
    assert [mail.to[0].local for mail in outer] == ["before", "after"]


def test_captures_may_end_in_any_order() -> None:
    first, second = capture(), capture()
    outer, inner = first.__enter__(), second.__enter__()
    first.__exit__(None, None, None)
    MAILER.send(to="ada@example.org")
    second.__exit__(None, None, None)
    memory = MemoryTransport()
    Mailer(memory, sender="a@example.com").send(to="bob@example.org")

    assert (len(outer), len(inner), len(memory.sent)) == (0, 1, 1)


@pytest.mark.untraced
def test_many_threads_that_begin_and_end_captures_leave_nothing_behind() -> None:
    def test(_: int) -> int:
        caught = 0
        for _ in range(150):
            with capture() as mailbox:
                MAILER.send(to="ada@example.org")
                caught += len(mailbox)
        return caught

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(test, range(8))) == 8 * 150
    finally:
        sys.setswitchinterval(interval)
    assert diversion() is None


def test_the_inner_mailbox_gives_back_to_the_outer() -> None:
    with capture() as outer:
        with capture():
            MAILER.send(to="inner@example.org")
        MAILER.send(to="outer@example.org")

    assert [mail.to[0].local for mail in outer] == ["outer"]


def test_a_context_that_outlives_its_test_goes_to_the_next_one() -> None:
    """As a task does that a test left behind."""
    with capture() as first:
        context = copy_context()
    with capture() as second:
        context.run(MAILER.send, to="late@example.org")

    assert len(first) == 0
    second.assert_one(to="late@example.org")


def test_a_capture_may_end_in_another_context() -> None:
    """As fixtures do that are generators under an asyncio plugin."""
    capturing = capture()
    mailbox = copy_context().run(capturing.__enter__)
    MAILER.send(to="ada@example.org")
    copy_context().run(capturing.__exit__, None, None, None)

    mailbox.assert_count(1)
    with capture() as other:
        MAILER.send(to="bob@example.org")
    other.assert_count(1)


class TestWithUnittest(unittest.TestCase):
    def setUp(self) -> None:
        self.mailbox = self.enterContext(capture())

    def test_it_has_the_same(self) -> None:
        MAILER.send(to="ada@example.org", subject="Hi")
        self.mailbox.assert_one(to="ada@example.org", subject="Hi")
