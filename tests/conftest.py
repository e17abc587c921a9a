"""What tests of several parts need."""

import asyncio
import os

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def loop(qapp):
    """asyncio on Qt's loop; an exception that nobody awaited fails the test."""
    import qasync  # noqa: PLC0415 - tests without Qt do not need it

    from app.workers.collector import Collector  # noqa: PLC0415

    unseen = []
    collector = Collector()
    loop = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(lambda _, context: unseen.append(context))
    yield loop
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left))
    loop.close()
    asyncio.set_event_loop(None)
    collector.stop()
    assert not unseen
