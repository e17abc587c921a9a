"""The log of a download or an import, which the window starts as a process of its own."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator
from contextlib import contextmanager

from app.core.errors import OcellusError
from app.core.log import Word, describe, log_to
from app.paths import find_paths

_LOG = logging.getLogger(__name__)


@contextmanager
def logged(action: str) -> Generator[None, None, None]:
    """In here the process has a log, with how `action` began and ended."""
    started = time.monotonic()
    how = Word("done")
    with log_to(find_paths().log_file("download")):
        _LOG.info("%s begins", Word(action))
        try:
            yield
        except OcellusError as error:
            how = Word(f"{error.failed.kind}, {describe(error)}")
            raise
        except BaseException as error:
            how = describe(error)
            raise
        finally:
            _LOG.info("%s ends after %.1f s: %s", Word(action), time.monotonic() - started, how)
