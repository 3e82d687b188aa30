"""The suppression list: people who must not get mail, since a mail to them bounced or they complained."""

from __future__ import annotations

from dataclasses import dataclass, field

from sesmail.local.addresses import folded

REASONS = ("BOUNCE", "COMPLAINT")


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Somebody on the list."""

    address: str
    reason: str
    since: float


@dataclass(slots=True)
class SuppressionList:
    """By address. The case of the domain does not count; that of the local part does, though nobody says so."""

    entries: dict[str, Suppressed] = field(default_factory=dict)

    def put(self, entry: Suppressed) -> None:
        """Add somebody, or change the reason."""
        self.entries[folded(entry.address)] = entry

    def get(self, address: str) -> Suppressed | None:
        """The entry for an address."""
        return self.entries.get(folded(address))

    def remove(self, address: str) -> Suppressed | None:
        """Take somebody off."""
        return self.entries.pop(folded(address), None)
