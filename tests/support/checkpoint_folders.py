"""Folders that look like a checkpoint, without a model in them."""

import json
import struct


def safetensors(values=b"\0" * 8, promised=8):
    header = json.dumps(
        {
            "__metadata__": {"format": "pt"},
            "w": {"dtype": "F32", "shape": [promised // 4], "data_offsets": [0, promised]},
        }
    ).encode()
    return struct.pack("<Q", len(header)) + header + values


def checkpoint(folder, config, **files):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    for name, data in (files or {"model.safetensors": safetensors()}).items():
        (folder / name).write_bytes(data)
    return folder


def config(family="mistral", words=32064, kind="llava_next", **more):
    return {"model_type": kind, "text_config": {"model_type": family, "vocab_size": words}, **more}
