"""The handler when processes end and fork: real interpreters, whose mails are files in a folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest

from sesmail import mime
from sesmail.mail.message import Email

BEGIN = """
    import atexit, logging, os, signal, sys, threading, time, warnings
    from sesmail import Mailer
    from sesmail.errors import Throttled
    from sesmail.integrations.log_mail import MailHandler
    from sesmail.transports import MemoryTransport

    warnings.simplefilter("ignore", DeprecationWarning)  # forks beside threads, which are what is tried here
    logger = logging.getLogger("shop")
    logger.propagate = False

    def watch(way=sys.argv[1], **options):
        given = {"url": way} if isinstance(way, str) else {"mailer": Mailer(way, sender="app@example.com")}
        given |= {"sender": "app@example.com", "to": "ops@example.com", "window_s": 3600, "subject": "{message}"}
        handler = MailHandler(**given | options)
        logger.addHandler(handler)
        return handler
"""
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")


def run(folder: Path, source: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    script = folder / "app.py"
    script.write_text(dedent(BEGIN) + dedent(source))
    mails = folder / "mails"
    command = [sys.executable, str(script), mails.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, timeout=timeout)


def mails_in(folder: Path) -> list[Email]:
    return [mime.read(path.read_bytes()) for path in sorted((folder / "mails").glob("*.eml"))]


def subjects_in(folder: Path) -> list[str]:
    return sorted(mail.subject for mail in mails_in(folder))


# ── the end of the interpreter ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("end", "code"), [("", 0), ("sys.exit(3)", 3), ("raise LookupError", 1)])
def test_what_was_gathered_is_mailed_at_the_end(tmp_path: Path, end: str, code: int) -> None:
    done = run(tmp_path, f"watch()\nlogger.error('the last words')\n{end}")

    assert done.returncode == code
    assert subjects_in(tmp_path) == ["the last words"]
    assert "sesmail" not in done.stderr


def test_what_is_logged_while_the_interpreter_ends_is_mailed(tmp_path: Path) -> None:
    """From 3.12 on no thread can be begun then."""
    done = run(tmp_path, "watch()\natexit.register(logger.error, 'the very last words')")

    assert (done.returncode, done.stderr) == (0, "")
    assert subjects_in(tmp_path) == ["the very last words"]


def test_a_slow_way_out_delays_the_end_by_no_more_than_the_deadline(tmp_path: Path) -> None:
    source = """
        slow = MemoryTransport()
        slow.slow_down(60)
        watch(slow, flush_s=0.2)
        logger.error("the last words")
        print(time.time())
    """
    done = run(tmp_path, source)

    assert done.returncode == 0
    assert time.time() - float(done.stdout) < 10
    # `logging.shutdown` flushes and closes; what is slow is told once.
    assert done.stderr == (
        "sesmail.MailHandler: a mail about the log is not out after 0.2 s (told once until a mail goes out)\n"
    )


def test_a_way_out_that_always_fails_does_not_change_how_the_program_ends(tmp_path: Path) -> None:
    source = """
        failing = MemoryTransport()
        failing.fail_next(Throttled("too many a second"), times=1_000_000)
        watch(failing, window_s=0, interval_s=0)
        for number in range(10_000):
            logger.error("order %d failed", number)
        print("it went on")
        sys.exit(4)
    """
    done = run(tmp_path, source)

    assert (done.returncode, done.stdout) == (4, "it went on\n")
    assert done.stderr.count("\n") == 1
    assert "Throttled: too many a second (told once until a mail goes out)" in done.stderr


# ── forks ────────────────────────────────────────────────────────────────────────────────────────────────────────


@needs_fork
def test_a_child_mails_its_own_records_and_none_of_its_parent(tmp_path: Path) -> None:
    source = """
        handler = watch(subject="{message} ({count})")
        logger.error("of the parent")
        child = os.fork()
        if not child:
            logger.error("of the child")
            sys.exit()  # its own end, with `logging.shutdown`
        os.waitpid(child, 0)
        if not (silent := os.fork()):
            sys.exit()
        os.waitpid(silent, 0)
        logger.error("of the parent, later")
    """
    done = run(tmp_path, source)

    assert (done.returncode, done.stderr) == (0, "")
    assert subjects_in(tmp_path) == ["of the child (1)", "of the parent (2)"]


@needs_fork
def test_a_child_has_a_thread_of_its_own(tmp_path: Path) -> None:
    source = """
        watch(window_s=0.01)
        logger.error("of the parent")
        if not (child := os.fork()):
            logger.error("of the child")
            for _ in range(500):
                time.sleep(0.01)
                mails = [open(f"mails/{name}").read() for name in os.listdir("mails") if name.endswith(".eml")]
                if any("of the child" in mail for mail in mails):
                    os._exit(0)  # nothing is flushed: the thread has mailed it
            os._exit(1)
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    done = run(tmp_path, source)

    assert (done.returncode, done.stderr) == (0, "")
    assert subjects_in(tmp_path) == ["of the child", "of the parent"]


@needs_fork
def test_forks_in_the_middle_of_everything_stop_nobody(tmp_path: Path) -> None:
    source = """
        handler = watch(window_s=0, interval_s=0)
        goes_on = True

        def work(number):
            while goes_on:
                logger.error("of the parent: %d", number)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        codes = set()
        for _ in range(20):
            if not (child := os.fork()):
                signal.alarm(20)
                logger.error("of the child")
                handler.flush()
                os._exit(0)
            codes.add(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        goes_on = False
        for thread in threads:
            thread.join()
        print(codes)
    """
    done = run(tmp_path, source, timeout=120)

    assert (done.returncode, done.stdout, done.stderr) == (0, "{0}\n", "")
    assert subjects_in(tmp_path).count("of the child") == 20


@pytest.mark.parametrize("method", ["spawn", pytest.param("fork", marks=needs_fork)])
def test_the_last_records_of_a_child_of_multiprocessing_are_mailed(tmp_path: Path, method: str) -> None:
    source = f"""
        import multiprocessing

        def work(way):
            watch(way)
            logger.error("of the child")

        if __name__ == "__main__":
            child = multiprocessing.get_context("{method}").Process(target=work, args=(sys.argv[1],))
            child.start()
            child.join()
            sys.exit(child.exitcode)
    """
    done = run(tmp_path, source)

    assert (done.returncode, done.stderr) == (0, "")
    assert subjects_in(tmp_path) == ["of the child"]


# ── signals ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this platform has no timers")
def test_a_signal_handler_may_log(tmp_path: Path) -> None:
    """It runs in the middle of any line, also of one that holds a lock of ours."""
    source = """
        count = 0

        def ring(*_):
            global count
            count += 1
            logger.error("rung")

        watch(window_s=0, interval_s=0)
        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        for _ in range(30_000):
            logger.error("worked")
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(count)
    """
    done = run(tmp_path, source, timeout=60)

    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 10
