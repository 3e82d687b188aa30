"""HttpFault: a request that HTTP itself refuses, before anybody looks at what it asks."""

from __future__ import annotations

import json

from sesmail.local.http.message import HttpReply


class HttpFault(Exception):
    """What was wrong, in a status and a text for people. The connection it came on cannot be used any further."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(status, text)
        self.status = status
        self.text = text

    @property
    def reply(self) -> HttpReply:
        """The same as an answer to the peer."""
        body = json.dumps({"message": self.text}).encode()
        return HttpReply(self.status, {"Content-Type": "application/json"}, body)
