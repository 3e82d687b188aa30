"""Addresses in URLs, what is refused before anybody is asked, and an outcome for each recipient."""

from __future__ import annotations

import asyncio

import pytest

from sesmail import AsyncMailer, Mailer, Outcome
from sesmail.errors import SetupError, Unsupported
from sesmail.local import LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.ses.call import Call
from sesmail.ses.client.direct.origin import Origin
from sesmail.ses.client.direct.routes import Routes
from sesmail.ses.credentials import Credentials
from sesmail.testing import HostileSmtp, Misbehaviour
from sesmail.transports import SesTransport, SmtpTransport

BEFORE = "/v2/email/identities/"


@pytest.mark.parametrize(
    "identity",
    [
        "../account",
        "a@example.com/../../account",
        "a@example.com?Force=1",
        "a@example.com#x",
        "a@example.com\r\nX-Evil: 1",
        "a@example.com HTTP/1.1",
        "%2e%2e/account",
        "a\\b@example.com",
        "é@example.com",
    ],
)
def test_advisory_cve_2026_54893_an_address_in_a_path_is_one_piece_of_it(identity: str) -> None:
    routes = Routes(Origin("https", "email.eu-west-1.amazonaws.com", 443))
    request = routes.request(Call("sesv2", "GetEmailIdentity", {"EmailIdentity": identity}))

    assert request.target.startswith(BEFORE)
    rest = request.target.removeprefix(BEFORE)
    assert rest.isascii()
    assert not set(rest) & set("/?#\\\r\n @")


@pytest.mark.parametrize("identity", [".", "..", ""])
def test_advisory_cve_2026_54893_a_way_up_is_no_address(identity: str) -> None:
    routes = Routes(Origin("https", "email.eu-west-1.amazonaws.com", 443))
    with pytest.raises(SetupError):
        routes.request(Call("sesv2", "GetEmailIdentity", {"EmailIdentity": identity}))


@pytest.mark.parametrize("client", ["boto3", "direct"])
@pytest.mark.parametrize("to", ["zoë@example.org", "ada@example.org, 李@example.org"])
def test_advisory_nodemailer_8_0_7_a_local_part_beyond_ascii_is_refused_before_any_call(client: str, to: str) -> None:
    calls: list[object] = []
    with LocalSes(sandbox=False, on_call=lambda call, _: calls.append(call)) as ses:
        ses.identity("example.com").verify()
        way = SesTransport(
            "us-east-1",
            client=client,  # type: ignore[arg-type]
            credentials=Credentials(access_key=DEFAULT_KEY, secret_key=DEFAULT_SECRET),
            endpoint_url=ses.url,
        )
        with Mailer(way, sender="shop@example.com") as mailer, pytest.raises(Unsupported, match="not ASCII"):
            mailer.send(to=to, text="Hello")

        async def awaited() -> None:
            async with AsyncMailer(way, sender="shop@example.com") as mailer:
                await mailer.send(to=to, text="Hello")

        with pytest.raises(Unsupported, match="not ASCII"):
            asyncio.run(awaited())
    assert calls == []


def test_advisory_django_ses_4_3_1_one_address_that_is_refused_takes_no_other_with_it() -> None:
    refusal = Misbehaviour("no such user", "rcpt", lambda _: [b"550 5.1.1 No such user\r\n"], nth=2, is_obeyed=False)
    with HostileSmtp(refusal) as server, Mailer(SmtpTransport(server.host, server.port, tls="none")) as mailer:
        result = mailer.send(
            sender="shop@example.com", to=["a@example.org", "b@example.org", "c@example.org"], text="Hi"
        )
    (taken,) = server.messages

    assert [one.outcome for one in result.recipients] == [Outcome.SENT, Outcome.REFUSED, Outcome.SENT]
    assert taken.recipients == ("a@example.org", "c@example.org")
