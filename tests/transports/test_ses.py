"""SesTransport: the contract, against a local SES, by each client and each API; results, errors and settings."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, get_args

import boto3
import pytest

from sesmail import AsyncMailer, Email, Envelope, Mailer, Outcome, Outgoing, SesOptions, mime
from sesmail.connect import connect
from sesmail.errors import (
    AccessDenied,
    NotFound,
    NotVerified,
    QuotaExceeded,
    Rejected,
    RejectedUnverified,
    SendError,
    SendingPaused,
    SetupError,
    Throttled,
    Unavailable,
    UnknownOption,
    Unsupported,
)
from sesmail.local import LocalSes
from sesmail.local.call import Call
from sesmail.local.faults import Fault
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.ses.calls import Api, Kind
from sesmail.ses.credentials import Credentials
from sesmail.testing import TransportContract
from sesmail.transports import SesTransport, Transport, TransportUrl
from sesmail.transports.ses import OPTIONS

KEYS = Credentials(access_key=DEFAULT_KEY, secret_key=DEFAULT_SECRET)


class Contract(TransportContract):
    settings: dict[str, Any]

    @pytest.fixture(autouse=True)
    def _ses(self) -> Iterator[None]:
        self.raws: dict[str, list[bytes]] = defaultdict(list)
        self.keys: dict[int, str] = {}
        with LocalSes(sandbox=False, quota=-1, rate=1e9, check_signatures=True, on_call=self._heard) as self.ses:
            self.ses.identity("example.com").verify()
            yield

    def _heard(self, call: Call | None, fault: Fault | None) -> None:
        assert call
        assert fault is None
        self.raws[call.access_key].append(_raw_of(call.params))

    def make_transport(self) -> Transport:
        key = f"AKIA{len(self.keys)}"  # one for each, by which its mails are known
        self.ses.add_key(key, "secret")
        credentials = Credentials(access_key=key, secret_key="secret")
        made = SesTransport("us-east-1", credentials=credentials, endpoint_url=self.ses.url, **self.settings)
        self.keys[id(made)] = key
        return made

    def delivered(self, transport: Transport) -> list[bytes]:
        return self.raws[self.keys[id(transport)]]


def _raw_of(params: Any) -> bytes:
    data: bytes = params["RawMessage"]["Data"] if "RawMessage" in params else params["Content"]["Raw"]["Data"]
    return data


class TestV2ByBoto3(Contract):
    settings = {"client": "boto3"}  # noqa: RUF012


class TestV2ByDirect(Contract):
    settings = {"client": "direct"}  # noqa: RUF012


class TestV1ByBoto3(Contract):
    settings = {"client": "boto3", "api": "v1"}  # noqa: RUF012


class TestV1ByDirect(Contract):
    settings = {"client": "direct", "api": "v1"}  # noqa: RUF012


# ── a local SES for the rest ─────────────────────────────────────────────────────────────────────────────────────

BOTH = pytest.mark.parametrize("client", ["boto3", "direct"])
CLIENTS = ("boto3", "direct")


@pytest.fixture
def ses() -> Iterator[LocalSes]:
    with LocalSes(sandbox=False, quota=-1, rate=1e9) as ses:
        ses.identity("example.com").verify()
        yield ses


def transport(ses: LocalSes, client: str = "direct", **settings: Any) -> SesTransport:
    return SesTransport(
        **{"region": "us-east-1", "client": client, "credentials": KEYS, "endpoint_url": ses.url, **settings}
    )


def outgoing(**fields: Any) -> Outgoing:
    email = Email(**{"sender": "shop@example.com", "to": "ada@example.org", "text": "Hello", **fields})
    return Outgoing(email, Envelope.of(email), mime.write(email), email.ses)


def error_of(way: SesTransport, mail: Outgoing) -> SendError:
    """The error in both colours, which is the same."""
    with pytest.raises(SendError) as caught:
        way.send(mail)
    with pytest.raises(SendError) as awaited:
        asyncio.run(_once(way, mail))
    way.close()
    assert type(caught.value) is type(awaited.value)
    ours, theirs = ({**vars(one.value), "request_id": ""} for one in (caught, awaited))
    assert ours == theirs
    assert str(caught.value) == str(awaited.value)
    return caught.value


async def _once(way: SesTransport, mail: Outgoing) -> object:
    try:
        return await way.asend(mail)
    finally:
        await way.aclose()


# ── what comes out ───────────────────────────────────────────────────────────────────────────────────────────────


@BOTH
@pytest.mark.parametrize(("region", "domain"), [("us-east-1", "email"), ("eu-west-1", "eu-west-1")])
def test_the_result_names_the_message_id_that_recipients_see(client: str, region: str, domain: str) -> None:
    with LocalSes(sandbox=False, region=region) as ses:
        ses.identity("example.com").verify()
        way = transport(ses, client, region=region)
        result = way.send(outgoing())
        way.close()
        (sent,) = ses.sent

    assert result.message_id == sent.message_id
    assert result.message_id_header == f"<{sent.message_id}@{domain}.amazonses.com>"
    assert result.message_id_header.encode() in sent.raw
    assert result.request_id
    assert result.raw["MessageId"] == sent.message_id
    assert (result.transport, way.region, sent.region) == ("ses", region, region)


@BOTH
@pytest.mark.parametrize("api", ["v2", "v1"])
@pytest.mark.parametrize("content", ["raw", "simple"])
def test_every_way_delivers(ses: LocalSes, client: str, api: str, content: str) -> None:
    way = transport(ses, client, api=api, content=content)
    mail = outgoing(to="Ada <ada@example.org>", cc="bob@example.org", bcc="eve@example.org", subject="Grüße")

    assert way.send(mail).failed == ()
    assert asyncio.run(_once(way, mail)).failed == ()  # type: ignore[attr-defined]
    way.close()
    for sent in ses.sent:
        assert (sent.to, sent.cc, sent.bcc) == (("ada@example.org",), ("bob@example.org",), ("eve@example.org",))
        assert (sent.subject, sent.email.text) == ("Grüße", "Hello\n")
        assert b"eve" not in sent.raw


@BOTH
def test_options_for_ses_arrive(ses: LocalSes, client: str) -> None:
    boto = boto3.client("sesv2", **ses.client_options)
    boto.create_configuration_set(ConfigurationSetName="main")
    boto.close()
    way = transport(ses, client)
    way.send(outgoing(tags={"campaign": "spring"}, ses=SesOptions(configuration_set="main")))
    way.close()

    (sent,) = ses.sent
    assert (sent.configuration_set, sent.tags["campaign"]) == ("main", "spring")


def test_an_endpoint_of_several_regions_needs_the_other_client(ses: LocalSes) -> None:
    way = transport(ses, "direct")
    with pytest.raises(Unsupported, match="SigV4a") as caught:
        way.send(outgoing(ses=SesOptions(endpoint_id="abcdef12.g3h")))
    assert "boto3" in " ".join(caught.value.instead)
    way.close()


# ── what goes wrong ──────────────────────────────────────────────────────────────────────────────────────────────


@BOTH
@pytest.mark.parametrize("api", ["v2", "v1"])
def test_the_sandbox_is_told_with_names(client: str, api: str) -> None:
    with LocalSes(quota=-1, rate=1e9, region="eu-west-1") as ses:
        ses.identity("example.com").verify()
        way = transport(ses, client, api=api, region="eu-west-1")
        error = error_of(way, outgoing(to=["ada@example.org", "bob@example.com"], cc="eve@example.org"))

    assert isinstance(error, RejectedUnverified)
    assert isinstance(error, NotVerified)
    assert (error.senders, error.recipients) == ((), ("ada@example.org", "eve@example.org"))
    assert (error.region, error.outcome, error.retryable) == ("eu-west-1", Outcome.REFUSED, False)
    assert "sandbox" in str(error)


@BOTH
def test_an_unverified_sender_is_no_recipient(ses: LocalSes, client: str) -> None:
    error = error_of(transport(ses, client), outgoing(sender="eve@elsewhere.example"))

    assert isinstance(error, RejectedUnverified)
    assert (error.senders, error.recipients) == (("eve@elsewhere.example",), ())


@BOTH
@pytest.mark.parametrize("api", ["v2", "v1"])
def test_what_may_not_be_done_is_told_with_the_policy_to_add(ses: LocalSes, client: str, api: str) -> None:
    ses.allow({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "ses:Get*", "Resource": "*"}})
    error = error_of(transport(ses, client, api=api), outgoing())

    assert isinstance(error, AccessDenied)
    assert error.action == "ses:SendRawEmail"
    assert "identity/example.com" in error.resource
    assert '"ses:SendRawEmail"' in str(error)


@BOTH
@pytest.mark.parametrize("api", ["v2", "v1"])
def test_a_configuration_set_that_is_not_there(ses: LocalSes, client: str, api: str) -> None:
    error = error_of(transport(ses, client, api=api), outgoing(ses=SesOptions(configuration_set="missing")))

    assert isinstance(error, NotFound)
    assert "missing" in str(error)


@BOTH
@pytest.mark.parametrize("api", ["v2", "v1"])
@pytest.mark.parametrize(
    ("trouble", "kind", "retryable"),
    [("throttle", Throttled, True), ("quota", QuotaExceeded, True), ("unavailable", Unavailable, True)],
)
def test_troubles_of_ses(
    ses: LocalSes, client: str, api: str, trouble: str, kind: type[SendError], retryable: bool
) -> None:
    getattr(ses.chaos, trouble)(times=2)
    error = error_of(transport(ses, client, api=api), outgoing())

    assert type(error) is kind
    assert error.retryable is retryable
    assert error.stage == "reply"
    assert error.request_id
    assert not ses.sent


@BOTH
def test_an_account_that_is_paused(ses: LocalSes, client: str) -> None:
    boto = boto3.client("sesv2", **ses.client_options)
    boto.put_account_sending_attributes(SendingEnabled=False)
    boto.close()

    assert isinstance(error_of(transport(ses, client), outgoing()), SendingPaused)


@BOTH
def test_a_lost_answer_is_unknown_and_never_sent_again(ses: LocalSes, client: str) -> None:
    ses.chaos.reset(when="after", times=2)
    error = error_of(transport(ses, client), outgoing())

    assert (error.outcome, error.retryable) == (Outcome.UNKNOWN, False)
    assert len(ses.sent) == 2, "one for each colour"


@BOTH
def test_too_many_recipients_are_refused_by_ses_too(ses: LocalSes, client: str) -> None:
    error = error_of(transport(ses, client), outgoing(to=[f"r{number}@example.org" for number in range(51)]))

    assert isinstance(error, Rejected)
    assert "50" in str(error)


# ── how it is set up ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("client", ["boto3", "direct"])
@pytest.mark.parametrize("api", ["v2", "v1"])
def test_a_url_says_it_all(ses: LocalSes, client: str, api: str) -> None:
    scheme = "ses" if api == "v2" else "ses+v1"
    url = (
        f"{scheme}://{DEFAULT_KEY}:{DEFAULT_SECRET.replace('/', '%2F')}@us-east-1?client={client}&content=simple"
        f"&endpoint_url={ses.url}&timeout_s=20&connect_timeout_s=3&read_timeout_s=4&max_connections=2"
    )
    with Mailer(f"{url}&retry=off", sender="shop@example.com") as mailer:
        mailer.send(to="ada@example.org", subject="Hello", text="Hello")

    assert repr(mailer.transport) == f"SesTransport('us-east-1', {client}, {api}, simple)"
    assert DEFAULT_SECRET not in repr(mailer.transport)
    assert [sent.operation for sent in ses.sent] == ["SendEmail"]


@pytest.mark.local_ses(sandbox=False)
@BOTH
def test_the_environment_says_the_rest(local_ses: LocalSes, client: str) -> None:
    local_ses.identity("example.com").verify()
    with Mailer(f"ses://?client={client}", sender="shop@example.com") as mailer:
        assert mailer.send(to="ada@example.org", text="Hello").failed == ()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ses://eu-west-1:25", "no port or path"),
        ("ses://eu-west-1/x", "no port or path"),
        ("ses://eu-west-1?client=direkt", "client takes boto3 or direct"),
        ("ses://eu-west-1?timeout_s=0", "timeout_s takes seconds, over 0"),
        ("ses://AKIA@eu-west-1", "secret"),
        ("ses://AKIA:a/b@eu-west-1", "%2F"),
        ("ses://AKIA:a%ZZ@eu-west-1", "%25"),
        ("ses://eu_west_1", "Region"),
        ("ses://eu-west-1?external_id=x", "role"),
    ],
)
def test_a_url_that_says_too_much(url: str, told: str) -> None:
    with pytest.raises(SetupError, match=told) as caught:
        connect(url)
    assert "AKIA" not in str(caught.value)


def test_an_option_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(UnknownOption, match="did you mean 'timeout_s'"):
        connect("ses://eu-west-1?timeout=3")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"client": "boto"}, "client is one of boto3, direct"),
        ({"api": "v3"}, "api is one of v2, v1"),
        ({"content": "mime"}, "content is one of raw, simple"),
        ({"client": "direct", "session": object()}, "client='boto3'"),
        ({"client": "direct", "boto3_client": object()}, "client='boto3'"),
        ({"timeout_s": -1.0}, "timeout"),
        ({"timeout_s": 0, "client": "direct"}, "timeout"),
    ],
)
def test_settings_that_go_ill_together(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(SetupError, match=told):
        SesTransport("eu-west-1", credentials=KEYS, **settings)


def test_limits_follow_the_way() -> None:
    ways = {(api, content): SesTransport("eu-west-1", client="direct", credentials=KEYS, api=api, content=content)
            for api in get_args(Api) for content in get_args(Kind)}  # fmt: skip

    assert [way.limits.max_size for way in ways.values()] == [40_000_000, 40_000_000, 10_000_000, 10_000_000]
    assert [way.limits.max_headers for way in ways.values()] == [None, 15, None, 15]


def test_every_option_is_a_setting() -> None:
    values = {"session_token": "t", "role_arn": "arn:aws:iam::123456789012:role/mailer"}
    url = TransportUrl.parse(
        "ses://AKIA:secret@eu-west-1?client=direct&content=raw&session_token=t&endpoint_url=http://127.0.0.1:1"
        "&fips=no&dual_stack=no&connect_timeout_s=1&read_timeout_s=1&timeout_s=1&max_connections=1&check_templates=no"
        f"&role_arn={values['role_arn']}&external_id=12&role_session_name=me&role_duration_s=900&sts_endpoint_url=http://127.0.0.1:1"
    )
    SesTransport.from_url(url).close()

    assert {option.name for option in OPTIONS} == {*url.options, "profile"}


def test_one_mailer_in_both_colours(ses: LocalSes) -> None:
    async def main() -> None:
        async with AsyncMailer(transport(ses), sender="shop@example.com") as mailer:
            report = await mailer.send_many(
                [{"to": f"r{number}@example.org", "text": "News"} for number in range(20)], concurrency=5
            )
        assert report.sent == 20

    asyncio.run(main())
    assert len(ses.sent) == 20


def test_the_module_brings_neither_client() -> None:
    code = (
        "import sys, sesmail.transports.ses; "
        "print({'boto3', 'botocore', 'h11', 'asyncio', 'email', 'http'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
