"""Given: a client of boto3 that the program made itself, and goes on using as it likes."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from inspect import iscoroutinefunction
from typing import Any

from sesmail.errors import SetupError
from sesmail.ses.call import Service
from sesmail.ses.client.boto_faults import Origin

BotocoreClient = Any  # botocore makes its classes at run time


class Given:
    """Lends a client that is somebody else's.

    One that would repeat a call is refused: when an answer is lost, SES may have taken the mail. Its connections must
    not be used on both sides of a fork; whoever made it sees to that, and closes it.
    """

    def __init__(self, client: BotocoreClient, service: Service) -> None:
        model = getattr(getattr(client, "meta", None), "service_model", None)
        if model is None:
            raise SetupError(f"a client is what boto3.client({service!r}) gives, and not a {type(client).__name__}")
        if iscoroutinefunction(client.close):
            raise SetupError("a client of aiobotocore can only be awaited: give one of boto3")
        if model.service_name != service:
            raise SetupError(f"this client is one of {model.service_name}: give what boto3.client({service!r}) makes")
        if (client.meta.config.retries or {}).get("total_max_attempts") != 1:
            raise SetupError(
                "this client repeats a call whose answer was lost, and SES would send the mail again; make it with"
                ' config=botocore.config.Config(retries={"total_max_attempts": 1})'
            )
        self._client = client
        self.region: str = client.meta.region_name
        self.origin = Origin(region=self.region)

    def lent(self) -> AbstractContextManager[BotocoreClient]:
        """A context that has it."""
        return nullcontext(self._client)

    def close(self) -> None:
        """It is not ours to close."""
