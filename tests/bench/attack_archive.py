"""Damage an archive in many ways and count what is left: `attack_archive.py --flips 400`.

120 turns in 12 conversations. Each page zeroed, one at a time; the file cut in half; one byte
changed at a random place. No copies: what they add is counted by `--copy`, one that has all but
the last conversation.
"""

import argparse
import random
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(Path.cwd()), str(ROOT / "tests" / "support")]

from conversations import fill, whole_turns  # noqa: E402 - after the path

from app.archive.archive import Archive  # noqa: E402
from app.core.errors import OcellusError  # noqa: E402

PAGE = 4096


def opened(content, told, copy):
    """(whole turns, turns with other words that nothing is said of, how it was opened)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ocellus.sqlite"
        path.write_bytes(content)
        if copy:
            (Path(folder) / "copies").mkdir()
            shutil.copy(copy, Path(folder) / "copies" / "copy-000001.sqlite")
        try:
            archive = Archive(path)
        except OcellusError as error:
            return 0, 0, error.failed.headline
        except Exception as error:  # noqa: BLE001 - counted
            return 0, 0, f"raised {type(error).__name__}"
        how = "mended" if archive.set_aside else "opened"
        silent = 0
        try:
            found = whole_turns(archive, told)
            for row in archive.conversations():
                for stored in archive.turns(row.id):
                    doubted = getattr(stored, "text_damaged", False)
                    silent += stored.turn.text != told.get(stored.id) and not doubted
        except Exception as error:  # noqa: BLE001 - counted
            return 0, 0, f"raised {type(error).__name__}"
        finally:
            archive.close()
        return found, silent, how


def report(name, results):
    found = [whole for whole, _, _ in results]
    ways = sorted({how for _, _, how in results})
    print(
        f"{name}: {len(results)} times, whole turns: median {statistics.median(found):g}, "
        f"least {min(found)}; wrong in silence: {sum(bool(silent) for _, silent, _ in results)}"
    )
    for way in ways:
        print(f"    {way}: {sum(how == way for _, _, how in results)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--flips", type=int, default=400)
    parser.add_argument("--copy", action="store_true")
    arguments = parser.parse_args()
    rng = random.Random(1)  # noqa: S311 - the same each time
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "ocellus.sqlite"
        told = fill(path, copy_after=11 if arguments.copy else 0)
        good = path.read_bytes()
        copy = next(Path(made).glob("copies/*"), None)
        print(f"{len(told)} turns, {len(good) // PAGE} pages")
        zeroed = [
            opened(good[:start] + bytes(PAGE) + good[start + PAGE :], told, copy)
            for start in range(0, len(good), PAGE)
        ]
        report("a page zeroed", zeroed)
        report("cut in half", [opened(good[: len(good) // 2], told, copy)])
        flipped = []
        for _ in range(arguments.flips):
            content = bytearray(good)
            content[rng.randrange(len(good))] ^= rng.randrange(1, 256)
            flipped.append(opened(bytes(content), told, copy))
        report("a byte changed", flipped)
        header = []
        for place in range(100):
            content = bytearray(good)
            content[place] ^= 0xFF
            header.append(opened(bytes(content), told, copy))
        report("a byte of the file's header changed", header)
