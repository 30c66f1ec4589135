"""Through proxies: forward, CONNECT, https, SOCKS; and how each failure is told."""

from __future__ import annotations

import importlib
import time

import pytest

from runner.wire.errors import UncleanEnd
from runner.wire.limits import DeadlineExceeded, Limits
from tests.lab import EchoServer, closed_port, descriptors, full_backlog, settled_descriptors
from tests.lab.scripted import cut, forever, receive, scripted, send
from tests.wire.dialling import Try, ask, connected
from tests.wire.proxies import HttpProxy, SocksProxy, pipe

SLACK = 0.5  # a loaded machine is slow to wake; test_deadlines.py looks closer


def test_a_forward_proxy_is_dialled_in_place_of_the_server(echo):
    with connected("http://shop.lab/", proxy=echo.url) as connection:
        assert connection.route.forward
        assert connection.facts()["port"] == echo.port
        assert ask(connection, "http://shop.lab/x", "shop.lab")[0] == 200
    assert echo.requests[0].target == "http://shop.lab/x"


def test_connect_opens_the_way_for_tls(lab, secure_echo, certificates):
    proxy = lab(HttpProxy(user="me:p@ss"))
    url = f"http://me:p%40ss@127.0.0.1:{proxy.port}"
    tried = Try(secure_echo.url_for("localhost"), proxy=url, ca=certificates.ca)
    connection = tried.open
    assert tried.names[-4:] == ["tunnelling", "tunnelled", "securing", "secured"]
    assert list(tried.phases.times) == ["dns", "tcp", "proxy", "tls"]
    for _ in range(2):
        assert ask(connection)[0] == 200
    connection.close()
    assert proxy.connections == secure_echo.connections == 1
    assert proxy.requests[0].request_line == f"CONNECT localhost:{secure_echo.port} HTTP/1.1"
    assert proxy.requests[0].header("Host") == f"localhost:{secure_echo.port}"
    assert secure_echo.server_names == ["localhost"]
    assert "p%40ss" not in str(tried.events)
    assert "p@ss" not in str(tried.events)


def test_connect_to_ipv6_has_brackets(lab, certificates):
    proxy = lab(HttpProxy())
    server = lab(EchoServer(host="::1", context=certificates.context()))
    with connected(server.url, proxy=proxy.url, ca=certificates.ca) as connection:
        assert ask(connection)[0] == 200
    assert proxy.requests[0].target == f"[::1]:{server.port}"


def test_at_leads_through_the_tunnel(lab, echo):
    proxy = lab(HttpProxy())
    way = {"at": f"127.0.0.1:{echo.port}"}
    with connected("http://shop.lab/", proxy=proxy.url, way=way) as connection:
        assert not connection.route.forward
        assert ask(connection, host="shop.lab")[0] == 200
    assert proxy.requests[0].target == f"127.0.0.1:{echo.port}"


