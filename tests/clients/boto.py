"""boto3 as these tests use it: one attempt a call, closed in the end, and refusals as a context to be in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

from sesmail.local import LocalSes

__all__ = ["Client", "ClientError", "WaiterError", "client", "refused"]

Client = Any  # boto3 makes its classes at run time

_ONE_ATTEMPT = Config(retries={"total_max_attempts": 1})


@contextmanager
def client(ses: LocalSes, service: str, **options: str) -> Iterator[Client]:
    """A client of a local SES: ``ses`` for v1, ``sesv2`` or ``sts``."""
    made = boto3.client(service, config=_ONE_ATTEMPT, **{**ses.client_options, **options})
    try:
        yield made
    finally:
        made.close()


@contextmanager
def refused(expected: type[Exception], code: str, status: int, text: str) -> Iterator[dict[str, Any]]:
    """A call in here ends with exactly this class, code and HTTP status. The response is there afterwards."""
    response: dict[str, Any] = {}
    with pytest.raises(ClientError) as caught:
        yield response
    response |= caught.value.response
    metadata = response["ResponseMetadata"]
    assert (type(caught.value), response["Error"]["Code"], metadata["HTTPStatusCode"]) == (expected, code, status)
    assert text in response["Error"]["Message"]
    assert metadata["RequestId"]
