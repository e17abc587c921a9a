"""A service for tests of children: the request's words say what it does."""

import gc
import os
import signal
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

from app.core.errors import ErrorKind, OcellusError
from app.core.events import Finished, FinishReason, Text
from app.core.requests import ReadPicture


def script(*words):
    """The request that makes the service do this."""
    return ReadPicture(" ".join(str(word) for word in words))


class Puppet:
    def __init__(self, config):
        self._config = config
        self._handled = 0
        print("the puppet is up")  # noqa: T201 - where it goes is under test

    def handle(self, request, cancelled):
        self._handled += 1
        words = request.sha256.split()
        yield from getattr(self, words[0])(cancelled, *words[1:])

    def say(self, cancelled, count):
        for number in range(int(count)):
            yield Text(f"{number} ", (0.5,))
        yield Finished()

    def handled(self, cancelled):
        yield Text(str(self._handled))
        yield Finished()

    def pid(self, cancelled):
        yield Text(str(os.getpid()))
        yield Finished()

    def wait(self, cancelled):
        yield Text("waiting")
        while not cancelled():
            time.sleep(0.002)
        yield Finished(FinishReason.STOPPED)

    def sleep(self, cancelled, seconds):
        """Busy in a way that nothing cancels."""
        yield Text("sleeping")
        time.sleep(float(seconds))
        yield Finished()

    def stubborn(self, cancelled):
        """Refuses SIGTERM, and keeps the interpreter's lock from every other thread."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.setswitchinterval(3600)
        yield Text("stubborn")
        while True:
            pass

    def die(self, cancelled, number=signal.SIGKILL):
        yield Text("last words")
        time.sleep(0.05)
        os.kill(os.getpid(), int(number))

    def fail(self, cancelled):
        yield Text("so far")
        raise ValueError("the puppet's string broke")

    def fail_in_words(self, cancelled):
        yield Text("so far")
        raise OcellusError.of(ErrorKind.TOO_LARGE, "Too large.", "Take a smaller one.")

    def leave_early(self, cancelled):
        yield Text("so far")
        sys.exit(3)

    def forget_the_end(self, cancelled):
        yield Text("so far")

    def wrong_event(self, cancelled):
        yield {"not": "an event"}

    def raw(self, cancelled, data):
        """Bytes of our own on the pipe, as from a child that a picture has taken over."""
        pipe = next(thing for thing in gc.get_objects() if isinstance(thing, Connection))
        pipe.send_bytes(bytes.fromhex(data))
        yield from self.wait(cancelled)

    def raw_header(self, cancelled, data):
        pipe = next(thing for thing in gc.get_objects() if isinstance(thing, Connection))
        os.write(pipe.fileno(), bytes.fromhex(data))
        yield from self.wait(cancelled)

    def close(self):
        if "closed" in self._config:
            Path(self._config["closed"]).write_text("closed properly", "utf-8")


def make(config):
    return Puppet(config)


def make_nothing(config):
    raise ImportError("a library is missing")
