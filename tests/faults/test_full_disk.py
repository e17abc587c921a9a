"""A disk without room, when a text or a model's 4-bit form is saved to it.

Each runs in a process of its own with a small disk that nobody else sees.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from disks import small_disk
from papers import Paper, text

ROOT = Path(__file__).resolve().parents[2]

EXPORTS = """
import json, sys
from pathlib import Path
from PIL import Image
from disks import fill
from read_pages import block_of, page_of, table_of
from app.core.errors import OcellusError
from app.core.export import ExportFormat
from app.core.reading import BlockKind
from app.core.files.placing import place
from app.reader.exports import write
disk, leave = Path(sys.argv[1]), int(sys.argv[2])
rows = [("a" * 40, str(n)) for n in range(2000)]
def save(pages, form, path, pictures, replace):
    place(lambda file: write(pages, form, file, pictures), path, replace=replace)
pages = [page_of(block_of(BlockKind.TEXT, "word " * 4000), table_of(*rows))]
noise = lambda page: Image.effect_noise((600, 400), 90)
for form in ExportFormat:
    (disk / f"old{form.ending}").write_text("theirs")
filler = fill(disk, leave)
found = {}
for form in ExportFormat:
    old, new = disk / f"old{form.ending}", disk / f"new{form.ending}"
    said = []
    for path, replace in ((old, True), (new, False)):
        try:
            save(iter(pages), form, path, noise, replace=replace)
        except OcellusError as error:
            said.append([error.failed.kind, error.failed.headline])
    intact = old.read_text() == "theirs" and not new.exists()
    found[form] = [said, intact, sorted(p.name for p in disk.iterdir() if p.name[0] == ".")]
filler.unlink()
after = []
for form in ExportFormat:
    save(iter(pages), form, disk / f"old{form.ending}", noise, replace=True)
    after.append((disk / f"old{form.ending}").stat().st_size > 1000)
    (disk / f"old{form.ending}").unlink()
print(json.dumps([found, after]))
"""

READ = """
import json, subprocess, sys
from pathlib import Path
from disks import fill
disk, leave = Path(sys.argv[1]), int(sys.argv[2])
read = [sys.executable, "-m", "app", "read", *sys.argv[3:], "-o", str(disk / "out"),
        "--format", "text"]
def run(*more):
    done = subprocess.run([*read, *more], capture_output=True, text=True, check=False)
    files = sorted((disk / "out").iterdir())
    files = {path.name: path.read_text("utf-8", "replace")[:20] for path in files}
    print(json.dumps([done.returncode, done.stderr, files]))
(disk / "out").mkdir()
if leave < 0:
    run()
filler = fill(disk, max(0, leave))
run("--pages", "1", "--force")
filler.unlink()
run("--pages", "1", "--force")
"""

MODEL = """
import json, logging, shutil, sys
from pathlib import Path
from disks import fill
from app.engine.environment import settle
settle()
from app.engine import libraries
libraries.prepare()
from app.core.model import ModelSpec, PromptFormat
from app.engine.convert import quantising
from app.engine.loading.loader import load
from app.engine.convert.saving import QuantisedSaver
disk, source, leave = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
folder = disk / "copy"
shutil.copytree(source, folder)
spec = ModelSpec("copy", "Copy", str(folder), PromptFormat.MISTRAL, four_bit=True)
quantising.LEAST, quantising.SPARE = 0, -(1 << 60)
def loaded():
    steps = load(spec, lambda: False)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
def names():
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))
logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
before = names()
saver = QuantisedSaver(disk)
filler = fill(disk, leave)
first = loaded()
saver.start(first)
saver.wait()
full = [names() == before, str(first.checkpoint.folder) == str(folder)]
again = loaded()
filler.unlink()
saver.start(again)
saver.wait()
after = [sorted(set(names()) - set(before)), str(loaded().checkpoint.folder)]
print(json.dumps([full, str(again.checkpoint.folder) == str(folder), after]))
"""


def on_small_disk(script, folder, *arguments, size="2m", **environment):
    """What `script` prints, run with a disk of its own at `folder`."""
    folder.mkdir()
    if (command := small_disk(folder, size)) is None:
        pytest.skip("a disk of our own needs user namespaces")
    paths = os.pathsep.join((str(ROOT), str(ROOT / "tests" / "support")))
    done = subprocess.run(
        [*command, sys.executable, "-c", script, str(folder), *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.timeout(120)
@pytest.mark.parametrize("leave", [0, 4096])
def test_no_form_of_text_is_half_written_and_the_file_before_stays(leave, tmp_path):
    done = on_small_disk(EXPORTS, tmp_path / "disk", leave)
    found, after = json.loads(done.stdout)
    for form, (said, intact, passing) in found.items():
        assert intact, form
        assert passing == [], form
        assert [kind for kind, _ in said] == ["disk-full"] * 2, (form, said)
        assert said[0][1].startswith("The disk is full: old")
    assert after
    assert all(after)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("leave", [-1, 0, 4096])
def test_reading_into_a_full_folder_is_told_and_goes_on_when_there_is_room(leave, tmp_path):
    papers = [
        Paper().page(text(60, 700, f"Paper {name}")).save(tmp_path / f"{name}.pdf")
        for name in ("one", "two")
    ]
    home = str(tmp_path / "home")
    done = on_small_disk(READ, tmp_path / "disk", leave, *papers, OCELLUS_HOME=home)
    *before, full, after = map(json.loads, done.stdout.splitlines())
    status, errors, files = full
    assert status == 1
    assert "Traceback" not in errors
    assert "The disk is full" in errors
    assert "Free some space" in errors
    for name, content in files.items():
        if not name.startswith("."):
            assert content.startswith("Paper "), (name, content)
    assert not [name for name in files if name.endswith(".part")], files
    if before:
        assert {n: t for n, t in files.items() if n[0] != "."} == {
            n: t for n, t in before[0][2].items() if n[0] != "."
        }
    status, errors, files = after
    assert status == 0, errors
    assert {name: words.strip() for name, words in files.items() if name[0] != "."} == {
        "one.txt": "Paper one",
        "two.txt": "Paper two",
    }


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="has no such device")
@pytest.mark.parametrize(
    "arguments", [["read"], ["read", "--format", "json"], ["models", "list", "--json"]]
)
def test_output_into_a_file_on_a_full_disk_is_told_in_words(arguments, tmp_path):
    paper = Paper().page(text(60, 700, "Paper")).save(tmp_path / "one.pdf")
    files = [str(paper)] if arguments[0] == "read" else []
    with Path("/dev/full").open("wb") as output:
        done = subprocess.run(
            [sys.executable, "-m", "app", *arguments, *files],
            cwd=ROOT,
            env={**os.environ, "OCELLUS_HOME": str(tmp_path / "home")},
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=50,
        )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    if "--json" not in arguments:
        assert done.stderr.startswith("The disk is full: not all of the output was written.")


@pytest.mark.timeout(120)
def test_a_model_s_four_bit_form_is_whole_or_not_there(tmp_path):
    builtin = ROOT / "models" / "builtin"
    done = on_small_disk(MODEL, tmp_path / "disk", builtin, 300_000, size="16m")
    full, again_from_original, after = json.loads(done.stdout)
    assert full == [True, True]
    assert again_from_original
    assert after[0] == ["four-bit"]
    assert after[1].endswith("four-bit")
    assert "The model was not saved in 4 bits: [Errno 28]" in done.stderr
    assert "Traceback" not in done.stderr
