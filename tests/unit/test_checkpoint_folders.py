"""What is wrong with a checkpoint's folder, said before anything of it is loaded."""

import json
import struct

import pytest
from checkpoint_folders import checkpoint, config, safetensors

from app.catalog.catalog import spec_for_folder
from app.core.errors import ErrorKind, OcellusError
from app.core.model import Architecture

INDEX = json.dumps({"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}})
ESCAPE = json.dumps({"weight_map": {"a": "../model.safetensors"}})


@pytest.mark.parametrize(
    ("settings", "files", "kind", "words"),
    [
        (config(kind="qwen2_vl"), {}, ErrorKind.BAD_CHECKPOINT, "another kind of model"),
        (config(kind="llava_llama"), {}, ErrorKind.BAD_CHECKPOINT, "its authors' own layout"),
        (
            config(kind="llava", mm_vision_tower="openai/clip"),
            {},
            ErrorKind.BAD_CHECKPOINT,
            "its authors' own layout",
        ),
        (config("gemma"), {}, ErrorKind.BAD_CHECKPOINT, "how to talk to"),
        (config(), {"pytorch_model.bin": b"x"}, ErrorKind.BAD_CHECKPOINT, "can run code"),
        (config(), {"readme.txt": b"x"}, ErrorKind.NO_CHECKPOINT, "weights are missing"),
        (config(), {"model.safetensors": b""}, ErrorKind.BAD_CHECKPOINT, "is damaged"),
        (config(), {"model.safetensors": b"\xff" * 99}, ErrorKind.BAD_CHECKPOINT, "is damaged"),
        (config(auto_map={"AutoModel": "evil.Model"}), {}, ErrorKind.BAD_CHECKPOINT, "code of its"),
        (
            config(),
            {"model.safetensors": safetensors(), "tokenizer_config.json": b'{"auto_map": {}}'},
            ErrorKind.BAD_CHECKPOINT,
            "code of its own",
        ),
        # A header of 2 GB.
        (
            config(),
            {"model.safetensors": struct.pack("<Q", 2 * 10**9) + b"{}"},
            ErrorKind.BAD_CHECKPOINT,
            "is damaged",
        ),
        (
            config(),
            {"model.safetensors": safetensors(promised=400)},
            ErrorKind.BAD_CHECKPOINT,
            "is damaged",
        ),
        (
            config(),
            {"model.safetensors.index.json": INDEX.encode(), "model-1.safetensors": safetensors()},
            ErrorKind.NO_CHECKPOINT,
            "1 of the model's 2 files",
        ),
        (
            config(),
            {"model.safetensors.index.json": ESCAPE.encode()},
            ErrorKind.BAD_CHECKPOINT,
            "is damaged",
        ),
    ],
)
def test_what_is_wrong_with_a_folder_is_said_plainly(tmp_path, settings, files, kind, words):
    (tmp_path / "model.safetensors").write_bytes(safetensors())
    folder = checkpoint(tmp_path / "folder", settings, **files)
    with pytest.raises(OcellusError) as caught:
        spec_for_folder(folder)
    failed = caught.value.failed
    assert failed.kind is kind
    assert words in failed.headline
    assert failed.advice


def test_a_folder_without_a_model(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_bytes(b"{")
    for name, kind in (
        ("gone", ErrorKind.NO_CHECKPOINT),
        ("empty", ErrorKind.NO_CHECKPOINT),
        ("broken", ErrorKind.BAD_CHECKPOINT),
    ):
        with pytest.raises(OcellusError) as caught:
            spec_for_folder(tmp_path / name)
        assert caught.value.failed.kind is kind


def test_shards_are_checked_and_counted(tmp_path):
    folder = checkpoint(
        tmp_path / "sharded",
        config(),
        **{
            "model.safetensors.index.json": INDEX.encode(),
            "model-1.safetensors": safetensors(),
            "model-2.safetensors": safetensors(),
        },
    )
    assert spec_for_folder(folder).architecture is Architecture.LLAVA_NEXT
