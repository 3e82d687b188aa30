"""The pytest plugin, as a stranger's project gets it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]
TESTS = """
    import asyncio
    import pytest
    from sesmail import Mailer, AsyncMailer

    mailer = Mailer("null://", sender="shop@example.com")

    @pytest.mark.parametrize("number", range(10))
    def test_each_has_a_mailbox_of_its_own(mailbox, number):
        mailbox.assert_nothing_sent()
        mailer.send(to=f"reader{number}@example.org", subject="Hi")
        mailbox.assert_one(to=f"reader{number}@example.org", subject="Hi")

    def test_without_the_fixture_nothing_is_caught():
        assert mailer.send(to="a@example.org").transport == "null"

    async def _send():
        await AsyncMailer("null://", sender="a@example.com").send(to="b@example.org")

    def test_async(mailbox):
        asyncio.run(_send())
        mailbox.assert_one(to="b@example.org")
"""
FAILING = """
    def test_it(mailbox):
        from sesmail import Mailer
        Mailer("null://", sender="shop@example.com").send(to="ada@example.org", subject="Welcome")
        mailbox.assert_sent(subject="Reset")
"""


def run(folder: Path, source: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_app.py").write_text(dedent(source))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_the_fixture_is_there_without_further_ado(tmp_path: Path, options: tuple[str, ...]) -> None:
    done = run(tmp_path, TESTS, *options)

    assert done.returncode == 0, done.stdout
    assert "12 passed" in done.stdout


def test_a_failure_shows_what_was_sent(tmp_path: Path) -> None:
    done = run(tmp_path, FAILING)

    assert done.returncode == 1
    assert "no mail with subject='Reset'; 1 sent:" in done.stdout
    assert "1. to ada@example.org: 'Welcome'" in done.stdout
    assert "subject: wanted 'Reset', was 'Welcome'" in done.stdout


def test_the_plugin_costs_a_pytest_run_next_to_nothing(tmp_path: Path) -> None:
    source = """
        import sys
        def test_it():
            ours = {name for name in sys.modules if name.startswith("sesmail")}
            assert ours == {"sesmail", "sesmail.integrations", "sesmail.integrations.pytest_plugin"}, ours
    """
    done = run(tmp_path, source, "-p", "no:cov", "-p", "no:hypothesispytest", "-p", "no:xdist")

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("page", "number"), [("README.md", 4), ("docs/local.md", 2), ("docs/flask.md", 2), ("docs/fastapi.md", 1)]
)
def test_the_tests_of_a_page_pass(tmp_path: Path, page: str, number: int) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    done = run(tmp_path, "\n\n".join(block for block in blocks if ">>>" not in block))

    assert done.returncode == 0, done.stdout
    assert f"{number} passed" in done.stdout


LOCAL = """
    import os
    import boto3
    import pytest

    @pytest.mark.local_ses(sandbox=False, quota=7, region="eu-west-1")
    @pytest.mark.parametrize("number", range(3))
    def test_each_has_a_box_of_its_own(local_ses, number):
        assert "AWS_PROFILE" not in os.environ and "AWS_DEFAULT_PROFILE" not in os.environ
        local_ses.identity("example.com").verify()
        client = boto3.client("sesv2")
        assert client.get_account()["SendQuota"] == {"Max24HourSend": 7, "MaxSendRate": 14, "SentLast24Hours": 0}
        content = {"Raw": {"Data": b"From: a@example.com\\r\\nTo: b@example.org\\r\\n\\r\\nHi"}}
        client.send_email(Content=content)
        client.close()
        assert len(local_ses.sent) == 1

    def test_without_a_marker_it_is_a_new_account(local_ses):
        assert local_ses.account.sandbox

    def test_afterwards_the_environment_is_as_before():
        assert os.environ["AWS_PROFILE"] == "mine"
        assert "AWS_ENDPOINT_URL_SESV2" not in os.environ
"""


@pytest.mark.parametrize("options", [("--strict-markers",), ("-n", "2")])
def test_the_box_is_there_without_further_ado(
    tmp_path: Path, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_DEFAULT_PROFILE", "mine")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:3128")
    monkeypatch.setenv("NO_PROXY", "internal.example")
    config = tmp_path / "config"
    config.write_text("[default]\nignore_configured_endpoint_urls = true\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    done = run(tmp_path, LOCAL, *options)

    assert done.returncode == 0, done.stdout
    assert "5 passed" in done.stdout


@pytest.mark.parametrize(
    ("marker", "text"),
    [
        ("quotas=1", "the marker local_ses has no option 'quotas'; did you mean 'quota'?"),
        ("False", "the marker local_ses takes names"),
        ("port=80", "the marker local_ses has no option 'port'"),
    ],
)
def test_a_marker_that_is_not_understood_is_an_error(tmp_path: Path, marker: str, text: str) -> None:
    done = run(tmp_path, f"import pytest\n@pytest.mark.local_ses({marker})\ndef test_it(local_ses): pass\n")

    assert done.returncode == 1
    assert text in done.stdout
