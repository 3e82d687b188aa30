"""Keepers: who is told when the box has changed. `Folder` writes it down, so that it is there after a restart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sesmail._logging import WARNING, log
from sesmail.errors import SetupError
from sesmail.local.ledger import SentMail
from sesmail.local.plain import from_plain, to_plain
from sesmail.local.region import Region

if TYPE_CHECKING:
    from sesmail.local.box import Box

_FORMAT = 1


class Keeper(Protocol):
    """What the box tells."""

    def changed(self) -> None:
        """Something that is no mail has changed."""

    def took(self, mail: SentMail) -> None:
        """A mail was taken."""

    def dropped(self, mail: SentMail) -> None:
        """A mail is no longer in the ledger."""


class Forgetful:
    """Keeps nothing."""

    def changed(self) -> None:
        """Nothing is written."""

    def took(self, mail: SentMail) -> None:
        """Nothing is written."""

    def dropped(self, mail: SentMail) -> None:
        """Nothing was written."""


class Folder:
    """Keeps a box in a folder, for its owner only: ``state.json`` with all but the mails, and two files for each mail.

    The state is written whole, to a new file that then takes the old one's place. A mail does not write it: those that
    are newer than the state are counted again when the box is read back. So before a mail goes that the state does not
    count, the state is written.
    """

    def __init__(self, path: Path, box: Box) -> None:
        self._path = path
        self._mails = path / "mails"
        self._box = box
        self._counted = 0  # the number of the last mail that the state counts
        try:
            for folder in (path, self._mails):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SetupError(f"the box cannot keep anything in {path}: {error.strerror}") from error

    def load(self) -> None:
        """Put what is there into the box."""
        state = self._state()
        self._counted = self._box.ledger.total = state["counted"]
        for plain in state["regions"]:
            region = from_plain(Region, plain)
            self._box.regions[region.account, region.name] = region
        mails = list(self._kept_mails())
        self._set_clock(state["ahead"], max((mail.at for mail in mails), default=0.0))
        for mail in mails:
            if mail.number > self._counted:
                self._box.region(mail.region, mail.account).count(mail)
            self._box.ledger.add(mail)

    def _state(self) -> dict[str, Any]:
        file = self._path / "state.json"
        if not file.exists():
            return {"counted": 0, "ahead": 0.0, "regions": []}
        try:
            state: dict[str, Any] = json.loads(file.read_bytes())
            known = state["format"] == _FORMAT
        except (ValueError, KeyError, TypeError) as error:
            raise SetupError(f"{file} is no state of a box: give another folder, or remove the file") from error
        if not known:
            raise SetupError(f"{file} is of another version of sesmail: give another folder, or remove the file")
        return state

    def _set_clock(self, ahead: float, latest: float) -> None:
        """As far ahead as it was. A box that was killed did not say how far, but its mails do: time never goes back."""
        clock = self._box.clock
        clock.ahead = max(clock.ahead, ahead)
        clock.advance(max(0.0, latest - clock.now()))

    def _kept_mails(self) -> Iterator[SentMail]:
        """Whole mails, oldest first. What is left of a mail that was being written when the box was killed, goes."""
        for file in sorted(self._mails.iterdir()):
            about, raw = file.with_suffix(".json"), file.with_suffix(".eml")
            if file == about and (mail := _read(about, raw)):
                yield mail
            elif not (about.exists() and raw.exists()):
                file.unlink(missing_ok=True)

    def changed(self) -> None:
        """Write the state."""
        regions = [to_plain(region) for region in self._box.regions.values()]
        state = {
            "format": _FORMAT,
            "counted": self._box.ledger.total,
            "ahead": self._box.clock.ahead,
            "regions": regions,
        }
        _write(self._path / "state.json", json.dumps(state).encode())
        self._counted = self._box.ledger.total

    def took(self, mail: SentMail) -> None:
        """Write a mail: first its bytes, then what is known of it, without which it does not count."""
        about = to_plain(mail)
        del about["raw"]
        _write(self._file(mail, "eml"), mail.raw)
        _write(self._file(mail, "json"), json.dumps(about).encode())

    def dropped(self, mail: SentMail) -> None:
        """Remove a mail."""
        if mail.number > self._counted:
            self.changed()
        for suffix in ("json", "eml"):
            self._file(mail, suffix).unlink(missing_ok=True)

    def _file(self, mail: SentMail, suffix: str) -> Path:
        # The number makes names sort by age.
        return self._mails / f"{mail.number:09}-{mail.message_id}.{suffix}"


def _read(about: Path, raw: Path) -> SentMail | None:
    try:
        return from_plain(SentMail, {**json.loads(about.read_bytes()), "raw": raw.read_bytes()})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):  # torn by a machine that lost its power
        log(WARNING, "left out a mail of the box's folder that cannot be read: %s", about.name)
        return None


def _write(file: Path, data: bytes) -> None:
    new = file.with_name(f".{file.name}.new")
    new.touch(mode=0o600)  # before anything is in it
    new.write_bytes(data)
    new.replace(file)
