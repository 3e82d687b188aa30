"""Templates as this process has read them: asked for once, by one, and again when that is due."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Generator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from sesmail import Outcome
from sesmail.errors import (
    AccessDenied,
    ConnectionLost,
    NotFound,
    Rejected,
    SendError,
    TemplateError,
    Throttled,
    TimedOut,
    Unavailable,
)
from sesmail.ses.call import ApiFault, Call, Reply
from sesmail.ses.handlebars import Meter, Template
from sesmail.ses.stored import check as check_module
from sesmail.ses.stored import copies as module
from sesmail.ses.stored.calls import entries_of
from sesmail.ses.stored.check import MOST_STEPS, failures
from sesmail.ses.stored.content import StoredRow, stored_of
from sesmail.ses.stored.copies import MOST, TTL_S, Copies, Copy
from sesmail.ses.stored.errand import Pause, Work, arun, run
from tests.policies.stepping import StillClock
from tests.ses.asking import Told
from tests.ses.stored.test_calls import outgoing

ASKED = Call("sesv2", "GetEmailTemplate", {"TemplateName": "news"})


def template(subject: str = "Hi {{name}}", **texts: str) -> dict[str, object]:
    return {"TemplateName": "news", "TemplateContent": {"Subject": subject, **texts}}


def fault(code: str, status: int = 400) -> ApiFault:
    return ApiFault(ASKED, code=code, message="", status=status)


class Looking:
    """Copies, and what SES answers when they ask."""

    def __init__(self, *answers: Any) -> None:
        self.clock = StillClock()
        self.client = Told(*answers)
        self.copies = Copies(region="eu-west-1", now=self.clock.now)

    def get(self, name: str = "news", **settings: float) -> Copy:
        return run(self.copies.get(name, **settings), self.client, self.clock)

    def failures(self, *rows: StoredRow, **settings: Any) -> dict[int, TemplateError]:
        entries = entries_of(outgoing(*rows))
        steps = failures(self.copies, "news", entries, **{"has_list": False, **settings})
        return run(steps, self.client, self.clock)

    @property
    def asked(self) -> int:
        return len(self.client.calls)


def row(**data: object) -> StoredRow:
    return StoredRow(to="ada@example.org", data=data)


def test_it_is_asked_for_once_and_again_when_its_time_is_over() -> None:
    looking = Looking(template(), template("Other"))
    first = looking.get()
    looking.clock.time += TTL_S - 1
    assert looking.get() is first
    looking.clock.time += 1
    assert looking.get() is not first
    assert looking.asked == 2


def test_who_is_told_to_slow_down_waits_and_asks_again() -> None:
    looking = Looking(fault("TooManyRequestsException", 429), fault("ThrottlingException"), template())
    assert looking.get().parts
    assert looking.clock.slept == [1.1, 2.2]


def test_who_is_told_so_for_too_long_gives_up_and_may_be_repeated() -> None:
    looking = Looking(*[fault("ThrottlingException")] * 4)
    with pytest.raises(Throttled) as caught:
        looking.get()
    assert (caught.value.outcome, caught.value.retryable) == (Outcome.NOT_SENT, True)
    assert looking.asked == 4


@pytest.mark.parametrize(
    ("answer", "kind", "retryable"),
    [
        (fault("NotFoundException", 404), NotFound, False),
        (fault("BadRequestException"), Rejected, False),
        (fault("InternalFailure", 500), Unavailable, True),
        (fault("", 500), Unavailable, True),
        (ConnectionLost("cut", stage="reply"), ConnectionLost, True),
    ],
)
def test_without_a_copy_nothing_is_sent_and_that_is_said(
    answer: Exception, kind: type[SendError], retryable: bool
) -> None:
    looking = Looking(answer)
    with pytest.raises(kind) as caught:
        looking.get()
    assert (caught.value.outcome, caught.value.retryable) == (Outcome.NOT_SENT, retryable)


def test_who_may_not_ask_hears_what_to_allow_and_how_to_do_without() -> None:
    denied = ApiFault(
        ASKED,
        code="AccessDeniedException",
        message="User: arn:aws:iam::123456789012:user/mailer is not authorized to perform: ses:GetEmailTemplate on"
        " resource: arn:aws:ses:eu-west-1:123456789012:template/news",
        status=403,
    )
    with pytest.raises(AccessDenied, match="check_templates=no") as caught:
        Looking(denied).get()
    assert caught.value.action == "ses:GetEmailTemplate"
    assert '"Action": "ses:GetEmailTemplate"' in str(caught.value)
    assert caught.value.code == "AccessDeniedException"


@pytest.mark.parametrize("answer", [fault("InternalFailure", 500), ConnectionLost("cut")])
def test_an_old_copy_goes_on_where_ses_does_not_answer_just_now(answer: Exception) -> None:
    looking = Looking(template(), answer, template("New"))
    first = looking.get()
    looking.clock.time += TTL_S
    assert looking.get() is first
    looking.clock.time += 9
    assert looking.get() is first
    assert looking.asked == 2
    looking.clock.time += 2
    assert looking.get() is not first


def test_a_copy_that_holds_goes_on_as_long_as_it_would_have_without_the_question() -> None:
    looking = Looking(template(), ConnectionLost("cut"), template("New"))
    looking.get()
    looking.clock.time += 10
    looking.get(younger_than_s=2)
    looking.clock.time += TTL_S - 11
    looking.get()
    assert looking.asked == 2


def test_an_old_copy_does_not_go_on_where_the_template_is_gone() -> None:
    looking = Looking(template(), fault("NotFoundException", 404))
    looking.get()
    looking.clock.time += TTL_S
    with pytest.raises(NotFound):
        looking.get()


def test_one_asks_and_the_others_wait_for_that_answer() -> None:
    looking = Looking(template())
    first, second = looking.copies.get("news"), looking.copies.get("news")
    assert isinstance(next(first), Call)
    assert isinstance(next(second), Pause)
    copy = _end(first, Reply(template()))
    assert _end(second) is copy
    assert looking.asked == 0


def test_what_somebody_else_has_asked_for_meanwhile_is_young_enough() -> None:
    looking = Looking()
    first, second = looking.copies.get("news"), looking.copies.get("news", younger_than_s=0.0)
    next(first)
    next(second)
    copy = _end(first, Reply(template()))
    looking.clock.time += 1
    assert _end(second) is copy


def test_a_claim_that_was_given_up_is_nobodys() -> None:
    looking = Looking(template())
    asking = looking.copies.get("news")
    next(asking)
    asking.close()
    assert looking.get().parts


@pytest.mark.parametrize("change", ["time", "process"])
def test_a_claim_of_somebody_who_is_gone_is_taken_over(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looking = Looking(template())
    asking = looking.copies.get("news")
    next(asking)  # and never goes on
    if change == "time":
        looking.clock.time += 60
    else:
        monkeypatch.setattr(module, "getpid", lambda: -1)  # as after a fork
    other = looking.copies.get("news")
    assert isinstance(next(other), Call)
    _end(asking, Reply(template()))  # it lives after all, and leaves the claim of the other one alone
    looking.clock.time += 1
    third = looking.copies.get("news", younger_than_s=0.0)
    assert isinstance(next(third), Pause)
    _end(other, Reply(template()))


class Herd:
    """Several who ask at once, each as far as its first pause; the first of them has put its question."""

    def __init__(self, count: int = 20, **settings: float) -> None:
        self.looking = Looking()
        self.asking, *self.waiting = [self.looking.copies.get("news", **settings) for _ in range(count)]
        assert isinstance(next(self.asking), Call)
        for one in self.waiting:
            assert isinstance(next(one), Pause)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (fault("NotFoundException", 404), NotFound),
        (fault("AccessDeniedException", 403), AccessDenied),
        (ConnectionLost("cut"), ConnectionLost),
    ],
)
def test_who_waits_for_a_question_that_fails_has_the_same_error_at_once(answer: Exception, kind: type[Any]) -> None:
    herd = Herd()
    errors = []
    with pytest.raises(kind) as caught:
        herd.asking.throw(answer)
    for one in herd.waiting:
        with pytest.raises(kind) as heard:
            next(one)
        errors.append(heard.value)
    assert {str(error) for error in errors} == {str(caught.value)}
    assert {error.outcome for error in errors} == {Outcome.NOT_SENT}
    assert len({id(error) for error in [caught.value, *errors]}) == 20
    assert isinstance(next(herd.looking.copies.get("news")), Call)  # who comes later asks anew


def test_who_waits_for_a_question_that_was_given_up_asks_itself() -> None:
    herd = Herd(3)
    herd.asking.close()
    assert isinstance(next(herd.waiting[0]), Call)
    assert isinstance(next(herd.waiting[1]), Pause)


def test_who_waits_while_an_old_copy_goes_on_has_it_too() -> None:
    looking = Looking(template())
    old = looking.get()
    looking.clock.time += 10
    first, second = (looking.copies.get("news", younger_than_s=2.0) for _ in range(2))
    next(first)
    next(second)
    with pytest.raises(StopIteration) as caught:
        first.throw(ConnectionLost("cut"))
    assert caught.value.value is old
    assert _end(second) is old


def test_who_waits_does_so_as_long_as_a_send_may_take() -> None:
    looking = Looking()
    looking.copies = Copies(region="eu-west-1", now=looking.clock.now, patience_s=30)
    first, second = looking.copies.get("news"), looking.copies.get("news")
    next(first)
    next(second)
    looking.clock.time += 30
    with pytest.raises(TimedOut, match="in 30 s") as caught:
        next(second)
    assert (caught.value.outcome, caught.value.retryable) == (Outcome.NOT_SENT, True)


def test_who_is_told_to_slow_down_waits_no_longer_than_a_send_may_take() -> None:
    looking = Looking(*[fault("ThrottlingException")] * 3)
    looking.copies = Copies(region="eu-west-1", now=looking.clock.now, patience_s=3)
    with pytest.raises(Throttled):
        looking.get()
    assert looking.clock.slept == [1.1]


def test_what_was_changed_while_ses_was_asked_is_not_remembered() -> None:
    looking = Looking(template("New"))
    first, second = looking.copies.get("news"), looking.copies.get("news")
    next(first)
    next(second)
    looking.copies.forget("news")
    assert _end(first, Reply(template("Old"))).parts
    assert isinstance(next(second), Call)
    second.close()
    parts = looking.get().parts
    assert parts
    assert parts["Subject"].render({}) == "New"


def test_a_failure_of_before_a_change_is_nobody_elses() -> None:
    herd = Herd(2)
    herd.looking.copies.forget("news")
    with pytest.raises(NotFound):
        herd.asking.throw(fault("NotFoundException", 404))
    assert isinstance(next(herd.waiting[0]), Call)


def _end(steps: Generator[Any, Any, Copy], answer: object = None) -> Copy:
    try:
        steps.send(answer)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    raise AssertionError("there are more steps")


def test_they_are_bounded_and_the_oldest_goes() -> None:
    looking = Looking(*[template()] * (MOST + 2))
    for number in range(MOST + 1):
        looking.get(f"t{number}")
    looking.get("t1")
    assert looking.asked == MOST + 1
    looking.get("t0")
    assert looking.asked == MOST + 2


def test_what_was_changed_is_asked_for_anew() -> None:
    looking = Looking(template(), template("New"))
    looking.get()
    looking.copies.forget("news")
    looking.copies.forget("other")
    looking.get()
    assert looking.asked == 2


# ── the check ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_variable_that_is_missing_is_told_with_template_line_and_part_and_no_value() -> None:
    looking = Looking(template(Html="<p>\n{{order.number}}</p>"))
    (error,) = looking.failures(row(name="secret", order={})).values()
    assert (error.template, error.line, error.variable) == ("news", 2, "order.number")
    assert "its html, line 2" in str(error)
    assert "secret" not in str(error)
    assert "row" not in str(error)


def test_of_several_rows_the_one_is_named() -> None:
    ben = StoredRow(to="ben@example.org")
    found = Looking(template()).failures(row(name="Ada"), ben)
    assert list(found) == [1]
    assert str(found[1]).startswith("row 1 of the call: ")


def test_an_answer_that_is_two_seconds_old_is_looked_at_again_before_a_row_is_held_back() -> None:
    looking = Looking(template("{{gone}}"), template("{{name}}"))
    looking.failures(row(gone=1))
    looking.clock.time += 1.9
    assert looking.failures(row(name=1))
    looking.clock.time += 0.2
    assert not looking.failures(row(name=1))
    assert looking.asked == 2


@pytest.mark.parametrize("answer", [fault("InternalFailure", 500), *[fault("ThrottlingException")]])
def test_where_nobody_answers_then_the_old_verdict_holds(answer: Exception) -> None:
    looking = Looking(template(), *[answer] * 4)
    looking.get()
    looking.clock.time += 5
    assert list(looking.failures(row())) == [0]


@pytest.mark.parametrize("part", [None, 7, "text"])
def test_a_template_without_texts_asks_for_nothing(part: object) -> None:
    looking = Looking({"TemplateName": "news", "TemplateContent": part})
    assert looking.failures(row()) == {}


def test_parts_that_nobody_knows_are_passed_over() -> None:
    looking = Looking({"TemplateContent": {"Subject": "Hi", "Amp": "{{nobody}}", "Text": 7}})
    assert looking.failures(row()) == {}


def test_what_our_handlebars_does_not_know_is_for_ses_to_decide(caplog: pytest.LogCaptureFixture) -> None:
    looking = Looking(template("{{upper name}}"))
    with caplog.at_level(logging.WARNING):
        assert looking.failures(row()) == {}
        assert looking.failures(row()) == {}
    assert caplog.messages == ["the variables of the template news are not checked: UnsupportedConstruct"]


def test_a_row_that_is_too_large_to_be_tried_is_for_ses_to_decide(caplog: pytest.LogCaptureFixture) -> None:
    looking = Looking(template("Hi", Text="{{#each things}}{{#each ../things}}x{{/each}}{{/each}}"))
    with caplog.at_level(logging.WARNING):
        assert looking.failures(row(things=[1] * 1000)) == {}
    assert caplog.messages == ["a row of the template news is too large to be tried here; SES decides"]


def test_a_partial_that_is_out_of_reach_is_told() -> None:
    text = '{{#if a}}{{#*inline "p"}}x{{/inline}}{{/if}}{{> p}}'
    (error,) = Looking(template("Hi", Text=text)).failures(row(a=False)).values()
    assert "the text of the template news cannot be made of the data" in str(error)


@pytest.mark.parametrize("bad", ["a\nb", "a\r\nBcc: eve@example.org", "a\x00", "a\x7f"])
def test_data_that_would_break_the_subject_is_told_without_its_value(bad: str) -> None:
    looking = Looking(template(Text="{{name}}"))
    (error,) = looking.failures(row(name=bad)).values()
    assert "subject" in str(error)
    assert "eve" not in str(error)
    assert not looking.failures(row(name="tab is none"))


def test_the_link_of_a_contact_list_is_no_variable_of_ours() -> None:
    looking = Looking(template("Hi", Text="{{amazonSESUnsubscribeUrl}}"))
    assert looking.failures(row(), has_list=True) == {}
    assert looking.failures(row())


def test_without_the_check_nobody_is_asked() -> None:
    looking = Looking()
    assert looking.failures(row(), check=False) == {}
    assert looking.asked == 0


# ── how much work it is ──────────────────────────────────────────────────────────────────────────────────────────

SQUARE = "{{#each things}}{{#each ../things}}x{{/each}}{{/each}}"


def people(count: int) -> list[str]:
    return [f"r{number}@example.org" for number in range(count)]


def steps_of(looking: Looking, *rows: StoredRow) -> list[Any]:
    """The steps of a check, each done at once."""
    check = failures(looking.copies, "news", entries_of(outgoing(*rows)), has_list=False)
    seen: list[Any] = []

    def watched() -> Generator[Any, Any, None]:
        answer = None
        with suppress(StopIteration):
            while True:
                step = check.send(answer)
                seen.append(step)
                answer = yield step

    run(watched(), looking.client, looking.clock)
    return seen


def test_small_rows_are_checked_at_once_and_others_in_a_thread() -> None:
    small = steps_of(Looking(template()), *[StoredRow(to=one, data={"name": one}) for one in people(50)])
    assert [type(step) for step in small] == [Call]
    for heavy in ({"things": [1] * 200}, {"things": ["x" * 70_000]}):
        steps = steps_of(Looking(template("Hi", Text=SQUARE)), StoredRow(to="ada@example.org", data=heavy))
        assert [type(step) for step in steps] == [Call, Work]


def test_a_large_template_is_read_in_a_thread() -> None:
    steps = steps_of(Looking(template("Hi", Text="{{name}}" * 10_000)), row(name="Ada"))
    assert [type(step) for step in steps] == [Call, Work, Work]


def test_rows_with_the_same_data_are_rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[object] = []
    render = Template.render

    def counted(self: Template, data: Any, **settings: Any) -> str:
        rendered.append(data)
        return render(self, data, **settings)

    monkeypatch.setattr(Template, "render", counted)
    looking = Looking(template("{{name}}"))
    assert list(looking.failures(*[StoredRow(to=one) for one in people(50)])) == list(range(50))
    assert len(rendered) == 1


@pytest.mark.heavy
def test_heavy_rows_have_their_share_and_the_others_are_checked_all_the_same(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    meters: list[Meter] = []

    class Seen(Meter):
        def __init__(self, *settings: Any) -> None:
            super().__init__(*settings)
            meters.append(self)

    monkeypatch.setattr(check_module, "Meter", Seen)
    looking = Looking(template("Hi", Text=f"{SQUARE}{{{{name}}}}"))
    heavy = [StoredRow(to=one, data={"things": [one] * 400}) for one in people(30)]
    honest = StoredRow(to="ada@example.org", data={"things": [1] * 60})
    with caplog.at_level(logging.WARNING):
        found = looking.failures(*heavy, honest)
    assert list(found) == [30]
    assert len(caplog.messages) == 30
    assert sum(meter.steps for meter in meters) < MOST_STEPS * 1.1  # and not 30 times what one may take


@pytest.mark.heavy
def test_the_loop_is_not_blocked_by_heavy_rows() -> None:
    looking = Looking(template("Hi", Text=SQUARE))
    entries = entries_of(outgoing(*[StoredRow(to=one, data={"n": one, "things": [1] * 300}) for one in people(20)]))
    threads: set[str] = set()
    render = Template.render

    def seen(self: Template, data: Any, **settings: Any) -> str:
        threads.add(threading.current_thread().name)
        return render(self, data, **settings)

    async def main() -> None:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Template, "render", seen)
            await arun(failures(looking.copies, "news", entries, has_list=False), looking.client, looking.clock)

    asyncio.run(main())
    assert [name.rpartition("_")[0] for name in sorted(threads)] == ["", "sesmail-templates"]


def test_a_row_is_named_by_its_place_among_all_where_that_is_known() -> None:
    mail = outgoing(row(name="Ada"), StoredRow(to="ben@example.org"))
    mail = replace(mail, content=replace(stored_of(mail.content), places=(56, 57)))
    looking = Looking(template())
    found = run(failures(looking.copies, "news", entries_of(mail), has_list=False), looking.client, looking.clock)
    assert str(found[1]).startswith("row 57: the template news")
