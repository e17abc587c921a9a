"""What `run.py test` hands to pytest."""

from pathlib import Path

import pytest

from provision import commands

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(monkeypatch):
    """Runs a command in an environment that only notes what it should start."""
    started = []

    class Environment:
        def __init__(self, root):
            self.root = self.site_packages = root

        def prepare(self, *names):
            pass

        def run(self, *words):
            started.append(words)
            return 0

    monkeypatch.setattr(commands, "Environment", Environment)
    monkeypatch.setattr(commands, "provide", lambda *_: None)

    def run(*words):
        assert commands.main(list(words)) == 0
        return started.pop()

    return run


def test_all_tests_or_the_fast_ones(run):
    everything = run("test", "-k", "reader")
    assert everything[-2:] == ("-k", "reader")
    assert not [word for word in everything if (ROOT / word).is_dir()]
    fast = run("test", "--fast", "-k", "reader")
    assert fast == (*everything[:-2], "tests/unit", "-k", "reader")
