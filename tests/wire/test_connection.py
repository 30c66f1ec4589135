"""Connections over TCP and unix sockets: making, using, losing and closing them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from runner.wire.connection import Connection
from runner.wire.errors import Interrupted
from runner.wire.failures import explain
from runner.wire.limits import ConnectLimits, DeadlineExceeded, Limits, Silence
from runner.wire.phases import Phases
from runner.wire.resolve import lookup
from runner.wire.sockets import dial
from tests.lab import (
    EchoServer,
    closed_port,
    descriptors,
    full_backlog,
    scripted,
    settled_descriptors,
)
from tests.lab.scripted import again, close, pause, receive, reset, send, silence, stall
from tests.wire.dialling import Try, ask, connected, session

SLACK = 0.5  # a loaded machine is slow to wake; test_deadlines.py looks closer
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def keep(_wake):
    """Hold of a lookup that nobody ends."""


def test_a_connection_is_made_before_anything_is_sent(echo):
    tried = Try(echo.url)
    connection = tried.open
    assert tried.names == ["resolving", "resolved", "connecting", "connected"]
    assert list(tried.phases.times) == ["dns", "tcp"]
    assert all(value >= 0 for value in tried.phases.times.values())
    assert connection.facts() == {"address": "127.0.0.1", "port": echo.port}
    assert connection.state() == "alive"
    assert echo.requests == []
    for _ in range(3):
        assert ask(connection)[0] == 200
    assert connection.state() == "alive"
    assert (echo.connections, connection.carried) == (1, 3)
    connection.close()
    assert connection.state() == "none"
    assert connection.sock is None
    assert echo.wait_closed()
    assert connection.facts()["port"] == echo.port


def test_events_tell_names_and_addresses(echo):
    tried = Try(echo.url_for("localhost"))
    tried.open.close()
    details = dict(tried.events)
    assert details["resolving"] == {"host": "localhost"}
    assert f"127.0.0.1:{echo.port}" in details["resolved"]["addresses"]
    assert details["connected"] == {"address": f"127.0.0.1:{echo.port}"}


def test_nothing_is_open_before_connect(echo):
    made = session()
    connection = Connection(made, made.route(echo.url))
    assert connection.state() == "none"
    assert connection.facts() == {}
    with pytest.raises(RuntimeError):
        connection.send(b"x")
    with pytest.raises(RuntimeError):
        _ = connection.reader
    connection.close()


def test_connecting_again_closes_the_first_socket(echo):
    with connected(echo.url) as connection:
        ask(connection)
        before = descriptors()
        connection.connect(Limits(5), Phases())
        assert connection.carried == 0
        assert ask(connection)[0] == 200
        assert echo.wait_for(lambda: echo.open == 1)
        assert settled_descriptors(before) == before
    assert echo.connections == 2


def test_ipv6():
    with EchoServer(host="::1") as server, connected(server.url) as connection:
        assert connection.facts()["address"] == "::1"
        assert ask(connection)[0] == 200


def test_a_unix_socket(tmp_path):
    path = tmp_path / "app.sock"
    with EchoServer(unix=path) as server:
        tried = Try("http://shop.lab/", way={"at": f"unix:{path}"})
        assert tried.open.facts() == {"address": f"unix:{path}"}
        assert list(tried.phases.times) == ["tcp"]
        assert ask(tried.open, host="shop.lab")[0] == 200
        tried.open.close()
    assert server.connections == 1


def test_no_unix_socket(tmp_path):
    tried = Try("http://shop.lab/", way={"at": f"unix:{tmp_path}/none.sock"})
    assert tried.kind == "connection-refused"
    assert f"unix:{tmp_path}/none.sock" in tried.fault.message


def test_at_dials_another_address(echo):
    with connected("http://shop.lab:1/", way={"at": f"127.0.0.1:{echo.port}"}) as connection:
        assert connection.facts()["port"] == echo.port


def test_the_source_address(echo):
    with connected(echo.url, way={"source": "127.0.0.7"}) as connection:
        ask(connection)
    assert echo.requests[0].peer[0] == "127.0.0.7"


@pytest.mark.parametrize("source", ["192.0.2.1", "::1"])
def test_a_source_address_that_is_not_ours(echo, source):
    tried = Try(echo.url, way={"source": source})
    assert tried.kind == "host-unreachable"
    assert source in tried.fault.message
    assert "source-address" in tried.fault.hint


def test_refused():
    with closed_port() as port:
        before = descriptors()
        tried = Try(f"http://127.0.0.1:{port}")
        assert (tried.kind, tried.fault.phase) == ("connection-refused", "connect")
        assert tried.fault.message == f"127.0.0.1:{port} refused the connection"
        assert tried.fault.hint == f"nothing listens on 127.0.0.1:{port}: is the service running?"
        assert tried.fault.causes
        assert list(tried.phases.times) == ["dns", "tcp"]
        assert tried.connection.state() == "none"
        assert descriptors() == before


def test_refused_by_name_tells_the_address():
    with closed_port() as port:
        tried = Try(f"http://localhost:{port}")
        assert tried.kind == "connection-refused"
        assert tried.fault.message.startswith(f"localhost:{port} (127.0.0.1:{port})")


def test_an_unanswered_syn_is_a_connect_timeout():
    with full_backlog() as port:
        before = descriptors()
        tried = Try(f"http://127.0.0.1:{port}", connect_timeout=0.2)
        assert tried.kind == "connect-timeout"
        assert tried.fault.message == f"no answer from 127.0.0.1:{port} within 200 ms"
        assert 0.2 <= tried.seconds < 0.2 + SLACK
        assert descriptors() == before


def test_the_deadline_beats_the_connect_timeout():
    with full_backlog() as port:
        tried = Try(f"http://127.0.0.1:{port}", connect_timeout=5, deadline=0.2)
        assert tried.kind == "deadline-exceeded"
        assert tried.fault.message == (
            f"deadline of 200 ms passed while connecting to 127.0.0.1:{port}"
        )
        assert tried.seconds < 0.2 + SLACK


def numeric(port, host="127.0.0.1"):
    return lookup(host, port, Limits(), keep)


def test_each_address_gets_its_share(echo):
    with full_backlog() as port:
        seen: list[str] = []
        start = time.perf_counter()
        addresses = numeric(port) + numeric(echo.port)
        dial(addresses, ConnectLimits(0.4, Limits()), None, keep, seen.append).close()
        assert 0.2 <= time.perf_counter() - start < 0.2 + SLACK
        assert seen == [f"127.0.0.1:{port}", f"127.0.0.1:{echo.port}"]


def test_no_route_gives_way_to_what_another_address_said():
    before = descriptors()
    with closed_port() as port:
        # The broadcast address is refused by the kernel itself, with an errno of no route.
        addresses = numeric(port) + numeric(9, "255.255.255.255")
        with pytest.raises(ConnectionRefusedError):
            dial(addresses, Limits(5), None, keep, [].append)
    assert descriptors() == before


def test_retries_reach_a_service_that_comes_up_late():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        timer = threading.Timer(0.15, server.listen)
        timer.start()
        tried = Try(f"http://127.0.0.1:{server.getsockname()[1]}", connect_retries=5)
        timer.join()
        tried.open.close()
        assert 2 <= tried.names.count("connecting") <= 5
        assert tried.names.count("connected") == 1


def test_retries_end_and_keep_the_kind():
    with closed_port() as port:
        tried = Try(f"http://127.0.0.1:{port}", connect_retries=2)
        assert tried.kind == "connection-refused"
        assert tried.names.count("connecting") == 3


def test_retries_of_silence_get_the_whole_timeout_each():
    with full_backlog() as port:
        tried = Try(f"http://127.0.0.1:{port}", connect_retries=1, connect_timeout=0.1)
        assert tried.kind == "connect-timeout"
        assert 0.2 <= tried.seconds < 0.2 + 0.1 + SLACK


def test_retries_stay_within_the_deadline():
    with closed_port() as port:
        tried = Try(f"http://127.0.0.1:{port}", connect_retries=1000, deadline=0.3)
        assert tried.kind == "deadline-exceeded"
        assert tried.seconds < 0.3 + SLACK


def test_a_name_without_an_address():
    # An empty label: refused by the resolver itself, nothing is asked.
    tried = Try("http://a..lab/")
    assert (tried.kind, tried.fault.phase) == ("name-not-resolved", "connect")
    assert "a..lab" in tried.fault.message
    assert list(tried.phases.times) == ["dns"]


def test_a_lookup_can_time_out():
    def never(*_):
        time.sleep(1)

    start = time.perf_counter()
    with pytest.raises(DeadlineExceeded):
        lookup("slow.lab", 80, Limits(until=time.perf_counter() + 0.1), keep, never)
    assert time.perf_counter() - start < 0.1 + SLACK
    with pytest.raises(Silence):
        lookup("slow.lab", 80, Limits(silence=0.05), keep, never)


def test_a_lookup_passes_the_resolvers_error_on():
    def broken(*_):
        raise socket.gaierror(socket.EAI_AGAIN, "again")

    with pytest.raises(socket.gaierror) as caught:
        lookup("slow.lab", 80, Limits(), keep, broken)
    phases = Phases()
    phases.doing, phases.peer = "resolving", "slow.lab:80"
    fault = explain(caught.value, phases, session().route("http://slow.lab/"))
    assert fault.kind == "name-not-resolved"
    assert "no name server answers" in fault.message


def test_a_lookup_keeps_the_order_and_drops_doubles():
    first, second = ("127.0.0.2", 80), ("127.0.0.1", 80)
    rows = [(socket.AF_INET, 1, 6, "", address) for address in (first, first, second)]
    found = lookup("many.lab", 80, Limits(), keep, lambda *_: rows)
    assert [address.sockaddr for address in found] == [first, second]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_numeric_hosts_ask_no_resolver(host):
    def forbidden(*_):
        raise AssertionError

    assert lookup(host, 80, Limits(), keep, forbidden)[0].sockaddr == (host, 80)


def test_aborting_a_lookup():
    ends = []
    threading.Timer(0.05, lambda: ends[-1]()).start()  # noqa: PLW0108
    aborted = threading.Event()

    def hold(wake):
        ends.append(wake)
        if len(ends) > 1:
            aborted.set()
            raise Interrupted

    with pytest.raises(Interrupted):
        lookup("slow.lab", 80, Limits(), hold, lambda *_: time.sleep(1))
    assert aborted.is_set()


def test_unreachable():
    """In a network namespace without any route, set up by a child process."""
    code = (
        "from tests.wire.dialling import Try\n"
        "tried = Try('http://192.0.2.1/')\n"
        "print(tried.kind, tried.fault.phase, tried.fault.message)\n"
    )
    done = subprocess.run(
        ["unshare", "-rn", sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    if done.returncode and "unshare" in done.stderr:
        pytest.skip("no network namespaces here")
    assert done.stdout.startswith("host-unreachable connect no way leads to 192.0.2.1:80"), done


def test_a_silent_peer_is_silence(lab):
    server = lab(scripted(silence()))
    with connected(server.url) as connection:
        connection.limits = Limits(silence=0.05)
        start = time.perf_counter()
        with pytest.raises(Silence):
            connection.reader.readline()
        assert time.perf_counter() - start < 0.05 + SLACK


def test_a_dripping_peer_ends_at_the_deadline(lab):
    server = lab(scripted(again(send(b"x"), pause(0.02))))
    with connected(server.url) as connection:
        connection.limits = limits = Limits(5, time.perf_counter() + 0.2, 0.2)
        start = time.perf_counter()
        with pytest.raises(DeadlineExceeded) as caught:
            connection.reader.readline()
        assert time.perf_counter() - start < 0.2 + SLACK
        assert limits.received > 2
        assert caught.value.first


def test_a_peer_that_reads_nothing_ends_at_the_deadline(lab):
    server = lab(scripted(stall(), receive_buffer=4096))
    with connected(server.url) as connection:
        connection.limits = Limits(5, time.perf_counter() + 0.2, 0.2)
        start = time.perf_counter()
        with pytest.raises(DeadlineExceeded):
            connection.send(bytes(50_000_000))
        assert time.perf_counter() - start < 0.2 + SLACK


def test_the_reader_counts_and_marks_the_first_byte(echo):
    with connected(echo.url) as connection:
        connection.limits = limits = Limits(5)
        sent = time.perf_counter()
        ask(connection)
        assert limits.first is not None
        assert sent < limits.first < time.perf_counter()
        assert limits.received > 20


def wait_until(connection, state):
    end = time.monotonic() + 2
    while connection.state() != state and time.monotonic() < end:
        time.sleep(0.005)
    return connection.state()


def test_a_closed_connection_is_seen(lab):
    with connected(lab(scripted(close())).url) as connection:
        assert wait_until(connection, "closed") == "closed"


def test_a_reset_connection_is_seen(lab):
    with connected(lab(scripted(pause(0.02), reset())).url) as connection:
        assert wait_until(connection, "closed") == "closed"


def test_what_nobody_asked_for_is_seen_and_not_lost(lab):
    server = lab(scripted(send(b"HTTP/1.1 408 Timeout\r\n"), stall()))
    with connected(server.url) as connection:
        assert wait_until(connection, "data") == "data"
        assert connection.state() == "data"
        assert connection.reader.readline() == b"HTTP/1.1 408 Timeout\r\n"
        assert connection.state() == "alive"


def test_bytes_left_in_the_buffer_are_data(lab):
    server = lab(scripted(receive(), send(ANSWER + b"extra"), stall()))
    with connected(server.url) as connection:
        assert ask(connection)[0] == 200
        assert wait_until(connection, "data") == "data"


def test_a_look_leaves_the_socket_usable(lab):
    server = lab(scripted(receive(), pause(0.1), send(ANSWER), stall()))
    with connected(server.url) as connection:
        connection.limits = Limits(5)
        for _ in range(3):
            assert connection.state() == "alive"
        assert ask(connection) == (200, b"ok")


def abort_later(connection: Connection) -> threading.Timer:
    timer = threading.Timer(0.1, connection.abort)
    timer.start()
    return timer


def test_abort_while_reading(lab):
    server = lab(scripted(silence()))
    with connected(server.url) as connection:
        connection.limits = Limits(5)
        start = time.perf_counter()
        abort_later(connection)
        with pytest.raises(Interrupted) as caught:
            connection.reader.readline()
        assert time.perf_counter() - start < 0.1 + SLACK
        assert explain(caught.value, Phases(), connection.route).kind == "interrupted"


def test_abort_while_sending(lab):
    server = lab(scripted(stall(), receive_buffer=4096))
    with connected(server.url) as connection:
        connection.limits = Limits(5)
        abort_later(connection)
        with pytest.raises(Interrupted):
            connection.send(bytes(50_000_000))


@pytest.mark.parametrize("retries", [0, 3])
def test_abort_while_connecting(retries):
    with full_backlog() as port:
        made = session(connect_retries=retries)
        connection = Connection(made, made.route(f"http://127.0.0.1:{port}"))
        before = descriptors()
        abort_later(connection)
        start = time.perf_counter()
        with pytest.raises(Interrupted):
            connection.connect(Limits(), Phases())
        assert time.perf_counter() - start < 0.1 + SLACK
        assert descriptors() == before


def test_abort_between_retries():
    with closed_port() as port:
        made = session(connect_retries=100)
        connection = Connection(made, made.route(f"http://127.0.0.1:{port}"))
        abort_later(connection)
        with pytest.raises(Interrupted):
            connection.connect(Limits(), Phases())


def test_an_aborted_connection_stays_so(echo):
    made = session()
    connection = Connection(made, made.route(echo.url))
    connection.abort()
    with pytest.raises(Interrupted):
        connection.connect(Limits(), Phases())
    assert echo.requests == []


def interrupt_soon():
    """Ctrl-C for the main thread, 50 ms from now."""
    threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()


def test_ctrl_c_while_connecting_closes_the_socket():
    with full_backlog() as port:
        made = session()
        connection = Connection(made, made.route(f"http://127.0.0.1:{port}"))
        before = descriptors()
        interrupt_soon()
        with pytest.raises(KeyboardInterrupt) as caught:
            connection.connect(Limits(), Phases())
        assert descriptors() == before
        assert explain(caught.value, Phases(), connection.route).kind == "interrupted"


def test_a_listener_that_fails_leaves_nothing_open(echo):
    def listen(event, _detail):
        if event == "connected":
            raise RuntimeError

    made = session()
    connection = Connection(made, made.route(echo.url))
    before = descriptors()
    with pytest.raises(RuntimeError):
        connection.connect(Limits(5), Phases(listen))
    assert echo.wait_for(lambda: echo.connections == 1)
    assert echo.wait_closed()
    assert settled_descriptors(before) == before
