"""What comes into a log and what does not, and logs that cannot be written."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from disks import small_disk

from app.core.errors import ErrorKind
from app.core.log import MOST_BYTES, Word, log_to

ROOT = Path(__file__).resolve().parents[2]
LOG = logging.getLogger("app.tests")
MARK = "zwetschge"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "logs" / "window" / "window.log"


def test_records_say_when_which_process_and_what(file):
    with log_to(file):
        LOG.info("%s %d: %s, %.2f s", type(LOG), 3, ErrorKind.NETWORK, 1.5)
    started, line = file.read_text("utf-8").splitlines()
    assert "Started: Ocellus " in started
    time, process, level, name, *words = line.split()
    assert len(time) == len("2026-11-29T01:02:03.456")
    assert int(process) > 0
    assert (level, name) == ("INFO", "app.tests:")
    assert words == ["Logger", "3:", "network,", "1.50", "s"]


@pytest.mark.parametrize(
    "what", [MARK, Path(MARK), MARK.encode(), [MARK], {MARK: 1}, ValueError(MARK)]
)
def test_texts_paths_and_errors_are_named_by_their_kind(file, what):
    with log_to(file):
        LOG.info("It was %s", what)
        LOG.info("It was %(what)s", {"what": what})
        LOG.info("It was %s", Word("known"))
    text = file.read_text("utf-8")
    assert MARK not in text
    assert text.count(f"It was <{type(what).__name__}>") == 2
    assert "It was known" in text


def test_of_an_exception_there_are_its_type_and_our_places(file):
    from app.core.files.private import open_file  # noqa: PLC0415

    with log_to(file):
        try:
            try:
                open_file(file.parent / MARK / MARK)
            except OSError as error:
                raise ValueError(MARK) from error
        except ValueError:
            LOG.exception("It failed")
    text = file.read_text("utf-8")
    assert MARK not in text
    assert "ValueError at no place of ours; caused by FileNotFoundError 2 at" in text
    assert "app.core.files.private:" in text
    assert "open_file" in text


def test_what_libraries_log_stays_out(file):
    with log_to(file):
        logging.getLogger("transformers").warning("%s", Word(MARK))
    assert MARK not in file.read_text("utf-8")


def test_three_files_of_a_bounded_size(file):
    with log_to(file):
        for number in range(5 * MOST_BYTES // 500):
            LOG.info("%s %d", Word("x" * 450), number)
    sizes = {path.name: path.stat().st_size for path in file.parent.iterdir()}
    assert sorted(sizes) == ["window.log", "window.log.1", "window.log.2"]
    assert max(sizes.values()) <= MOST_BYTES
    assert file.read_text("utf-8").splitlines()[-1].endswith(str(number))


def test_where_no_folder_can_be_made_the_work_goes_on(tmp_path, capsys):
    (tmp_path / "logs").write_text("a file in the folder's place")
    file = tmp_path / "logs" / "window" / "window.log"
    with log_to(file):
        LOG.info("Lost")
        (tmp_path / "logs").unlink()
        LOG.info("Kept")
    assert file.read_text("utf-8").endswith("app.tests: Kept\n")
    assert capsys.readouterr() == ("", "")


FULL = """
import logging, sys
from pathlib import Path
from disks import fill
from app.core.log import log_to
file = Path(sys.argv[1]) / "window" / "window.log"
log = logging.getLogger("app.tests")
with log_to(file):
    log.info("Before")
    filler = fill(Path(sys.argv[1]))
    for _ in range(20000):
        log.info("Lost, at least in part")
    filler.unlink()
    log.info("After")
print("done")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a disk of its own")
def test_a_full_disk_stops_nobody(tmp_path):
    disk = small_disk(tmp_path)
    if disk is None:
        pytest.skip("this system lets nobody mount a disk of their own")
    script = f"{FULL}\nprint(file.read_text().splitlines()[-1])"
    done = subprocess.run(
        [*disk, sys.executable, "-c", script, str(tmp_path)],
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'support'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    first, last = done.stdout.splitlines()
    assert first == "done"
    assert last.endswith("app.tests: After")
