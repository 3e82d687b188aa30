"""The project as its people run it: its own tests, its checks, and a server with a local SES behind it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from sesmail import mime
from sesmail.local import LocalSes

HERE = Path(__file__).parent
_NOWHERE = subprocess.DEVNULL
MANAGE = [sys.executable, str(HERE / "manage.py")]


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "SHOP_DATABASE": str(tmp_path / "shop.sqlite3"), "PYTHONDONTWRITEBYTECODE": "1"}


def run(*arguments: str, env: dict[str, str]) -> str:
    command = [*MANAGE, *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_its_own_tests_pass(surroundings: dict[str, str]) -> None:
    assert "OK" in run("test", "shop", env={**surroundings, "SESMAIL_URL": "null://"})


def test_its_checks_find_nothing(surroundings: dict[str, str]) -> None:
    said = run("check", "--tag", "sesmail", "--deploy", env={**surroundings, "SESMAIL_URL": "ses://eu-west-1"})

    assert "no issues" in said


@pytest.fixture
def server(surroundings: dict[str, str]) -> Iterator[tuple[int, LocalSes]]:
    """``manage.py runserver``, for real."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with LocalSes(sandbox=False) as ses:
        ses.identity("example.com").verify()
        env = {**surroundings, **ses.environment, "SESMAIL_URL": "ses://"}
        env.pop("AWS_PROFILE", None)
        run("migrate", env=env)
        command = [*MANAGE, "runserver", "--noreload", f"127.0.0.1:{port}"]
        with subprocess.Popen(command, env=env, stdout=_NOWHERE, stderr=_NOWHERE) as process:  # noqa: S603 - our own
            try:
                _wait_for(port, process)
                yield port, ses
            finally:
                process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "the server has ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server does not listen")


def test_who_registers_gets_a_mail(server: tuple[int, LocalSes]) -> None:
    port, ses = server
    browser = HTTPConnection("127.0.0.1", port, timeout=30)
    browser.request("GET", "/register")
    page = browser.getresponse()
    cookie = (page.getheader("Set-Cookie") or "").partition(";")[0]
    (token,) = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
    form = urlencode({"name": "Ada", "email": "ada@example.org", "csrfmiddlewaretoken": token})
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    browser.request("POST", "/register", form, headers)
    answer = browser.getresponse().read()

    assert answer == b"Look into your inbox."
    (arrived,) = ses.sent
    mail = mime.read(arrived.raw)
    assert mail.subject == "Welcome to the tea shop, Ada"
    (link,) = re.findall(r'href="(http://[^"]+)"', mail.html or "")
    assert "confirm that this address is yours" in (mail.text or "")
    browser.request("GET", link.partition(f":{port}")[2])
    assert browser.getresponse().read() == b"Welcome, Ada."
    browser.close()
