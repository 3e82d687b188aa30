"""The handler in real logging: loggers, dictConfig, queues, threads, a box that is SES, and transports that fail."""

from __future__ import annotations

import logging
import logging.config
import logging.handlers
import queue
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from sesmail import AsyncMailer, Mailer
from sesmail.errors import (
    CredentialsMissing,
    InvalidAddress,
    MailError,
    SesmailError,
    SetupError,
    Throttled,
    TimedOut,
    TooLarge,
    UnknownOption,
    UnknownScheme,
)
from sesmail.integrations.log_mail import MailHandler, guard
from sesmail.integrations.log_mail.mail_handler import MailHandler as Inner
from sesmail.local import LocalSes
from sesmail.mail.message import Email
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.testing import capture
from sesmail.transports import MemoryTransport

TO = "ops@example.com"


class Watched:
    """A logger of its own with a handler, and the mails that came of it."""

    def __init__(self, **options: object) -> None:
        self.transport = MemoryTransport()
        self.mailer = Mailer(self.transport, sender="app@example.com")
        given = {"mailer": self.mailer, "to": TO, "window_s": 3600, "interval_s": 3600, **options}
        self.handler = MailHandler(**given)  # type: ignore[arg-type]
        self.logger = logging.Logger("shop.orders")  # noqa: LOG001 - of the test's own, so nobody else hears it
        self.logger.addHandler(self.handler)

    @property
    def mails(self) -> list[Email]:
        return [outgoing.email for outgoing in self.transport.sent]

    def flushed(self) -> Email:
        before = len(self.mails)
        self.handler.flush()
        assert len(self.mails) == before + 1
        return self.mails[-1]


def fail(error: Exception) -> None:
    raise error


def until(fact: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not fact():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)


@pytest.fixture
def watched() -> Iterator[Callable[..., Watched]]:
    made: list[Watched] = []

    def make(**options: object) -> Watched:
        made.append(Watched(**options))
        return made[-1]

    yield make
    for one in made:
        one.handler.close()


Make = Callable[..., Watched]


# ── what is mailed ───────────────────────────────────────────────────────────────────────────────────────────────


def test_an_error_is_mailed_by_itself(watched: Make) -> None:
    app = watched(window_s=0.01)
    try:
        dict[str, str]()["order 42"]
    except KeyError:
        app.logger.exception("order %d is not there", 42)
    until(lambda: app.mails)

    (mail,) = app.mails
    assert mail.subject.startswith("ERROR at ")
    assert mail.subject.endswith(": order 42 is not there")
    assert mail.to[0].email == TO
    assert mail.auto_submitted == "auto-generated"
    for body in (mail.text, mail.html):
        assert body is not None
        assert "1. ERROR shop.orders, KeyError" in body
        assert "once, at " in body
        assert "test_an_error_is_mailed_by_itself" in body
        assert "order 42 is not there\nTraceback (most recent call last):" in body


def test_less_than_an_error_is_not_mailed(watched: Make) -> None:
    app = watched()
    app.logger.warning("it is late")
    app.handler.handle(logging.LogRecord("shop", logging.INFO, __file__, 1, "a listener asks no level", (), None))
    app.handler.flush()

    assert app.mails == []


def test_another_level_is_said_by_number_or_name(watched: Make) -> None:
    app = watched(level="WARNING")
    app.logger.warning("it is late")

    assert app.flushed().subject.startswith("WARNING at ")
    assert watched(level=logging.INFO).handler.level == logging.INFO


def test_records_of_one_line_and_exception_are_one_entry(watched: Make) -> None:
    app = watched()
    for number in range(5):
        for kind in (ValueError, LookupError):
            try:
                raise kind
            except (ValueError, LookupError):
                app.logger.exception("order %d", number)
    mail = app.flushed()

    assert mail.text is not None
    assert "10 records of the log of " in mail.text
    assert "from 2 places in the program" in mail.text
    assert "1. ERROR shop.orders, ValueError\n   5 times, from " in mail.text
    assert "2. ERROR shop.orders, LookupError\n   5 times, from " in mail.text
    assert mail.text.count("Traceback") == 2
    assert "\nThen: order 1\n\nThen: order 2" in mail.text
    assert "order 3" not in mail.text


