"""The frozen folder, where it was built: it works by itself, from anywhere, with nothing set."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from papers import Paper, table, text

BUNDLE = Path(__file__).resolve().parents[2] / "dist" / "ocellus"

pytestmark = [
    pytest.mark.bundle,
    pytest.mark.skipif(not BUNDLE.is_dir(), reason="no bundle; `python3 run.py bundle` makes it"),
]


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle in a folder with spaces and letters beyond ASCII, linked where the disk allows."""
    folder = tmp_path_factory.mktemp("bundle") / "a folder with späces" / "ocellus"

    def put(source: str, destination: str) -> None:
        try:
            os.link(source, destination, follow_symlinks=False)
        except OSError:
            shutil.copy2(source, destination, follow_symlinks=False)

    shutil.copytree(BUNDLE, folder, copy_function=put, symlinks=True)
    return folder


@pytest.mark.timeout(300)
def test_selftest_from_a_path_with_spaces_in_an_empty_environment(moved: Path) -> None:
    done = subprocess.run(
        [str(moved / "ocellus"), "selftest"],
        env={},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    parts = ["archive", "window", "reader", "text", "engine", "answer"]
    assert [line.split()[:2] for line in lines[1:7]] == [["ok", part] for part in parts]
    if sys.platform == "linux":
        walls = [" ".join(line.split()[:2]) for line in lines[7:-1]]
        assert walls[:4] == ["wall reader", "wall reader", "wall reader", "wall engine"]
        assert set(walls[4:]) <= {"wall engine"}


@pytest.mark.timeout(120)
def test_a_document_is_read_and_saved_by_what_is_in_the_folder(moved: Path, tmp_path: Path) -> None:
    paper = Paper().page(text(60, 760, "Ordered") + table((("Item", "Amount"), ("Nails", "200"))))
    source = paper.save(tmp_path / "order.pdf")
    for form, words in (("csv", b"Nails,200"), ("pdf", b"%PDF-")):
        done = subprocess.run(
            [str(moved / "ocellus"), "read", str(source), "--format", form],
            env={},
            cwd="/",
            capture_output=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert words in done.stdout


def test_what_does_not_belong_into_it_is_not_there() -> None:
    names = [path.relative_to(BUNDLE).as_posix() for path in BUNDLE.rglob("*")]
    unwanted = (
        "bytes_rocm",
        "bytes_xpu",
        "libgtk",
        "imageformats",
        "_internal/kernels/",
        "app/training",
        "pytest",
    )
    assert [name for name in names if any(word in name for word in unwanted)] == []
    lists = [name for name in names if name.endswith(".json.gz")]
    assert lists == ["_internal/spellchecker/resources/en.json.gz"]
    backends = [Path(name).name for name in names if "libbitsandbytes" in name]
    assert 1 <= len(backends) <= 2
