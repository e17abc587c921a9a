"""A request followed to its end: what it says on the way, and the one result that some end in."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, TypeVar

from app.core.cancelled import WorkCancelledError
from app.core.errors import Failed, OcellusError
from app.core.events import Event, Finished, FinishReason
from app.core.requests import Request
from app.workers.host import Host

if TYPE_CHECKING:
    # The command line has no Qt.
    from app.workers.remote import Remote

Result = TypeVar("Result")


async def follow(remote: Remote, request: Request, about: str = "") -> AsyncGenerator[Event, None]:
    """The request's events, as `Remote.stream` has them, for `contextlib.aclosing` too.

    Raises OcellusError for a Failed, and WorkCancelledError when the child was stopped.
    """
    async with aclosing(remote.stream(request, about)) as events:
        async for event in events:
            yield _checked(event)


async def outcome(remote: Remote, request: Request, kind: type[Result]) -> Result | None:
    """The last event of this kind; None when the child ended without one. Raises as `follow`."""
    found: Result | None = None
    try:
        async with aclosing(follow(remote, request)) as events:
            async for event in events:
                if isinstance(event, kind):
                    found = event
    except WorkCancelledError:
        if found is None:
            raise
    return found


def follow_blocking(host: Host, request: Request) -> Generator[Event, None, None]:
    """As `follow`, for a thread that may wait: `Host.ask` with what it fails with raised."""
    with closing(host.ask(request)) as events:
        for event in events:
            yield _checked(event)


def outcome_blocking(host: Host, request: Request, kind: type[Result]) -> Result | None:
    """As `outcome`, for a thread that may wait."""
    found: Result | None = None
    try:
        for event in follow_blocking(host, request):
            if isinstance(event, kind):
                found = event
    except WorkCancelledError:
        if found is None:
            raise
    return found


def _checked(event: Event) -> Event:
    match event:
        case Failed():
            raise OcellusError(event)
        case Finished(FinishReason.STOPPED):
            raise WorkCancelledError
        case _:
            return event
