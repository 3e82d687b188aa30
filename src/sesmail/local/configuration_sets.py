"""Configuration sets: options for the mails that name them, and where their events go."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class ConfigurationSet:
    """One set. Options are kept as v2 has them; an option that nobody set is missing."""

    name: str
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    destinations: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def sending_enabled(self) -> bool:
        """Whether mails that name this set may go out."""
        return bool(self.options.get("SendingOptions", {}).get("SendingEnabled", True))

    @property
    def suppressed_reasons(self) -> list[str] | None:
        """Which reasons keep a mail of this set from its recipient. ``None``: as in the account."""
        reasons: list[str] | None = self.options.get("SuppressionOptions", {}).get("SuppressedReasons")
        return reasons

    def takers(self, event_type: str) -> list[str]:
        """The names of the destinations that want events of this type."""
        return [
            name
            for name, destination in self.destinations.items()
            if destination.get("Enabled") and event_type in destination.get("MatchingEventTypes", ())
        ]
