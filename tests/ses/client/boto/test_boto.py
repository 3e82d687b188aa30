"""The client boto3: what comes back, in both colours; time, threads, and how it is closed."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from sesmail import Email, mime
from sesmail.errors import ConnectionLost, Outcome, SetupError, TimedOut
from sesmail.lines.patience import Patience
from sesmail.local import LocalSes
from sesmail.ses.call import ApiFault, Blob, Call, Client, Reply
from sesmail.ses.calls import Api
from sesmail.ses.client.boto import BotoClient, _plain
from sesmail.testing import CuttingProxy, Plan

from .asking import REGION, Ask, awaited, both_colours, client, host_and_port, raw_of, send

# ── a call, and what comes back ──────────────────────────────────────────────────────────────────────────────────────


@both_colours
@pytest.mark.parametrize("api", ["v2", "v1"])
def test_a_mail_arrives_byte_for_byte(ses: LocalSes, heard: list[tuple[Any, Any]], ask: Ask, api: Api) -> None:
    boto = client(ses, service="sesv2" if api == "v2" else "ses")
    call = send(api, text="Grüße\n.\n" * 1000, attachments={"a.bin": bytes(range(256))})

    reply = ask(boto, call)
    boto.close()

    ((arrived, fault),) = heard
    assert fault is None
    assert raw_of(arrived.params) == raw_of(call.parameters).to_bytes()
    assert list(reply.values) == ["MessageId"]
    assert reply.values["MessageId"] == ses.sent[0].message_id
    assert len(reply.request_id) == 36


@both_colours
def test_a_refusal_is_a_fault_of_ses(ses: LocalSes, ask: Ask) -> None:
    boto = client(ses)
    with pytest.raises(ApiFault) as caught:
        ask(boto, send(sender="eve@example.net"))
    boto.close()

    fault = caught.value
    assert (fault.code, fault.status, fault.operation) == ("MessageRejected", 400, "SendEmail")
    assert "eve@example.net" in fault.message
    assert len(fault.request_id) == 36
    assert type(fault.__cause__).__name__ == "MessageRejected"


@both_colours
def test_a_call_that_sends_nothing_works_too(ses: LocalSes, ask: Ask) -> None:
    boto = client(ses)
    assert ask(boto, Call("sesv2", "GetAccount", {})).values["ProductionAccessEnabled"] is True
    boto.close()


def test_it_is_a_client(ses: LocalSes) -> None:
    boto: Client = client(ses)

    boto.admit(awaited=True)
    assert (boto.name, boto.region) == ("boto3", REGION)
    assert repr(boto) == "BotoClient('sesv2', 'us-east-1')"


def test_blobs_become_bytes_wherever_they_are() -> None:
    content = mime.write(Email(sender="shop@example.com", text="Hello"))
    blob, data = Blob(content), content.to_bytes()
    plain = _plain({"a": blob, "b": ({"c": [blob, "text", b"bytes", 1, True]},)})

    assert plain == {"a": data, "b": [{"c": [data, "text", b"bytes", 1, True]}]}


def test_a_call_of_the_other_api_is_refused(ses: LocalSes) -> None:
    with pytest.raises(SetupError, match="SendRawEmail of ses was asked of a client for sesv2"):
        client(ses).call(send("v1"))


def test_an_operation_that_botocore_does_not_know_is_said(ses: LocalSes) -> None:
    boto = client(ses)
    with pytest.raises(SetupError, match="this botocore knows no SendPigeon: pip install --upgrade boto3"):
        boto.call(Call("sesv2", "SendPigeon", {}))
    boto.close()


def test_building_one_imports_boto3_and_importing_it_does_not() -> None:
    code = (
        "import sys, sesmail.ses.client.boto as module\n"
        "heavy = lambda: {'boto3', 'botocore', 'asyncio', 'concurrent'} & set(sys.modules)\n"
        "assert not heavy(), heavy()\n"
        "module.BotoClient(region='eu-west-1')\n"
        "assert {'boto3', 'botocore'} <= heavy(), heavy()\n"
    )
    subprocess.run([sys.executable, "-I", "-c", code], check=True)


@both_colours
@pytest.mark.parametrize("after", [15, 17, 40])
def test_a_yes_that_breaks_off_is_no_yes(ses: LocalSes, ask: Ask, after: int) -> None:
    """After its first line, botocore takes an answer that ends for a whole one."""
    with CuttingProxy(*host_and_port(ses), Plan.cut("to_client", after, by="close")) as proxy:
        boto = client(ses, endpoint_url=f"http://{proxy.host}:{proxy.port}")
        with pytest.raises(ConnectionLost, match="the answer of SES cannot be read; the mail may be out") as caught:
            ask(boto, send())
        boto.close()

    assert (caught.value.outcome, caught.value.retryable, caught.value.stage) == (Outcome.UNKNOWN, False, "reply")
    assert len(ses.sent) == 1


@both_colours
def test_a_call_whose_answer_holds_nothing_is_answered(ses: LocalSes, ask: Ask) -> None:
    boto = client(ses)
    reply = ask(boto, Call("sesv2", "PutAccountSuppressionAttributes", {"SuppressedReasons": ["BOUNCE"]}))
    boto.close()

    assert reply.values == {}
    assert reply.request_id


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

SLOW = Patience(connect_s=5, read_s=0.2)


@both_colours
def test_an_answer_that_does_not_come_leaves_the_outcome_unknown(ses: LocalSes, ask: Ask) -> None:
    ses.chaos.slow(1)
    boto = client(ses, patience=SLOW)
    with pytest.raises(TimedOut) as caught:
        ask(boto, send())
    boto.close()

    assert (caught.value.outcome, caught.value.retryable, caught.value.stage) == (Outcome.UNKNOWN, False, "reply")
    assert len(ses.sent) == 1


def _make(boto: BotoClient) -> None:
    """The client of botocore, which takes its time."""
    with boto._clients.lent():
        pass


@both_colours
def test_a_total_bounds_a_whole_call(ses: LocalSes, ask: Ask) -> None:
    boto = client(ses, total_s=0.5)
    _make(boto)
    ses.chaos.slow(1.5)
    with pytest.raises(TimedOut, match=r"within 0\.5 s; the mail may be out") as caught:
        ask(boto, send())
    assert (caught.value.outcome, caught.value.retryable, caught.value.stage) == (Outcome.UNKNOWN, False, "reply")
    boto._total_s = 60
    assert ask(boto, send()).values["MessageId"]
    boto.close()


@both_colours
def test_within_the_total_nothing_is_different(ses: LocalSes, ask: Ask) -> None:
    boto = client(ses, total_s=60)
    assert ask(boto, send()).values["MessageId"]
    with pytest.raises(ApiFault, match="MessageRejected"):
        ask(boto, send(sender="eve@example.net"))
    boto.close()


@both_colours
def test_a_call_that_never_had_its_turn_is_never_made(ses: LocalSes, ask: Ask) -> None:
    """The total includes the wait for a thread. What it ends there is surely not out, now or later."""
    boto = client(ses, total_s=0.3, max_connections=1)
    _make(boto)
    ses.chaos.slow(0.9)
    with pytest.raises(TimedOut, match="the mail may be out"):
        ask(boto, send(subject="first"))
    with pytest.raises(TimedOut, match="nothing was sent") as caught:
        ask(boto, send(subject="second"))
    assert (caught.value.outcome, caught.value.retryable, caught.value.stage) == (Outcome.NOT_SENT, True, "connect")
    with boto._turns.get():  # which the first one gives back when it ends
        pass
    boto._total_s = 60
    assert ask(boto, send(subject="third")).values["MessageId"]
    boto.close()

    assert [mail.subject for mail in ses.sent] == ["first", "third"]


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="this platform has no pthread_kill")
def test_who_is_interrupted_while_waiting_for_a_turn_sends_nothing_later(ses: LocalSes) -> None:
    boto = client(ses, total_s=60, max_connections=1)
    _make(boto)
    ses.chaos.slow(0.6)
    first = threading.Thread(target=boto.call, args=[send(subject="first")])
    first.start()
    while not ses.chaos.happened:
        threading.Event().wait(0.01)
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)  # which a program in the background ignores
    interrupt = partial(signal.pthread_kill, threading.get_ident(), signal.SIGINT)
    threading.Timer(0.1, interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        boto.call(send(subject="second"))
    signal.signal(signal.SIGINT, usual)
    first.join()
    boto.call(send(subject="third"))
    boto.close()

    assert [mail.subject for mail in ses.sent] == ["first", "third"]


def test_threads_beyond_the_connections_wait_for_their_turn(ses: LocalSes) -> None:
    boto = client(ses, max_connections=1, patience=Patience(total_s=0.2))
    ses.chaos.slow(1)
    first = threading.Thread(target=boto.call, args=[send()])
    first.start()
    while not ses.chaos.happened:
        threading.Event().wait(0.01)
    with pytest.raises(TimedOut, match="all 1 connections were busy") as caught:
        boto.call(send())
    first.join()

    assert caught.value.outcome is Outcome.NOT_SENT
    assert boto.call(send()).values["MessageId"]
    assert len(ses.sent) == 2
    boto.close()


@pytest.mark.parametrize("total_s", [0, -1, float("nan"), float("inf")])
def test_a_total_is_a_time(total_s: float) -> None:
    with pytest.raises(SetupError, match="total"):
        BotoClient(region=REGION, total_s=total_s)


def test_a_time_out_of_somebody_else_is_no_total(ses: LocalSes) -> None:
    import boto3

    session = boto3.Session(**{name: value for name, value in ses.client_options.items() if name != "endpoint_url"})
    session.events.register("before-send.sesv2", _raise_time_out)
    boto = BotoClient(session=session, endpoint_url=ses.url, total_s=60)
    with pytest.raises(TimeoutError, match="of a hook"):
        awaited(boto, send())
    boto.close()


def _raise_time_out(**_said: object) -> None:
    raise TimeoutError("of a hook")


# ── threads, loops, processes ────────────────────────────────────────────────────────────────────────────────────────


def test_many_threads_share_one_client_and_its_connections(ses: LocalSes) -> None:
    boto = client(ses, max_connections=8)
    with CuttingProxy(*host_and_port(ses)) as proxy:
        boto = client(ses, max_connections=8, endpoint_url=f"http://{proxy.host}:{proxy.port}")
        with ThreadPoolExecutor(64) as pool:
            replies = list(pool.map(boto.call, [send() for _ in range(200)]))
        boto.close()
        passages = len(proxy.passages)

    assert len({reply.values["MessageId"] for reply in replies}) == len(ses.sent) == 200
    assert passages <= 8


def test_many_tasks_share_as_many_threads_as_said(ses: LocalSes) -> None:
    boto = client(ses, max_connections=4)
    before = set(threading.enumerate())
    begun: set[threading.Thread] = set()

    async def main() -> list[Reply]:
        replies = await asyncio.gather(*(boto.acall(send()) for _ in range(50)))
        begun.update(thread for thread in set(threading.enumerate()) - before if "sesmail-ses" in thread.name)
        assert not any(thread.name.startswith("asyncio_") for thread in threading.enumerate()), "it is for others"
        await boto.aclose()
        return replies

    replies = asyncio.run(main())

    assert len({reply.values["MessageId"] for reply in replies}) == 50
    assert len(begun) == 4
    for thread in begun:
        thread.join(5)
        assert not thread.is_alive(), "they are let go"


def test_the_bytes_are_built_in_the_thread_too(ses: LocalSes) -> None:
    boto = client(ses)
    built: list[str] = []

    class Told(Blob):
        __slots__ = ()

        def to_bytes(self) -> bytes:
            built.append(threading.current_thread().name)
            return super().to_bytes()

    call = send()
    raw = Told(raw_of(call.parameters).content)
    awaited(boto, Call("sesv2", "SendEmail", {**call.parameters, "Content": {"Raw": {"Data": raw}}}))
    boto.close()

    assert [name.startswith("sesmail-ses") for name in built] == [True]


def test_one_client_serves_loop_after_loop_and_loops_at_once(ses: LocalSes) -> None:
    boto = client(ses)

    def loop(_: int) -> list[Reply]:
        async def main() -> list[Reply]:
            return await asyncio.gather(*(boto.acall(send()) for _ in range(5)))

        return asyncio.run(main())

    for _ in range(3):
        loop(0)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(loop, range(4)))
    boto.close()

    assert len(ses.sent) == 35


def test_cancelling_leaves_nothing_behind(ses: LocalSes, caplog: pytest.LogCaptureFixture) -> None:
    """A call that was under way goes on; those that waited for a thread are not made."""
    caplog.set_level(logging.ERROR, "asyncio")
    boto = client(ses, max_connections=1)
    ses.chaos.slow(0.3)
    ses.chaos.reset(when="after", skip=1)

    async def main() -> None:
        tasks = [asyncio.create_task(boto.acall(send())) for _ in range(5)]
        while not ses.chaos.happened:  # noqa: ASYNC110 - it happens in another thread
            await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(each, asyncio.CancelledError) for each in ended)
        await asyncio.sleep(0.5)

    asyncio.run(main())
    gc.collect()
    boto.call(send(subject="another"))
    boto.close()

    assert [mail.subject for mail in ses.sent] == ["Hello", "another"]
    assert not caplog.records


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
@both_colours
def test_a_child_speaks_on_connections_of_its_own(ses: LocalSes, ask: Ask) -> None:
    with CuttingProxy(*host_and_port(ses)) as proxy:
        boto = client(ses, endpoint_url=f"http://{proxy.host}:{proxy.port}", max_connections=1)
        ask(boto, send())
        turns = boto._turns.get()
        turns.acquire()  # as if another thread were in the middle of a call
        child = os.fork()
        if child == 0:
            status = 1
            signal.alarm(20)  # a child that waits for ever would outlive this test
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # of the parent's sockets, which it lets go
                    ask(boto, send())
                    boto.close()
                status = 0
            finally:
                os._exit(status)
        turns.release()
        _, status = os.waitpid(child, 0)
        ask(boto, send())
        boto.close()

        assert os.waitstatus_to_exitcode(status) == 0
        assert len(ses.sent) == 3
        assert len(proxy.passages) == 2


# ── closing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@both_colours
def test_a_closed_client_opens_anew(ses: LocalSes, ask: Ask) -> None:
    boto = client(ses)
    boto.close()
    for _ in range(2):
        assert ask(boto, send()).values["MessageId"]
        boto.close()
        asyncio.run(boto.aclose())


def test_closing_lets_a_call_that_is_under_way_end(ses: LocalSes) -> None:
    with CuttingProxy(*host_and_port(ses)) as proxy:
        boto = client(ses, endpoint_url=f"http://{proxy.host}:{proxy.port}")
        ses.chaos.slow(0.3)
        with ThreadPoolExecutor(1) as pool:
            reply = pool.submit(boto.call, send())
            while not ses.chaos.happened:
                threading.Event().wait(0.01)
            boto.close()
            assert reply.result().values["MessageId"]
        proxy.join()  # no connection is left open
        boto.call(send())
        boto.close()
        proxy.join()
        assert len(proxy.passages) == 2
