"""Work on disks that may be slow or gone, away from the window's thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

Result = TypeVar("Result")


async def in_thread(work: Callable[[Callable[[], bool]], Result]) -> Result:
    """What `work` returns or raises; its argument says whether nobody waits any longer.

    The thread holds up no end of the program: a network drive may never answer.
    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Result] = loop.create_future()
    left = threading.Event()

    def tell(result: Result | None, error: BaseException | None) -> None:
        if ended.done():
            return
        if error is not None:
            ended.set_exception(error)
        else:
            ended.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: Result | None = None
        failure: BaseException | None = None
        try:
            result = work(left.is_set)
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            failure = error
        # The loop may have been closed meanwhile.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, result, failure)

    threading.Thread(target=run, name="disk", daemon=True).start()
    try:
        return await ended
    finally:
        left.set()