def test_two_errors_of_one_type_that_a_framework_logs_by_one_line_are_two(watched: Make) -> None:
    app = watched()
    basket: dict[str, object] = {}

    def answer(view: Callable[[], object]) -> None:
        try:
            view()
        except LookupError:
            app.logger.exception("a view failed")

    def cart() -> object:
        return basket["cart"]

    def voucher() -> object:
        return basket["voucher"]

    for view in (cart, voucher, cart):
        answer(view)

    text = app.flushed().text or ""
    assert "from 2 places in the program" in text
    assert "KeyError: 'cart'" in text
    assert "KeyError: 'voucher'" in text
    assert "   2 times, from " in text


def test_a_recursion_is_one_error_however_deep(watched: Make) -> None:
    app = watched()

    def down(steps: int) -> None:
        if not steps:
            raise LookupError
        down(steps - 1)

    for steps in (3, 30, 300):
        try:
            down(steps)
        except LookupError:
            app.logger.exception("it went too far")

    assert "   3 times, from " in (app.flushed().text or "")


def test_the_worst_comes_first_and_gives_the_subject(watched: Make) -> None:
    app = watched()
    app.logger.error("bad")
    app.logger.critical("worse")
    mail = app.flushed()

    assert mail.subject.startswith("CRITICAL at ")
    assert mail.subject.endswith(": worse")
    assert mail.text is not None
    assert mail.text.index("1. CRITICAL") < mail.text.index("2. ERROR")


def test_one_line_that_logs_at_two_levels_has_the_higher(watched: Make) -> None:
    app = watched()
    for level in (logging.ERROR, logging.CRITICAL, logging.ERROR):
        app.logger.log(level, "it failed")

    text = app.flushed().text or ""
    assert "1. CRITICAL shop.orders\n   3 times" in text


def test_only_so_many_are_shown_in_full(watched: Make) -> None:
    app = watched(most_shown=2, most_groups=5)
    for number in range(8):
        app.handler.handle(logging.LogRecord("shop", 40, "shop.py", number, "fault %d", (number,), None))
    mail = app.flushed()

    assert mail.text is not None
    assert "8 records of the log" in mail.text
    assert "from 5 places in the program" in mail.text
    assert "3 places are in the list at the end" in mail.text
    assert "3 records are counted and not here" in mail.text
    assert "- 1 × ERROR shop: fault 7" in mail.text
    assert "fault 2" not in mail.text, "the oldest went"


def test_a_formatter_writes_the_record(watched: Make) -> None:
    app = watched()
    app.handler.setFormatter(logging.Formatter("<%(name)s> %(message)s"))
    app.logger.error("it failed")

    mail = app.flushed()
    assert "\n<shop.orders> it failed\n" in (mail.text or "")
    assert "&lt;shop.orders&gt; it failed" in (mail.html or "")
    assert mail.subject.endswith(": it failed")


def test_the_subject_is_as_it_is_told_to_be(watched: Make) -> None:
    app = watched(subject="[shop] {message:.6} in {logger}, {count} times {{sic}}")
    for _ in range(3):
        app.logger.error("payment failed")

    assert app.flushed().subject == "[shop] paymen in shop.orders, 3 times {sic}"


def test_secrets_are_taken_out_before_anything_is_kept(watched: Make) -> None:
    app = watched(redact=lambda text: text.replace("hunter2", "***"))
    try:
        fail(ValueError("hunter2"))
    except ValueError:
        app.logger.exception("login with %s failed", "hunter2")
    mail = app.flushed()

    assert "hunter2" not in mail.subject
    assert "login with *** failed" in mail.subject
    assert "ValueError: ***" in (mail.text or "")
    # The lines of the program that a traceback shows pass the hook as well.
    assert "hunter2" not in (mail.text or "") + (mail.html or "")


def test_local_variables_are_not_in_the_mail(watched: Make) -> None:
    app = watched()
    password = f"hunter{2}"
    try:
        int(password[:0])
    except ValueError:
        app.logger.exception("it failed")

    mail = app.flushed()
    assert "int(password[:0])" in (mail.text or "")
    assert password not in (mail.text or "")


