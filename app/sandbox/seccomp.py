"""Linux: a seccomp filter by which the kernel refuses sockets to a process and all that it starts.

The filter is a program for the kernel's packet filter (BPF): it looks at the
number of a system call and at its first arguments, and decides. Constants are
those of linux/seccomp.h, linux/filter.h and linux/audit.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import struct
from dataclasses import dataclass

_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_SET_MODE_FILTER = 1
_SECCOMP_FILTER_FLAG_TSYNC = 1
_RET_ALLOW = 0x7FFF0000
_RET_ERRNO = 0x00050000

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
# Of `struct seccomp_data`: number, architecture, the low halves of the arguments.
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24
_X32 = 0x40000000
_TYPE_MASK = 0xF

_Instruction = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Machine:
    """What the kernel calls an architecture, and its numbers of the calls that we know."""

    audit: int
    seccomp: int
    socket: int
    socketpair: int
    refused: tuple[int, ...]
    has_x32: bool = False


# The same on all: io_uring (opens sockets unseen by any filter), new ways to mount, and the taking
# of a descriptor out of another process.
_EVERYWHERE = (425, 426, 427, 428, 429, 430, 431, 432, 433, 438)
# ptrace, process_vm_readv and _writev, bpf, add_key, request_key, keyctl, perf_event_open,
# userfaultfd, unshare, setns, mount, umount2, pivot_root, kexec_load and _file_load,
# open_by_handle_at, init_module, finit_module, delete_module.
_X86 = (101, 310, 311, 321, 248, 249, 250, 298, 323, 272, 308, 165, 166, 155, 246, 320, 304, 175)
_ARM = (117, 270, 271, 280, 217, 218, 219, 241, 282, 97, 268, 40, 39, 41, 104, 294, 265, 105)
# By what `platform.machine` says.
MACHINES = {
    "x86_64": Machine(0xC000003E, 317, 41, 53, (*_X86, 313, 176, *_EVERYWHERE), has_x32=True),
    "aarch64": Machine(0xC00000B7, 277, 198, 199, (*_ARM, 273, 106, *_EVERYWHERE)),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def refuse_sockets(*, local: bool) -> None:
    """Have the kernel refuse sockets to this process, for good, with EACCES.

    With `local`, those of the family AF_UNIX stay. Pairs of connected sockets
    (pipes, that is) and what is open already are left alone. Raises OSError
    where the kernel does not do that.
    """
    machine = MACHINES.get(platform.machine())
    if machine is None or struct.calcsize("P") != 8:
        raise OSError(errno.ENOSYS, f"no filter is known for {platform.machine()}")
    code = b"".join(struct.pack("=HBBI", *one) for one in socket_filter(machine, local=local))
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    library = ctypes.CDLL(None, use_errno=True)
    # Without it, only root may set a filter. It also keeps what we start from becoming root.
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise _failure()
    # TSYNC: all threads that a library has started already, too.
    set_filter = (_SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC, ctypes.byref(program))
    if library.syscall(machine.seccomp, *set_filter) != 0:
        raise _failure()


def socket_filter(machine: Machine, *, local: bool) -> list[_Instruction]:
    """The program; each of its parts either decides or falls through to the next."""
    no_socket, no_call = _RET_ERRNO | errno.EACCES, _RET_ERRNO | errno.EPERM
    families = [int(socket.AF_UNIX)] if local else []
    program: list[_Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        # Numbers mean other calls there: a 32-bit program, which we never are.
        (_JUMP_EQUAL, 1, 0, machine.audit),
        (_RETURN, 0, 0, no_call),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine.has_x32:
        program += [(_JUMP_GREATER_EQUAL, 0, 1, _X32), (_RETURN, 0, 0, no_call)]
    for number in machine.refused:
        program += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, no_call)]
    look: list[_Instruction] = [(_LOAD, 0, 0, _FIRST)]
    for family in families:
        look += [(_JUMP_EQUAL, 0, 1, family), (_RETURN, 0, 0, _RET_ALLOW)]
    look += [(_RETURN, 0, 0, no_socket)]
    program += [(_JUMP_EQUAL, 0, len(look), machine.socket), *look]
    # A datagram socket of a pair could still be sent from to any other of this machine.
    pair: list[_Instruction] = [
        (_LOAD, 0, 0, _FIRST),
        (_JUMP_EQUAL, 1, 0, int(socket.AF_UNIX)),
        (_RETURN, 0, 0, no_socket),
        (_LOAD, 0, 0, _SECOND),
        (_AND, 0, 0, _TYPE_MASK),
        (_JUMP_EQUAL, 1, 0, int(socket.SOCK_STREAM)),
        (_RETURN, 0, 0, no_socket),
    ]
    program += [(_JUMP_EQUAL, 0, len(pair), machine.socketpair), *pair]
    return [*program, (_RETURN, 0, 0, _RET_ALLOW)]


def _failure() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
