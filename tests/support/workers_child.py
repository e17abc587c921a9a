"""A service for tests of children: the request's words say what it does."""

import gc
import os
import signal
import struct
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.events import Finished, FinishReason, Loading, Ready, Stage, Text
from app.core.requests import ReadPicture
from app.workers import child


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

    def busy(self, cancelled, seconds):
        """Looks at the watermark all the time, as a forward pass does at each layer."""
        end = time.monotonic() + float(seconds)
        while time.monotonic() < end and not cancelled():
            time.sleep(0.01)
        yield Finished()

    def stubborn(self, cancelled):
        """Refuses SIGTERM, and keeps the interpreter's lock from every other thread."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.setswitchinterval(3600)
        yield Text("stubborn")
        while True:
            pass

    def stop_itself(self, cancelled):
        """Stopped by a signal, as by a debugger or from a terminal; nothing of it runs."""
        yield Text("stopping")
        time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGSTOP)
        yield Finished()

    def half(self, cancelled, length=1000):
        """Announces a message and sends half of it."""
        yield Text("half")
        os.write(self._pipe().fileno(), struct.pack("!i", int(length)) + b"{" * (int(length) // 2))
        yield from self.wait(cancelled)

    def disobey(self, cancelled):
        """Looks whether it is cancelled, and goes on."""
        yield Text("working")
        while True:
            cancelled()
            time.sleep(0.01)

    def forget_requests(self, cancelled):
        """From now on nothing that is sent is received, though the process is well."""
        yield Text("deaf")
        child.decode = lambda *_: time.sleep(3600)
        yield from self.wait(cancelled)

    def heir(self, cancelled):
        """Dies, but a process that it started holds the pipe open."""
        yield Text("last words")
        time.sleep(0.05)
        if os.fork() == 0:
            signal.alarm(30)
            while True:
                time.sleep(1)
        os._exit(1)

    def flood(self, cancelled, kind, count, length=1):
        """So many events of a kind, whatever anybody wants."""
        makers = {
            "text": lambda: Text("x" * int(length), (0.5,)),
            "lines": lambda: Text("x\n" * int(length), (0.5,)),
            "loading": lambda: Loading(Stage.READING_WEIGHTS, 1, 2),
            "ready": lambda: Ready("m" * int(length), "cpu", 0),
            "failed": lambda: Failed(ErrorKind.INTERNAL, "h" * int(length), "a", "d"),
        }
        for _ in range(int(count)):
            yield makers[kind]()
        yield Finished()

    def _pipe(self):
        return next(thing for thing in gc.get_objects() if isinstance(thing, Connection))

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
        self._pipe().send_bytes(bytes.fromhex(data))
        yield from self.wait(cancelled)

    def raw_header(self, cancelled, data):
        os.write(self._pipe().fileno(), bytes.fromhex(data))
        yield from self.wait(cancelled)

    def close(self):
        if "closed" in self._config:
            Path(self._config["closed"]).write_text("closed properly", "utf-8")


def make(config):
    return Puppet(config)


def make_slowly(config):
    time.sleep(30)
    return Puppet(config)


def make_dead(config):
    os._exit(1)


def make_nothing(config):
    raise ImportError("a library is missing")
