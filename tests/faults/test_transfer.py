"""The download over a loopback hub that misbehaves, and over kills."""

import pytest
from hub import COMMIT, LoopbackHub
from pulls import BLOCK, PACE, SIZES, TOTAL, check, pull

from app.core.errors import ErrorKind, OcellusError
from app.transfer.transfer import cancel

FAULTS = [
    "500", "429", "403", "416", "200", "truncated", "longer", "stall", "flipped", "changed"
]  # fmt: skip


@pytest.mark.parametrize("fault", ["none", *FAULTS])
def test_fault(fault, tmp_path):
    with LoopbackHub(SIZES) as hub:
        hub.faults[fault] = 1
        assert pull(hub, tmp_path / "m").commit == COMMIT
        check(hub, tmp_path / "m")
        # A flipped byte, a changed file or 416 may cost the file once more; nothing else may.
        anew = fault in ("flipped", "changed", "416")
        lost = 2 * TOTAL if anew else PACE.workers * BLOCK + TOTAL * (fault == "200")
        assert hub.served <= TOTAL + (0 if fault == "none" else lost)


def test_a_finished_folder_that_lost_files_gets_them_back_and_no_others(tmp_path):
    folder = tmp_path / "m"
    with LoopbackHub(SIZES) as hub:
        pull(hub, folder)
        hub.served = 0
        assert pull(hub, folder).commit == COMMIT
        assert hub.served == 0
        (folder / "config.json").unlink()
        (folder / "left over").mkdir()
        (folder / "left over" / "file").write_bytes(b"x")
        hub.faults["403"] = 10**6
        with pytest.raises(OcellusError):
            pull(hub, folder)
        # What was there is kept for the next try.
        hub.faults["403"] = hub.served = 0
        assert pull(hub, folder).commit == COMMIT
        assert hub.served == SIZES["config.json"]
        check(hub, folder)
        data = (folder / "model.safetensors").read_bytes()
        (folder / "model.safetensors").write_bytes(data[: 3 * BLOCK])
        pull(hub, folder)
        check(hub, folder)


def test_lost_connection_then_cancel_leaves_nothing(tmp_path):
    with LoopbackHub(SIZES) as hub:
        hub.faults["403"] = 10**6
        with pytest.raises(OcellusError) as caught:
            pull(hub, tmp_path / "m")
        assert caught.value.failed.kind is ErrorKind.NETWORK
        cancel(tmp_path / "m")
        assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
