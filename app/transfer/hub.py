"""Requests to the hub and to where it sends us, with the token for the hub alone."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import quote

import httpx2

from app.core.errors import ErrorKind, OcellusError
from app.core.words.addresses import HUB as HUB  # noqa: PLC0414 - where others look for it
from app.transfer.access import Access
from app.transfer.limits import Limits, limited

_REDIRECTS = (301, 302, 303, 307, 308)
_LONGEST_ANSWER = 20_000_000
# An answer that is waited for may take as long as so many waits without a byte.
_STALLS = 2


class Hub:
    """A pool of connections; to be closed. Raises OcellusError for a proxy that cannot be used."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._origin = _origin(httpx2.URL(access.endpoint))
        self._limits = Limits(access.stall)
        try:
            self._client = httpx2.Client(
                proxy=access.proxy,
                timeout=httpx2.Timeout(access.stall),
                follow_redirects=False,
                # A body in another coding would not have the bytes that the ranges count.
                headers={"User-Agent": "ocellus", "Accept-Encoding": "identity"},
            )
            limited(self._client, self._limits)
        except (ImportError, ValueError, httpx2.InvalidURL) as error:
            # From the system's settings: ours were checked. SOCKS needs a package of its own.
            raise OcellusError.of(
                ErrorKind.NETWORK,
                "The system's proxy cannot be used.",
                "Set a proxy's address that begins with http:// in the settings.",
                type(error).__name__,
            ) from error

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def info_address(self, repository: str) -> str:
        """Where the hub tells the commit and the files of a repository."""
        name = quote(repository)
        return f"{self._access.endpoint}/api/models/{name}/revision/main?blobs=true"

    def file_address(self, repository: str, commit: str, name: str) -> str:
        """Where the hub redirects to a file's bytes."""
        return f"{self._access.endpoint}/{quote(repository)}/resolve/{commit}/{quote(name)}"

    @contextmanager
    def get(
        self, address: str, headers: dict[str, str], *, timed: bool = False
    ) -> Generator[httpx2.Response, None, None]:
        """The answer after redirects, whose headers come within a time; `timed`, all of it.

        Raises httpx2.HTTPError for a broken connection and for one that is too
        slow, OcellusError for redirects that lead nowhere.
        """
        url = httpx2.URL(address)
        self._limits.begin(_STALLS * self._access.stall)
        for _ in range(6):
            sent = dict(headers)
            if self._access.token and _origin(url) == self._origin:
                sent["Authorization"] = f"Bearer {self._access.token}"
            with self._client.stream("GET", url, headers=sent) as response:
                if response.status_code not in _REDIRECTS:
                    self._limits.begin_body(timed=timed)
                    yield response
                    return
                try:
                    url = url.join(response.headers.get("location", ""))
                except (httpx2.InvalidURL, ValueError):
                    break
            if url.scheme not in ("http", "https") or (
                self._origin[0] == "https" and url.scheme != "https"
            ):
                break
        raise OcellusError.of(
            ErrorKind.NETWORK, "The hub keeps redirecting in a loop.", "Try again later.", address
        )

    def is_hub(self, address: str) -> bool:
        """Whether this address belongs to the hub itself."""
        return _origin(httpx2.URL(address)) == self._origin


def read_json(response: httpx2.Response) -> object:
    """A short answer's JSON. Raises ValueError when it is long or not JSON."""
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > _LONGEST_ANSWER:
            raise ValueError("too long an answer")
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError("too deep an answer") from error


def _origin(url: httpx2.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or {"http": 80}.get(url.scheme, 443)
