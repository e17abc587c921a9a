"""Downloads that are killed at random offsets and started again."""

import random
import signal
import subprocess

import pytest
from pulls import REAL, SMALL, check, on_disk, start


def kill_rounds(folder, scale, rounds):
    """The most bytes that one kill has cost; each kill is within the scale's bound."""
    return max(kill_round(folder / f"m{number}", scale, number) for number in rounds)


def kill_round(folder, scale, number):
    chance = random.Random(number)  # noqa: S311 - the same offsets each time
    with scale.hub() as hub:
        child = start(hub, folder, scale.pace, stdout=subprocess.DEVNULL)
        hub.wait_until_served(chance.randrange(scale.total), child)
        if chance.random() < 0.5:
            # The worst case: all that was asked for waits in the sockets.
            child.send_signal(signal.SIGSTOP)
            hub.wait_until_stuck()
        child.kill()
        child.wait()
        hub.wait_until_idle()
        before, kept = hub.served, on_disk(folder, hub, scale.pace.block)
        assert 0 <= before - kept <= scale.bound
        again = start(hub, folder, scale.pace, stdout=subprocess.DEVNULL)
        assert again.wait(60) == 0
        check(hub, folder)
        assert hub.served - before == scale.total - kept
    return before - kept


@pytest.mark.parametrize(("scale", "rounds"), [(SMALL, 4), (REAL, 2)], ids=["small", "real"])
def test_kills(scale, rounds, tmp_path):
    assert scale.pace.workers * scale.pace.block <= 16 << 20
    kill_rounds(tmp_path, scale, range(rounds))
