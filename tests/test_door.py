"""Doors of packages: each name is imported when it is first used."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from sesmail._door import door
from sesmail.errors import MissingExtra


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A package with three files, of which two ask for what is not there."""
    folder = tmp_path / "a_room"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "good.py").write_text("chair = 'a chair'")
    (folder / "poor.py").write_text("import no_such_world.inside")
    (folder / "broken.py").write_text("import no_such_file")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("a_room", "a_room.good"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import a_room  # type: ignore[import-not-found] # just written

    found: ModuleType = a_room
    return found


HOME = {"chair": "good", "table": "poor", "lamp": "broken", "stool": "good"}


def test_a_name_is_imported_once_and_kept(room: ModuleType) -> None:
    assert "a_room.good" not in sys.modules

    assert door("a_room", HOME)("chair") == "a chair"
    assert vars(room)["chair"] == "a chair"


def test_a_name_may_be_at_home_elsewhere() -> None:
    import sesmail.policies
    from sesmail._clock import Clock

    assert door("sesmail.policies", {"Clock": "._clock"})("Clock") is Clock
    assert vars(sesmail.policies)["Clock"] is Clock


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("name", ["cupboard", "good", "__path__", ""])
def test_what_it_does_not_list_is_not_there(name: str) -> None:
    with pytest.raises(AttributeError, match=f"^module 'a_room' has no attribute '{name}'$"):
        door("a_room", HOME)(name)


@pytest.mark.usefixtures("room")
def test_a_name_that_its_file_has_not_is_the_fault_of_the_list() -> None:
    with pytest.raises(AttributeError, match=r"module 'a_room\.good' has no attribute 'stool'"):
        door("a_room", HOME)("stool")


@pytest.mark.usefixtures("room")
def test_a_world_that_is_not_installed_is_named_with_what_brings_it() -> None:
    with pytest.raises(MissingExtra) as raised:
        door("a_room", HOME, extra="world", worlds=("no_such_world",))("table")
    assert str(raised.value) == 'a_room needs the package no_such_world: pip install "sesmail[world]"'
    assert isinstance(raised.value.__cause__, ModuleNotFoundError)


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("worlds", [(), ("no_such_world",)])
def test_any_other_module_that_is_missing_is_told_as_it_is(worlds: tuple[str, ...]) -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_file") as raised:
        door("a_room", HOME, extra="world", worlds=worlds)("lamp")
    assert not isinstance(raised.value, MissingExtra)
