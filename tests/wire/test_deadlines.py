"""How far a deadline is overshot, wherever the other side hangs or drips.

A busy machine may wake a thread late, so each case counts the best of a few tries.
"""

from __future__ import annotations

import time

import pytest

from runner.wire.limits import DeadlineExceeded, Limits
from runner.wire.resolve import lookup
from tests.lab import full_backlog, scripted, tls_server
from tests.lab.scripted import forever, receive, silence, stall
from tests.wire.dialling import Try, connected
from tests.wire.proxies import HttpProxy, SocksProxy

DEADLINE = 0.15
MOST = 0.1  # seconds of overshoot
TRIES = 12


def overshoot(act):
    """The least overshoot of a few tries of ``act(until)``, which must meet the deadline."""
    least = float("inf")
    for _ in range(TRIES):
        until = time.perf_counter() + DEADLINE
        with pytest.raises(DeadlineExceeded):
            act(until)
        least = min(least, time.perf_counter() - until)
        if least < MOST:
            break
    return least


def failing(url, **options):
    """Connect in vain; the deadline counts from here."""

    def act(_until):
        error = Try(url, deadline=DEADLINE, **options).error
        assert error is not None
        raise error

    return act


def drip(data):
    def act(peer):
        while True:
            for byte in data:
                peer.send(bytes([byte]))
                peer.pause(0.02)

    return act


def test_a_lookup():
    def act(until):
        lookup("slow.lab", 80, Limits(until=until), lambda _: None, lambda *_: time.sleep(1))

    assert overshoot(act) < MOST


def test_an_unanswered_syn():
    with full_backlog() as port:
        assert overshoot(failing(f"http://127.0.0.1:{port}")) < MOST


@pytest.mark.parametrize("name", ["silent-handshake", "dripped-handshake"])
def test_a_handshake(lab, certificates, name):
    server = lab(tls_server(certificates, name))
    assert overshoot(failing(server.url, ca=certificates.ca)) < MOST


@pytest.mark.parametrize("act", [drip(b"HTTP/1.1 200 OK\r\nA: b\r\n"), lambda peer: peer.pause(9)])
def test_a_connect(lab, act):
    proxy = lab(HttpProxy(act=act))
    assert overshoot(failing("https://shop.lab/", proxy=proxy.url)) < MOST


def test_socks(lab):
    proxy = lab(SocksProxy(act=drip(b"\x05\x00\x05\x00\x00\x03" + b"\xff" * 999)))
    url = f"socks5h://127.0.0.1:{proxy.port}"
    assert overshoot(failing("http://shop.lab/", proxy=url)) < MOST


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("action", [silence, lambda: forever(b"x", 0.01)], ids=["silent", "drip"])
def test_reading(lab, certificates, secure, action):
    context = certificates.context() if secure else None
    server = lab(scripted(action(), context=context))

    def act(until):
        with connected(server.url, ca=certificates.ca) as connection:
            connection.limits = Limits(9, until)
            connection.reader.readline()

    assert overshoot(act) < MOST


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
def test_sending(lab, certificates, secure):
    context = certificates.context() if secure else None
    server = lab(scripted(receive(), stall(), context=context, receive_buffer=4096))

    def act(until):
        with connected(server.url, ca=certificates.ca) as connection:
            connection.limits = Limits(9, until)
            connection.send(bytes(30_000_000))

    assert overshoot(act) < MOST
