"""Limits: which bound runs out, and what is counted."""

from __future__ import annotations

import socket
from time import perf_counter

import pytest

from runner.wire.limits import ConnectLimits, DeadlineExceeded, Limits, Silence
from runner.wire.phases import Phases
from runner.wire.sockets import PlainSocket


def test_no_bounds_leave_no_timeout():
    assert Limits().left() is None


def test_the_smaller_bound_is_left():
    assert Limits(silence=5).left() == 5
    assert Limits(silence=5, until=perf_counter() + 100).left() == 5
    left = Limits(silence=5, until=perf_counter() + 1).left()
    assert left is not None
    assert 0.9 < left <= 1


def test_nothing_left_is_the_deadline_with_its_length():
    limits = Limits(silence=5, until=perf_counter() - 1, seconds=2)
    with pytest.raises(DeadlineExceeded) as caught:
        limits.left()
    assert caught.value.seconds == 2
    assert not isinstance(caught.value, OSError)


def test_what_ran_out():
    assert isinstance(Limits(1, perf_counter() - 1).ran_out(), DeadlineExceeded)
    silence = Limits(1, perf_counter() + 9).ran_out()
    assert isinstance(silence, Silence)
    assert silence.seconds == 1


def test_the_first_byte_since_the_mark():
    limits = Limits()
    limits.saw(0)
    assert limits.first is None
    limits.saw(3)
    first = limits.first
    assert first is not None
    limits.saw(4)
    assert (limits.first, limits.received) == (first, 7)
    limits.mark()
    limits.saw(1)
    assert limits.first is not None
    assert limits.first > first


def test_connect_limits_tell_the_timeout_from_the_deadline():
    short = ConnectLimits(0.0, Limits(until=perf_counter() + 9, seconds=9))
    with pytest.raises(Silence) as silence:
        short.left()
    assert silence.value.seconds == 0.0
    late = ConnectLimits(9, Limits(until=perf_counter() - 1, seconds=3))
    with pytest.raises(DeadlineExceeded) as deadline:
        late.left()
    assert deadline.value.seconds == 3


def test_connect_limits_pass_over_the_silence_of_reads():
    assert ConnectLimits(None, Limits(silence=5)).left() is None
    left = ConnectLimits(8, Limits(silence=5, until=perf_counter() + 100)).left()
    assert left is not None
    assert 7 < left <= 8


def make_pair() -> tuple[PlainSocket, socket.socket]:
    near, far = socket.socketpair()
    return PlainSocket(fileno=near.detach()), far


@pytest.mark.parametrize("call", ["recv", "recv_into"])
def test_a_silent_socket_is_silence_or_the_deadline(call):
    near, far = make_pair()
    with near, far:
        argument = 10 if call == "recv" else bytearray(10)
        near.limits = Limits(silence=0.02)
        with pytest.raises(Silence):
            getattr(near, call)(argument)
        near.limits = Limits(silence=9, until=perf_counter() + 0.02)
        with pytest.raises(DeadlineExceeded):
            getattr(near, call)(argument)


def test_sending_to_one_who_never_reads_ends_at_the_deadline():
    near, far = make_pair()
    with near, far:
        near.limits = Limits(silence=9, until=perf_counter() + 0.1)
        start = perf_counter()
        with pytest.raises(DeadlineExceeded):
            near.sendall(bytes(50_000_000))
        assert perf_counter() - start < 0.6


def test_a_drip_does_not_stretch_the_deadline():
    near, far = make_pair()
    with near, far:
        limits = near.limits = Limits(silence=9, until=perf_counter() + 0.05)
        far.send(bytes(100_000))
        with pytest.raises(DeadlineExceeded):
            list(iter(lambda: near.recv(1), b""))
        assert limits.received == 0, "only the reader counts"


def test_phases_keep_times_of_a_phase_that_failed():
    heard: list[tuple[str, dict[str, object]]] = []
    phases = Phases(lambda event, detail: heard.append((event, dict(detail))))
    with phases.phase("resolving", "resolved", "dns", "connect", host="a") as span:
        span.detail["addresses"] = ["1"]
    with pytest.raises(OSError), phases.phase("connecting", "connected", "tcp", "connect"):
        raise OSError
    with phases.phase("connecting", "connected", "tcp", "connect"):
        pass
    assert list(phases.times) == ["dns", "tcp"]
    assert phases.doing == "connecting"
    assert [event for event, _ in heard] == [
        "resolving",
        "resolved",
        "connecting",
        "connecting",
        "connected",
    ]
    assert heard[0][1] == {"host": "a"}
    assert heard[1][1] == {"host": "a", "addresses": ["1"]}
