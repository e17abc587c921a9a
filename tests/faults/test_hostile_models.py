"""Folders made to harm: each is refused with a sentence, at once, and nothing of it runs."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jinja2
import pytest
from hostile_folders import CANARY, DAMAGED, HOSTILE, deep, edit, text

from app.engine.environment import settle

settle()
from app.catalog.checkpoint import inspect  # noqa: E402 - after settling
from app.core.conversation import Ask, Role, Sampling, Turn  # noqa: E402
from app.core.errors import ErrorKind, Failed, OcellusError  # noqa: E402
from app.core.events import Text  # noqa: E402
from app.core.model import Architecture, ModelSpec, PromptFormat  # noqa: E402
from app.core.requests import GenerateAnswer, LoadModel  # noqa: E402
from app.engine import libraries  # noqa: E402
from app.engine.loading.loader import load  # noqa: E402
from app.engine.service import make  # noqa: E402
from tests.engine.checkpoints import write_checkpoint  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]

# In a process that has a gigabyte of addresses and knows no torch, as the window.
INSPECT = """
import sys
from pathlib import Path
if sys.platform == "linux":
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
from app.catalog.catalog import spec_for_folder
from app.core.errors import OcellusError
for folder in sys.argv[1:]:
    try:
        print("taken", spec_for_folder(Path(folder)).title)
    except OcellusError as error:
        failed = error.failed
        assert failed.advice
        print(failed.kind, failed.headline, "|", failed.detail[:200].replace("\\n", " "))
