"""The lab does what it says: what its servers put on the wire, seen with bare sockets."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import socks
from requests.auth import HTTPDigestAuth

from runner.kinds import KINDS
from tests.lab import (
    BEHAVIOURS,
    PASSWORD,
    SECRET,
    TLS_BEHAVIOURS,
    TOKEN,
    USER,
    Behaviour,
    Certificates,
    EchoServer,
    Peer,
    ProxyServer,
    Server,
    Socks5Server,
    TlsBehaviour,
    closed_port,
    descriptors,
    full_backlog,
    in_private_network,
    misbehave,
    no_namespaces,
    redirect_to,
    scripted_each,
    settled_descriptors,
    tls_server,
)
from tests.lab.behaviours import bomb
from tests.lab.scripted import answer, close, request

Start = Callable[[Any], Any]
GET = b"GET /a?b=c HTTP/1.1\r\nHost: lab\r\nX-Two: 1\r\nx-two: 2\r\n\r\n"


def ask(server: Server, data: bytes = GET, most: int = 10**6) -> bytes:
    """What the server sends to ``data`` and an end, until it closes; at most ``most`` bytes."""
    told = bytearray()
    with socket.create_connection(("127.0.0.1", server.port), 5) as sock:
        sock.sendall(data)
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
        while len(told) < most and (piece := sock.recv(65536)):
            told += piece
    return bytes(told)


def http(trust: Path | None = None, proxy: str | None = None) -> requests.Session:
    """A session that nothing ambient reaches."""
    session = requests.Session()
    session.trust_env = False
    session.verify = str(trust) if trust else True
    if proxy:
        session.proxies = {"http": proxy, "https": proxy}
    return session


def test_requests_are_recorded_byte_for_byte(echo: EchoServer) -> None:
    body = b"5;x=y\r\nhello\r\n0\r\nTrailer: t\r\n\r\n"
    post = b"POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    ask(echo, GET + post + body)
    assert bytes(echo.received[1]) == GET + post + body
    first, second = echo.requests
    assert first.raw == GET
    assert (first.method, first.target, first.path, first.version) == (
        "GET", "/a?b=c", "/a", "HTTP/1.1",
    )  # fmt: skip
    assert first.lines == [("Host", "lab"), ("X-Two", "1"), ("x-two", "2")]
    assert (first.header("x-two"), first.headers("X-TWO")) == ("1, 2", ["1", "2"])
    assert (second.raw, second.body, second.header("nothing")) == (post + body, b"hello", None)
    assert (first.connection, second.connection, echo.connections) == (1, 1, 1)


def test_connections_are_counted(echo: EchoServer) -> None:
    with http() as session:
        told = [session.get(echo.url).json() for _ in range(3)]
    assert [(each["connection"], each["request"]) for each in told] == [(1, 1), (1, 2), (1, 3)]
    assert echo.connections == 1
    assert echo.wait_closed()
    ask(echo, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert echo.connections == 2


def test_a_server_stops_while_clients_hang_on_it() -> None:
    before = descriptors()
    with misbehave("never-answers") as server:
        client = socket.create_connection(("127.0.0.1", server.port), 5)
        assert server.wait_for(lambda: server.connections == 1)
        assert server.open == 1
    with client:
        assert client.recv(1) == b""
    assert server.open == 0
    assert settled_descriptors(before) == before


def test_a_mistake_in_a_handler_reaches_the_test() -> None:
    def wrong(peer: Peer) -> None:
        peer.recv_request()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), Server(wrong) as server:
        ask(server)


def test_expect_continue(echo: EchoServer) -> None:
    head = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    assert ask(echo, head) == b"HTTP/1.1 100 Continue\r\n\r\n"
    with EchoServer(continues=False) as silent:
        assert ask(silent, head) == b""


@pytest.mark.parametrize(
    ("path", "status"),
    [("/status/404", 404), ("/nothing", 204), ("/redirect/2", 200), ("/bearer", 401)],
)
def test_echo_statuses(echo: EchoServer, path: str, status: int) -> None:
    with http() as session:
        assert session.get(echo.url + path).status_code == status


@pytest.mark.parametrize("path", ["/gzip", "/deflate", "/raw-deflate", "/br", "/zstd", "/stacked"])
def test_echo_codings(echo: EchoServer, path: str) -> None:
    with http() as session:
        found = session.get(f"{echo.url}{path}?say=lamp")
    assert found.text == "lamp"
    assert found.headers["Content-Encoding"]


def test_echo_checks_who_asks(echo: EchoServer) -> None:
    with http() as session:
        for path, right, wrong in (
            ("/basic", (USER, SECRET), (USER, "x")),
            ("/digest", HTTPDigestAuth(USER, SECRET), HTTPDigestAuth(USER, "x")),
        ):
            assert session.get(echo.url + path, auth=right).json()["authenticated"]
            assert session.get(echo.url + path, auth=wrong).status_code == 401
        token = {"Authorization": f"Bearer {TOKEN}"}
        assert session.get(echo.url + "/bearer", headers=token).status_code == 200


def test_echo_remembers_nothing_but_sets_cookies(echo: EchoServer) -> None:
    with http() as session:
        session.get(echo.url + "/cookies/set?a=1&b=2")
        assert session.get(echo.url + "/cookies").json() == {"a": "1", "b": "2"}
        session.get(echo.url + "/cookies/delete?a")
        assert session.get(echo.url + "/cookies").json() == {"b": "2"}


def test_echo_streams(echo: EchoServer) -> None:
    assert ask(echo, b"GET /stream?pieces=1 HTTP/1.1\r\n\r\n").endswith(
        b"Transfer-Encoding: chunked\r\n\r\n8\r\npiece 1\n\r\n0\r\n\r\n"
    )
    assert ask(echo, b"GET /sse?count=1 HTTP/1.0\r\n\r\n").count(b"event: tick") == 1
    assert ask(echo, b"GET /early HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 103 ")


def test_echo_on_ipv6_and_unix_socket(tmp_path: Path) -> None:
    with EchoServer(host="::1") as server, http() as session:
        assert server.url.startswith("http://[::1]:")
        assert session.get(server.url).status_code == 200
    place = tmp_path / "echo.sock"
    with EchoServer(unix=place) as server, socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(place))
        sock.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        with sock.makefile("rb") as file:
            assert file.readline() == b"HTTP/1.1 200 OK\r\n"
    assert not place.exists()


def test_each_connection_may_have_a_script_of_its_own(lab: Start) -> None:
    server = lab(scripted_each([close()], [request(), answer(200, b"hi"), close()]))
    assert ask(server) == b""
    assert [ask(server).split(b"\r\n\r\n")[1] for _ in range(2)] == [b"hi", b"hi"]


def test_every_behaviour_names_a_kind_that_exists() -> None:
    known: list[tuple[str, Behaviour | TlsBehaviour]] = [*BEHAVIOURS.items()]
    for name, made in [*known, *TLS_BEHAVIOURS.items()]:
        assert made.kind is None or made.kind in KINDS, name
        assert (made.kind is None) == (made.phase is None), name


@pytest.mark.parametrize("name", [name for name in BEHAVIOURS if name.startswith("reset-")])
def test_resets_are_resets(lab: Start, name: str) -> None:
    server = lab(misbehave(name))
    # at accept it may be seen as early as in connecting
    with pytest.raises((ConnectionResetError, BrokenPipeError)):
        ask(server)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("close-before-head", b""),
        ("ssh-banner", b"SSH-2.0-"),
        ("status-abc", b"HTTP/1.1 abc\r\n"),
        ("http-2-0", b"HTTP/2.0 200"),
        ("half-head", b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Len"),
        ("length-text", b"HTTP/1.1 200 OK\r\nContent-Length: ten"),
        ("early-hints", b"HTTP/1.1 103 Early Hints"),
        ("redirect-circle", b"HTTP/1.1 302 Status\r\nLocation: /b"),
    ],
)
def test_what_is_sent(lab: Start, name: str, told: bytes) -> None:
    found = ask(lab(misbehave(name)))
    assert found.startswith(told)
    assert found or not told


@pytest.mark.parametrize("name", [name for name, made in BEHAVIOURS.items() if not made.holds])
def test_what_does_not_hold_ends(lab: Start, name: str) -> None:
    server = lab(misbehave(name))
    try:
        ask(server)
    except ConnectionError:
        assert name.startswith("reset-")
    assert server.connections == 1


@pytest.mark.parametrize(
    "name", ["drip-head", "drip-header-lines", "drip-100s", "drip-body", "drip-chunks"]
)
def test_drips_go_on(lab: Start, name: str) -> None:
    server = lab(misbehave(name))
    with socket.create_connection(("127.0.0.1", server.port), 2) as sock:
        sock.sendall(GET)
        pieces = [sock.recv(4096) for _ in range(4)]
    assert all(pieces)
    assert sum(map(len, pieces)) < 500


def test_one_that_never_reads_blocks_the_sender(lab: Start) -> None:
    server = lab(misbehave("never-reads"))
    sock = socket.create_connection(("127.0.0.1", server.port), 0.3)
    with sock, pytest.raises(TimeoutError):
        sock.sendall(bytes(50_000_000))


def test_the_bomb_is_small_on_the_wire() -> None:
    packed = b"".join(bomb(10**7)).partition(b"\r\n\r\n")[2]
    assert len(packed) < 20_000
    assert gzip.decompress(packed) == bytes(10**7)


def test_a_413_comes_before_the_body_is_read(lab: Start) -> None:
    head = b"POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n"
    assert ask(lab(misbehave("too-large-unread")), head).startswith(b"HTTP/1.1 413")


def test_idle_ends(lab: Start) -> None:
    assert ask(lab(misbehave("closed-when-idle"))).count(b"HTTP/1.1") == 1
    assert b"HTTP/1.1 408" in ask(lab(misbehave("unsolicited-408")))


def test_redirects_anywhere(lab: Start) -> None:
    told = ask(lab(redirect_to("http://127.0.0.1:9/x", 307)))
    assert told.startswith(b"HTTP/1.1 307 Status\r\nLocation: http://127.0.0.1:9/x\r\n")


def test_closed_port_and_full_backlog() -> None:
    with closed_port() as port, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 5)
    with full_backlog() as port, pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", port), 0.3)


def test_descriptors_count_sockets_only(tmp_path: Path) -> None:
    before = descriptors()
    with socket.socket(), (tmp_path / "file").open("w"):
        assert descriptors() == before + 1
    assert descriptors() == before


VERIFY = {
    "expired": 10,
    "not-yet-valid": 9,
    "wrong-name": 62,
    "wrong-ip": 64,
    "self-signed": 18,
    "unknown-ca": 20,
}


@pytest.mark.parametrize("name", TLS_BEHAVIOURS)
def test_tls_behaviours(certificates: Certificates, lab: Start, name: str) -> None:
    server = lab(tls_server(certificates, name))
    assert server.url.startswith("https://")
    host = "localhost" if name in ("wrong-name", "self-signed") else "127.0.0.1"
    told, failure = b"", None
    holds = TLS_BEHAVIOURS[name].holds and name != "drip-body"
    with socket.create_connection(("127.0.0.1", server.port), 0.3 if holds else 5) as plain:
        try:
            context = certificates.client_context()
            with context.wrap_socket(
                plain, server_hostname=host, suppress_ragged_eofs=False
            ) as sock:
                context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
                sock.sendall(b"GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n")
                while not told.endswith(b"xx") and (piece := sock.recv(65536)):
                    told += piece
        except OSError as error:
            failure = error
    if name in VERIFY:
        assert isinstance(failure, ssl.SSLCertVerificationError)
        assert failure.verify_code == VERIFY[name]
    elif holds:
        assert isinstance(failure, TimeoutError)
    elif name == "drip-body":
        assert told.endswith(b"xx")
    elif TLS_BEHAVIOURS[name].kind is None:
        assert failure is None
        assert told.startswith(b"HTTP/1.1 200 OK")
    elif name == "no-close-notify":
        assert told.endswith(b"no end in sight")
        assert isinstance(failure, ssl.SSLEOFError)
    else:
        assert isinstance(failure, OSError)
        assert told == b""


def test_client_certificates(certificates: Certificates) -> None:
    for version in ("TLSv1.2", "TLSv1.3"):
        context = certificates.context(version=version, client="required")
        with EchoServer(context=context) as server, http(certificates.ca) as session:
            session.cert = (str(certificates.client_cert), str(certificates.client_key))
            assert session.get(server.url_for("localhost")).status_code == 200
            assert server.client_names == ["lab client"]
            assert server.server_names == ["localhost"]
            session.close()
            session.cert = (str(certificates.stranger_cert), str(certificates.stranger_key))
            with pytest.raises(requests.ConnectionError):
                session.get(server.url)
    locked = ssl.create_default_context()
    files = (certificates.client_cert, certificates.client_key_locked)
    locked.load_cert_chain(*files, password=PASSWORD)
    with pytest.raises(ssl.SSLError):
        locked.load_cert_chain(*files, password="")


def test_any_behaviour_works_over_tls(certificates: Certificates, lab: Start) -> None:
    server = lab(misbehave("gzip-trailing", context=certificates.context()))
    with http(certificates.ca) as session:
        assert session.get(server.url).headers["Content-Encoding"] == "gzip"


def test_proxy_forwards(echo: EchoServer, lab: Start) -> None:
    proxy = lab(ProxyServer(user="user", password="secret"))
    with http(proxy=proxy.url.replace("//", "//user:secret@")) as session:
        told = [session.post(echo.url + "/x?y=z", data="hi").json() for _ in range(2)]
    assert [each["request"] for each in told] == [1, 2]
    assert (told[0]["target"], told[0]["body"]) == ("/x?y=z", "hi")
    assert "proxy-authorization" not in {name.lower() for name, _ in told[0]["headers"]}
    assert proxy.requests[0].target == f"{echo.url}/x?y=z"
    assert (proxy.connections, echo.connections) == (1, 1)


def test_proxy_tunnels(secure_echo: EchoServer, certificates: Certificates, lab: Start) -> None:
    proxy = lab(ProxyServer(names={"shop.lab": "127.0.0.1"}))
    with http(certificates.ca, proxy.url) as session:
        assert session.get(secure_echo.url_for("shop.lab")).status_code == 200
    assert proxy.tunnels == [f"shop.lab:{secure_echo.port}"]
    assert secure_echo.server_names == ["shop.lab"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"refuse": 502}, b"HTTP/1.1 502"),
        ({"user": "user", "password": "secret"}, b"HTTP/1.1 407"),
        ({"connect_answer": b"SSH-2.0\r\n"}, b"SSH-2.0\r\n"),
        ({"connect_answer": b""}, b""),
        ({"silent": True}, b""),
        ({}, b"HTTP/1.1 502"),
    ],
)
def test_proxy_refusals(lab: Start, options: dict[str, Any], told: bytes) -> None:
    proxy = lab(ProxyServer(**options))
    found = ask(proxy, b"CONNECT elsewhere.lab:443 HTTP/1.1\r\n\r\n")
    assert found.startswith(told)
    assert bool(found) == bool(told)
    assert proxy.tunnels == []


def through(proxy: Socks5Server, port: int, *login: str) -> bytes:
    """The first line a SOCKS5 tunnel to ``port`` of shop.lab brings."""
    with socks.socksocket() as sock:
        sock.settimeout(2)
        sock.set_proxy(socks.SOCKS5, "127.0.0.1", proxy.port, True, *login)
        sock.connect(("shop.lab", port))
        sock.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        return bytes(sock.recv(15))


def test_socks5(echo: EchoServer, lab: Start) -> None:
    names = {"shop.lab": "127.0.0.1"}
    proxy = lab(Socks5Server(names=names))
    assert through(proxy, echo.port) == b"HTTP/1.1 200 OK"
    assert proxy.tunnels == [f"shop.lab:{echo.port}"]
    guarded = lab(Socks5Server(user="user", password="secret", names=names))
    assert through(guarded, echo.port, "user", "secret") == b"HTTP/1.1 200 OK"
    for login in (("user", "wrong"), ()):
        with pytest.raises(socks.ProxyError) as caught:
            through(guarded, echo.port, *login)
        assert isinstance(caught.value.socket_err, socks.SOCKS5AuthError)
    assert guarded.logins == [("user", "secret"), ("user", "wrong")]
    for options in ({"refuse": 5}, {"greeting": b"HTTP/1.1 400 No\r\n"}, {"greeting": b""}, {}):
        with pytest.raises(socks.ProxyError):
            through(lab(Socks5Server(**options)), echo.port)


LOOK_UP = """
import json, socket, sys
try:
    found = socket.getaddrinfo("shop.lab", 80, type=socket.SOCK_STREAM)
    print(json.dumps(sorted(each[4][0] for each in found)))
