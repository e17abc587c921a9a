"""How long an answer may take, and how little of it may come.

A timeout of each read alone lets a server that sends a byte a second go on for ever.
"""

# pyright: reportPrivateUsage=false
# The client's own network is no part of what it offers, and there is no other way to it.

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore2
import httpx2

# Longer headers than all of these hold nothing that is meant for us.
_MOST_HEADER_BYTES = 1 << 18
# Bytes per second below which a connection counts as dead; a modem has thirty times as many.
LEAST_RATE = 100


class Limits:
    """What the request of each thread has left. One thread has one request at a time."""

    def __init__(self, window: float) -> None:
        """`window` is the seconds of waiting over which the rate of a body is taken."""
        self._window = window
        self._own = threading.local()

    def begin(self, seconds: float) -> None:
        """From now on this thread's answer has so long, and its headers have a length."""
        self._own.until = time.monotonic() + seconds
        self._own.bytes, self._own.waited, self._own.is_body = 0, 0.0, False

    def begin_body(self, *, timed: bool) -> None:
        """The headers are there. A body may take as long as it keeps its rate, unless `timed`."""
        if not timed:
            self._own.until = None
        self._own.bytes, self._own.waited, self._own.is_body = 0, 0.0, True

    def left(self) -> float | None:
        """Seconds that the next read may take. Raises httpcore2.ReadTimeout where none are left."""
        until: float | None = getattr(self._own, "until", None)
        if until is None:
            return None
        left = until - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the answer took too long")
        return left

    def count(self, size: int, waited: float) -> None:
        """A read brought so many bytes. Raises httpcore2.ReadTimeout, httpcore2.ReadError."""
        own = self._own
        own.bytes += size
        own.waited += waited
        if not own.is_body and own.bytes > _MOST_HEADER_BYTES:
            raise httpcore2.ReadError("headers without an end")
        if own.is_body and own.waited >= self._window:
            if own.bytes < LEAST_RATE * own.waited:
                raise httpcore2.ReadTimeout(f"{own.bytes} bytes in {own.waited:.0f} seconds")
            own.bytes, own.waited = 0, 0.0


def limited(client: httpx2.Client, limits: Limits) -> None:
    """Hold every connection of `client`, through proxies too, to `limits`."""
    # The library takes no other network for the transports that it makes itself for proxies.
    transports = [client._transport, *client._mounts.values()]  # noqa: SLF001
    for transport in transports:
        if isinstance(transport, httpx2.HTTPTransport):
            pool = transport._pool  # noqa: SLF001
            pool._network_backend = _Network(pool._network_backend, limits)  # noqa: SLF001


class _Network(httpcore2.NetworkBackend):
    def __init__(self, inner: httpcore2.NetworkBackend, limits: Limits) -> None:
        self._inner, self._limits = inner, limits

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        stream = self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(stream, self._limits)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream, limits: Limits) -> None:
        self._inner, self._limits = inner, limits

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._limits.left()
        began = time.monotonic()
        found = self._inner.read(max_bytes, min(filter(None, (timeout, left)), default=None))
        self._limits.count(len(found), time.monotonic() - began)
        return found

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout), self._limits)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
