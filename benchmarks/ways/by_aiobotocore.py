"""aiobotocore, one client that is kept. Runs in an environment of its own."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from benchmarks.email_message import email_message
from benchmarks.mail import Mail
from benchmarks.ways import request
from benchmarks.ways.errand import REGION, Errand

if TYPE_CHECKING:
    from benchmarks.ways.worker import AwaitedReady, AwaitedSend


async def raw(errand: Errand, stack: AsyncExitStack) -> AwaitedReady:
    """A mail that was built before."""
    client = await _client(errand, stack)

    def ready(mail: Mail) -> AwaitedSend:
        parameters = request.raw(mail, email_message(mail)())
        return lambda: client.send_email(**parameters)

    return ready


async def build(errand: Errand, stack: AsyncExitStack) -> AwaitedReady:
    """EmailMessage and raw content."""
    client = await _client(errand, stack)

    def ready(mail: Mail) -> AwaitedSend:
        built = email_message(mail)
        return lambda: client.send_email(**request.raw(mail, built()))

    return ready


async def _client(errand: Errand, stack: AsyncExitStack):  # type: ignore[no-untyped-def] # noqa: ANN202
    from aiobotocore.config import AioConfig  # type: ignore[import-not-found]
    from aiobotocore.session import get_session  # type: ignore[import-not-found]

    config = AioConfig(max_pool_connections=errand.in_flight)
    client = get_session().create_client("sesv2", region_name=REGION, endpoint_url=errand.endpoint_url, config=config)
    return await stack.enter_async_context(client)
