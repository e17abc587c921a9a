"""What a hub could tell of a model to write where, or as much as, it should not."""

import json

import pytest
from hub import COMMIT, LoopbackHub
from pulls import SIZES, check, pull

from app.core.errors import ErrorKind, OcellusError
from app.transfer.listing import allowed

BAD_NAMES = [
    "../x.json",
    "/etc/x.json",
    "a/b.json",
    "a\\b.txt",
    "..\\x.json",
    "C:x.json",
    "x.json:stream.txt",
    "CON.json",
    "aux.a.json",
    "com1.txt",
    ".x.json",
    "x.json.",
    "x.json ",
    "x.json\n",
    "x\0.json",
    "x\u202enosj.json",
    "Ocellus.JSON",
    "ocellus.json",
    "m.bin",
    "m.py",
    "m.pt",
    "m.json.part",
    "a" * 200 + ".json",
    "",
]


def test_only_plain_data_files_are_fetched(tmp_path):
    assert not any(allowed(name) for name in BAD_NAMES)
    with LoopbackHub(SIZES) as hub:
        hub.extra = BAD_NAMES
        pull(hub, tmp_path / "m")
        check(hub, tmp_path / "m")
        asked = {path.rsplit("/", 1)[1] for path, _, _ in hub.requests[1:]}
        assert asked == {"config.json", "model.safetensors"}


def listing(*more, commit=COMMIT, **changes):
    """The hub's answer with one file changed, and more of them."""
    with LoopbackHub(SIZES) as hub:
        config, model, empty = hub.items
    return json.dumps({"sha": commit, "siblings": [config, model | changes, empty, *more]})


HASH = {"blobId": "0" * 40}
NONSENSE = {
    "a list": "[]",
    "null": "null",
    "files that are none": json.dumps({"sha": COMMIT, "siblings": ["config.json"]}),
    "no files": json.dumps({"sha": COMMIT, "siblings": 7}),
    "no commit": listing(commit="main"),
    "a commit to elsewhere": listing(commit="../../" + "0" * 34),
    "negative size": listing(lfs={"sha256": "0" * 64, "size": -1}),
    "size in words": listing(lfs={"sha256": "0" * 64, "size": "12"}),
    "infinite size": listing(lfs={"sha256": "0" * 64, "size": float("inf")}),
    "size beyond all disks": listing(lfs={"sha256": "0" * 64, "size": 10**30}),
    "many files of the largest size": listing(
        *({"rfilename": f"m{n}.json", "size": 1 << 40} | HASH for n in range(9))
    ),
    "too many files": listing(
        *({"rfilename": f"m{n}.json", "size": 1} | HASH for n in range(3000))
    ),
    "no hash": listing(lfs={"sha256": "", "size": 5}, blobId=""),
    "a hash that is none": listing(lfs={"sha256": "0" * 63 + "g", "size": 5}),
    "two names that are one on Windows": listing({"rfilename": "CONFIG.json", "size": 1} | HASH),
}


NONSENSE = {name: answer.encode() for name, answer in NONSENSE.items()} | {
    "a page": b"<html>",
    "brackets without end": b"[" * 100_000,
    "bytes": b"\xff",
    "more than a listing can be": b" " * 21_000_000,
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE)
def test_listing_that_makes_no_sense(answer, tmp_path):
    with LoopbackHub(SIZES) as hub:
        hub.answer = answer
        with pytest.raises(OcellusError, match="answer cannot be understood"):
            pull(hub, tmp_path / "m")
        assert len(hub.requests) == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_size_that_no_disk_has_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    free = type("Usage", (), {"free": 10**12})()
    monkeypatch.setattr("app.transfer.staging.shutil.disk_usage", lambda _: free)
    with LoopbackHub(SIZES) as hub:
        hub.answer = listing(lfs={"sha256": "0" * 64, "size": 1 << 40}).encode()
        with pytest.raises(OcellusError, match=r"1209 GB are needed .* 1000 GB are free") as caught:
            pull(hub, tmp_path / "m")
        assert caught.value.failed.kind is ErrorKind.DISK_FULL
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
        hub.answer = None
        pull(hub, tmp_path / "m")
        check(hub, tmp_path / "m")


def test_wrong_hash_in_the_listing_is_not_kept_for_ever(tmp_path):
    with LoopbackHub(SIZES) as hub:
        size = SIZES["model.safetensors"]
        hub.answer = listing(lfs={"sha256": "0" * 64, "size": size}).encode()
        with pytest.raises(OcellusError, match="damaged again and again"):
            pull(hub, tmp_path / "m")
        hub.answer = None
        pull(hub, tmp_path / "m")
        check(hub, tmp_path / "m")