"""


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(libraries, "cpu_threads", lambda: 1)
        libraries.prepare()
    folder = tmp_path_factory.mktemp("hostile") / "good"
    write_checkpoint(folder, Architecture.LLAVA_NEXT)
    return folder


def test_each_is_refused_with_a_sentence_in_little_memory(good, tmp_path):
    """All in one process: what one would leave behind, the next ones would meet."""
    folders = [tmp_path / "models" / name for name in HOSTILE]
    for folder, (damage, _) in zip(folders, HOSTILE.values(), strict=True):
        shutil.copytree(good, folder)
        damage(folder)
    found = subprocess.run(
        [sys.executable, "-c", INSPECT, *map(str, folders), str(good)],
        capture_output=True,
        check=False,
        text=True,
        cwd=ROOT,
        timeout=150,
    )
    assert found.returncode == 0, found.stderr[-2000:]
    *lines, last = found.stdout.splitlines()
    assert last == "taken good"
    for name, (_, words), line in zip(HOSTILE, HOSTILE.values(), lines, strict=True):
        told = words if words != "cannot have" else DAMAGED
        assert told in line.partition("|")[0], (name, line)
        assert line.startswith(("bad-checkpoint ", "no-checkpoint ")), (name, line)
    assert not list(tmp_path.rglob(CANARY))


def spec(folder):
    return ModelSpec("hostile", "Hostile", str(folder), PromptFormat.MISTRAL)


def test_the_engine_refuses_them_as_well_and_goes_on(good, tmp_path):
    engine = make({"pictures": str(tmp_path / "pictures")})
    for name in ("a pickle", "code for the tokenizer", "a billion layers", "a header of 2 GB"):
        folder = tmp_path / name
        shutil.copytree(good, folder)
        HOSTILE[name][0](folder)
        (*_, failed) = engine.handle(LoadModel(spec(folder)), lambda: False)
        assert isinstance(failed, Failed)
        assert failed.kind is ErrorKind.BAD_CHECKPOINT
        assert failed.advice
    assert said(engine, good)
    engine.close()
    assert not list(tmp_path.rglob(CANARY))


CLAIMS = {
    "the largest decoder": text(
        hidden_size=16_384, intermediate_size=90_000, num_hidden_layers=900, vocab_size=400_000
    ),
    "the family's default": lambda f: edit(f, "config.json", lambda c: c.update(text_config={})),
    "a little more": text(num_hidden_layers=12),
    "a large tower": lambda f: edit(
        f, "config.json", lambda c: c["vision_config"].update(hidden_size=20_000)
    ),
    "a large picture": lambda f: edit(
        f, "config.json", lambda c: c["vision_config"].update(image_size=10_000, patch_size=1)
    ),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_settings_that_tell_of_more_than_the_files_hold_build_nothing(
    good, tmp_path, monkeypatch, name
):
    """No weight is made: what the files lack would be, in full size and out of chance."""
    folder = tmp_path / "claims"
    shutil.copytree(good, folder)
    CLAIMS[name](folder)
    built = []
    monkeypatch.setattr(
        "transformers.LlavaNextForConditionalGeneration.from_pretrained",
        lambda *_, **__: built.append(1),
    )
    told = replace(spec(folder), prompt_format=inspect(folder).prompt_format)
    with pytest.raises(OcellusError) as caught:
        through(load(told, lambda: False))
    failed = caught.value.failed
    assert failed.kind is ErrorKind.BAD_CHECKPOINT
    assert "more than its files hold" in failed.headline
    assert failed.advice
    assert not built


def said(engine, folder):
    turns = (Turn(Role.PERSON, "What is the total?"),)
    ask = Ask(spec(folder), turns, Sampling(max_new_tokens=8))
    events = list(engine.handle(GenerateAnswer(ask), lambda: False))
    return "".join(event.piece for event in events if isinstance(event, Text))


def through(generator):
    for _ in generator:
        pass


@pytest.mark.parametrize("pattern", ["(a+)+$", "(.*)*x", "a{1,999999999}", "(?=(a+))\\1*b"])
@pytest.mark.parametrize("part", ["pre_tokenizer", "normalizer"])
def test_a_tokenizer_with_a_pattern_of_its_own_is_refused(good, tmp_path, pattern, part):
    folder = tmp_path / "patterns"
    shutil.copytree(good, folder)
    one = {"type": "Replace", "pattern": {"Regex": pattern}, "content": ""}
    if part == "pre_tokenizer":
        one = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated"}
        one = {"type": "Sequence", "pretokenizers": [one | {"invert": False}]}
    edit(folder, "tokenizer.json", lambda plain: plain.update({part: one}))
    with pytest.raises(OcellusError, match="could take for ever"):
        through(load(spec(folder), lambda: False))


@pytest.mark.parametrize("damage", [deep("tokenizer.json"), deep("generation_config.json")])
def test_a_deep_file_beside_the_config_is_refused(good, tmp_path, damage):
    folder = tmp_path / "deep"
    shutil.copytree(good, folder)
    damage(folder)
    with pytest.raises(OcellusError, match="is damaged"):
        through(load(spec(folder), lambda: False))


def test_a_chat_template_is_never_run(good, tmp_path):
    """It may lie there, in every place that is known: what is said is the same."""
    folder = tmp_path / "template"
    shutil.copytree(good, folder)
    evil = (
        "{{ cycler.__init__.__globals__.os.system('touch "
        + str(folder / CANARY)
        + "') }}{{ raise_exception('run') }}"
    )
    for name in ("tokenizer_config.json", "processor_config.json"):
        edit(folder, name, lambda plain: plain.update(chat_template=evil))
    (folder / "chat_template.jinja").write_text(evil)
    (folder / "chat_template.json").write_text(json.dumps({"chat_template": evil}))
    engine = make({"pictures": str(tmp_path / "pictures")})
    expected = said(engine, good)
    assert expected
    assert said(engine, folder) == expected
    engine.close()
    # It was there to be run: whoever asks for it meets it.
    with pytest.raises(jinja2.exceptions.TemplateError):
        tokenizer_of(folder).apply_chat_template([{"role": "user", "content": "Hello"}])
    assert not (folder / CANARY).exists()


def tokenizer_of(folder):
    from transformers import AutoTokenizer  # noqa: PLC0415 - as the engine imports it

    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


def test_no_code_of_ours_asks_for_a_template():
    for path in (ROOT / "app").rglob("*.py"):
        assert "apply_chat_template" not in path.read_text("utf-8"), path


def test_a_config_of_the_largest_sizes_published_is_taken(good, tmp_path):
    """What a config tells of parts that are not there, or of nothing, is no reason to refuse."""
    folder = tmp_path / "large"
    shutil.copytree(good, folder)

    def change(plain):
        plain["vision_config"].update(vocab_size=152_064, projection_dim=1152)
        plain["text_config"].update(
            rope_theta=1e9, max_window_layers=80, max_position_embeddings=2**24
        )
        plain.update(image_seq_length=2928, tokenizer_model_max_length=10**30, hidden_size=8192)

    edit(folder, "config.json", change)
    assert inspect(folder).config["hidden_size"] == 8192


def test_the_hubs_own_cache_is_made_of_links_and_is_taken(good, tmp_path):
    blobs = tmp_path / "models--a--b" / "blobs"
    folder = tmp_path / "models--a--b" / "snapshots" / "c0ffee"
    blobs.mkdir(parents=True)
    folder.mkdir(parents=True)
    for path in good.iterdir():
        shutil.copy(path, blobs / f"hash of {path.name}")
        (folder / path.name).symlink_to(f"../../blobs/hash of {path.name}")
    through(load(replace(spec(folder), id="cache"), lambda: False))
