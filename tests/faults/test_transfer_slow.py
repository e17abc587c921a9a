"""A hub that answers, but not in any useful time: it is said, and it has an end."""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, replace

import pytest
from hub import LoopbackHub
from pulls import BLOCK, PACE, SIZES, check, pull

from app.core.errors import OcellusError
from app.transfer.access import Access
from app.transfer.transfer import Transfer, Waiting

STALL = 0.5
# A person would wait for so many stalls at most; on a busy machine more.
GENEROUS = 30


def ended(hub, folder, **pace):
    """How the transfer ends, what it said before, and after how many seconds."""
    said = []
    transfer = Transfer(
        "a/b",
        folder,
        Access(hub.endpoint, stall=STALL),
        replace(PACE, **pace),
        report_waiting=said.append,
    )
    began = time.monotonic()
    with pytest.raises(OcellusError) as caught:
        transfer.run()
    return caught.value.failed, said, time.monotonic() - began


@pytest.mark.parametrize(
    "fault", ["endless headers", "a flood of headers", "listing byte by byte", "500"]
)
def test_a_listing_that_never_ends_is_given_up_in_words(fault, tmp_path):
    with LoopbackHub(SIZES) as hub:
        hub.faults[fault] = 100
        failed, said, seconds = ended(hub, tmp_path / "m", attempts=3, backoff=0.3)
        assert hub.served == 0
    assert seconds < GENEROUS
    assert failed.headline in (
        "The connection to the hub was lost.",
        "The hub is too slow: next to nothing came for a long time.",
    )
    assert "Then start the download again" in failed.advice
    # Three tries, or `first_attempts`, before each of which but the first it is said.
    assert said == [Waiting(2, 3), Waiting(3, 3)]
    assert said[1].words == "Waiting for the hub, try 3 of 3."
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("fault", ["endless headers", "a flood of headers", "listing byte by byte"])
def test_a_hub_that_was_slow_once_is_asked_again(fault, tmp_path):
    with LoopbackHub(SIZES) as hub:
        hub.faults[fault] = 1
        pull(hub, tmp_path / "m")
        check(hub, tmp_path / "m")


def test_a_byte_now_and_then_is_a_dead_connection(tmp_path):
    with LoopbackHub(SIZES) as hub:
        hub.faults["byte by byte"] = 10_000
        failed, said, seconds = ended(hub, tmp_path / "m", attempts=3)
    assert seconds < GENEROUS
    assert failed.headline == "The hub is too slow: next to nothing came for a long time."
    assert said
    with LoopbackHub(SIZES) as hub:
        pull(hub, tmp_path / "m")
        check(hub, tmp_path / "m")


def test_a_few_dripping_connections_cost_no_block_that_came(tmp_path):
    with LoopbackHub(SIZES) as hub:
        hub.faults["byte by byte"] = 3
        pull(hub, tmp_path / "m")
        check(hub, tmp_path / "m")


def test_slow_but_steady_is_let_go_on(tmp_path):
    # Some 1,600 bytes a second a connection, for longer than the window of time.
    sizes = {"config.json": 700, "model.safetensors": 3 * BLOCK // 8}
    with LoopbackHub(sizes, pace=0.1, piece=160) as hub:
        said = []
        Transfer(
            "a/b",
            tmp_path / "m",
            Access(hub.endpoint, stall=STALL),
            replace(PACE, block=BLOCK // 8),
            report_waiting=said.append,
        ).run()
        check(hub, tmp_path / "m")
    assert said == []


def pull_by_command(hub, tmp_path, *options):
    environment = {**os.environ, "OCELLUS_HOME": str(tmp_path / "home"), "NO_PROXY": "127.0.0.1"}
    argv = [sys.executable, "-m", "app", "models", "pull", *options, "--mirror", hub.endpoint]
    return subprocess.run(
        [*argv, "llava-v1.6-mistral-7b"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )


@pytest.mark.parametrize("as_json", [True, False])
def test_the_command_line_says_that_it_waits(as_json, tmp_path):
    with LoopbackHub(SIZES) as hub:
        # Two tries fail; then the hub says what makes no sense.
        hub.faults["500"] = 2
        hub.answer = b'{"sha": "none"}'
        done = pull_by_command(hub, tmp_path, *(["--json"] if as_json else []))
    if as_json:
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        waited = [line["waiting"] for line in lines if "waiting" in line]
        assert waited[:2] == [asdict(Waiting(2, 8)), asdict(Waiting(3, 8))]
        assert "failed" in lines[-1]
    else:
        assert "Waiting for the hub, try 2 of 8.\nWaiting for the hub, try 3 of 8.\n" in done.stderr
    assert "Traceback" not in done.stderr