def test_what_it_holds_is_not_printed(watched: Make) -> None:
    app = watched()
    app.logger.error("hunter2")
    app.logger.error("hunter2")
    digest = app.handler._couriers.get()._digest

    assert "hunter2" not in f"{app.handler!r}{digest!r}{app.handler._couriers.get()!r}"
    assert "hunter2" in app.flushed().subject


# ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_next_mail_waits_for_the_interval_and_tells_of_all(watched: Make) -> None:
    app = watched(window_s=0.01, interval_s=0.3)
    app.logger.error("first")
    until(lambda: app.mails)
    begun = time.monotonic()
    for _ in range(7):
        app.logger.error("second")
    until(lambda: len(app.mails) == 2)

    assert time.monotonic() - begun > 0.2
    assert "   7 times, from " in (app.mails[1].text or "")


def test_a_window_gathers(watched: Make) -> None:
    app = watched(window_s=0.2)
    for _ in range(4):
        app.logger.error("again")
        time.sleep(0.02)
    until(lambda: app.mails)

    assert len(app.mails) == 1
    assert "   4 times, from " in (app.mails[0].text or "")


def test_a_flush_does_not_wait_for_the_pace(watched: Make) -> None:
    app = watched()
    for number in range(3):
        app.logger.error("again")
        app.flushed()
        assert len(app.mails) == number + 1
    app.handler.flush()

    assert len(app.mails) == 3, "what was told is not told again"


def test_a_flush_waits_for_a_mail_that_is_under_way_and_for_the_next(watched: Make) -> None:
    app = watched(window_s=0)
    app.transport.slow_down(0.2)
    app.logger.error("first")
    time.sleep(0.05)
    app.logger.error("second")
    app.handler.flush()

    assert [mail.subject.rpartition(": ")[2] for mail in app.mails] == ["first", "second"]


def test_a_flush_has_a_deadline(watched: Make, capsys: pytest.CaptureFixture[str]) -> None:
    app = watched(flush_s=0.1)
    app.transport.slow_down(0.5)
    app.logger.error("it failed")
    begun = time.monotonic()
    app.handler.close()

    assert time.monotonic() - begun < 0.4
    assert "a mail about the log is not out after 0.1 s" in capsys.readouterr().err
    until(lambda: app.mails)  # it goes out all the same, as the program lives on


def test_what_comes_after_close_is_not_mailed(watched: Make) -> None:
    app = watched(window_s=0.01)
    app.handler.close()
    app.logger.error("too late")
    app.handler.flush()
    app.handler.close()

    assert app.mails == []


def test_a_record_that_passed_while_it_closed_is_let_go(watched: Make) -> None:
    app = watched()
    courier = app.handler._couriers.get()
    courier.close(1)
    app.logger.error("too late")
    app.handler.flush()

    assert app.mails == []


# ── it harms nobody ──────────────────────────────────────────────────────────────────────────────────────────────


class Unprintable:
    def __str__(self) -> str:
        raise LookupError("hunter2")


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise LookupError("hunter2")


def test_a_record_that_cannot_be_printed_is_told_all_the_same(watched: Make) -> None:
    app = watched()
    app.logger.error("%d orders", "no number")
    app.logger.error("%s", Unprintable())
    app.logger.error(Unprintable())
    try:
        fail(UnprintableError())
    except UnprintableError:
        app.logger.exception("odd")
    app.logger.error("with a stack", stack_info=True)
    text = app.flushed().text or ""

    assert "%d orders (its arguments do not fit: TypeError)" in text
    assert "%s (its arguments do not fit: LookupError)" in text
    assert "a message of type Unprintable (its arguments do not fit: LookupError)" in text
    assert "UnprintableError: <exception str() failed>" in text, text
    assert "Stack (most recent call last):" in text


def test_hooks_that_fail_do_not_hide_the_error(watched: Make) -> None:
    def redact(text: str) -> str:
        raise LookupError(text)

    app = watched(redact=redact)
    app.logger.error("hunter2")
    other = watched()
    other.handler.setFormatter(logging.Formatter("%(request_id)s"))
    other.logger.error("it failed")

    assert "(not shown: redact failed with LookupError)" in (app.flushed().text or "")
    assert "hunter2" not in (app.mails[-1].text or "") + app.mails[-1].subject
    assert "it failed\n(the formatter failed: ValueError)" in (other.flushed().text or "")


