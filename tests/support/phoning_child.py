"""A service whose library phones home: over sockets, from a thread, and through io_uring."""

import ctypes
import errno
import mmap
import os
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

from app.core.events import Finished, Text

_SETUP, _ENTER = 425, 426
_OP_SOCKET = 45
_SINGLE_MMAP = 1
_OFF_SQES = 0x10000000


class Phoning:
    """`phone` tries it in all ways and says what became of each; `work` is its real work."""

    def __init__(self, config):
        self._port = int(config["port"])
        self._said = {}
        # As a telemetry client does: at the import, and in a thread of its own.
        thread = threading.Thread(target=self._phone_in_thread)
        thread.start()
        thread.join()

    def handle(self, request, cancelled):
        words = request.sha256.split()
        match words[0]:
            case "phone":
                for name, way in (
                    ("stream", self._phone),
                    ("started", self._phone_from_a_program),
                    ("unix", self._unix),
                    ("pair", self._pair),
                    ("uring", self._uring),
                ):
                    self._said[name] = tried(way)
                yield Text(" ".join(f"{name}={said}" for name, said in self._said.items()))
            case "open":
                said = tried(lambda: Path(words[1]).read_bytes())
                yield Text(said)
            case "make":
                said = tried(lambda: Path(words[1]).write_text("mine", "utf-8"))
                yield Text(said)
            case "link":
                said = tried(lambda: Path(words[1]).symlink_to(words[2]))
                yield Text(said)
            case "work":
                yield Text(str(sum(range(int(words[1])))))
        yield Finished()

    def _phone(self):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as line:
            line.connect(("127.0.0.1", self._port))
            line.sendall(b"identifier")

    def _phone_in_thread(self):
        self._said["thread"] = tried(self._phone)

    def _phone_from_a_program(self):
        code = f"import socket; socket.create_connection(('127.0.0.1', {self._port}))"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        if "PermissionError" in done.stderr:
            raise PermissionError(errno.EACCES, "refused")
        if done.returncode:
            raise OSError(errno.EIO, done.stderr)

    def _unix(self):
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close()

    def _pair(self):
        one, other = socket.socketpair()
        one.sendall(b"x")
        assert other.recv(1) == b"x"
        one.close()
        other.close()

    def _uring(self):
        """A socket made by the kernel's own worker, which no filter on `socket` sees."""
        ring_socket()

    def close(self):
        pass


def ring_socket():
    """An internet socket through io_uring; the kernel's refusal as OSError."""
    library = ctypes.CDLL(None, use_errno=True)
    parameters = ctypes.create_string_buffer(120)
    ring = library.syscall(ctypes.c_long(_SETUP), ctypes.c_long(4), parameters)
    if ring < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    try:
        entries, completions, _, _, _, features = struct.unpack_from("=6I", parameters)
        assert features & _SINGLE_MMAP
        # Offsets: of the submissions from byte 40 on, of the completions from byte 80 on.
        head, tail, *_, array = struct.unpack_from("=7I", parameters, 40)
        *_, done = struct.unpack_from("=6I", parameters, 80)
        size = max(array + 4 * entries, done + 16 * completions)
        shared = mmap.mmap(ring, size)
        slots = mmap.mmap(ring, 64 * entries, offset=_OFF_SQES)
        # The family stands where a descriptor would, the type where an offset would.
        struct.pack_into("=BBHiQQI", slots, 0, _OP_SOCKET, 0, 0, socket.AF_INET, 1, 0, 0)
        struct.pack_into("=I", shared, array, 0)
        struct.pack_into("=I", shared, tail, struct.unpack_from("=I", shared, head)[0] + 1)
        wait = (ctypes.c_long(1), ctypes.c_long(1), ctypes.c_long(1), None, ctypes.c_long(0))
        if library.syscall(ctypes.c_long(_ENTER), ctypes.c_long(ring), *wait) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        _, result = struct.unpack_from("=Qi", shared, done)
        if result < 0:
            raise OSError(-result, os.strerror(-result))
        os.close(result)
    finally:
        os.close(ring)


def tried(way):
    """ "done", or the name of the error."""
    try:
        way()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return "done"


def make(config):
    return Phoning(config)
