"""The one result that some requests end in."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TypeVar

from app.core.errors import Failed, OcellusError
from app.core.events import Finished, FinishReason
from app.core.requests import Request
from app.workers.remote import Remote

Result = TypeVar("Result")


async def outcome(remote: Remote, request: Request, kind: type[Result]) -> Result | None:
    """The last event of this kind; None when the child ended without one.

    Raises OcellusError for a failure, and CancelledError when the child was stopped before.
    """
    found: Result | None = None
    async with aclosing(remote.stream(request)) as events:
        async for event in events:
            if isinstance(event, kind):
                found = event
            elif isinstance(event, Failed):
                raise OcellusError(event)
            elif isinstance(event, Finished) and event.reason is FinishReason.STOPPED and not found:
                raise asyncio.CancelledError
    return found
