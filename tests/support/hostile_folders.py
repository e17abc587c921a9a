"""Checkpoints' folders made to harm: how each is damaged, and what has to be said of it."""

import json
import os
import pickle
import shutil
import struct

CANARY = "canary"


class Canary:
    """Leaves a file where it is unpickled."""

    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return (open, (str(self.place), "w"))


def pickles(folder):
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Canary(folder / CANARY)))


def edit(folder, name, change):
    path = folder / name
    plain = json.loads(path.read_text()) if path.exists() else {}
    change(plain)
    path.write_text(json.dumps(plain))


def text(**settings):
    return lambda f: edit(f, "config.json", lambda plain: plain["text_config"].update(settings))


def code(name, *keys):
    def damage(folder):
        (folder / "evil.py").write_text(f"open({str(folder / CANARY)!r}, 'w')\nclass Evil: pass\n")

        def change(plain):
            for key in keys:
                plain = plain.setdefault(key, {})
            plain["auto_map"] = dict.fromkeys(
                ("AutoConfig", "AutoModel", "AutoTokenizer", "AutoProcessor"), "evil.Evil"
            )

        edit(folder, name, change)

    return damage


def parsed(folder):
    data = (folder / "model.safetensors").read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def put(folder, header, rest, length=None):
    plain = header if isinstance(header, bytes) else json.dumps(header).encode()
    length = len(plain) if length is None else length
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", length) + plain + rest)


def header(change):
    def damage(folder):
        listed, rest = parsed(folder)
        change(listed, [name for name in listed if name != "__metadata__"])
        put(folder, listed, rest)

    return damage


def overlap(listed, names):
    listed[names[1]]["data_offsets"] = listed[names[0]]["data_offsets"]
    listed[names[1]]["shape"] = listed[names[0]]["shape"]


def out_of_range(listed, names):
    listed[names[-1]]["data_offsets"] = [2**40, 2**40 + 8]


def too_long(listed, names):
    listed[names[0]]["shape"] = [2**31, 2**31, 2**31]


def negative(listed, names):
    listed[names[0]]["shape"] = [-1, -4]


def of_two_gigabytes(folder):
    """The claim alone, in a file that is as long: all holes."""
    listed, _ = parsed(folder)
    put(folder, listed, b"", 2 * 10**9)
    os.truncate(folder / "model.safetensors", 3 * 10**9)


def index(*names):
    def damage(folder):
        for name in names:
            place = folder / name
            if not place.exists() and "\0" not in name and place.parent.exists():
                shutil.copy(folder / "model.safetensors", place)
        weights = {f"w{n}": name for n, name in enumerate(names)}
        plain = {"metadata": {}, "weight_map": weights}
        (folder / "model.safetensors.index.json").write_text(json.dumps(plain))

    return damage


def link(name, leads):
    def damage(folder):
        (folder / name).unlink()
        (folder / name).symlink_to(leads)

    return damage


def deep(name):
    return lambda f: (f / name).write_text('{"a":' * 100_000 + "1" + "}" * 100_000)


DAMAGED, LINK = "is damaged", "link to another place"

HOSTILE = {
    "a pickle": (pickles, "can run code"),
    "code for the model": (code("config.json"), "code of its own"),
    "code for the decoder": (code("config.json", "text_config"), "code of its own"),
    "code for the tokenizer": (code("tokenizer_config.json"), "code of its own"),
    "code for the pictures": (code("processor_config.json", "image_processor"), "code of its own"),
    "code for the pictures, older": (code("preprocessor_config.json"), "code of its own"),
    "a header of 2 GB": (of_two_gigabytes, DAMAGED),
    "a header that is none": (lambda f: put(f, b"\0" * 4096, b""), DAMAGED),
    "a deep header": (lambda f: put(f, b'{"a":' * 200_000, b""), DAMAGED),
    "a header of NaN": (lambda f: put(f, b'{"a":NaN}', b""), DAMAGED),
    "tensors over one another": (header(overlap), DAMAGED),
    "a tensor out of the file": (header(out_of_range), DAMAGED),
    "a shape beyond the file": (header(too_long), DAMAGED),
    "a negative shape": (header(negative), DAMAGED),
    "an index that climbs": (index("../outside.safetensors"), DAMAGED),
    "an index from the root": (index("/etc/passwd"), DAMAGED),
    "an index with a root in it": (index("/srv/x.safetensors"), DAMAGED),
    "an index of no file": (index("a\0.safetensors"), "are missing"),
    "an index of nothing": (index(), DAMAGED),
    "weights elsewhere": (link("model.safetensors", "/etc/hostname"), LINK),
    "settings elsewhere": (link("config.json", "/etc/hostname"), LINK),
    "a tokenizer elsewhere": (link("tokenizer.json", "../../outside.json"), LINK),
    "a billion layers": (text(num_hidden_layers=10**9), "cannot have"),
    "a wide model": (text(hidden_size=10**9), "cannot have"),
    "many words": (text(vocab_size=10**12), "cannot have"),
    "many heads": (text(num_attention_heads=10**9), "cannot have"),
    "a number of 400 digits": (text(rope_theta=10**400), "cannot have"),
    "a number beyond all": (text(rope_theta=10**300), "cannot have"),
    "a number of many digits": (
        lambda f: (f / "config.json").write_text('{"a": ' + "9" * 10**6 + "}"),
        DAMAGED,
    ),
    "NaN": (text(rms_norm_eps=float("nan")), DAMAGED),
    "infinity": (text(rope_theta=float("inf")), DAMAGED),
    "a deep config": (deep("config.json"), DAMAGED),
    "a deep tokenizer config": (deep("tokenizer_config.json"), DAMAGED),
    "a long config": (lambda f: (f / "config.json").write_text(" " * 20_000_000), DAMAGED),
    "a long list": (
        text(layer_types=["full_attention"] * 200_000),
        "cannot have",
    ),
    "not UTF-8": (lambda f: (f / "config.json").write_bytes(b"\xff\xfe{}"), DAMAGED),
}
