"""What the box serves of each API, operation by operation: made from the models and the code, so it cannot lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sesmail.local.models.service import Service
from sesmail.local.operations import SERVED

SERVICES = {"sesv2": "SES v2", "ses": "SES v1", "sts": "STS"}


@dataclass(frozen=True, slots=True)
class Coverage:
    """One operation: ``served``, ``partly`` or ``not``, and what is less than in SES."""

    service: str
    operation: str
    how: str
    lacks: tuple[str, ...] = ()
    note: str = ""

    @property
    def less(self) -> str:
        """What is less, as a sentence."""
        without = f"not here: {', '.join(f'`{path}`' for path in self.lacks)}" if self.lacks else ""
        return "; ".join(text for text in (without, self.note) if text)


def coverage(service: str) -> Iterator[Coverage]:
    """Each operation of a service, by the installed model."""
    for name in Service.of(service).operation_names:
        served = SERVED.get((service, name))
        if served is None:
            yield Coverage(service, name, "not")
        else:
            yield Coverage(service, name, "served" if served.in_full else "partly", served.lacks, served.note)


def as_markdown() -> str:
    """The table for the documentation."""
    return "\n\n".join(_table(service) for service in SERVICES)


def _table(service: str) -> str:
    rows = list(coverage(service))
    count = {how: sum(row.how == how for row in rows) for how in ("served", "partly", "not")}
    said = f"{count['served']} served, {count['partly']} partly, {count['not']} not, of {len(rows)}."
    ordered = sorted(rows, key=lambda row: row.how == "not")
    lines = [f"| `{row.operation}` | {row.how} | {row.less} |" for row in ordered]
    head = ["| Operation | | What is less than in SES |", "| --- | --- | --- |"]
    return "\n".join([f"## {SERVICES[service]}", "", said, "", *head, *lines])
