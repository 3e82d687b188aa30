"""Nothing of this machine's AWS."""

from __future__ import annotations

from tests.ses.client.boto.surroundings import nothing_of_this_machine

__all__ = ["nothing_of_this_machine"]
