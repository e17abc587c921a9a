"""`languages` and `read --lang` as they are called, with real readers and a server here."""

import json
from pathlib import Path

import jsonschema
import pytest
from packs import SPELT, catalog
from papers import Paper, drawn, picture
from proxy import LoopbackProxy

from app.__main__ import build_parser
from app.catalog.languages import load_languages
from app.commands import languages, read
from app.core.errors import ErrorKind, OcellusError
from app.core.words.sizes import size

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "reading.schema.json"
LINES = ("TOTAL 42", "next tax box")
PLAIN = " ".join(LINES)
OTHER = f"{LINES[0]} {LINES[1].translate(SPELT)}"


@pytest.fixture
def packs(pack_server, tmp_path, monkeypatch):
    # Where a download keeps its log.
    monkeypatch.setenv("OCELLUS_HOME", str(tmp_path / "home"))
    model_library = catalog(tmp_path / "languages.toml", pack_server.data, pack_server.address)
    return load_languages(model_library, tmp_path / "languages")


def call(command, packs, *arguments):
    name = command.__name__.rsplit(".", 1)[1]
    run = read.read_files if command is read else languages.run_action
    return run(build_parser().parse_args([name, *map(str, arguments)]), packs)


def test_a_language_is_fetched_listed_read_with_and_removed(packs, pack_server, tmp_path, capsys):
    shot, out = tmp_path / "shot.png", tmp_path / "out"
    picture(*LINES, size=(460, 260)).save(shot)
    assert call(read, packs, shot, "--lang", "ru") == 2
    assert capsys.readouterr().err == (
        "Russian needs a language pack that is not on this disk. This fetches its "
        f"{size(len(pack_server.data))} from {packs.entries[0].host}: `languages pull eslav`\n"
    )
    assert call(languages, packs) == 0
    told = capsys.readouterr().out
    assert "de (German but for „)" in told
    assert "`languages pull eslav`" in told

    with LoopbackProxy() as proxy:
        assert call(languages, packs, "pull", "RU", "--proxy", f"http://{proxy.host}") == 0
        assert set(proxy.addresses) == {pack_server.address}
    assert "--lang ru" in capsys.readouterr().out
    assert call(languages, packs, "list", "--json") == 0
    bundled, pack = map(json.loads, capsys.readouterr().out.splitlines())
    assert bundled["languages"]["en"] == "English"
    assert (pack["on_disk"], pack["size"]) == (True, len(pack_server.data))

    assert call(read, packs, shot, "--lang", "en,uk") == 0
    assert capsys.readouterr().out.strip() == OTHER
    assert call(read, packs, shot, "--lang", "en") == 0
    assert capsys.readouterr().out.strip() == PLAIN
    # A folder's results are another thing with another language.
    Paper().page(drawn(0, 50, 300, 490, 343), [picture(*LINES)]).save(tmp_path / "p.pdf")
    assert call(read, packs, shot, tmp_path / "p.pdf", "-o", out, "--format", "json") == 0
    assert call(read, packs, shot, tmp_path / "p.pdf", "-o", out, "--format", "json") == 0
    assert "2 already done" in capsys.readouterr().err
    again = (shot, tmp_path / "p.pdf", "-o", out, "--format", "json", "--lang", "ru", "--force")
    assert call(read, packs, *again) == 0
    for name in ("shot.json", "p.json"):
        written = json.loads((out / name).read_bytes())
        jsonschema.validate(written, json.loads(SCHEMA.read_bytes()))
        assert [page["pack"] for page in written["pages"]] == ["eslav"]

    assert call(languages, packs, "rm", "ru") == 0
    assert call(read, packs, shot, "--lang", "ru") == 2
    assert list((tmp_path / "languages").iterdir()) == []


def test_what_goes_wrong_is_a_sentence(packs, pack_server, tmp_path, capsys):
    shot = tmp_path / "shot.png"
    picture(*LINES, size=(460, 260)).save(shot)
    pack = packs.entry("ru")
    pack_server.faults = ["flipped"] * 999
    with pytest.raises(OcellusError) as error:
        call(languages, packs, "pull", "ru")
    assert error.value.failed.kind is ErrorKind.NETWORK
    assert not pack.on_disk
    pack_server.faults = []
    for source in ("nowhere.onnx", "ftp://127.0.0.1/pack.onnx", "http://[::1/x", shot):
        with pytest.raises(OcellusError):
            call(languages, packs, "pull", "ru", "--from", source)
        assert not pack.on_disk
    brought = tmp_path / "brought.onnx"
    brought.write_bytes(pack_server.data)
    asked = len(pack_server.asked)
    assert call(languages, packs, "pull", "ru", "--from", brought, "--json") == 0
    assert len(pack_server.asked) == asked
    capsys.readouterr()
    # Changed on the disk since: a sentence, and without it everything goes on.
    pack.file.write_bytes(pack_server.data[:-1] + bytes([pack_server.data[-1] ^ 1]))
    assert call(read, packs, shot, "--lang", "ru") == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "is not as it was published" in told.err
    assert "Traceback" not in told.err
    assert call(read, packs, shot) == 0
    assert capsys.readouterr().out.strip() == PLAIN
    assert call(languages, packs, "pull", "ru") == 0
    assert call(read, packs, shot, "--lang", "ru") == 0
    assert capsys.readouterr().out.strip().endswith(OTHER)