def test_control_characters_are_shown(watched: Make) -> None:
    app = watched()
    app.logger.error("a\r\nBcc: everyone@example.com\x1b[31m\0\ud800\u202e\nb")
    mail = app.flushed()

    assert mail.subject.endswith(": a")
    assert "\na\nBcc: everyone@example.com\\x1b[31m\\x00\\ud800\\u202e\nb\n" in (mail.text or "")
    app.logger.error("a\x85Bcc: everyone@example.com\x07")
    assert app.flushed().subject.endswith("a\\x85Bcc: everyone@example.com\\x07")
    app.transport.sent[-1].content.to_bytes()


def test_a_text_without_end_is_cut(watched: Make) -> None:
    app = watched()
    app.logger.error("x" * 5_000_000)
    app.logger.error("\x1b" * 5_000_000)
    mail = app.flushed()

    assert len(mail.subject) <= 140
    assert len(mail.text or "") < 60_000
    assert "characters are left out" in (mail.text or "")


def test_a_record_that_is_no_record_raises_nothing(watched: Make, capsys: pytest.CaptureFixture[str]) -> None:
    app = watched()
    broken = logging.makeLogRecord({"name": None, "levelno": 40})
    assert not app.handler.handle(broken)
    assert not app.handler.handle(logging.makeLogRecord({"name": "shop", "levelno": 40, "lineno": []}))
    assert not app.handler.handle(logging.makeLogRecord({"name": "shop", "levelno": 40, "created": None}))
    odd = {"name": "shop", "levelno": 40, "levelname": "BAD\nTo: a@b.example", "created": 1e300, "exc_text": "old"}
    assert app.handler.handle(logging.makeLogRecord(odd))
    wrong = {"name": "shop", "levelno": 40, "lineno": 7, "exc_info": (ValueError, "no exception", None)}
    assert app.handler.handle(logging.makeLogRecord(wrong))

    told = capsys.readouterr().err
    assert told.startswith("sesmail.MailHandler: a record of the log could not be taken in: AttributeError at ")
    assert told.count("\n") == 1, "it is told once"
    text = app.flushed().text or ""
    assert "at 1e+300 seconds" in text
    assert "\nold" in text
    assert "(the traceback cannot be shown: " in text


def test_a_filter_has_its_say(watched: Make) -> None:
    app = watched()
    app.handler.addFilter(lambda record: "quiet" not in record.getMessage())
    app.logger.error("quiet")
    app.handler.flush()
    assert app.mails == []
    app.logger.error("loud")

    assert app.flushed().subject.endswith(": loud")


def test_ten_thousand_errors_are_one_mail_and_little_memory(watched: Make) -> None:
    app = watched()
    app.logger.error("to begin with")
    tracemalloc.start()
    begun = time.perf_counter()
    for number in range(10_000):
        app.logger.error("order %d: %s", number, "x" * 1000)
    took = time.perf_counter() - begun
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    mail = app.flushed()

    assert "10001 records of the log" in (mail.text or "")
    assert len(app.mails) == 1
    assert peak < 500_000
    assert took / 10_000 < 0.001, "a record costs some microseconds"


def test_many_threads_are_counted_right(watched: Make) -> None:
    app = watched()

    def work() -> None:
        for _ in range(200):
            app.logger.error("again")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert "   1600 times, from " in (app.flushed().text or "")


# ── a transport that fails ───────────────────────────────────────────────────────────────────────────────────────


