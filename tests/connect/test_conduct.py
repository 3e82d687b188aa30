"""Which policies a line asks for, and how they stand."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail import Mailer
from sesmail.connect import connect, options
from sesmail.connect.conduct import AROUND_ALL, GROUPS, OF_EACH_WAY, OF_POLICIES
from sesmail.errors import SetupError, UnknownOption, UnknownScheme
from sesmail.policies import Policy
from sesmail.transports import MemoryTransport, NullTransport, SesTransport, Transport

ALL = (*OF_EACH_WAY, *AROUND_ALL, *GROUPS.values())


def kinds(transport: Transport) -> Any:
    """The stack from the outside in, by names of classes; several ways as a list."""
    if not isinstance(transport, Policy):
        return [type(transport).__name__]
    ways = [kinds(way) for way in transport.ways]
    return [type(transport).__name__, *(ways[0] if len(ways) == 1 else [ways])]


# ── the table ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("place", ALL, ids=lambda place: place.kind)
def test_the_table_names_the_options_that_there_are(place: Any) -> None:
    assert tuple(option.name for option in place.taken()) == place.options
    assert issubclass(getattr(sys.modules[place.module], place.kind), Policy)


def test_no_option_has_two_meanings() -> None:
    for scheme, taken in options().items():
        assert not OF_POLICIES & {option.name for option in taken}, scheme
    names = [name for place in (*OF_EACH_WAY, *AROUND_ALL) for name in place.options]
    assert len(names) == len(set(names)) == len(OF_POLICIES)


# ── one way ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "url", ["ses://eu-west-1", "ses+v1://eu-west-1", "ses+smtp://u:p@eu-west-1", "smtp://mx.example?local_name=a.b"]
)
def test_what_crosses_a_network_is_tried_again_and_nothing_else_is_done_unasked(url: str) -> None:
    assert kinds(connect(url))[0] == "Retry"
    assert len(kinds(connect(url))) == 2
    joint = "&" if "?" in url else "?"
    for off in ("off", "1"):
        assert not isinstance(connect(f"{url}{joint}retry={off}"), Policy)


@pytest.mark.parametrize("url", ["memory://", "null://", "console://", "file:mail"])
def test_what_crosses_none_is_not(url: str) -> None:
    assert not isinstance(connect(url), Policy)
    assert kinds(connect(f"{url}?retry=2"))[0] == "Retry"


def test_a_transport_of_yours_is_used_as_it_is() -> None:
    transport = SesTransport("eu-west-1")
    assert Mailer(transport).transport is transport


def test_however_they_are_written_they_stand_in_one_order() -> None:
    words = ["redirect=me@example.com", "allow=*", "drop=yes", "split=50", "retry=4", "sandbox=warn", "rate=14"]
    for several in (words, words[::-1]):
        assert kinds(connect(f"ses://eu-west-1?{'&'.join(several)}", on_attempt=print)) == [
            *("Redirect", "Allow", "Drop", "Split", "Retry", "SandboxGuard", "RateLimit", "Observe", "SesTransport")
        ]


def test_an_option_without_what_it_is_about_is_an_error() -> None:
    with pytest.raises(SetupError, match="sandbox_sender says something of sandbox, which is not there"):
        connect("ses://eu-west-1?sandbox_sender=yes")
    with pytest.raises(SetupError, match="rate_wait_s says something of rate"):
        connect("ses://eu-west-1?rate_wait_s=3")
    assert repr(connect("ses://eu-west-1?retry_within_s=20")) == "ses://eu-west-1?retry=3&retry_within_s=20"


@pytest.mark.parametrize(
    ("url", "nearest"),
    [
        ("ses://eu-west-1?rety=4", "retry"),
        ("ses://eu-west-1?clinet=direct", "client"),
        ("memory://?sandbx=warn", "sandbox"),
    ],
)
def test_an_unknown_option_names_the_nearest_of_both(url: str, nearest: str) -> None:
    with pytest.raises(UnknownOption, match=f"did you mean '{nearest}'"):
        connect(url)


def test_a_value_that_is_none_is_an_error_without_it() -> None:
    with pytest.raises(SetupError, match=r"ses://: retry takes") as raised:
        connect("ses://eu-west-1?retry=pass-word")
    assert "pass-word" not in str(raised.value)


# ── several ways ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_group_is_tried_again_as_a_whole() -> None:
    assert kinds(connect("failover(ses://eu-west-1 ses://eu-central-1)")) == [
        *("Retry", "Failover", [["SesTransport"], ["SesTransport"]])
    ]
    assert kinds(connect("failover(ses://eu-west-1?retry=2 null://)?retry=off")) == [
        *("Failover", [["Retry", "SesTransport"], ["NullTransport"]])
    ]


def test_what_each_way_needs_is_handed_down_unless_it_says_so_itself() -> None:
    line = "failover(ses://eu-west-1?sandbox=warn roundrobin(ses://eu-central-1 ses://us-east-1)?rate=5)?sandbox=refuse&rate=14"
    assert repr(connect(line)) == (
        "failover(ses://eu-west-1?rate=14&sandbox=warn"
        " roundrobin(ses://eu-central-1?rate=5&sandbox=refuse ses://us-east-1?rate=5&sandbox=refuse))?retry=3"
    )


@pytest.mark.parametrize("word", ["redirect=me@example.com", "allow=*", "drop=yes"])
def test_who_may_get_mail_is_not_said_of_one_way_of_several(word: str) -> None:
    assert isinstance(connect(f"failover(memory:// null://)?{word}"), Policy)
    for line in (f"failover(memory://?{word} null://)", f"failover(null:// roundrobin(memory:// null://)?{word})"):
        with pytest.raises(SetupError, match="put it behind the group"):
            connect(line)


def test_a_word_for_two_is_for_both() -> None:
    line = "failover(ses://eu-west-1 ses://eu-central-1)?failures=3&on_unknown=resend&retry=3"
    assert repr(connect(line)) == line


def test_an_unknown_group_or_option_of_one_names_the_nearest() -> None:
    with pytest.raises(UnknownScheme, match="did you mean 'failover'"):
        connect("fallover(memory://)")
    with pytest.raises(UnknownOption, match="did you mean 'failures'"):
        connect("failover(memory://)?failurs=3")
    with pytest.raises(UnknownOption, match="'client'"):
        connect("failover(ses://eu-west-1)?client=direct")


# ── how it is printed ────────────────────────────────────────────────────────────────────────────────────────────

_SAID = st.fixed_dictionaries(
    {},
    optional={
        "retry": st.sampled_from(["2", "5"]),
        "retry_within_s": st.sampled_from(["20"]),
        "on_unknown": st.sampled_from(["resend", "raise"]),
        "split": st.sampled_from(["each", "20"]),
        "allow": st.sampled_from(["*", "", "@example.com,ada+x@example.org"]),
        "redirect": st.sampled_from(["me@example.com", "a@example.com,b@example.com"]),
        "rate": st.sampled_from(["auto", "14", "0.5"]),
        "sandbox": st.sampled_from(["refuse", "drop", "warn"]),
    },
)


@given(said=_SAID, is_group=st.booleans())
def test_what_is_printed_opens_the_same_stack(said: dict[str, str], is_group: bool) -> None:
    query = "&".join(f"{name}={text.replace('+', '%2B')}" for name, text in said.items())
    line = "failover(ses://eu-west-1 ses://eu-central-1)" if is_group else "ses://eu-west-1"
    stack = connect(f"{line}?{query}" if query else line)
    again = connect(repr(stack))
    assert (repr(again), kinds(again)) == (repr(stack), kinds(stack))


def test_no_secret_is_printed() -> None:
    line = "failover(ses+smtp://AKIAUSER:pass-word@eu-west-1 smtp://me:pass-word@mx.example?local_name=a.b)?retry=4"
    assert "pass-word" not in repr(Mailer(line)) + repr(connect(line))
    assert repr(connect(line)) == "failover(ses+smtp://eu-west-1 smtp://mx.example:587)?retry=4"


# ── the observer ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_observer_goes_around_each_way_of_a_url() -> None:
    seen: list[Any] = []
    mailer = Mailer("failover(memory:// null://)", on_attempt=seen.append, sender="shop@example.com")
    mailer.send(to="ada@example.org", text="Hello")
    assert [attempt.transport for attempt in seen] == ["memory"]
    with pytest.raises(SetupError, match=r"put sesmail\.policies\.Observe yourself"):
        Mailer(NullTransport(), on_attempt=seen.append)


# ── what it costs ────────────────────────────────────────────────────────────────────────────────────────────────


def test_policies_that_are_not_there_are_not_imported() -> None:
    program = (
        "import sys\n"
        "from sesmail import Mailer\n"
        "Mailer({url!r})\n"
        "print(*sorted(name for name in sys.modules if name.startswith('sesmail.policies.')))"
    )

    def imported(url: str) -> set[str]:
        done = subprocess.run(
            [sys.executable, "-c", program.format(url=url)], check=True, capture_output=True, text=True
        )
        return {name.removeprefix("sesmail.policies.").partition(".")[0] for name in done.stdout.split()}

    assert imported("memory://") == set()
    assert not imported("ses://eu-west-1") & {
        "sandbox",
        "rate",
        "failover",
        "split",
        "redirect",
        "allow",
        "known",
        "observe",
    }
    assert "sandbox" in imported("ses://eu-west-1?sandbox=refuse")


def test_connect_takes_what_it_took_before() -> None:
    assert isinstance(connect("memory://?limits=none"), MemoryTransport)
    assert list(inspect.signature(connect).parameters) == ["line", "on_attempt"]
