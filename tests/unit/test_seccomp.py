"""The filter on sockets for both architectures, run here as the kernel would run it."""

import errno
import socket
import struct

import pytest

from app.sandbox import seccomp

ALLOW = 0x7FFF0000
REFUSED = 0x00050000
AF_INET, AF_NETLINK, AF_ALG, AF_VSOCK = 2, 16, 38, 40


def run(program, audit, number, *arguments):
    """What the program returns for this call: 0 for leave, otherwise the error."""
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("=IIQ6Q", number, audit, 0, *padded)
    at = value = 0
    while True:
        code, yes, no, constant = program[at]
        at += 1
        match code:
            case 0x20:
                (value,) = struct.unpack_from("=I", data, constant)
            case 0x15:
                at += yes if value == constant else no
            case 0x35:
                at += yes if value >= constant else no
            case 0x54:
                value &= constant
            case 0x06:
                if constant == ALLOW:
                    return 0
                assert constant & 0xFFFF0000 == REFUSED
                return constant & 0xFFFF
            case _:
                raise AssertionError(code)


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request):
    return seccomp.MACHINES[request.param]


@pytest.mark.parametrize("local", [False, True])
def test_no_family_leads_out_and_only_the_engine_reaches_other_programs(machine, local):
    program = seccomp.socket_filter(machine, local=local)
    for family in (AF_INET, 10, 17, AF_NETLINK, AF_ALG, AF_VSOCK, 31, 44, 0, 2**32 - 1):
        assert run(program, machine.audit, machine.socket, family, 1) == errno.EACCES
    expected = 0 if local else errno.EACCES
    assert run(program, machine.audit, machine.socket, socket.AF_UNIX, 1) == expected
    # The kernel looks at the lower half of the number, and so does the filter.
    assert run(program, machine.audit, machine.socket, 2**32 + AF_INET, 1) == errno.EACCES


def test_pipes_stay_and_what_could_be_sent_from_does_not(machine):
    program = seccomp.socket_filter(machine, local=False)
    pair = (machine.audit, machine.socketpair)
    closed = 0o2000000  # SOCK_CLOEXEC
    assert run(program, *pair, socket.AF_UNIX, socket.SOCK_STREAM | closed) == 0
    assert run(program, *pair, socket.AF_UNIX, socket.SOCK_DGRAM) == errno.EACCES
    assert run(program, *pair, socket.AF_UNIX, socket.SOCK_SEQPACKET) == errno.EACCES
    assert run(program, *pair, AF_INET, socket.SOCK_STREAM) == errno.EACCES


def test_ways_around_are_closed_and_all_else_is_left_alone(machine):
    program = seccomp.socket_filter(machine, local=False)
    for number in machine.refused:
        assert run(program, machine.audit, number) == errno.EPERM
    known = {machine.socket, machine.socketpair, *machine.refused}
    for number in set(range(470)) - known:
        assert run(program, machine.audit, number, AF_INET) == 0
    # The same call of a 32-bit program, and by x32's numbers on x86-64.
    for audit in (0x40000003, 0x40000028, 0):
        assert run(program, audit, machine.socket, AF_INET) == errno.EPERM
    if machine.has_x32:
        number = 0x40000000 | machine.socket
        assert run(program, machine.audit, number, AF_INET) == errno.EPERM
