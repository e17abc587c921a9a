"""The walls on Windows: a job object. Not tried: there was no such machine.

A process cannot shut itself off from the network there: only its parent can,
by starting it in an app container, and the system's firewall is for
administrators. What it can do is join a job that holds it back: no process
besides itself, no clipboard, no other program's windows, and outgoing traffic
of a byte a second, which no handshake of an encrypted connection survives.
"""

from __future__ import annotations

import ctypes
from typing import Any

from app.core.walls import Wall, Walls

_BASIC_LIMITS, _BASIC_UI, _NET_RATE = 2, 4, 32
_ACTIVE_PROCESSES = 0x8
# Handles of others, clipboard both ways, system settings, display settings, atoms, desktop, exit.
_ALL_UI = 0xFF
_RATE_ON, _RATE_BANDWIDTH = 0x1, 0x2


class _BasicLimits(ctypes.Structure):
    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("active_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    )


class _UiLimits(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint32),)


class _NetRate(ctypes.Structure):
    _fields_ = (
        ("bandwidth", ctypes.c_uint64),
        ("flags", ctypes.c_uint32),
        ("dscp", ctypes.c_uint8),
    )


def raise_walls(walls: Walls) -> tuple[Wall, ...]:
    """Join a job of our own; it lasts as long as this process."""
    try:
        _join(alone=walls.files is not None)
    except (OSError, AttributeError) as error:
        words = f"Windows sets no limits: {error}."
        return (Wall("network", False, words),)  # noqa: FBT003
    slow = Wall("network", False, "Windows slows its traffic down, but does not refuse sockets.")  # noqa: FBT003
    if walls.files is None:
        return (slow,)
    return (slow, Wall("files", False, "Windows hides no files from this process."))  # noqa: FBT003


def _join(*, alone: bool) -> None:
    kernel: Any = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined]
    kernel.CreateJobObjectW.restype = ctypes.c_void_p
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.AssignProcessToJobObject.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    kernel.SetInformationJobObject.argtypes = (
        ctypes.c_void_p,
        ctypes.c_int,
        ctypes.c_void_p,
        ctypes.c_uint32,
    )
    job = kernel.CreateJobObjectW(None, None)
    if not job:
        raise _failure()
    limits: list[tuple[int, ctypes.Structure]] = [
        (_NET_RATE, _NetRate(1, _RATE_ON | _RATE_BANDWIDTH, 0)),
        (_BASIC_UI, _UiLimits(_ALL_UI)),
    ]
    if alone:
        one = _BasicLimits(flags=_ACTIVE_PROCESSES, active_processes=1)
        limits.append((_BASIC_LIMITS, one))
    for kind, limit in limits:
        size = ctypes.sizeof(limit)
        if not kernel.SetInformationJobObject(job, kind, ctypes.byref(limit), size):
            raise _failure()
    if not kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess()):
        raise _failure()


def _failure() -> OSError:
    code = ctypes.get_last_error()  # type: ignore[attr-defined]
    return OSError(ctypes.FormatError(code))  # type: ignore[attr-defined]