def test_interim_answers_to_connect_are_passed_over(lab, echo):
    def act(peer):
        peer.send(b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.0 200\r\n\r\n")
        pipe(peer, ("127.0.0.1", echo.port))

    proxy = lab(HttpProxy(act=act))
    way = {"at": f"127.0.0.1:{echo.port}"}
    with connected("http://shop.lab/", proxy=proxy.url, way=way) as connection:
        assert ask(connection)[0] == 200


def secure_proxy(lab, certificates, **options):
    return lab(HttpProxy(context=certificates.context(), **options))


def test_tls_within_tls(lab, secure_echo, certificates):
    proxy = secure_proxy(lab, certificates)
    tried = Try(secure_echo.url_for("localhost"), proxy=proxy.url, ca=certificates.ca)
    connection = tried.open
    time.sleep(0.02)
    for _ in range(3):
        assert connection.state() == "alive"
        assert ask(connection)[0] == 200
    assert connection.facts()["tls.subject"]["CN"] == "lab server"
    big = bytes(300_000)
    connection.send(b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + big)
    assert connection.reader.readline() == b"HTTP/1.1 200 OK\r\n"
    connection.close()
    assert secure_echo.server_names == ["localhost"]
    assert secure_echo.wait_closed()


def test_a_forward_proxy_over_tls(lab, certificates):
    proxy = lab(EchoServer(context=certificates.context()))
    tried = Try("http://shop.lab/", proxy=proxy.url, ca=certificates.ca)
    assert tried.names[-2:] == ["tunnelling", "tunnelled"]
    assert ask(tried.open, "http://shop.lab/")[0] == 200
    tried.open.close()


def test_limits_and_ends_hold_for_tls_within_tls(lab, certificates):
    proxy = secure_proxy(lab, certificates)
    server = lab(scripted(receive(), send(b"abc"), cut(), context=certificates.context()))
    with connected(server.url, proxy=proxy.url, ca=certificates.ca) as connection:
        limits = connection.limits = Limits(5)
        connection.send(b"x")
        assert connection.reader.read(3) == b"abc"
        assert limits.received == 3
        with pytest.raises(UncleanEnd):
            connection.reader.read(1)
    slow = lab(scripted(forever(b"x", 0.02), context=certificates.context()))
    with connected(slow.url, proxy=proxy.url, ca=certificates.ca) as connection:
        connection.limits = Limits(5, time.perf_counter() + 0.2)
        start = time.perf_counter()
        with pytest.raises(DeadlineExceeded):
            connection.reader.readline()
        assert time.perf_counter() - start < 0.2 + SLACK


def test_certificates_behind_a_secure_proxy(lab, certificates):
    proxy = secure_proxy(lab, certificates)
    server = lab(EchoServer(context=certificates.context("expired")))
    tried = Try(server.url, proxy=proxy.url, ca=certificates.ca)
    assert (tried.kind, tried.fault.phase) == ("certificate-expired", "tls")
    assert "expired on" in tried.fault.message
    assert f"127.0.0.1:{server.port}" in tried.fault.message


def test_a_proxy_whose_certificate_is_bad(lab, certificates, secure_echo):
    proxy = lab(HttpProxy(context=certificates.context("expired")))
    tried = Try(secure_echo.url, proxy=proxy.url, ca=certificates.ca)
    assert (tried.kind, tried.fault.phase) == ("proxy-failed", "connect")
    assert "expired" in tried.fault.message
    assert f"127.0.0.1:{proxy.port}" in tried.fault.message


REPLIES = {
    b"HTTP/1.1 502 Bad Gateway\r\nA: b\r\n\r\nbad": (
        "proxy-failed",
        "502 Bad Gateway",
    ),
    b"HTTP/1.1 407 Auth\r\n\r\n": ("proxy-auth-required", "asks for a user and password"),
    b"HTTP/1.1 302 Found\r\nLocation: http://x/\r\n\r\n": ("proxy-failed", "302 Found"),
    b"SSH-2.0-OpenSSH_9\r\n": ("proxy-failed", "is not HTTP"),
    b"HTTP/1.1 abc\r\n\r\n": ("proxy-failed", "no status line"),
    b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n": ("proxy-failed", "bad header line"),
    b"HTTP/1.1 200 OK\r\n\r\nextra": ("proxy-failed", "bytes of its own"),
    b"HTTP/1.1 200 OK\r\nA: b\r\n": ("proxy-failed", "closed within the head"),
    b"": ("proxy-failed", "without an answer"),
    b"HTTP/1.1 200 OK\r\nA: " + b"x" * 70_000: ("proxy-failed", "longer than"),
}


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply[:14].decode())
def test_answers_to_connect(lab, secure_echo, certificates, reply):
    proxy = lab(HttpProxy(act=lambda peer: peer.send(reply) if reply else None))
    before = descriptors()
    tried = Try(secure_echo.url, proxy=f"http://127.0.0.1:{proxy.port}", ca=certificates.ca)
    kind, words = REPLIES[reply]
    assert (tried.kind, tried.fault.phase) == (kind, "connect"), tried.fault
    assert words in tried.fault.message
    assert list(tried.phases.times) == ["dns", "tcp", "proxy"]
    assert proxy.wait_closed()
    assert settled_descriptors(before) == before


def test_wrong_credentials(lab, secure_echo):
    proxy = lab(HttpProxy(user="me:right"))
    tried = Try(secure_echo.url, proxy=f"http://me:hunter2@127.0.0.1:{proxy.port}")
    assert tried.kind == "proxy-auth-required"
    assert "refused the user and password" in tried.fault.message
    assert "hunter2" not in str(tried.fault)


def test_a_silent_proxy(lab, secure_echo):
    proxy = lab(HttpProxy(act=lambda peer: peer.pause(30)))
    tried = Try(secure_echo.url, proxy=proxy.url, connect_timeout=0.2)
    assert (tried.kind, tried.fault.phase) == ("connect-timeout", "connect")
    assert f"the proxy 127.0.0.1:{proxy.port} did not open the tunnel" in tried.fault.message
    assert tried.seconds < 0.2 + SLACK


def test_a_dripping_proxy_ends_at_the_deadline(lab, secure_echo):
    def drip(peer):
        peer.send(b"HTTP/1.1 200 ")
        while True:
            peer.send(b"O")
            peer.pause(0.02)

    proxy = lab(HttpProxy(act=drip))
    tried = Try(secure_echo.url, proxy=proxy.url, deadline=0.2)
    assert tried.kind == "deadline-exceeded"
    assert tried.seconds < 0.2 + SLACK


@pytest.mark.parametrize("scheme", ["http", "https", "socks5", "socks5h"])
def test_nobody_is_the_proxy(scheme):
    with closed_port() as port:
        tried = Try("https://127.0.0.2/", proxy=f"{scheme}://me:hunter2@127.0.0.1:{port}")
    assert (tried.kind, tried.fault.phase) == ("proxy-failed", "connect")
    assert tried.fault.message == f"the proxy 127.0.0.1:{port} refused the connection"
    assert "is the proxy running?" in tried.fault.hint
    assert "hunter2" not in str(tried.fault)


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
def test_a_proxy_that_takes_no_connection(scheme):
    with full_backlog() as port:
        before = descriptors()
        tried = Try("http://shop.lab/", proxy=f"{scheme}://127.0.0.1:{port}", connect_timeout=0.2)
        assert tried.kind == "connect-timeout"
        assert f"the proxy 127.0.0.1:{port}" in tried.fault.message
        assert tried.seconds < 0.2 + SLACK
        assert descriptors() == before


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_a_proxy_without_an_address(scheme):
    tried = Try("http://shop.lab/", proxy=f"{scheme}://a..lab:1")
    assert tried.kind == "proxy-failed"
    assert "a..lab" in tried.fault.message


