"""The client against the box: what it carries, in both colours, and what it is told by its surroundings."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from sesmail import Attachment, Outcome
from sesmail.errors import ConnectFailed, CredentialsMissing, MissingExtra, SetupError, TimedOut, Unsupported
from sesmail.lines.patience import Patience
from sesmail.lines.pool import Keeping
from sesmail.local import LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.ses.call import ApiFault, Call
from sesmail.ses.client.direct.client import DirectClient
from sesmail.ses.credentials import Credentials, Keys
from sesmail.testing import CuttingProxy
from tests.ses.client.direct.asking import GET_ACCOUNT, KEYS, REGION, Colour, Given, box, client_of, send


@pytest.fixture(scope="module")
def ses() -> Iterator[LocalSes]:
    with box() as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_was_sent(ses: LocalSes) -> None:
    ses.forget()


# ── what it carries ──────────────────────────────────────────────────────────────────────────────────────────────

WAYS = [("v2", "raw"), ("v2", "simple"), ("v1", "raw"), ("v1", "simple")]


@pytest.mark.parametrize(("api", "kind"), WAYS)
def test_a_mail_arrives(ses: LocalSes, carry: Colour, api: Any, kind: Any) -> None:
    call = send(api, kind, subject="Grüße & more", text='Löwe "+/=%" \U0001f600\n', cc="bob@example.org")
    with client_of(ses.url, service="sesv2" if api == "v2" else "ses") as client:
        reply = carry(client, call)
    (mail,) = ses.sent
    assert reply.values["MessageId"] == mail.message_id
    assert (mail.subject, mail.email.text) == ("Grüße & more", 'Löwe "+/=%" \U0001f600\n')
    assert mail.recipients == ("ada@example.org", "bob@example.org")
    assert len(reply.request_id) == 36


@pytest.mark.parametrize(("api", "kind"), [("v2", "raw"), ("v2", "simple"), ("v1", "raw")])
@pytest.mark.parametrize("size", [30_000, 47_000, 49_152, 100_000, 1_000_001])
def test_a_file_of_any_size_arrives(ses: LocalSes, carry: Colour, api: Any, kind: Any, size: int) -> None:
    data = os.urandom(size)
    with client_of(ses.url) as client:
        carry(client, send(api, kind, attachments=[Attachment("a.bin", data)]))
    (mail,) = ses.sent
    assert mail.email.attachments[0].data == data


def test_an_account_is_read(ses: LocalSes, carry: Colour) -> None:
    ses.identity("a+b@example.net").verify()
    with client_of(ses.url) as client:
        assert carry(client, GET_ACCOUNT).values["ProductionAccessEnabled"] is True
        identity = carry(client, Call("sesv2", "GetEmailIdentity", {"EmailIdentity": "a+b@example.net"}))
        assert identity.values["VerifiedForSendingStatus"] is True
        page = carry(client, Call("sesv2", "ListEmailIdentities", {"PageSize": 1}))
        token = {"PageSize": 1, "NextToken": page.values["NextToken"]}
        second = carry(client, Call("sesv2", "ListEmailIdentities", token))
    with client_of(ses.url, service="ses") as client:
        assert carry(client, Call("ses", "GetSendQuota", {})).values["MaxSendRate"] == "10000"
    names = [one["IdentityName"] for reply in (page, second) for one in reply.values["EmailIdentities"]]  # type: ignore[attr-defined]
    assert names == ["a+b@example.net", "example.com"]


def test_a_no_of_ses_is_told_with_its_code(ses: LocalSes, carry: Colour) -> None:
    for api, service, status in (("v2", "sesv2", 400), ("v1", "ses", 400)):
        with client_of(ses.url, service=service) as client, pytest.raises(ApiFault) as caught:
            carry(client, send(api, sender="eve@example.net"))  # type: ignore[arg-type] # mypy sees a text
        fault = caught.value
        assert (fault.code, fault.status, fault.service) == ("MessageRejected", status, service)
        assert "not verified" in fault.message
        assert len(fault.request_id) == 36
    assert ses.sent == ()


def test_a_wrong_secret_is_noticed(ses: LocalSes, carry: Colour) -> None:
    wrong = Credentials(access_key=DEFAULT_KEY, secret_key="wrong")
    with client_of(ses.url, credentials=wrong) as client, pytest.raises(ApiFault) as caught:
        carry(client, send())
    assert caught.value.status == 403


def test_what_has_no_request_needs_no_line(carry: Colour) -> None:
    with client_of("http://127.0.0.1:9") as client, pytest.raises(Unsupported, match="SigV4a"):
        carry(client, Call("sesv2", "SendEmail", {"EndpointId": "abcdef12.g3h"}))


def test_the_time_of_day_is_the_clocks(ses: LocalSes, carry: Colour) -> None:
    for ahead_s, is_taken in ((0, True), (-60, True), (3_600, False), (-3_600, False)):
        with client_of(ses.url, clock=lambda ahead_s=ahead_s: time.time() + ahead_s) as client:
            if is_taken:
                carry(client, GET_ACCOUNT)
            else:
                with pytest.raises(ApiFault):
                    carry(client, GET_ACCOUNT)


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_keys_that_take_long_are_fetched_off_the_loop_and_for_each_call(ses: LocalSes) -> None:
    threads = []

    def fetch() -> Keys:
        threads.append(threading.current_thread())
        return Keys(DEFAULT_KEY, DEFAULT_SECRET)

    given = Given(fetch=fetch)
    with client_of(ses.url, credentials=given) as client:
        client.call(GET_ACCOUNT)
        assert threads == [threading.main_thread()]
        asyncio.run(client.acall(GET_ACCOUNT))
        assert threads[1].name.startswith("sesmail-direct")
        client.call(send())
    assert given.fetched == 3


def test_keys_that_are_not_to_be_had_leave_the_line_as_it_was(ses: LocalSes, carry: Colour) -> None:
    host, port = ses.url.removeprefix("http://").split(":")
    given = Given(fetch=lambda: Keys(DEFAULT_KEY, DEFAULT_SECRET))
    with CuttingProxy(host, int(port)) as proxy:
        with client_of(f"http://127.0.0.1:{proxy.port}", credentials=given) as client:
            carry(client, GET_ACCOUNT)
            given._fetch = _no_keys
            with pytest.raises(CredentialsMissing):
                carry(client, send())
            given._fetch = lambda: Keys(DEFAULT_KEY, DEFAULT_SECRET)
            carry(client, GET_ACCOUNT)
        assert len(proxy.passages) == 1


def _no_keys() -> Keys:
    raise CredentialsMissing("none")


def test_keys_of_the_environment_are_read_anew(ses: LocalSes, carry: Colour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", DEFAULT_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with client_of(ses.url, credentials=Credentials()) as client:
        with pytest.raises(ApiFault):
            carry(client, GET_ACCOUNT)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", DEFAULT_SECRET)
        carry(client, GET_ACCOUNT)


# ── lines ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_line_carries_many_calls(ses: LocalSes, carry: Colour) -> None:
    host, port = ses.url.removeprefix("http://").split(":")
    with CuttingProxy(host, int(port)) as proxy:
        with client_of(f"http://127.0.0.1:{proxy.port}") as client:
            for number in range(10):
                carry(client, send(text=f"{number}"))
                with pytest.raises(ApiFault):  # a no keeps the line too
                    carry(client, send(sender="eve@example.net"))
        proxy.join()
        assert len(proxy.passages) == 1
    assert [mail.email.text for mail in ses.sent] == [f"{number}\n" for number in range(10)]


def test_a_line_is_kept_for_so_many_uses(ses: LocalSes, carry: Colour) -> None:
    host, port = ses.url.removeprefix("http://").split(":")
    with CuttingProxy(host, int(port)) as proxy:
        with client_of(f"http://127.0.0.1:{proxy.port}", keeping=Keeping(uses=3)) as client:
            for _ in range(7):
                carry(client, GET_ACCOUNT)
        assert len(proxy.passages) == 3


def test_a_closed_client_opens_anew(ses: LocalSes) -> None:
    with client_of(ses.url) as client:
        for _ in range(2):
            client.call(GET_ACCOUNT)
            client.close()
        for _ in range(2):
            asyncio.run(_call_and_close(client))


async def _call_and_close(client: DirectClient) -> None:
    await client.acall(GET_ACCOUNT)
    await client.aclose()


def test_nobody_at_home_is_a_fault_of_the_connection(carry: Colour) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with client_of(url, region="eu-wset-1") as client, pytest.raises(ConnectFailed) as caught:
            carry(client, send())
    assert (caught.value.outcome, caught.value.retryable) == (Outcome.NOT_SENT, True)
    assert "Region" not in str(caught.value)


def test_a_host_without_an_address_may_be_a_region_that_is_none(carry: Colour) -> None:
    client = DirectClient(region="eu-wset-1", credentials=KEYS, endpoint_url="http://email.eu-wset-1.invalid")
    with pytest.raises(ConnectFailed, match=r"the name is not known.*did you mean eu-west-1\?") as caught:
        carry(client, send())
    assert (caught.value.outcome, caught.value.retryable, caught.value.stage) == (Outcome.NOT_SENT, True, "connect")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HTTP_PROXY", "http://proxy.invalid")
        with client_of("http://127.0.0.1:1", region="eu-wset-1") as proxied, pytest.raises(ConnectFailed) as caught:
            carry(proxied, send())
    assert "Region" not in str(caught.value), "it is the proxy that is not found"
    with client_of("http://email.us-east-1.invalid") as known, pytest.raises(ConnectFailed) as caught:
        carry(known, send())
    assert "Region" not in str(caught.value)


def test_who_does_not_answer_is_waited_for_as_long_as_was_said(carry: Colour) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        for patience in (Patience(read_s=0.2), Patience(total_s=0.2)):
            begun = time.monotonic()
            with client_of(url, patience=patience) as client, pytest.raises(TimedOut) as caught:
                carry(client, send())
            assert caught.value.outcome is Outcome.UNKNOWN
            assert 0.15 < time.monotonic() - begun < 5


# ── how it is built ──────────────────────────────────────────────────────────────────────────────────────────────


def test_region_and_endpoint_come_from_the_environment(ses: LocalSes, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ses.environment.items():
        monkeypatch.setenv(name, value)
    client = DirectClient(service="ses")
    assert (client.region, client.name) == (REGION, "direct")
    assert client.call(Call("ses", "GetSendQuota", {})).values["Max24HourSend"]
    client.close()


def test_without_an_endpoint_it_is_the_regions_own() -> None:
    assert repr(DirectClient(region="eu-west-1", credentials=KEYS)) == (
        "DirectClient('eu-west-1', email.eu-west-1.amazonaws.com:443)"
    )
    assert "email-fips.us-gov-west-1.api.aws:443" in repr(
        DirectClient(region="us-gov-west-1", credentials=KEYS, use_fips=True, use_dual_stack=True)
    )


def test_it_may_be_used_in_both_colours() -> None:
    client = DirectClient(region="eu-west-1", credentials=KEYS)
    client.admit(awaited=True)
    client.admit(awaited=False)


@pytest.mark.parametrize(
    ("environ", "settings"),
    [
        ({}, {"region": ""}),
        ({}, {"region": "evil.example/"}),
        ({"HTTPS_PROXY": "socks5://proxy.example"}, {}),
        ({"AWS_CA_BUNDLE": "/nonexistent"}, {}),
        ({"AWS_ENDPOINT_URL": "nonsense"}, {}),
        ({"AWS_USE_FIPS_ENDPOINT": "perhaps"}, {}),
        ({}, {"endpoint_url": "http://127.0.0.1:1", "use_fips": True}),
    ],
)
def test_what_is_set_up_wrong_is_said_when_it_is_built(
    environ: dict[str, str], settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SetupError):
        DirectClient(**{"region": "eu-west-1", "credentials": KEYS, **settings})


def test_no_secret_is_in_its_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:proxy-word@proxy.example")
    client = DirectClient(region="eu-west-1", credentials=Credentials(access_key="AKIA1", secret_key="the-secret"))
    told = " ".join(repr(value) for value in (client, *vars(client).values()))
    for secret in ("proxy-word", "the-secret", "cHJveHktd29yZA"):
        assert secret not in told


def test_without_h11_it_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h11", None)
    with pytest.raises(MissingExtra, match=r'pip install "sesmail\[direct\]"'):
        DirectClient(region="eu-west-1", credentials=KEYS)


_LIGHT = """
import socket
import sys
import threading
import time
from sesmail.ses.call import Call
from sesmail.ses.client.direct.client import DirectClient
client = DirectClient()
client.call(Call("sesv2", "SendEmail", {parameters}))
print([name for name in {heavy} if name in sys.modules])
"""
HEAVY = "asyncio ssl json email http urllib.parse urllib.request logging boto3 botocore concurrent.futures".split()


def test_a_mail_in_clear_with_keys_in_the_environment_imports_nothing_heavy(ses: LocalSes) -> None:
    program = _LIGHT.format(
        heavy=HEAVY,
        parameters={
            "FromEmailAddress": "shop@example.com",
            "Destination": {"ToAddresses": ["ada@example.org"]},
            "Content": {"Raw": {"Data": b"From: shop@example.com\r\nSubject: Hi\r\n\r\nHello\r\n"}},
        },
    )
    environment = {**ses.environment, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
    assert ses.sent[0].subject == "Hi"
