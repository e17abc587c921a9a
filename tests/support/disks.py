"""A disk that is small, one that is full, and one that takes no long files."""

import errno
import resource
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path


def small_disk(folder, size="2m"):
    """The command that runs another one with a disk of this size at `folder`, or None."""
    mount = f'mount -t tmpfs -o size={size} none {folder} && exec "$@"'
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, "sh"]
    if not shutil.which("unshare"):
        return None
    tried = subprocess.run([*command, "true"], capture_output=True, check=False)
    return command if tried.returncode == 0 else None


def fill(disk, leave=0):
    """Take all of the disk but about `leave` bytes; the file that does is to be removed."""
    filler = Path(disk) / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
        file.truncate(max(0, file.tell() - leave))
    return filler


@contextmanager
def files_of_at_most(size):
    """The disk refuses to make files longer than `size` bytes."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
