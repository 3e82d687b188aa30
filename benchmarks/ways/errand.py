"""Errand: what a worker is to send, where to, and how many at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

from benchmarks.mail import HTML, MB, RECIPIENTS, SMALL, Mail, with_attachment

# Made by whoever needs them: the large ones take a while.
MAILS: dict[str, Callable[[], Mail]] = {
    "small": lambda: SMALL,
    "html": lambda: HTML,
    "recipients": lambda: RECIPIENTS,
    "7 MB": lambda: with_attachment(7 * MB),
    "25 MB": lambda: with_attachment(25 * MB),
}
REGION = "eu-west-1"
ACCESS_KEY, SECRET_KEY = (
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
)  # of AWS's own documentation


@dataclass(frozen=True, slots=True)
class Errand:
    """A mail by its name in `MAILS`, and the sink's port."""

    mail: str
    port: int
    in_flight: int = 1
    options: Mapping[str, str] = field(default_factory=dict)
    """Of a transport of ours."""
    beside_sink: bool = True
    """On the same core."""

    @property
    def endpoint_url(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.port}"

    def as_json(self) -> str:
        """For the command line of a worker."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Errand:
        """The way back."""
        return cls(**json.loads(text))
