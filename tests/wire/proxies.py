"""Proxies on loopback: HTTP (forward and CONNECT) and SOCKS 5, good and bad."""

from __future__ import annotations

import base64
import select
import socket
import ssl
import struct
from collections.abc import Callable
from typing import Any

from tests.lab import Gone, Peer, Server


def pipe(peer: Peer, target: tuple[str, int]) -> None:
    """Carry bytes both ways until one side ends. One thread, as a TLS socket is not for two."""
    with socket.create_connection(target) as far:
        while True:
            waiting = bool(peer.buffer)
            if isinstance(peer.sock, ssl.SSLSocket):
                waiting = waiting or peer.sock.pending() > 0
            ready = [peer.sock] if waiting else select.select([peer.sock, far], [], [], 30)[0]
            if peer.sock in ready:
                data = peer.recv()
                if not data:
                    return
                far.sendall(data)
            if far in ready:
                data = far.recv(65536)
                if not data:
                    return
                peer.send(data)


class HttpProxy(Server):
    """Tunnels to where CONNECT asks; with ``user`` only for ``user:password``. ``act`` stands for
    all that follows the request.
    """

    def __init__(
        self,
        *,
        user: str | None = None,
        act: Callable[[Peer], None] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.user, self.act = user, act

    def handle(self, peer: Peer) -> None:
        asked = peer.recv_head()
        if self.act is not None:
            self.act(peer)
            return
        wanted = None if self.user is None else base64.b64encode(self.user.encode()).decode()
        if wanted is not None and asked.header("Proxy-Authorization") != f"Basic {wanted}":
            peer.send(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        # A Content-Length in a 2xx answer to CONNECT means nothing (RFC 9110, 9.3.6).
        peer.send(b"HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n")
        host, _, port = asked.target.rpartition(":")
        pipe(peer, (host.strip("[]"), int(port)))


class SocksProxy(Server):
    """SOCKS 5; ``asked`` are the targets, names as text. Names lead to 127.0.0.1."""

    def __init__(
        self,
        *,
        login: tuple[str, str] | None = None,
        code: int = 0,
        act: Callable[[Peer], None] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.login, self.code, self.act = login, code, act
        self.asked: list[tuple[str, int]] = []

    def handle(self, peer: Peer) -> None:
        methods = peer.exactly(2)
        offered = peer.exactly(methods[1])
        if self.act is not None:
            self.act(peer)
            return
        if self.login is None:
            peer.send(b"\x05\x00")
        else:
            if 2 not in offered:
                peer.send(b"\x05\xff")
                raise Gone
            peer.send(b"\x05\x02")
            user = peer.exactly(peer.exactly(2)[1]).decode()
            password = peer.exactly(peer.exactly(1)[0]).decode()
            good = (user, password) == self.login
            peer.send(b"\x01\x00" if good else b"\x01\x01")
            if not good:
                raise Gone
        kind = peer.exactly(4)[3]
        if kind == 3:
            host = peer.exactly(peer.exactly(1)[0]).decode()
        elif kind == 1:
            host = socket.inet_ntoa(peer.exactly(4))
        else:
            host = socket.inet_ntop(socket.AF_INET6, peer.exactly(16))
        (port,) = struct.unpack(">H", peer.exactly(2))
        self.asked.append((host, port))
        peer.send(bytes([5, self.code, 0, 1, 127, 0, 0, 1, 0, 0]))
        if self.code:
            raise Gone
        pipe(peer, ("127.0.0.1" if kind == 3 else host, port))
