"""The folder: what a box wrote, another one finds."""

from __future__ import annotations

import json
import sys
from shutil import rmtree
from typing import TYPE_CHECKING

import pytest

from sesmail.errors import SetupError
from sesmail.local import BoxClock, LocalSes
from tests.local.asking import RAW, ask

if TYPE_CHECKING:
    from pathlib import Path

EAST = "us-east-1"


def _ses(folder: Path, **options: object) -> LocalSes:
    return LocalSes(folder=folder, clock=BoxClock(at=1_800_000_000), **options)  # type: ignore[arg-type]


def _send(ses: LocalSes, to: str = "ada@example.org") -> None:
    data = RAW.replace(b"ada@example.org", to.encode())
    ask(ses.box, "SendEmail", region=EAST, Content={"Raw": {"Data": data}}, EmailTags=[{"Name": "a", "Value": "b"}])


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    with _ses(tmp_path, quota=7) as first:
        first.account.grant_production(quota=5, rate=100)
        first.identity("example.com").verify()
        mail_from = {"EmailIdentity": "example.com", "MailFromDomain": "mail.example.com"}
        ask(first.box, "PutEmailIdentityMailFromAttributes", region=EAST, **mail_from)
        ask(
            first.box,
            "CreateConfigurationSet",
            region=EAST,
            ConfigurationSetName="main",
            Tags=[{"Key": "k", "Value": "v"}],
        )
        ask(first.box, "PutSuppressedDestination", region=EAST, EmailAddress="eve@example.org", Reason="BOUNCE")
        first.clock.advance(hours=1)
        _send(first)
        _send(first, "bounce@simulator.amazonses.com")

    second = _ses(tmp_path)

    assert second.sent == first.sent
    assert second.box.regions == first.box.regions
    assert second.clock.now() == first.clock.now()
    account = ask(second.box, "GetAccount", region=EAST)
    assert account["SendQuota"] == {"Max24HourSend": 5.0, "MaxSendRate": 100.0, "SentLast24Hours": 1.0}
    assert second.identity("example.com").status == "SUCCESS"


def test_a_box_that_was_killed_still_knows_its_mails_and_what_they_count(tmp_path: Path) -> None:
    killed = _ses(tmp_path, sandbox=False, rate=10)
    killed.identity("example.com").verify()
    _send(killed)
    _send(killed)

    second = _ses(tmp_path)

    assert [mail.recipients for mail in second.sent] == [("ada@example.org",)] * 2
    assert second.box.ledger.total == 2
    assert ask(second.box, "GetAccount", region=EAST)["SendQuota"]["SentLast24Hours"] == 2
    (point,) = ask(second.box, "GetSendStatistics", "ses", region=EAST)["SendDataPoints"]
    assert point["DeliveryAttempts"] == 2


