"""Digest: what was logged since the last mail. It has an end, however much is logged."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from sesmail.integrations.log_mail.group import Group, Key, key_of
from sesmail.integrations.log_mail.texts import Redact


@dataclass(slots=True)
class Digest:
    """Groups of records, in the order in which each was first seen; the oldest makes room for a new one."""

    most_groups: int
    groups: dict[Key, Group] = field(default_factory=dict)
    records: int = 0
    """All that were logged, also those whose group had to go."""
    dropped: int = 0
    """How many of them had to go."""
    lost: int = 0
    """Records of earlier mails that failed, and may not have arrived."""

    def __bool__(self) -> bool:
        return bool(self.groups)

    def add(self, record: logging.LogRecord, formatter: logging.Formatter | None, redact: Redact | None) -> None:
        """Count a record in."""
        key = key_of(record)
        group = self.groups.get(key)
        if group is None:
            group = self._put(Group.of(record, formatter, redact))
        group.count_in(record, redact)
        self.records += 1

    def _put(self, group: Group) -> Group:
        while len(self.groups) >= self.most_groups:
            # The oldest goes: what is wrong now is what people can still do something about.
            oldest = self.groups.pop(next(iter(self.groups)))
            self.dropped += oldest.count
        return self.groups.setdefault(group.key, group)

    def add_later(self, later: Digest) -> None:
        """What was logged while this one could not be mailed."""
        for key, group in later.groups.items():
            if key in self.groups:
                self.groups[key].add(group)
            else:
                self._put(group)
        self.records += later.records
        self.dropped += later.dropped
        self.lost += later.lost
