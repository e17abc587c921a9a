"""The two addresses that a person may set: a mirror of the hub, and a proxy on the way to it."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from app.core.errors import ErrorKind, OcellusError

HUB = "https://huggingface.co"
_ODD = re.compile(r"[^\x21-\x7e]|[\"<>\\^`{|}]")


def mirror_address(text: str) -> str:
    """A mirror's address as it is used: https, or http on this machine; "" is the hub itself.

    Without a scheme, https is meant; the mirror may lie behind a path. Raises
    OcellusError, whose words never repeat what was typed: it may hold a password.
    """
    if not (text := text.strip()):
        return HUB
    parts = _split(text, "https", "mirror's")
    if parts.username is not None or parts.query or parts.fragment:
        raise _wrong("mirror's", "It has to look like https://mirror.example/path.")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here(parts.geturl())):
        raise _wrong(
            "mirror's", "It has to begin with https://, so that nobody on the way can change files."
        )
    return parts.geturl().rstrip("/")


def proxy_address(text: str) -> str | None:
    """A proxy's address as it is used; None for an empty one: then the system's settings hold.

    http and https only; without a scheme, http is meant. It may hold a name and
    a password, which are then sent to the proxy. Raises OcellusError as above.
    """
    if not (text := text.strip()):
        return None
    parts = _split(text, "http", "proxy's")
    if parts.scheme not in ("http", "https"):
        raise _wrong("proxy's", "Only proxies that begin with http:// or https:// can be used.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise _wrong("proxy's", "It has to look like http://proxy.example:8080.")
    return parts.geturl().rstrip("/")


def is_here(address: str) -> bool:
    """Whether an address that was checked is on this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _split(text: str, scheme: str, whose: str) -> SplitResult:
    try:
        parts = urlsplit(text if "://" in text else f"{scheme}://{text}")
        whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is none, brackets that do not match
        parts, whole = None, False
    if parts is None or not whole or _ODD.search(text):
        raise _wrong(whose, "Check it for a typing mistake, such as a space in it.")
    return parts


def _wrong(whose: str, advice: str) -> OcellusError:
    return OcellusError.of(ErrorKind.NETWORK, f"The {whose} address cannot be used.", advice)
