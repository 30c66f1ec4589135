"""Nothing stays open, and what was made last is closed first. See also ``nothing_left_open``."""

from __future__ import annotations

import json
import select
import threading

import pytest

from tests.execution.failing import WAYS, Trial
from tests.harness import run
from tests.lab import (
    EchoServer,
    ProxyServer,
    Server,
    Socks5Server,
    descriptors,
    full_backlog,
    redirect_to,
    response,
    scripted,
    settled_descriptors,
)
from tests.lab.scripted import silence

pytestmark = pytest.mark.usefixtures("nothing_left_open")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("refuse", [None, 5])
def test_no_socket_is_left_behind_a_proxy(certificates, tmp_path, way, scheme, refuse):
    before = descriptors()
    context = certificates.context() if scheme == "https" else None
    with EchoServer(context=context) as echo:
        tls = {"ca": str(certificates.ca)}
        for make in (
            lambda: ProxyServer(refuse=refuse and 502),
            lambda: Socks5Server(refuse=refuse),
        ):
            with make() as proxy:
                trial = Trial(echo.url, session={"proxy": proxy.url, "tls": tls})
                result = run(tmp_path, trial.text(way))
                assert result.outcome == "passed" if refuse is None else result.outcome != "passed"
                assert proxy.connections == 1
    assert settled_descriptors(before) == before


def test_no_socket_is_left_of_a_name_with_no_answer(tmp_path):
    before = descriptors()
    with full_backlog() as port:
        taken = descriptors()
        trial = Trial(f"http://127.0.0.1:{port}", session={"timeout": "100ms"})
        assert run(tmp_path, trial.text("get")).kind == "connect-timeout"
        assert descriptors() == taken
    assert settled_descriptors(before) == before


class Witness(Server):
    """A good server that sees in which order its connections are closed.

    The kernel keeps the order of what happened to the sockets of one epoll; threads would not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.epoll = select.epoll()
        self.numbers: dict[int, int] = {}
        self.told = threading.Event()

    def handle(self, peer):
        self.numbers[peer.sock.fileno()] = peer.number
        peer.recv_request()
        self.epoll.register(peer.sock, select.EPOLLRDHUP | select.EPOLLET)
        peer.send(response(200, b"lamp"))
        self.told.wait(10)

    def order(self):
        """The numbers of the connections in the order they were closed."""
        found: list[int] = []
        while events := self.epoll.poll(0.2):
            found += [self.numbers[number] for number, _ in events]
        self.told.set()
        self.epoll.close()
        return found


def lines(url, count):
    """Steps that open so many connections, each used once, in two sessions."""
    one = [{"connect": url}, {"open": "GET /"}, {"send": None}, {"read": None}]
    half = count // 2
    return [{"session": None}, *one * half, {"session": None}, *one * (count - half)]


@pytest.mark.parametrize("end", ["passed", "failed", "error"])
def test_connections_are_closed_in_reverse_order(lab, tmp_path, end):
    server = lab(Witness())
    last = {
        "passed": [],
        "failed": [{"set": {"lamp": 1}, "expect": {"lamp": 2}}],
        "error": [{"connect": "http://127.0.0.1:1", "at": "unix:/nowhere/at.all"}],
    }[end]
    result = run(tmp_path, json.dumps({"steps": [*lines(server.url, 6), *last]}))
    assert result.outcome == end
    assert server.order() == [6, 5, 4, 3, 2, 1]


def test_what_is_closed_by_hand_is_closed_first(lab, tmp_path):
    server = lab(Witness())
    steps = lines(server.url, 4)
    steps[1] = {"connect": server.url, "id": "first"}
    result = run(tmp_path, json.dumps({"steps": [*steps, {"close": "first"}, {"close": None}]}))
    assert result.outcome == "passed", result.message
    assert server.order() == [1, 4, 3, 2]


def test_what_get_and_redirects_opened_is_closed_too(lab, tmp_path):
    first, second = lab(EchoServer()), lab(EchoServer())
    hop = lab(redirect_to(f"{second.url}/text?say=there"))
    steps = [{"session": None, "redirects": 3}, {"get": f"{first.url}/"}, {"get": f"{hop.url}/"}]
    before = descriptors()
    assert run(tmp_path, json.dumps({"steps": steps})).outcome == "passed"
    assert all(server.wait_closed() for server in (first, second, hop))
    assert settled_descriptors(before) == before


def test_teardown_runs_on_open_connections_and_then_all_is_closed(lab, tmp_path):
    server = lab(EchoServer())
    before = descriptors()
    text = {
        "base": server.url,
        "steps": [{"get": "/status/500"}, {"get": "/never"}],
        "teardown": [
            {"get": "/status/404"},
            {"delete": "/carts/mine"},
            {"session": None},
            {"connect": None},
        ],
    }
    result = run(tmp_path, json.dumps(text))
    assert result.kind == "unexpected-status"
    assert [step.outcome for step in result.teardown] == ["failed", "passed", "passed", "passed"]
    assert [seen.path for seen in server.requests] == ["/status/500", "/status/404", "/carts/mine"]
    assert server.wait_for(lambda: server.connections == 2)
    assert server.wait_closed()
    assert settled_descriptors(before) == before


def test_branches_close_what_they_opened(lab, tmp_path):
    server, quiet = lab(EchoServer()), lab(scripted(silence()))
    before = descriptors()
    branches = [[{"get": "/"}], [{"get": "/status/404"}], [{"get": f"{quiet.url}/"}]]
    step = {"parallel": branches, "deadline": "300ms"}
    result = run(tmp_path, json.dumps({"base": server.url, "steps": [step]}))
    assert result.outcome == "failed"
    assert server.wait_closed()
    assert quiet.wait_closed()
    assert settled_descriptors(before) == before
