"""What of transformers the frozen program brings: all that the families are made of, no more."""

import ast
import subprocess
import sys
from pathlib import Path

from app.catalog.families import FAMILIES, packages
from app.core.model import Architecture
from app.engine.loading.families import CLASSES
from tests.engine.checkpoints import write_checkpoint

ROOT = Path(__file__).resolve().parents[2]


def test_the_frozen_program_brings_what_they_are_made_of():
    """The recipe's list is the engine's own, whatever it is called there."""
    recipe = ast.parse((ROOT / "packaging" / "ocellus.spec").read_text("utf-8"))
    wanted = ("app.catalog.families", "FAMILIES")
    lines = [
        line
        for line in recipe.body
        if (isinstance(line, ast.ImportFrom) and line.module == wanted[0])
        or (isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == wanted[1])
    ]
    names = {}
    exec(compile(ast.Module(lines, []), "ocellus.spec", "exec"), names)  # noqa: S102
    assert names[wanted[1]] == packages()
    assert set(FAMILIES) == set(CLASSES) == set(Architecture)


FROZEN = """
import sys
from pathlib import Path
from app.catalog.families import packages
from app.engine.environment import settle

class Left:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("transformers.models.") and name.split(".")[2] not in packages():
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Left())
settle()
from app.engine import libraries
libraries.prepare()
from app.catalog.catalog import spec_for_folder
from app.engine.loading.loader import load
for folder in map(Path, sys.argv[1:]):
    list(load(spec_for_folder(folder), lambda: False))
    print(folder.name)
"""


def test_nothing_else_of_transformers_models_is_needed(tmp_path):
    """As in the frozen program, where other families are not there."""
    folders = [ROOT / "models" / "builtin"]
    for architecture, decoder in (
        (Architecture.LLAVA, "llama"),
        (Architecture.LLAVA_INTERLEAVE, "qwen2-tied"),
        (Architecture.LLAVA_ONEVISION, "qwen2"),
    ):
        folders.append(tmp_path / architecture)
        write_checkpoint(folders[-1], architecture, decoder=decoder)
    done = subprocess.run(
        [sys.executable, "-c", FROZEN, *map(str, folders)],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [folder.name for folder in folders]
