"""A SOCKS5 proxy (RFC 1928, with the password of RFC 1929)."""

from __future__ import annotations

import socket
from typing import Any

from .base import Server
from .peer import Peer
from .tunnel import Names, Unreachable, dial, relay

NO_PASSWORD, PASSWORD, NOTHING_FITS = 0, 2, 255


class Socks5Server(Server):
    """A SOCKS5 proxy; ``tunnels`` lists each ``HOST:PORT`` asked for, ``logins`` what it was told.

    ``user`` and ``password``: what it asks for. ``refuse``: the reply code it gives instead of a
    tunnel (1 failure, 2 not allowed, 3 network, 4 host, 5 refused). ``greeting``: bytes it sends
    instead of speaking SOCKS (b"" closes). ``silent``: reads and never answers. ``names``: hosts it
    knows, name to address; beyond those it dials loopback only and replies 4 to the rest.
    """

    def __init__(
        self,
        *,
        user: str | None = None,
        password: str = "",
        refuse: int | None = None,
        greeting: bytes | None = None,
        silent: bool = False,
        names: Names | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.speaks = "socks5"
        self.user = user
        self.password = password
        self.refuse = refuse
        self.greeting = greeting
        self.silent = silent
        self.names = names or {}
        self.tunnels: list[str] = []
        self.logins: list[tuple[str, str]] = []

    def handle(self, peer: Peer) -> None:
        if self.silent:
            while peer.recv():
                pass
            return
        _, count = peer.exactly(2)
        offered = peer.exactly(count)
        if self.greeting is not None:
            peer.send(self.greeting)
            return
        wanted = NO_PASSWORD if self.user is None else PASSWORD
        peer.send(bytes([5, wanted if wanted in offered else NOTHING_FITS]))
        if wanted not in offered or (wanted == PASSWORD and not self._login(peer)):
            return
        host, port = self._asked(peer)
        self.tunnels.append(f"{host}:{port}")
        target = None
        code = self.refuse or 0
        if not code:
            try:
                target = dial(host, port, self.names)
            except Unreachable:
                code = 4
        peer.send(bytes([5, code, 0, 1, 127, 0, 0, 1, 0, 0]))
        if target is not None:
            relay(peer, target)

    def _login(self, peer: Peer) -> bool:
        peer.exactly(1)
        user = peer.exactly(peer.exactly(1)[0]).decode()
        password = peer.exactly(peer.exactly(1)[0]).decode()
        self.logins.append((user, password))
        right = (user, password) == (self.user, self.password)
        peer.send(bytes([1, 0 if right else 1]))
        return right

    def _asked(self, peer: Peer) -> tuple[str, int]:
        kind = peer.exactly(4)[3]
        if kind == 1:
            host = socket.inet_ntop(socket.AF_INET, peer.exactly(4))
        elif kind == 4:
            host = socket.inet_ntop(socket.AF_INET6, peer.exactly(16))
        else:
            host = peer.exactly(peer.exactly(1)[0]).decode()
        return host, int.from_bytes(peer.exactly(2), "big")
