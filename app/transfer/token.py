"""The access token for gated models: given for one download, or kept in the system's keyring."""

from __future__ import annotations

import os
import sys
from typing import Protocol

from app.core.words.addresses import HUB, is_here
from app.transfer.access import checked_token

SESSION_ONLY = (
    "This computer has no keyring that Ocellus can use, so the token holds for this download only."
)
_SERVICE = "Ocellus"


class Keyring(Protocol):
    """The part of `keyring`'s backends that is used here."""

    def get_password(self, service: str, username: str, /) -> str | None:
        """The secret, or None."""
        ...

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Keep the secret."""
        ...

    def delete_password(self, service: str, username: str, /) -> None:
        """Forget the secret; raises where there is none."""
        ...


class TokenStore:
    """One token per hub or mirror, so that none is ever sent to another than it was given for.

    A desktop's keyring can be absent, locked, or asked in vain, and says so in
    its own way each time. None of it may stop a download: without it, a token
    holds for one run. Never falls back to a file.
    """

    def __init__(self, keyring: Keyring | None = None) -> None:
        self._keyring = keyring or system_keyring()

    def read(self, endpoint: str = HUB) -> str:
        """The token that was kept for this address; "" for none."""
        try:
            found = self._keyring.get_password(_SERVICE, endpoint) if self._keyring else None
        except Exception:  # noqa: BLE001 - see above
            return ""
        return found or ""

    def keep(self, token: str, endpoint: str = HUB) -> bool:
        """Keep the token; False means SESSION_ONLY. Raises OcellusError for what is no token."""
        token = checked_token(token)
        try:
            if self._keyring and token:
                self._keyring.set_password(_SERVICE, endpoint, token)
        except Exception:  # noqa: BLE001 - see above
            return False
        # Some desktops take a secret and lose it, for instance when the prompt is closed.
        return bool(token) and self.read(endpoint) == token

    def forget(self, endpoint: str = HUB) -> bool:
        """Remove the token; False when one is still there."""
        try:
            if self._keyring:
                self._keyring.delete_password(_SERVICE, endpoint)
        except Exception:  # noqa: BLE001 - most often: there was none
            return not self.read(endpoint)
        return True


def find_token(given: str, endpoint: str = HUB, store: TokenStore | None = None) -> str:
    """The token for a download from `endpoint`: as given, from HF_TOKEN, or as kept; "" for none.

    HF_TOKEN was made for the hub, so a mirror elsewhere does not get it. Raises
    OcellusError for what is no token, without its text.
    """
    if given := checked_token(given):
        return given
    if (endpoint == HUB or is_here(endpoint)) and (
        environment := checked_token(os.environ.get("HF_TOKEN", ""))
    ):
        return environment
    return checked_token((store or TokenStore()).read(endpoint))


def system_keyring() -> Keyring | None:
    """This system's own keyring, or None.

    Named outright: `keyring` would also take plug-ins and settings that keep
    secrets in plain files. KDE's wallet speaks the Secret Service as well.
    """
    try:
        if sys.platform == "win32":
            from keyring.backends.Windows import WinVaultKeyring as Found  # noqa: PLC0415
        elif sys.platform == "darwin":
            from keyring.backends.macOS import Keyring as Found  # noqa: PLC0415
        else:
            from keyring.backends.SecretService import Keyring as Found  # noqa: PLC0415
        _ = Found.priority  # raises where the service is not there
        return Found()
    except Exception:  # noqa: BLE001 - see TokenStore
        return None
