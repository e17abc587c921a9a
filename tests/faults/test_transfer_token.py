"""The access token: whom it reaches, where it is kept, and where it never stands."""

import logging

import pytest
from hub import LoopbackHub
from pulls import SIZES, check, pull

from app.core.errors import ErrorKind, OcellusError
from app.core.words.addresses import HUB
from app.transfer.access import Access
from app.transfer.token import TokenStore, find_token, system_keyring

TOKEN = "hf_secret"


class MemoryKeyring:
    """A desktop's keyring; `fails` as a locked one does."""

    def __init__(self):
        self.kept, self.fails = {}, False

    def get_password(self, service, username):
        self._work()
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self._work()
        self.kept[service, username] = password

    def delete_password(self, service, username):
        self._work()
        del self.kept[service, username]

    def _work(self):
        if self.fails:
            raise RuntimeError("locked; it held " + repr(self.kept))


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.delenv("HF_TOKEN", raising=False)


def test_gated_model_needs_the_token_and_only_the_hub_sees_it(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    with LoopbackHub(SIZES, token=TOKEN) as hub:
        with pytest.raises(OcellusError) as caught:
            pull(hub, tmp_path / "m", token="hf_wrong")
        assert caught.value.failed.kind is ErrorKind.ACCESS
        pull(hub, tmp_path / "m", token=TOKEN)
        check(hub, tmp_path / "m")
        assert hub.leaked == []
    assert not any(b"hf_" in p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert hub.endpoint in caplog.text  # the libraries did write their logs
    assert "hf_" not in caplog.text + repr(caught.value.failed)


@pytest.mark.parametrize("text", ["hf_a\r\nHost: other", "hf_ä", "two words", "x" * 5000])
def test_what_is_no_token_is_refused_without_its_text(text):
    with pytest.raises(OcellusError, match="not an access token") as caught:
        Access(token=text)
    assert text not in repr(caught.value.failed)
    assert TOKEN not in repr(Access(token=TOKEN, proxy=f"http://me:{TOKEN}@localhost:1"))


def test_token_is_kept_for_the_address_that_it_was_given_for():
    keyring = MemoryKeyring()
    store = TokenStore(keyring)
    assert store.read() == ""
    assert store.keep(TOKEN)
    assert TokenStore(keyring).read(HUB) == TOKEN
    assert find_token("", store=store) == TOKEN
    assert find_token("", "https://mirror.example", store) == ""
    assert find_token(" hf_given\n", store=store) == "hf_given"
    assert store.forget()
    assert keyring.kept == {}
    assert store.forget()


def test_environment_s_token_goes_to_the_hub_and_not_to_a_mirror(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    store = TokenStore(MemoryKeyring())
    assert find_token("", HUB, store) == TOKEN
    assert find_token("", "http://127.0.0.1:8000", store) == TOKEN
    assert find_token("", "https://mirror.example", store) == ""


def test_locked_keyring_stops_nothing():
    keyring = MemoryKeyring()
    store = TokenStore(keyring)
    store.keep(TOKEN)
    keyring.fails = True
    assert store.read() == ""
    assert not store.keep("hf_other")
    assert find_token("hf_given", store=store) == "hf_given"


def test_without_a_keyring_a_token_holds_for_one_run(monkeypatch, tmp_path):
    # A bus that nobody listens on, and a plug-in that would write a file.
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setattr("sys.platform", "linux")
    assert system_keyring() is None
    store = TokenStore()
    assert not store.keep(TOKEN)
    assert store.read() == ""
    assert find_token(TOKEN, store=store) == TOKEN
    assert list(tmp_path.iterdir()) == []
