"""The whole program, offscreen, with its own children and the built-in model."""

from pathlib import Path

import pytest

from app.bootstrap import Program
from app.paths import Paths

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def program(loop, tmp_path):
    paths = Paths(ROOT, tmp_path / "data", tmp_path / "settings.json", tmp_path / "logs")
    program = Program(paths)
    program.window.show()
    yield program
    program.window.close()
    loop.run_until_complete(program.close())
