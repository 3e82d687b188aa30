"""Does all calls of a JSON list at once: ``[service, operation, parameters]`` each. Writes what came of each."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from typing import Any

from aiobotocore.config import AioConfig  # type: ignore[import-not-found]
from aiobotocore.session import get_session  # type: ignore[import-not-found]
from botocore.exceptions import ClientError


async def main() -> None:
    asked = json.load(sys.stdin)
    # Fewer connections than calls: some wait for one that another call has used before.
    config = AioConfig(retries={"total_max_attempts": 1}, max_pool_connections=20)
    session = get_session()
    async with AsyncExitStack() as stack:
        clients = {
            service: await stack.enter_async_context(session.create_client(service, config=config))
            for service in sorted({service for service, _, _ in asked})
        }
        calls = [_result(clients[service], operation, parameters) for service, operation, parameters in asked]
        json.dump(await asyncio.gather(*calls), sys.stdout, default=str)


async def _result(client: Any, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    try:
        answer = await getattr(client, operation)(**parameters)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return {"class": type(error).__name__, "status": status, **error.response["Error"]}
    return dict(answer)


asyncio.run(main())
