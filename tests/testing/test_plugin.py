"""The pytest plugin, as a stranger's project gets it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

README = Path(__file__).parents[2] / "README.md"
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


def test_the_tests_of_the_readme_pass(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    done = run(tmp_path, "\n\n".join(block for block in blocks if ">>>" not in block))

    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
