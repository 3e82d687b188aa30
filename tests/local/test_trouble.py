"""Troubles as values: what can be said of each, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sesmail.errors import SetupError, UnknownOption
from sesmail.local.trouble import TLS_FAULTS, Kind, Trouble


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("throttle", Trouble(kind=Kind.THROTTLE, on="send")),
        ("throttle,times=2,skip=1", Trouble(kind=Kind.THROTTLE, on="send", times=2, skip=1)),
        ("throttle, times=always, chance=0.5", Trouble(kind=Kind.THROTTLE, on="send", times=None, chance=0.5)),
        ("throttle,on=GetAccount", Trouble(kind=Kind.THROTTLE, on="GetAccount")),
        ("unavailable,status=500", Trouble(kind=Kind.UNAVAILABLE, on="send", status=500)),
        ("expired", Trouble(kind=Kind.EXPIRED, on="credentials")),
        ("slow,seconds=0.25", Trouble(kind=Kind.SLOW, on="send", seconds=0.25)),
        ("reset,when=before", Trouble(kind=Kind.RESET, on="send", when="before")),
        ("cut_request,at=10", Trouble(kind=Kind.CUT_REQUEST, on="any", at=10)),
        ("cut_answer,at=7,on=rcpt", Trouble(kind=Kind.CUT_ANSWER, on="rcpt", at=7)),
        ("reply,code=454,on=rcpt,text=Later", Trouble(kind=Kind.REPLY, on="rcpt", code=454, text="Later")),
        ("tls,fault=wrong_host", Trouble(kind=Kind.TLS, on="tls", fault="wrong_host")),
    ],
)
def test_one_is_written_in_a_line(text: str, trouble: Trouble) -> None:
    parsed = Trouble.parse(text)

    assert parsed == trouble
    said = {name: value for name, value in parsed.said.items() if name != "kind"}
    assert Trouble.of(parsed.kind, **said) == trouble


@pytest.mark.parametrize(
    ("text", "error", "reason"),
    [
        ("throttel", UnknownOption, "chaos has no option 'throttel'; did you mean 'throttle'"),
        ("throttle,tims=3", UnknownOption, "the trouble throttle has no option 'tims'; did you mean 'times'"),
        ("throttle,seconds=3", UnknownOption, "the trouble throttle has no option 'seconds'"),
        ("reply,on=rctp", UnknownOption, "has no option 'rctp'; did you mean 'rcpt'"),
        ("throttle,on=SendEmial", UnknownOption, "did you mean 'SendEmail'"),
        ("throttle,on=tls", UnknownOption, "the field on of the trouble throttle has no option 'tls'"),
        ("cut_request,on=send", UnknownOption, "has no option 'send'"),
        ("tls,on=SendEmail", UnknownOption, "has no option 'SendEmail'"),
        ("reply,on=GetAccount", UnknownOption, "has no option 'GetAccount'"),
        ("throttle,kind=reset", UnknownOption, "the trouble throttle has no option 'kind'"),
        ("throttle,cls=1", UnknownOption, "the trouble throttle has no option 'cls'"),
        ("slow,seconds=1,seconds=2", SetupError, "'seconds' in 'slow,seconds=1,seconds=2' is said twice"),
        ("throttle,times", SetupError, "'times' in 'throttle,times' is no pair: write name=value"),
        ("throttle,times=x", SetupError, "times of a trouble is a whole number, and not 'x'"),
        ("throttle,times=0", SetupError, "times of the trouble throttle is 1 or more, or 'always'"),
        ("throttle,skip=-1", SetupError, "skip of the trouble throttle is 0 or more"),
        ("throttle,chance=0", SetupError, "chance of the trouble throttle is over 0 and at most 1"),
        ("throttle,chance=nan", SetupError, "chance"),
        ("unavailable,status=404", SetupError, r"status of the trouble unavailable is one of \(500, 503\)"),
        ("slow,seconds=nan", SetupError, "seconds"),
        ("slow,seconds=inf", SetupError, "seconds"),
        ("slow,seconds=-1", SetupError, "seconds"),
        ("slow,seconds=", SetupError, "seconds of a trouble is a number, and not ''"),
        ("reset,when=later", SetupError, "when of the trouble reset is 'before' or 'after'"),
        ("cut_answer,at=-1", SetupError, "at of the trouble cut_answer is 0 or more"),
        ("reply,code=250", SetupError, "code of the trouble reply is a reply from 400 to 599"),
        ("reply,text=ü", SetupError, "text of the trouble reply is printable ASCII"),
        ("tls,fault=none", SetupError, f"fault of the trouble tls is one of {', '.join(TLS_FAULTS)}"),
    ],
)
def test_what_is_wrong_is_named(text: str, error: type[SetupError], reason: str) -> None:
    with pytest.raises(error, match=reason):
        Trouble.parse(text)


def test_a_line_end_is_no_text() -> None:
    with pytest.raises(SetupError, match="printable ASCII"):
        Trouble.of("reply", text="Later\r\n250 Ok")


@pytest.mark.parametrize("times", [2.5, float("inf"), float("nan"), [], {}])
def test_a_number_of_times_is_whole(times: object) -> None:
    with pytest.raises(SetupError, match="times of a trouble is a whole number"):
        Trouble.of("throttle", times=times)


def test_a_whole_number_may_come_as_json_has_it() -> None:
    assert Trouble.of("throttle", times=2.0).times == 2


def test_the_page_names_every_trouble() -> None:
    """Each line of the table in docs/chaos.md is one that can be written, and no kind is left out."""
    page = (Path(__file__).parents[2] / "docs" / "chaos.md").read_text("utf-8")
    lines = re.findall(r"^\| `\w+\(.*?\)` \| `(.+?)` \|", page, re.MULTILINE)

    assert {Trouble.parse(line).kind for line in lines} == set(Kind)
