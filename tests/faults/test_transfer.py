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


def test_lost_connection_then_cancel_leaves_nothing(tmp_path):
    with LoopbackHub(SIZES) as hub:
        hub.faults["403"] = 10**6
        with pytest.raises(OcellusError) as caught:
            pull(hub, tmp_path / "m")
        assert caught.value.failed.kind is ErrorKind.NETWORK
        cancel(tmp_path / "m")
        assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
