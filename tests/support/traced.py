"""What a program and all that it starts asked the system for, as strace wrote it down."""

import re
from pathlib import Path

CALLS = (
    "socket,connect,sendto,sendmsg,sendmmsg,io_uring_setup,"
    "open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,"
    "rename,renameat,renameat2,link,linkat,symlink,symlinkat"
)
WORDS = ("strace", "-f", "-qq", "-y", "-s", "512", "-e", f"trace={CALLS}", "-e", "signal=none")

_LINE = re.compile(r"(\d+) +(.*)")
_UNFINISHED = re.compile(r"(.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>(.*)")
_CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+)")
_PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')
_WRITES = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC")
# The last path is the one that comes to be.
_MAKES = ("creat", "mkdir", "mkdirat", "mknod", "mknodat", "rename", "renameat", "renameat2")
_LINKS = ("link", "linkat", "symlink", "symlinkat")


def calls(trace):
    """Each call as (process, name, arguments, result); those cut in two are put together."""
    begun = {}
    for line in Path(trace).read_text("utf-8", "replace").splitlines():
        if not (found := _LINE.match(line)):
            continue
        process, text = found.groups()
        if cut := _UNFINISHED.match(text):
            begun[process] = cut[1]
            continue
        if rest := _RESUMED.match(text):
            text = begun.pop(process, "") + rest[1]
        if call := _CALL.match(text):
            yield int(process), call[1], call[2], int(call[3])


def sockets(trace):
    """Every attempt at a socket, also those that were refused, and io_uring."""
    return [
        f"{name}({arguments})"
        for _, name, arguments, _ in calls(trace)
        if name in ("socket", "io_uring_setup")
    ]


def written(trace):
    """Every file and folder that was made, opened for writing or got a new name."""
    found = set()
    for _, name, arguments, result in calls(trace):
        if result < 0:
            continue
        writes = name in ("open", "openat", "openat2") and any(
            flag in arguments for flag in _WRITES
        )
        if not (writes or name in (*_MAKES, *_LINKS)):
            continue
        folder, path = _PATH.findall(arguments)[-1]
        found.add(str(Path(folder or "/", path)))
    return found
