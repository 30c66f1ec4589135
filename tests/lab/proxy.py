"""An HTTP proxy: forwards, tunnels, asks for a password, refuses."""

from __future__ import annotations

import base64
import contextlib
import socket
from typing import Any
from urllib.parse import urlsplit

from .base import Server
from .peer import Peer
from .recorded import Recorded
from .scripted import response
from .tunnel import Names, Unreachable, dial, pump, relay


class ProxyServer(Server):
    """A proxy for absolute-form requests and CONNECT, with keep-alive.

    ``user`` and ``password``: what it asks for with a 407. ``refuse``: answers every request with
    this status. ``connect_answer``: sends these bytes to a CONNECT instead of opening a tunnel, and
    closes (b"" closes without an answer). ``silent``: reads and never answers. ``names``: hosts it
    knows, name to address; beyond those it dials loopback only and says 502 to the rest.
    ``tunnels`` lists each ``HOST:PORT`` it opened one to.
    """

    def __init__(
        self,
        *,
        user: str | None = None,
        password: str = "",
        refuse: int | None = None,
        connect_answer: bytes | None = None,
        silent: bool = False,
        names: Names | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._expected = None
        if user is not None:
            self._expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.refuse = refuse
        self.connect_answer = connect_answer
        self.silent = silent
        self.names = names or {}
        self.tunnels: list[str] = []

    def handle(self, peer: Peer) -> None:
        with contextlib.ExitStack() as upstream:
            targets: dict[tuple[str, int], socket.socket] = {}
            while True:
                request = peer.recv_request()
                if self.silent:
                    while peer.recv():
                        pass
                    return None
                if refusal := self._refusal(request):
                    peer.send(refusal)
                elif request.method == "CONNECT":
                    return self._tunnel(peer, request)
                else:
                    self._forward(peer, request, targets, upstream)

    def _refusal(self, request: Recorded) -> bytes | None:
        if self.refuse is not None:
            return response(self.refuse, b"the proxy refuses")
        if self._expected and request.header("proxy-authorization") != self._expected:
            return response(407, b"who are you?", [("Proxy-Authenticate", 'Basic realm="lab"')])
        return None

    def _tunnel(self, peer: Peer, request: Recorded) -> None:
        if self.connect_answer is not None:
            peer.send(self.connect_answer)
            return
        host, _, port = request.target.rpartition(":")
        try:
            target = dial(host, int(port), self.names)
        except Unreachable as error:
            peer.send(response(502, str(error).encode()))
            return
        self.tunnels.append(request.target)
        peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        relay(peer, target)

    def _forward(
        self,
        peer: Peer,
        request: Recorded,
        targets: dict[tuple[str, int], socket.socket],
        upstream: contextlib.ExitStack,
    ) -> None:
        url = urlsplit(request.target)
        place = (url.hostname or "", url.port or 80)
        if place not in targets:
            try:
                target = dial(*place, self.names)
            except Unreachable as error:
                peer.send(response(502, str(error).encode()))
                return
            targets[place] = upstream.enter_context(target)
            upstream.callback(pump(peer, target).join, 5)
            upstream.callback(_end, target)
        rest = request.raw.partition(b"\r\n")[2]
        kept = b"\r\n".join(
            line
            for line in rest.split(b"\r\n\r\n")[0].split(b"\r\n")
            if not line.lower().startswith((b"proxy-authorization:", b"proxy-connection:"))
        )
        path = request.target.partition("://")[2].partition("/")[2]
        first = f"{request.method} /{path} {request.version}\r\n".encode("latin-1")
        body = rest.partition(b"\r\n\r\n")[2]
        targets[place].sendall(first + kept + b"\r\n\r\n" + body)


def _end(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
