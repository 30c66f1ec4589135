"""One request to the echo server and the ways to answer it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from .peer import Peer
from .recorded import Recorded

Pairs = list[tuple[str, str]]
PHRASES = {200: "OK", 201: "Created", 204: "No Content", 301: "Moved Permanently", 302: "Found"}


class Call:
    """One request and the ways to answer it."""

    def __init__(self, peer: Peer, request: Recorded, query: dict[str, str]) -> None:
        self.peer = peer
        self.request = request
        self.query = query

    def head(self, status: int, headers: Pairs, reason: str | None = None) -> None:
        """Send a head as it stands in ``headers``."""
        phrase = PHRASES.get(status, "Status") if reason is None else reason
        lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers)]
        self.peer.send("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def send(
        self, body: bytes = b"", kind: str = "text/plain; charset=utf-8", status: int = 200,
        headers: Iterable[tuple[str, str]] = (), reason: str | None = None,
    ) -> None:  # fmt: skip
        """A whole answer with its length; HEAD, 204 and 304 get no body."""
        length = [] if status in (204, 304) else [("Content-Length", str(len(body)))]
        self.head(status, [("Content-Type", kind), *headers, *length], reason)
        if self.request.method != "HEAD" and status not in (204, 304):
            self.peer.send(body)

    def json(self, value: object, status: int = 200, headers: Pairs | None = None) -> None:
        """``value`` as JSON."""
        self.send(json.dumps(value).encode(), "application/json", status, headers or [])

    def chunks(self, pieces: Iterable[bytes], kind: str, every: float = 0) -> None:
        """The pieces as chunks, ``every`` seconds apart."""
        self.head(200, [("Content-Type", kind), ("Transfer-Encoding", "chunked")])
        for number, piece in enumerate(pieces):
            if number and every:
                self.peer.pause(every)
            self.peer.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.peer.send(b"0\r\n\r\n")

    def number(self, name: str, default: float) -> float:
        """A number of the query."""
        return float(self.query.get(name, default))
