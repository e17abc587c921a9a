"""How the hub is reached: from where, through what, with which token."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.core.errors import ErrorKind, OcellusError
from app.core.words.addresses import HUB, mirror_address, proxy_address

_TOKEN = re.compile(r"[\x21-\x7e]{1,400}")


@dataclass(frozen=True, slots=True)
class Access:
    """Checked when it is made, so that a wrong setting is told before anything is asked.

    `endpoint` is the hub's or a mirror's address, `proxy` an address or None
    for what the system says, `stall` the seconds without a byte after which a
    connection counts as dead. Token and proxy stay out of `repr`: both can hold
    a secret. Raises OcellusError.
    """

    endpoint: str = HUB
    proxy: str | None = field(default=None, repr=False)
    token: str = field(default="", repr=False)
    stall: float = 30.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "endpoint", mirror_address(self.endpoint))
        object.__setattr__(self, "proxy", proxy_address(self.proxy or ""))
        object.__setattr__(self, "token", checked_token(self.token))


def checked_token(text: str) -> str:
    """A token without the blanks around it; "" for none. Raises OcellusError without its text.

    A line break inside it would begin another header of the request.
    """
    token = text.strip()
    if token and not _TOKEN.fullmatch(token):
        raise OcellusError.of(
            ErrorKind.ACCESS,
            "This is not an access token.",
            "Copy it again from the hub's page: it is one word that begins with hf_.",
        )
    return token