def test_the_environments_proxy(lab, echo):
    environ = {"http_proxy": echo.url}
    with connected("http://shop.lab/", environ=environ) as connection:
        assert connection.route.forward
    with connected(echo.url, environ={"http_proxy": "http://127.0.0.1:1"}) as connection:
        assert connection.route.proxy is None


@pytest.mark.parametrize("login", [None, ("me", "p@ss")])
def test_socks(lab, secure_echo, certificates, login):
    proxy = lab(SocksProxy(login=login))
    info = "me:p%40ss@" if login else ""
    tried = Try(
        secure_echo.url_for("localhost"),
        proxy=f"socks5h://{info}127.0.0.1:{proxy.port}",
        ca=certificates.ca,
    )
    assert list(tried.phases.times) == ["dns", "tcp", "tls"]
    assert ask(tried.open)[0] == 200
    assert tried.open.state() == "alive"
    tried.open.close()
    assert proxy.asked == [("localhost", secure_echo.port)]
    assert proxy.wait_closed()


def test_socks5_resolves_here(lab, echo):
    proxy = lab(SocksProxy())
    url = f"socks5://127.0.0.1:{proxy.port}"
    with connected(echo.url_for("localhost"), proxy=url) as connection:
        assert ask(connection)[0] == 200
    assert proxy.asked[0][0] in ("127.0.0.1", "::1")
    tried = Try("http://a..lab/", proxy=url)
    assert tried.kind == "name-not-resolved"
    assert "a..lab" in tried.fault.message


def test_socks_and_ipv6(lab):
    server = lab(EchoServer(host="::1"))
    proxy = lab(SocksProxy())
    with connected(server.url, proxy=f"socks5h://127.0.0.1:{proxy.port}") as connection:
        assert ask(connection)[0] == 200
    assert proxy.asked == [("::1", server.port)]


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 99])
def test_socks_refusals(lab, code):
    proxy = lab(SocksProxy(code=code))
    before = descriptors()
    tried = Try("http://shop.lab/", proxy=f"socks5h://127.0.0.1:{proxy.port}")
    assert (tried.kind, tried.fault.phase) == ("proxy-failed", "connect")
    assert "would not open the way to shop.lab:80" in tried.fault.message
    assert proxy.wait_closed()
    assert settled_descriptors(before) == before


@pytest.mark.parametrize("info", ["", "me:hunter2@"])
def test_socks_credentials(lab, info):
    proxy = lab(SocksProxy(login=("me", "right")))
    tried = Try("http://shop.lab/", proxy=f"socks5h://{info}127.0.0.1:{proxy.port}")
    assert tried.kind == "proxy-auth-required"
    assert "hunter2" not in str(tried.fault)


@pytest.mark.parametrize("reply", [b"HTTP/1.1 400 Bad\r\n\r\n", b"", b"\x05"])
def test_socks_garbage(lab, reply):
    proxy = lab(SocksProxy(act=lambda peer: peer.send(reply) if reply else None))
    tried = Try("http://shop.lab/", proxy=f"socks5h://127.0.0.1:{proxy.port}")
    assert tried.kind == "proxy-failed"


def test_a_dripping_socks_proxy_ends_at_the_deadline(lab):
    def drip(peer):
        peer.send(b"\x05\x00")
        peer.exactly(4)
        for byte in b"\x05\x00\x00\x03\xff":
            peer.send(bytes([byte]))
            peer.pause(0.02)
        while True:
            peer.send(b"x")
            peer.pause(0.02)

    proxy = lab(SocksProxy(act=drip))
    url = f"socks5h://127.0.0.1:{proxy.port}"
    tried = Try("http://shop.lab/", proxy=url, deadline=0.2)
    assert tried.kind == "deadline-exceeded"
    assert tried.seconds < 0.2 + SLACK
    slow = Try("http://shop.lab/", proxy=url, connect_timeout=0.2)
    assert slow.kind == "connect-timeout"
    assert slow.seconds < 0.2 + SLACK


def test_socks_names_the_missing_extra(monkeypatch):
    real = importlib.import_module

    def without(name, *rest):
        if name == "socks":
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    monkeypatch.setattr(importlib, "import_module", without)
    tried = Try("http://shop.lab/", proxy="socks5h://127.0.0.1:1080")
    assert (tried.kind, tried.fault.hint) == ("proxy-failed", "install httpsteps[socks]")


@pytest.mark.parametrize("info", ["u" * 200 + ":p", "u:" + "p" * 200])
def test_socks_with_what_is_too_long(info):
    tried = Try("http://shop.lab/", proxy=f"socks5h://{info}@127.0.0.1:1")
    assert tried.kind == "proxy-failed"
    assert "too long" in tried.fault.message
