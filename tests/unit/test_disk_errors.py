"""What the system's refusals are called."""

import errno

import pytest

from app.core.errors import ErrorKind
from app.core.files.disk_errors import Trouble, is_full, not_read, not_written, trouble_of


@pytest.mark.parametrize(
    ("number", "trouble"),
    [
        (errno.ENOSPC, Trouble.FULL),
        (errno.EDQUOT, Trouble.FULL),
        (errno.EFBIG, Trouble.TOO_LARGE),
        (errno.EACCES, Trouble.NO_PERMISSION),
        (errno.EROFS, Trouble.READ_ONLY),
        (errno.ENOENT, Trouble.NOT_FOUND),
        (errno.ENAMETOOLONG, Trouble.NAME_TOO_LONG),
        (errno.EBUSY, Trouble.IN_USE),
        (errno.EIO, Trouble.OTHER),
    ],
)
def test_each_refusal_is_told_by_its_reason(number, trouble):
    error = OSError(number, "as the system says it")
    failed = not_written(error, "a.txt was not saved", "Free some space.", "Look.").failed
    assert trouble_of(error) is trouble
    assert failed.headline == f"{trouble}: a.txt was not saved."
    assert (failed.kind is ErrorKind.DISK_FULL) == is_full(error)
    assert (failed.advice == "Free some space.") == (trouble is Trouble.FULL)
    assert "as the system says it" in failed.detail


@pytest.mark.parametrize(
    ("number", "trouble"), [(112, Trouble.FULL), (39, Trouble.FULL), (32, Trouble.IN_USE)]
)
def test_windows_numbers_say_more_than_what_python_makes_of_them(number, trouble):
    error = PermissionError(errno.EACCES, "denied")
    error.winerror = number
    assert trouble_of(error) is trouble
    if trouble is Trouble.IN_USE:
        assert not_read(error, "a.png").failed.headline == "Another program is using a.png."