def test_mails_that_leave_the_ledger_leave_the_folder(tmp_path: Path) -> None:
    with _ses(tmp_path, sandbox=False, rate=10, keep=2) as ses:
        ses.identity("example.com").verify()
        for number in range(4):
            _send(ses, f"ada{number}@example.org")
        assert sorted(file.suffix for file in (tmp_path / "mails").iterdir()) == [".eml", ".eml", ".json", ".json"]

    again = _ses(tmp_path, keep=1)
    assert [mail.to for mail in again.sent] == [("ada3@example.org",)]
    again.forget()
    assert list((tmp_path / "mails").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
def test_it_is_for_its_owner_only(tmp_path: Path) -> None:
    with _ses(tmp_path / "box", sandbox=False) as ses:
        ses.identity("example.com").verify()
        _send(ses)

    for path in (tmp_path / "box", *(tmp_path / "box").rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_counts_outlive_the_mails_they_came_from(tmp_path: Path) -> None:
    killed = _ses(tmp_path, sandbox=False, rate=100, keep=2)
    killed.identity("example.com").verify()
    for _ in range(7):
        _send(killed)
    second = _ses(tmp_path, keep=2)
    assert (len(second.sent), second.box.ledger.total) == (2, 7)
    assert _quota(second) == 7
    second.forget()

    third = _ses(tmp_path)
    assert third.sent == ()
    assert _quota(third) == 7


def _quota(ses: LocalSes) -> object:
    return ask(ses.box, "GetAccount", region=EAST)["SendQuota"]["SentLast24Hours"]


def test_time_never_goes_back(tmp_path: Path) -> None:
    killed = _ses(tmp_path, sandbox=False, rate=100)
    killed.identity("example.com").verify()
    killed.clock.advance(hours=100)
    _send(killed)
    (tmp_path / "state.json").unlink()  # as if it had been killed before the state was written
    second = _ses(tmp_path)

    assert second.clock.now() == killed.clock.now()
    second.clock.advance(hours=24)
    assert _quota(second) == 0
    assert _ses(tmp_path).clock.now() == second.clock.now()
    clock = BoxClock(at=1_800_000_000)
    for _ in range(2):
        LocalSes(folder=tmp_path, clock=clock)
    assert clock.now() == second.clock.now(), "a clock that is ahead already is not moved twice"


def test_what_cannot_be_written_down_was_not_taken(tmp_path: Path) -> None:
    ses = _ses(tmp_path, sandbox=False, rate=100)
    ses.identity("example.com").verify()
    rmtree(tmp_path / "mails")

    for _ in range(2):
        with pytest.raises(OSError, match="No such file"):
            _send(ses)
    assert (ses.sent, ses.events, _quota(ses)) == ((), (), 0)


@pytest.mark.parametrize("torn", [b"", b"{", b"[]", b"{}"])
def test_a_torn_mail_is_left_out_and_told(tmp_path: Path, torn: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with _ses(tmp_path, sandbox=False, rate=100) as ses:
        ses.identity("example.com").verify()
        _send(ses)
        _send(ses)
    file = min((tmp_path / "mails").glob("*.json"))
    file.write_bytes(torn)

    assert len(_ses(tmp_path).sent) == 1
    assert file.name in caplog.text


def test_a_number_is_given_once(tmp_path: Path) -> None:
    with _ses(tmp_path, sandbox=False, rate=100) as ses:
        ses.identity("example.com").verify()
        _send(ses)
        _send(ses)
    max((tmp_path / "mails").glob("*.json")).write_bytes(b"")
    again = _ses(tmp_path)
    _send(again)

    assert [mail.number for mail in again.sent] == [1, 3]


def test_half_a_mail_is_none(tmp_path: Path) -> None:
    with _ses(tmp_path, sandbox=False) as ses:
        ses.identity("example.com").verify()
        _send(ses)
    with _ses(tmp_path) as ses:
        ses.clock.advance(1)
        _send(ses)
    about, other = sorted((tmp_path / "mails").glob("*.json"))
    about.with_suffix(".eml").unlink()
    other.unlink()
    (tmp_path / "mails" / ".half.eml.new").write_text("x")

    assert _ses(tmp_path).sent == ()
    assert list((tmp_path / "mails").iterdir()) == []


def test_reading_writes_nothing(tmp_path: Path) -> None:
    ses = _ses(tmp_path)
    ask(ses.box, "GetAccount")
    ask(ses.box, "ListConfigurationSets")

    assert not (tmp_path / "state.json").exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is no state of a box"),
        ("[]", "is no state"),
        ("{}", "is no state"),
        ('{"format": 99}', "another version"),
    ],
)
def test_a_file_of_somebody_else_is_not_overwritten(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "state.json").write_text(text)

    with pytest.raises(SetupError, match=reason):
        _ses(tmp_path)
    assert (tmp_path / "state.json").read_text() == text


def test_what_another_version_wrote_beside_is_left_out(tmp_path: Path) -> None:
    with _ses(tmp_path) as ses:
        ses.account.grant_production()
    file = tmp_path / "state.json"
    state = json.loads(file.read_text())
    state["regions"][0]["colour"] = "red"
    del state["regions"][0]["vdm"]
    file.write_text(json.dumps(state))

    assert not _ses(tmp_path).account.sandbox


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(SetupError, match="cannot keep anything in"):
        _ses(tmp_path / "file" / "folder")
