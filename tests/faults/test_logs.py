"""The logs of a whole visit, with a child that dies: every process is in them, no person is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from disks import small_disk
from hub import LoopbackHub, catalog_entry
from papers import Paper, text

ROOT = Path(__file__).resolve().parents[2]
VISIT = Path(__file__).with_name("logged_visit.py")
# Of the home folder, the files, their text, the question, a conversation and a model.
MARKS = ("heinrich", "quittung", "zwetschge", "mirabelle", "pflaume")


class Visit:
    """A visit in a home of its own; `words` come before the program's."""

    def __init__(self, folder, words=(), **variables):
        home = folder / "heinrich"
        self.logs = home / "ocellus" / "logs"
        models = home / "ocellus" / "data" / "models"
        models.mkdir(parents=True)
        (models / "catalog.toml").write_text(catalog_entry("pflaume", "Pflaume"), "utf-8")
        paper = Paper().page(text(60, 700, "One zwetschge and no more"))
        with LoopbackHub({"config.json": 700, "model.safetensors": 40_000}) as hub:
            self.done = subprocess.run(
                [*words, sys.executable, str(VISIT), str(paper.save(home / "quittung.pdf"))],
                env={
                    **os.environ,
                    "HOME": str(home),
                    "OCELLUS_HOME": str(home / "ocellus"),
                    "HF_ENDPOINT": hub.endpoint,
                    "PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'support'}",
                    "LOGS": str(self.logs),
                    **variables,
                },
                capture_output=True,
                text=True,
                check=False,
                timeout=200,
            )
        assert self.done.returncode == 0, self.done.stderr[-3000:]

    @property
    def came(self):
        """What the visit brought."""
        return json.loads(self.done.stdout)


EXPECTED = {"text": ["One zwetschge and no more"], "answer": "mirabelle", "restarted": True}


@pytest.mark.timeout(240)
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_every_process_is_in_the_logs_and_no_person(tmp_path):
    visit = Visit(tmp_path)
    assert visit.came == EXPECTED
    logs = {path.name: path.read_text("utf-8") for path in visit.logs.rglob("*.log*")}
    assert sorted(logs) == ["download.log", "engine.log", "reader.log", "window.log"]
    for name, said in logs.items():
        assert "Started: Ocellus" in said, name
        assert [mark for mark in MARKS if mark in said.lower()] == [], name
    assert "reader: ended with -9" in logs["window.log"]
    assert "ReadDocument" in logs["reader.log"]
    assert logs["reader.log"].count("Wall files: ") == 2
    assert "GenerateAnswer" in logs["engine.log"]
    assert "Uncaught: ValueError at" in logs["window.log"]
    assert "pull ends after" in logs["download.log"]


@pytest.mark.timeout(240)
@pytest.mark.skipif(sys.platform != "linux", reason="a disk of its own")
def test_a_full_disk_below_the_logs_stops_nothing(tmp_path):
    logs = tmp_path / "heinrich" / "ocellus" / "logs"
    logs.mkdir(parents=True)
    disk = small_disk(logs)
    if disk is None:
        pytest.skip("this system lets nobody mount a disk of their own")
    assert Visit(tmp_path, disk, FILL="1").came == EXPECTED
