"""`old_kernel.py FOLDER`: a reader under a kernel without seccomp and Landlock."""

import ctypes
import platform
import struct
import sys
from pathlib import Path

from app.children import reader_child
from app.core.requests import TakePicture, TryWalls
from app.sandbox import seccomp
from app.workers.host import Host

RECEIPT = Path(__file__).resolve().parents[2] / "resources" / "samples" / "receipt.png"
_LANDLOCK_CREATE_RULESET = 444
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38


def play():
    """Answer ENOSYS to both, here and in all that is started from here."""
    machine = seccomp.MACHINES[platform.machine()]
    code = [(0x20, 0, 0, 0)]
    for number in (machine.seccomp, _LANDLOCK_CREATE_RULESET):
        code += [(0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | 38)]
    code.append((0x06, 0, 0, 0x7FFF0000))
    data = b"".join(struct.pack("=HBBI", *one) for one in code)
    buffer = ctypes.create_string_buffer(data, len(data))
    program = seccomp._Program(len(code), ctypes.cast(buffer, ctypes.c_void_p))
    library = ctypes.CDLL(None, use_errno=True)
    assert library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert library.prctl(_PR_SET_SECCOMP, 2, ctypes.byref(program)) == 0


def tell(folder):
    """What the reader says of its walls, and the width of a picture that it took."""
    (folder / "outside").write_text("mine", "utf-8")
    (folder / "inbox").mkdir()
    (folder / "inbox" / "shot").write_bytes(RECEIPT.read_bytes())
    with Host(reader_child(folder / "pictures", folder / "inbox")) as host:
        tried, _ = host.ask(TryWalls(str(folder / "outside")))
        taken, _ = host.ask(TakePicture(str(folder / "inbox" / "shot")))
    lines = [f"{wall.name} {wall.stands} {wall.words}" for wall in tried.walls]
    return "\n".join([*lines, str(taken.picture.width)])


if __name__ == "__main__":
    play()
    sys.stdout.write(f"{tell(Path(sys.argv[1]))}\n")
