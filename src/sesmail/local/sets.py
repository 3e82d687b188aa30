"""How configuration sets begin and are found, whichever API asks."""

from __future__ import annotations

from typing import Any

from sesmail.local.configuration_sets import ConfigurationSet
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.names import check_name

MOST_SETS = 10_000
MOST_DESTINATIONS = 10


def add_set(here: Here, name: str) -> ConfigurationSet:
    """A new one."""
    sets = here.region.configuration_sets
    check_name("Configuration set", name, FaultKind.SET_INVALID)
    if name in sets:
        raise Fault(FaultKind.SET_EXISTS, f"Configuration set <{name}> already exists.", ConfigurationSetName=name)
    if len(sets) >= MOST_SETS:
        raise Fault(FaultKind.LIMIT, f"You have reached the limit of {MOST_SETS} configuration sets.")
    sets[name] = ConfigurationSet(name)
    return sets[name]


def known_set(here: Here, name: str) -> ConfigurationSet:
    """The set of this name, or the fault that there is none."""
    found = here.region.configuration_sets.get(name)
    if found is None:
        said = f"Configuration set <{name[:100]}> does not exist."
        raise Fault(FaultKind.SET_NOT_FOUND, said, ConfigurationSetName=name)
    return found


def add_destination(found: ConfigurationSet, name: str, destination: dict[str, Any]) -> None:
    """One more place for events."""
    if name in found.destinations:
        facts = {"ConfigurationSetName": found.name, "EventDestinationName": name}
        raise Fault(FaultKind.DESTINATION_EXISTS, f"Event destination {name[:100]} already exists.", **facts)
    if len(found.destinations) >= MOST_DESTINATIONS:
        raise Fault(FaultKind.LIMIT, f"A configuration set has at most {MOST_DESTINATIONS} event destinations.")
    found.destinations[name] = destination


def known_destination(here: Here, name: str, destination: str) -> ConfigurationSet:
    """The set, if it has this event destination."""
    found = known_set(here, name)
    if destination not in found.destinations:
        said = f"Event destination {destination[:100]} does not exist."
        facts = {"ConfigurationSetName": name, "EventDestinationName": destination}
        raise Fault(FaultKind.DESTINATION_NOT_FOUND, said, **facts)
    return found
