"""The extension inside Flask: several applications, several mailers, contexts, and what closes them."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref
from textwrap import dedent

import pytest
from flask import Flask

from sesmail import Email
from sesmail.errors import MissingExtra, SetupError
from sesmail.integrations.flask import SesMail
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.transports import LocalTransport, MemoryTransport
from tests.integrations.flask.conftest import MakeApp


def memory_of(mail: SesMail, app: Flask) -> MemoryTransport:
    transport = mail.of(app).transport
    assert isinstance(transport, MemoryTransport)
    return transport


def test_one_extension_serves_several_applications(mail: SesMail, make_app: MakeApp) -> None:
    first, second = make_app(mail), make_app(mail, SESMAIL_SENDER="other@example.com")
    with first.app_context():
        mail.send(to="ada@example.org", text="one")
        with second.app_context():
            mail.send(to="ada@example.org", text="two")
        mail.send(to="ada@example.org", text="three")

    assert [one.email.text for one in memory_of(mail, first).sent] == ["one", "three"]
    assert [one.email.sender.email for one in memory_of(mail, second).sent if one.email.sender] == ["other@example.com"]


def test_one_application_has_several_mailers(make_app: MakeApp) -> None:
    mail, news = SesMail(), SesMail(name="news")
    app = make_app(
        mail, news, SESMAIL_NEWS_URL="memory://", SESMAIL_NEWS_SENDER="news@example.com", SESMAIL_TAGS={"a": "b"}
    )
    with app.app_context():
        mail.send(to="ada@example.org")
        news.send(to="ada@example.org")

    (outgoing,) = memory_of(news, app).sent
    assert str(outgoing.email.sender) == "news@example.com"
    assert outgoing.email.tags == {}  # nothing is taken from another one
    assert len(memory_of(mail, app).sent) == 1
    assert repr(news) == "SesMail(name='news')"


def test_a_named_mailer_has_no_other_ones_way_out(make_app: MakeApp) -> None:
    with pytest.raises(SetupError, match=r"set app.config\['SESMAIL_NEWS_URL'\]"):
        make_app(SesMail(name="news"))


def test_a_name_is_taken_once(mail: SesMail, make_app: MakeApp) -> None:
    app = make_app(mail)
    with pytest.raises(SetupError, match="has a mailer without a name already"):
        mail.init_app(app)


def test_an_application_that_was_not_given_a_mailer_says_so(mail: SesMail, make_app: MakeApp) -> None:
    with pytest.raises(SetupError, match=r"no mailer '' \(it has none\): call init_app"):
        mail.of(make_app())
    with pytest.raises(SetupError, match=r"no mailer 'news' \(it has ''\)"):
        SesMail(name="news").of(make_app(mail))


def test_without_a_context_it_says_what_to_do(mail: SesMail, make_app: MakeApp) -> None:
    make_app(mail)
    with pytest.raises(SetupError, match="in the context of an application"):
        mail.send(to="ada@example.org")


def test_a_thread_without_a_context_takes_the_mailer_itself(mail: SesMail, make_app: MakeApp) -> None:
    app = make_app(mail)
    thread = threading.Thread(target=lambda: mail.of(app).send(to="ada@example.org"))
    thread.start()
    thread.join()

    assert len(memory_of(mail, app).sent) == 1


def test_the_verbs_are_those_of_the_mailer(mail: SesMail, make_app: MakeApp) -> None:
    app = make_app(mail)
    with app.app_context():
        report = mail.send_many({"to": f"reader{number}@example.org", "text": "Hi"} for number in range(3))
        assert report.sent == 3
        assert [problem.code for problem in mail.check(to="ada@localhost", text="Hi")] == [
            "no_subject",
            "special_use_domain",
        ]
        assert mail.mailer is mail.of(app)


def test_hooks_are_said_in_code(make_app: MakeApp) -> None:
    heard: list[object] = []

    def marked(email: Email) -> Email:
        return email.replace(subject=f"[shop] {email.subject}")

    mail = SesMail(before=marked, after=heard.append)
    app = make_app(mail)
    mail.of(app).send(to="ada@example.org", subject="Hi")

    assert memory_of(mail, app).sent[0].email.subject == "[shop] Hi"
    assert len(heard) == 1


def test_attempts_are_told(make_app: MakeApp) -> None:
    attempts: list[object] = []
    mail = SesMail(on_attempt=attempts.append)
    mail.of(make_app(mail)).send(to="ada@example.org")

    assert len(attempts) == 1


class Closing(LocalTransport):
    """Counts how often it is closed."""

    name = "closing"
    closed = 0

    def send(self, outgoing: Outgoing) -> SendResult:
        return self.accepted(outgoing)

    def close(self) -> None:
        self.closed += 1


def test_it_is_closed_when_the_application_is_gone(mail: SesMail, make_app: MakeApp) -> None:
    transport = Closing()
    app = make_app(mail, SESMAIL_URL=transport)
    with app.app_context():
        mail.send(to="ada@example.org")
    assert transport.closed == 0  # a request or a context is no reason: lines are kept between them

    gone = weakref.ref(app)
    del app
    gc.collect()
    assert gone() is None  # nobody keeps it: a suite makes hundreds
    assert transport.closed == 1


def run(source: str) -> str:
    done = subprocess.run([sys.executable, "-c", dedent(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_closed_when_the_program_ends() -> None:
    told = run("""
        from flask import Flask
        from sesmail.integrations.flask import SesMail
        from tests.integrations.flask.test_extension import Closing
        class Loud(Closing):
            def close(self): print("closed", flush=True)
        app = Flask("shop")
        app.config["SESMAIL_URL"] = Loud()
        SesMail(app)
        print("end")
    """)

    assert told.split() == ["end", "closed"]


def test_a_worker_that_is_forked_has_lines_of_its_own() -> None:
    """As gunicorn does it with --preload: the application is made, and has sent, before the workers are there."""
    told = run("""
        import atexit, os
        from urllib.parse import quote
        from flask import Flask
        from sesmail.integrations.flask import SesMail
        from sesmail.local import LocalSes
        with LocalSes(sandbox=False, smtp=True) as ses:
            ses.identity("example.com").verify()
            os.environ.update(ses.environment)
            mail, relay = SesMail(), SesMail(name="relay")
            place = f"{ses.smtp.host}:{ses.smtp.port}"
            relay_url = f"smtp://{ses.smtp.user}:{quote(ses.smtp.password, safe='')}@{place}?ca_file={ses.smtp.ca_file}"
            app = Flask("shop")
            app.config.update(
                SESMAIL_URL="ses://us-east-1?client=direct", SESMAIL_SENDER="shop@example.com",
                SESMAIL_RELAY_URL=relay_url, SESMAIL_RELAY_SENDER="shop@example.com",
            )
            mail.init_app(app)
            relay.init_app(app)
            def send(who):
                with app.app_context():
                    for one in (mail, relay):
                        assert not one.send(to=f"{who}@example.org", subject=who, text="Hi").failed
            send("parent-before")
            workers = []
            for number in range(3):
                if not (pid := os.fork()):
                    send(f"worker{number}")
                    atexit._run_exitfuncs()  # as at the end of a worker; what is this process's own is closed
                    os._exit(0)
                workers.append(pid)
            for pid in workers:
                assert os.waitpid(pid, 0)[1] == 0
            send("parent-after")
            print(*sorted(mail.subject for mail in ses.sent))
    """)

    assert sorted(set(told.split())) == ["parent-after", "parent-before", "worker0", "worker1", "worker2"]
    assert len(told.split()) == 10


def test_without_flask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _forget(monkeypatch, "sesmail.integrations.flask")
    monkeypatch.setitem(sys.modules, "flask", None)
    with pytest.raises(MissingExtra, match=r'needs the package flask: pip install "sesmail\[flask\]"'):
        __import__("sesmail.integrations.flask")


def test_what_flask_itself_misses_is_its_own_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    _forget(monkeypatch, "sesmail.integrations.flask", "flask")
    monkeypatch.setitem(sys.modules, "itsdangerous", None)
    with pytest.raises(ModuleNotFoundError, match="itsdangerous") as caught:
        __import__("sesmail.integrations.flask")

    assert not isinstance(caught.value, MissingExtra)


def _forget(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    for name in list(sys.modules):
        if any(name == package or name.startswith(f"{package}.") for package in packages):
            monkeypatch.delitem(sys.modules, name)


def test_it_pulls_in_no_other_framework_and_no_client() -> None:
    told = run("""
        import sys
        from sesmail.integrations.flask import SesMail
        print(*{"django", "fastapi", "starlette", "boto3", "sesmail.testing", "sesmail.local"} & set(sys.modules))
    """)

    assert told.split() == []