def test_a_failure_is_told_once_and_its_records_are_in_the_next_mail(
    watched: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    app = watched()
    app.transport.fail_next(Throttled("too many a second"), times=2)
    for _ in range(3):
        app.logger.error("it failed")
        app.logger.critical("so did this")
        app.handler.flush()
    told = capsys.readouterr().err

    assert told == (
        "sesmail.MailHandler: a mail about the log failed (records: 2): Throttled: too many a second"
        " (told once until a mail goes out)\n"
    )
    (mail,) = app.mails
    assert "6 records of the log of " in (mail.text or "")
    assert mail.text is not None
    assert mail.text.count("   3 times, from ") == 2

    app.transport.fail_next(Throttled("too many a second"))
    app.logger.error("again")
    app.handler.flush()
    assert "Throttled" in capsys.readouterr().err, "a mail went out in between"


def test_of_a_mail_that_may_be_out_the_next_one_has_the_number(watched: Make) -> None:
    app = watched()
    app.transport.fail_next(TimedOut("no answer"), arrives=True)
    app.logger.error("it failed")
    app.handler.flush()
    app.logger.error("once more")
    app.handler.flush()

    assert len(app.mails) == 2
    assert "it failed" not in (app.mails[1].text or "")
    assert "1 record was in an earlier mail that may not have arrived." in (app.mails[1].text or "")


def test_a_mail_that_is_wrong_does_not_stop_those_behind_it(watched: Make) -> None:
    app = watched()
    app.transport.fail_next(TooLarge("a server takes less", size=2, limit=1))
    app.logger.error("it is too much")
    app.handler.flush()
    app.logger.error("once more")

    text = app.flushed().text or ""
    assert "it is too much" not in text, "it would be refused again, and for ever"
    assert "1 record was in an earlier mail that may not have arrived." in text


def test_what_a_wrong_set_up_kept_is_in_the_next_mail(watched: Make) -> None:
    app = watched()
    app.transport.fail_next(CredentialsMissing("no keys yet"))
    app.logger.error("it failed")
    app.handler.flush()

    assert "it failed" in (app.flushed().text or "")


def test_what_is_logged_while_a_mail_fails_is_put_together_with_it(watched: Make) -> None:
    def before(email: Email) -> Email:
        if not memory.sent and not tried:
            tried.append(email)
            thread = threading.Thread(target=meanwhile)
            thread.start()
            thread.join()
        return email

    def meanwhile() -> None:
        log(logging.CRITICAL)
        app.logger.error("only then")
        say()

    def say() -> None:
        app.logger.error("both times")

    def log(level: int) -> None:
        app.logger.log(level, "at %d", level)
        app.logger.log(level, "also at %d", level)

    memory = MemoryTransport()
    tried: list[Email] = []
    app = watched(mailer=Mailer(memory, sender="a@example.com", before=before))
    memory.fail_next(Throttled("too many a second"))
    app.logger.error("alone")
    log(logging.ERROR)
    say()
    app.handler.flush()
    app.handler.flush()

    assert memory.sent[0].email.subject.endswith(": at 40")
    text = memory.sent[0].email.text or ""
    assert "8 records of the log" in text
    assert "from 5 places" in text
    assert "only then" in text
    assert "1. CRITICAL shop.orders\n   2 times, " in text
    assert "\nat 40\n\nThen: at 50\n" in text
    assert "3. ERROR shop.orders\n   once, " in text
    assert "4. ERROR shop.orders\n   2 times, " in text


def test_what_is_kept_while_mails_fail_has_an_end(watched: Make) -> None:
    app = watched(most_groups=3)
    app.transport.fail_next(Throttled("too many a second"), times=4)
    for number in range(10):
        app.handler.handle(logging.LogRecord("shop", 40 + number, "shop.py", number, "fault %d", (number,), None))
        if number % 2:
            app.handler.flush()
    assert len(app.mails) == 1

    text = app.mails[0].text or ""
    assert "10 records of the log" in text
    assert "7 records are counted and not here" in text


def test_a_transport_that_always_fails_leaves_the_program_alone(
    watched: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sesmail.integrations.log_mail.courier._AFTER_A_FAILURE_S", 0.001)
    app = watched(window_s=0, interval_s=0)
    app.transport.fail_next(Throttled("too many a second"), times=1_000_000)
    for _ in range(2000):
        app.logger.error("it failed")
    time.sleep(0.05)
    app.handler.close()

    assert capsys.readouterr().err.count("\n") == 1
    assert app.mails == []


def test_who_fails_does_not_fail_in_a_loop(watched: Make) -> None:
    app = watched(window_s=0, interval_s=0)
    app.transport.fail_next(Throttled("too many a second"), times=1_000_000)
    app.logger.error("it failed")
    time.sleep(0.2)

    assert 1_000_000 - len(app.transport._failures) == 1


def test_an_error_that_is_not_ours_is_told_without_its_text(watched: Make, capsys: pytest.CaptureFixture[str]) -> None:
    def before(email: Email) -> Email:
        raise LookupError("hunter2")

    app = watched(mailer=Mailer("memory://", sender="a@example.com", before=before))
    app.logger.error("it failed")
    app.handler.flush()

    told = capsys.readouterr().err
    assert f"LookupError at {__file__}:" in told
    assert "hunter2" not in told


class Broken:
    """A stderr that fails in its own way."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def write(self, _: str) -> None:
        raise self.error


@pytest.mark.parametrize("stderr", [None, Broken(ValueError("closed file")), Broken(LookupError("a stranger's"))])
def test_stderr_may_be_absent_or_fail_in_any_way(
    watched: Make, monkeypatch: pytest.MonkeyPatch, stderr: Broken | None
) -> None:
    app = watched(flush_s=0.05)
    app.transport.fail_next(Throttled("too many a second"))
    app.transport.slow_down(0.2)
    monkeypatch.setattr(sys, "stderr", stderr)
    app.handler.handle(logging.makeLogRecord({"name": 1, "levelno": logging.ERROR}))
    app.handler._complaint.is_over()
    app.logger.error("it failed")
    app.handler.flush()  # which has no time to wait for the end, and says so
    app.handler._complaint.is_over()
    until(lambda: not app.handler._couriers.get()._is_busy)
    app.handler.flush()
    until(lambda: app.mails)


def test_raise_exceptions_silences_it(
    watched: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    app = watched()
    app.transport.fail_next(Throttled("too many a second"))
    app.logger.error("it failed")
    app.handler.flush()

    assert capsys.readouterr().err == ""


def test_a_mail_that_went_to_some_is_told(watched: Make, capsys: pytest.CaptureFixture[str]) -> None:
    app = watched(to=[TO, "bob@example.org"])
    app.transport.refuse("bob@example.org")
    app.logger.error("it failed")
    app.flushed()

    told = capsys.readouterr().err
    assert "a mail about the log did not go to 1 of its recipients" in told
    assert "bob@example.org" not in told


def test_without_a_thread_the_mail_goes_out_at_the_flush(watched: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    app = watched()
    monkeypatch.setattr(threading.Thread, "start", start)
    app.logger.error("it failed")
    app.logger.error("it failed")

    assert "2 records" in (app.flushed().text or "")


# ── the guard ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    logger = logging.getLogger()
    before = logger.handlers[:]
    yield logger
    logger.handlers[:] = before


def test_what_is_logged_while_it_sends_is_never_mailed(watched: Make, root: logging.Logger) -> None:
    elsewhere = threading.Event()

    def before(email: Email) -> Email:
        logging.getLogger("shop.hooks").error("a hook logs in the thread that sends")
        thread = threading.Thread(target=lambda: logging.getLogger("botocore.hooks").error("keys"))
        thread.start()
        thread.join()
        threading.Thread(target=lambda: logging.getLogger("shop").error("an error of the program")).start()
        until(lambda: len(courier._digest.groups) or elsewhere.is_set())
        elsewhere.set()
        app.handler.flush()  # a part of what it would wait for
        return email

    memory = MemoryTransport()
    app = watched(mailer=Mailer(memory, sender="a@example.com", before=before))
    courier = app.handler._couriers.get()
    root.addHandler(app.handler)
    logging.getLogger("sesmail.somewhere").error("ours")
    logging.getLogger("sesmail").error("ours")
    logging.getLogger("sesmailer").error("somebody else's")
    app.handler.flush()
    app.handler.flush()

    first, second = (outgoing.email.text or "" for outgoing in memory.sent)
    assert "1 record " in first
    assert "somebody else's" in first
    assert "1 record " in second
    assert "an error of the program" in second


def test_a_stderr_that_leads_into_the_log_makes_no_mail_about_a_mail(
    watched: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = watched()
    written: list[str] = []

    class IntoTheLog:
        def write(self, text: str) -> None:
            written.append(text)
            app.logger.error(text)

    monkeypatch.setattr(sys, "stderr", IntoTheLog())
    app.transport.fail_next(Throttled("too many a second"))
    app.logger.error("it failed")
    app.handler.flush()

    assert len(written) == 1
    assert "1 record of" in (app.flushed().text or "")


def test_a_redact_that_logs_is_not_redacted_itself(watched: Make) -> None:
    def redact(text: str) -> str:
        app.logger.error("looked at a text")
        return text.replace("hunter2", "…")

    app = watched(redact=redact)
    app.logger.error("the password hunter2 is wrong")

    text = app.flushed().text or ""
    assert "1 record of" in text
    assert "the password … is wrong" in text


def test_errors_of_the_carriers_are_mailed_while_nothing_is_sent(watched: Make, root: logging.Logger) -> None:
    app = watched()
    root.addHandler(app.handler)
    until(lambda: not guard._sending.get())  # the slow ones of other tests
    logging.getLogger("botocore.credentials").error("no keys")

    assert app.flushed().subject.endswith(": no keys")


def test_two_handlers_do_not_mail_about_each_other(watched: Make, root: logging.Logger) -> None:
    def before(email: Email) -> Email:
        logging.getLogger("shop.hooks").error("a hook that logs")
        return email

    memory = MemoryTransport()
    apps = [watched(mailer=Mailer(memory, sender="a@example.com", before=before)) for _ in range(2)]
    for app in apps:
        root.addHandler(app.handler)
    logging.getLogger("shop").error("it failed")
    for _ in range(3):
        for app in apps:
            app.handler.flush()

    assert len(memory.sent) == 2


def test_who_holds_the_lock_of_the_handler_does_not_stop_the_mail(watched: Make, root: logging.Logger) -> None:
    """`logging.shutdown` holds it while it flushes."""

    def before(email: Email) -> Email:
        logging.getLogger("sesmail").error("ours")
        logging.getLogger("shop").error("a hook's")
        return email

    memory = MemoryTransport()
    app = watched(mailer=Mailer(memory, sender="a@example.com", before=before))
    root.addHandler(app.handler)
    logging.getLogger("shop").error("it failed")
    begun = time.monotonic()
    app.handler.acquire()
    app.handler.flush()
    app.handler.release()

    assert len(memory.sent) == 1
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    "configure",
    [
        lambda: logging.config.dictConfig({"version": 1, "disable_existing_loggers": False}),
        lambda: logging.basicConfig(force=True, handlers=[logging.NullHandler()]),
    ],
    ids=["dictConfig", "basicConfig"],
)
def test_who_configures_logging_does_not_wait_for_a_thread_that_waits_for_him(
    root: logging.Logger, configure: Callable[[], None]
) -> None:
    """It closes handlers while it holds the lock without which nobody gets a logger."""

    class NeedsALogger(MemoryTransport):
        def send(self, outgoing: Outgoing) -> SendResult:
            logging.getLogger("botocore.new")
            return super().send(outgoing)

    transport = NeedsALogger()
    handler = MailHandler(mailer=Mailer(transport, sender="a@example.com"), to=TO, window_s=3600, flush_s=5)
    root.handlers[:] = [handler]
    logging.getLogger("shop").error("it failed")
    begun = time.monotonic()
    configure()

    assert len(transport.sent) == 1
    assert time.monotonic() - begun < 4


# ── set-up ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_dict_configures_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SESMAIL_URL", "null://")
    config: dict[str, object] = {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {
            "mail": {
                "class": "sesmail.integrations.log_mail.MailHandler",
                "level": "CRITICAL",
                "sender": "App <app@example.com>",
                "to": ["ops@example.com", "Ada <ada@example.org>"],
                "subject": "{message}",
                "interval_s": 60,
                "redact": "ext://textwrap.dedent",
            }
        },
        "loggers": {"shop.configured": {"handlers": ["mail"], "propagate": False}},
    }
    with capture() as mailbox:
        logging.config.dictConfig(config)
        logger = logging.getLogger("shop.configured")
        logger.error("not this")
        logger.critical("this")
        logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})  # closes those of before

    assert mailbox.assert_one(to="ada@example.org", subject="this").sender is not None
    logger.handlers.clear()


def test_a_queue_in_front_of_it_is_fine(watched: Make) -> None:
    app = watched()
    between: queue.Queue[object] = queue.Queue()
    listener = logging.handlers.QueueListener(between, app.handler)
    logger = logging.Logger("shop.queued")  # noqa: LOG001 - as above
    logger.addHandler(logging.handlers.QueueHandler(between))
    listener.start()
    logger.info("not this")
    try:
        fail(ValueError("odd"))
    except ValueError:
        logger.exception("order %d", 42)
    listener.stop()
    mail = app.flushed()

    assert mail.subject.endswith(": order 42")
    assert "ValueError: odd" in (mail.text or "")
    assert "1 record " in (mail.text or "")


def test_the_box_takes_its_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalSes(sandbox=False) as ses:
        ses.identity("example.com").verify()
        for name, value in ses.environment.items():
            monkeypatch.setenv(name, value)
        handler = MailHandler(f"ses://{ses.environment['AWS_DEFAULT_REGION']}", sender="a@example.com", to=TO)
        logger = logging.Logger("shop")  # noqa: LOG001 - as above
        logger.addHandler(handler)
        try:
            fail(ValueError("übel\x1b[0m"))
        except ValueError:
            logger.exception("order\x00 № 42")
        handler.close()

        (sent,) = ses.sent
    assert sent.subject.endswith("order\\x00 № 42")
    assert "ValueError: übel\\x1b[0m" in (sent.email.text or "")
    assert sent.email.auto_submitted == "auto-generated"


def registered() -> set[int]:
    handlers = [reference() for reference in logging._handlerList]  # type: ignore[attr-defined]
    return {id(handler) for handler in handlers if isinstance(handler, MailHandler)}


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"to": "nobody"}, InvalidAddress, "to"),
        ({"to": []}, MailError, ""),
        ({"sender": None}, MailError, "sender"),
        ({"url": "sess://"}, UnknownScheme, "did you mean"),
        ({"url": "null://", "mailer": Mailer("null://", sender="a@example.com")}, SetupError, "not both"),
        ({"url": None, "mailer": AsyncMailer("null://")}, SetupError, "not AsyncMailer"),
        ({"level": "EROR"}, UnknownOption, "did you mean 'ERROR'?"),
        ({"subject": "{mesage}"}, UnknownOption, "did you mean 'message'?"),
        ({"subject": "{message.__class__}"}, UnknownOption, "no option 'message.__class__'"),
        ({"subject": "{message:d}"}, SetupError, "a format that does not fit"),
        ({"subject": "{message:{host}{x}}"}, SetupError, "a format that does not fit"),
        ({"subject": "{message"}, SetupError, "a brace without its partner"),
        ({"window_s": -1}, SetupError, "window_s"),
        ({"interval_s": float("inf")}, SetupError, "interval_s"),
        ({"interval_s": float("nan")}, SetupError, "interval_s"),
        ({"window_s": 1e11}, SetupError, "window_s"),
        ({"flush_s": "5"}, SetupError, "flush_s"),
        ({"most_shown": 0}, SetupError, "most_shown"),
        ({"most_groups": 1.5}, SetupError, "most_groups"),
        ({"redact": "shop.redact"}, SetupError, "ext://"),
    ],
)
def test_a_wrong_set_up_is_refused_when_it_is_made(
    options: dict[str, object], error: type[SesmailError], text: str
) -> None:
    before = registered()
    given = {"url": "null://", "sender": "app@example.com", "to": TO, **options}
    with pytest.raises(error) as caught:
        MailHandler(**given)  # type: ignore[arg-type]

    assert text in str(caught.value)
    assert registered() <= before, "`logging.shutdown` must not meet half a handler"


def test_its_own_mailer_is_closed_with_it_and_yours_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    class Closing(MemoryTransport):
        closed = 0

        def close(self) -> None:
            self.closed += 1
            raise LookupError("hunter2")

    transport = Closing()
    yours = MailHandler(mailer=Mailer(transport, sender="a@example.com"), to=TO)
    yours.close()
    assert transport.closed == 0
    mine = MailHandler("memory://", sender="a@example.com", to=TO)
    mine._mailer._transport = transport
    mine.close()

    assert transport.closed == 1
    assert "the way out could not be closed: LookupError at " in capsys.readouterr().err
    assert MailHandler is Inner