except socket.gaierror as error:
    print(error.errno)
"""


@pytest.mark.skipif(bool(no_namespaces()), reason=no_namespaces() or "")
class TestPrivateNetwork:
    @pytest.mark.parametrize(
        ("dns", "told"),
        [
            ("nxdomain", socket.EAI_NONAME),
            ("servfail", socket.EAI_AGAIN),
            ({"shop.lab": ["127.0.0.7", "127.0.0.8"]}, ["127.0.0.7", "127.0.0.8"]),
        ],
    )
    def test_names(self, dns: Any, told: object) -> None:
        ended = in_private_network([sys.executable, "-c", LOOK_UP], dns=dns)
        assert json.loads(ended.stdout) == told, ended.stderr

    def test_silent_name_server(self) -> None:
        asked = time.monotonic()
        code = (
            "import socket,threading;threading.Thread(target=socket.getaddrinfo,"
            "args=('shop.lab',80),daemon=True).start();print('asked');"
            "import time;time.sleep(1);print(threading.active_count())"
        )
        ended = in_private_network([sys.executable, "-c", code], dns="silent")
        assert ended.stdout.split() == ["asked", "2"], ended.stderr
        assert time.monotonic() - asked < 15

    def test_routes(self) -> None:
        code = (
            "import socket\n"
            "for a in ('10.9.0.1', '192.0.2.1'):\n"
            "  with socket.socket() as s: s.settimeout(2); print(s.connect_ex((a, 80)))"
        )
        ended = in_private_network([sys.executable, "-c", code], routes=["unreachable 10.9.0.0/16"])
        assert ended.stdout.split() == ["113", "101"], ended.stderr
