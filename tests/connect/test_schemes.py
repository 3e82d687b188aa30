"""From one line of configuration to a transport, also to those of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from sesmail import Mailer
from sesmail.connect import connect, known_schemes
from sesmail.errors import SetupError, UnknownScheme
from sesmail.transports import MemoryTransport, TransportUrl

METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
SOURCE = """
from sesmail.transports import LocalTransport

class Pigeon(LocalTransport):
    name = "pigeon"

    @classmethod
    def from_url(cls, url):
        pigeon = cls(limits=url.limits("loft"))
        pigeon.loft = url.options.get("loft", "")
        return pigeon

    def send(self, outgoing):
        return self.accepted(outgoing, message_id=self.loft)
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path, in which packages are as pip installs them."""
    (tmp_path / "pigeon_mail.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def install(folder: Path, name: str, value: str = "pigeon_mail:Pigeon.from_url") -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(METADATA.format(name=name))
    (info / "entry_points.txt").write_text(f"[sesmail.transports]\npigeon = {value}\n")


def test_a_scheme_of_another_package(installed: Path) -> None:
    install(installed, "pigeon-mail")

    assert "pigeon" in known_schemes()
    mailer = Mailer("pigeon://?loft=7", sender="a@example.com")
    assert mailer.send(to="b@example.org").message_id == "7"
    with pytest.raises(UnknownScheme, match="did you mean 'pigeon'"):
        connect("pigon://")


def test_the_same_scheme_from_two_packages(installed: Path) -> None:
    install(installed, "pigeon-mail")
    install(installed, "other-mail", "other:transport")
    with pytest.raises(SetupError, match="several packages offer the scheme 'pigeon': other-mail, pigeon-mail"):
        connect("pigeon://")


def test_ours_come_first(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: pytest.fail("not asked"))

    assert isinstance(connect("memory://?limits=none"), MemoryTransport)


def test_parts_that_a_scheme_does_not_have_are_refused() -> None:
    for url in ("memory://host", "null:///path", "console://user@", "memory://:25"):
        with pytest.raises(SetupError, match="has no host, path or user"):
            connect(url)
    assert TransportUrl.parse("memory:///").path == "/"
    assert isinstance(connect("memory:///"), MemoryTransport)


def test_a_package_that_cannot_be_loaded_is_named(installed: Path) -> None:
    install(installed, "broken-mail", "no_such_module:Pigeon")
    with pytest.raises(SetupError, match="'pigeon' is offered by 'no_such_module:Pigeon', which cannot be loaded"):
        connect("pigeon://")


def test_a_package_that_gives_no_transport_is_found_out(installed: Path) -> None:
    install(installed, "odd-mail", "builtins:id")
    with pytest.raises(SetupError, match="expected a URL or a transport, not int"):
        Mailer("pigeon://")
