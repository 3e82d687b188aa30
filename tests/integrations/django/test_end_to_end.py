"""A Django and a local SES: what arrives, in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from textwrap import dedent
from typing import Any

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.test import override_settings

from sesmail import mime
from sesmail.integrations.django import EmailBackend
from sesmail.integrations.django.shared import close_all
from sesmail.local import LocalSes

ADA = "ada@example.org"
SENDER = "shop@example.com"
CLIENTS = pytest.mark.parametrize("client", ["boto3", "direct"])


@pytest.fixture
def ses() -> Any:
    with LocalSes(sandbox=False) as ses:
        ses.identity("example.com").verify()
        yield ses
        close_all()


def url(ses: LocalSes, client: str) -> str:
    from urllib.parse import quote

    options = ses.client_options
    keys = f"{options['aws_access_key_id']}:{quote(options['aws_secret_access_key'], safe='')}"
    return f"ses://{keys}@{options['region_name']}?client={client}&endpoint_url={quote(ses.url, safe='')}"


def message(**fields: Any) -> EmailMultiAlternatives:
    return EmailMultiAlternatives(**{"subject": "Grüße", "body": "Hello", "from_email": SENDER, "to": [ADA], **fields})


@CLIENTS
def test_a_mail_arrives_at_ses(ses: LocalSes, client: str) -> None:
    with override_settings(SESMAIL={"url": url(ses, client)}):
        mail = message(bcc=["eve@example.org"], alternatives=[("<p>Hello", "text/html")])
        mail.attach("a.txt", "täxt", "text/plain")
        assert mail.send() == 1

    (arrived,) = ses.sent
    assert sorted(arrived.recipients) == [ADA, "eve@example.org"]
    read = mime.read(arrived.raw)
    assert (read.subject, read.html) == ("Grüße", "<p>Hello\n")
    assert read.attachments[0].data == "täxt".encode()
    assert b"eve@" not in arrived.raw
    assert mail.sesmail_result.message_id == arrived.message_id


@CLIENTS
def test_many_threads_share_connections(ses: LocalSes, client: str) -> None:
    with override_settings(SESMAIL={"url": url(ses, client)}), ThreadPoolExecutor(4) as pool:
        sent = sum(pool.map(lambda _: EmailBackend().send_messages([message(), message()]), range(10)))

    assert sent == len(ses.sent) == 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_sends_too(ses: LocalSes) -> None:
    """As gunicorn does it: the parent has sent before it forks."""
    program = dedent(
        """
        import os, sys, warnings, django
        from django.conf import settings
        warnings.simplefilter("ignore")
        settings.configure(EMAIL_BACKEND="sesmail.integrations.django.EmailBackend",
                           SESMAIL={"url": sys.argv[1]}, LOGGING_CONFIG=None)
        django.setup()
        from django.core.mail import send_mail
        send = lambda who: send_mail("Hello", who, "shop@example.com", ["ada@example.org"])
        send("parent")
        child = os.fork()
        send("child" if child == 0 else "parent")
        if child == 0:
            sys.exit(0)
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    )
    subprocess.run([sys.executable, "-c", program, url(ses, "direct")], check=True, timeout=60)

    texts = sorted((mime.read(mail.raw).text or "").strip() for mail in ses.sent)
    assert texts == ["child", "parent", "parent"]


def test_a_refused_sender_is_silent_when_asked(ses: LocalSes) -> None:
    with override_settings(SESMAIL={"url": url(ses, "direct")}):
        mail = EmailMessage("Hello", "Hi", "eve@example.net", [ADA])
        assert EmailBackend(fail_silently=True).send_messages([mail]) == 0

    assert [one.outcome.value for one in mail.sesmail_result.recipients] == ["refused"]


def test_no_server_is_silent_when_asked() -> None:
    with override_settings(SESMAIL={"url": "smtp://127.0.0.1:1?tls=none&retry=1"}):
        mail = message()
        assert EmailBackend(fail_silently=True).send_messages([mail]) == 0
    close_all()

    assert [one.outcome.value for one in mail.sesmail_result.recipients] == ["not_sent"]
