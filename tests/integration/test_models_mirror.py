"""A mirror of the hub, as `models pull` is told of it."""

import pytest
from hub import LoopbackHub
from json_lines import said

from app.__main__ import main
from app.core.settings import Settings, save_settings


@pytest.fixture
def hub():
    with LoopbackHub({"config.json": 50, "model.safetensors": 5000}) as hub:
        yield hub


def test_a_mirror_of_the_settings_or_the_environment_is_used(home, capsys, monkeypatch, hub):
    home.user_models.mkdir(parents=True)
    entry = (home.models / "catalog.toml").read_text("utf-8").split("[[model]]")[2]
    (home.user_models / "catalog.toml").write_text(
        "[[model]]" + entry.replace("llava-v1.6-mistral-7b", "ours"), "utf-8"
    )
    pull = ["models", "pull", "ours", "--json"]
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    for bad in ("ftp://hub.example.org", "https://hub example.org", "https://"):
        save_settings(home.settings_file, Settings(mirror=bad))
        assert main(pull) == 1
        told = said(capsys)[0]["failed"]["headline"]
        assert told == "The mirror's address cannot be used."
    save_settings(home.settings_file, Settings(mirror=hub.endpoint))
    assert main(pull) == 0
    *_, last = said(capsys)
    assert last["id"] == "ours"
    assert main(["models", "rm", "ours", "--json"]) == 0
    save_settings(home.settings_file, Settings(mirror="https://nowhere.invalid"))
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    assert main(pull) == 0
    assert main(["models", "verify", "ours"]) == 0
