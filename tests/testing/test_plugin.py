"""The pytest plugin, as a stranger's project gets it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
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


@pytest.mark.parametrize("options", [(), pytest.param(("-n", "2"), marks=pytest.mark.heavy)])
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


@pytest.mark.parametrize("options", [("--strict-markers",), pytest.param(("-n", "2"), marks=pytest.mark.heavy)])
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


# ── a program that builds its mailers when it is imported, under all kinds of tests ──────────────────────────────

APP = """
    from concurrent.futures import ThreadPoolExecutor
    from sesmail import AsyncMailer, Mailer

    mailer = Mailer("ses://eu-west-1", sender="shop@example.com")
    amailer = AsyncMailer("ses://eu-west-1?client=direct", sender="shop@example.com")
    pool = ThreadPoolExecutor(2)

    def sign_up(address):
        return mailer.send(to=address, subject="Welcome", text="Hello")

    async def asign_up(address):
        return await amailer.send(to=address, subject="Welcome", text="Hello")
"""
KINDS = """
    import asyncio
    import os
    import threading
    import unittest
    import pytest
    import app

    in_the_region = pytest.mark.local_ses(region="eu-west-1", sandbox=False)

    def verified(ses):
        ses.identity("example.com").verify()
        return ses

    def in_a_child(work):
        if not (child := os.fork()):
            code = 1
            try:
                work()
                code = 0
            finally:
                os._exit(code)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    class TestUnit(unittest.TestCase):
        @pytest.fixture(autouse=True)
        def _caught(self, mailbox):
            self.mailbox = mailbox

        def test_one(self):
            app.sign_up("ada@example.org")
            self.mailbox.assert_one(to="ada@example.org")

        def test_another(self):
            self.mailbox.assert_nothing_sent()

    class TestUnitAwaited(unittest.IsolatedAsyncioTestCase):
        @pytest.fixture(autouse=True)
        def _caught(self, mailbox):
            self.mailbox = mailbox

        async def test_one(self):
            await app.asign_up("ada@example.org")
            self.mailbox.assert_one(to="ada@example.org")

    @in_the_region
    class TestUnitBox(unittest.TestCase):
        @pytest.fixture(autouse=True)
        def _box(self, local_ses):
            self.ses = verified(local_ses)

        def test_one(self):
            app.sign_up("ada@example.org")
            assert len(self.ses.sent) == 1

    @pytest.mark.parametrize("number", range(4))
    def test_threads_that_know_nothing_of_a_test(mailbox, number):
        threads = [threading.Thread(target=app.sign_up, args=(f"{i}@example.org",)) for i in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        list(app.pool.map(app.sign_up, ["pool@example.org"] * 5))
        mailbox.assert_count(10)

    @pytest.mark.parametrize("number", range(3))
    @in_the_region
    def test_each_box_gets_its_own(local_ses, number):
        verified(local_ses)
        app.sign_up(f"{number}@example.org")
        list(app.pool.map(app.sign_up, ["pool@example.org"] * 2))
        asyncio.run(app.asign_up("awaited@example.org"))
        assert len(local_ses.sent) == 4

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
    @pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
    class TestForks:
        def test_a_child_sends_nothing_either(self, mailbox):
            def work():
                app.sign_up("ada@example.org")
                mailbox.assert_count(1)

            assert in_a_child(work) == 0
            mailbox.assert_nothing_sent()  # it was caught in the child, where its memory is

        @in_the_region
        def test_a_child_finds_the_box(self, local_ses):
            verified(local_ses)
            assert in_a_child(lambda: app.sign_up("ada@example.org")) == 0
            assert len(local_ses.sent) == 1
"""
ASYNCIO = """
    import asyncio
    import pytest
    import app

    @pytest.fixture
    async def welcomed(mailbox):
        await app.asign_up("fixture@example.org")
        return mailbox

    @pytest.mark.parametrize("number", range(3))
    async def test_tasks_and_threads(mailbox, number):
        await asyncio.gather(app.asign_up("a@example.org"), asyncio.create_task(app.asign_up("b@example.org")))
        await asyncio.to_thread(app.sign_up, "c@example.org")
        await asyncio.get_running_loop().run_in_executor(None, app.sign_up, "d@example.org")
        mailbox.assert_count(4)

    async def test_what_a_fixture_sends(welcomed):
        welcomed.assert_one(to="fixture@example.org")

    @pytest.mark.asyncio(loop_scope="module")
    class TestOneLoopForAll:
        @pytest.mark.parametrize("number", range(3))
        async def test_each_has_its_own(self, mailbox, number):
            mailbox.assert_nothing_sent()
            await asyncio.create_task(app.asign_up("a@example.org"))
            mailbox.assert_count(1)

        @pytest.mark.parametrize("number", range(3))
        @pytest.mark.local_ses(region="eu-west-1", sandbox=False)
        async def test_each_has_its_box(self, local_ses, number):
            local_ses.identity("example.com").verify()
            await app.asign_up("a@example.org")
            assert len(local_ses.sent) == 1
"""
ANYIO = """
    import anyio
    import pytest
    import app

    pytestmark = pytest.mark.anyio

    @pytest.fixture(scope="module")
    def anyio_backend():
        return "asyncio"

    @pytest.fixture
    async def welcomed(mailbox):
        await app.asign_up("fixture@example.org")
        yield mailbox
        await app.asign_up("later@example.org")

    @pytest.mark.parametrize("number", range(3))
    async def test_groups_and_threads(mailbox, number):
        async with anyio.create_task_group() as group:
            group.start_soon(app.asign_up, "a@example.org")
            await anyio.to_thread.run_sync(app.sign_up, "b@example.org")
        mailbox.assert_count(2)

    async def test_what_a_fixture_sends(welcomed):
        welcomed.assert_one(to="fixture@example.org")
"""


def run_app(folder: Path, source: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "app.py").write_text(dedent(APP))
    return run(folder, source, *options)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a program finds when it starts, and where nobody is: no test may go there."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")


def needs(*packages: str) -> pytest.MarkDecorator:
    missing = [package for package in packages if find_spec(package) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}, of the group test")


@pytest.mark.parametrize("options", [(), pytest.param(("-n", "2"), marks=pytest.mark.heavy)])
@pytest.mark.usefixtures("keys")
def test_mailers_that_were_built_before_any_test(tmp_path: Path, options: tuple[str, ...]) -> None:
    done = run_app(tmp_path, KINDS, *options)

    assert done.returncode == 0, done.stdout
    forks = 2 if hasattr(os, "fork") else 0
    assert f"{11 + forks} passed" in done.stdout


@pytest.mark.parametrize("seed", range(3))
@needs("pytest_randomly")
@pytest.mark.usefixtures("keys")
def test_in_any_order(tmp_path: Path, seed: int) -> None:
    done = run_app(tmp_path, KINDS, f"--randomly-seed={seed}")

    assert done.returncode == 0, done.stdout


@needs("pytest_asyncio")
@pytest.mark.parametrize("options", [(), pytest.param(("-n", "2"), marks=pytest.mark.heavy)])
@pytest.mark.usefixtures("keys")
def test_with_pytest_asyncio(tmp_path: Path, options: tuple[str, ...]) -> None:
    done = run_app(tmp_path, ASYNCIO, "--asyncio-mode=auto", *options)

    assert done.returncode == 0, done.stdout
    assert "10 passed" in done.stdout


@needs("anyio")
@pytest.mark.parametrize("options", [(), pytest.param(("-n", "2"), marks=pytest.mark.heavy)])
@pytest.mark.usefixtures("keys")
def test_with_anyio(tmp_path: Path, options: tuple[str, ...]) -> None:
    done = run_app(tmp_path, ANYIO, *options)

    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout
