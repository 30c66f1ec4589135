"""A server that does everything right: HTTP/1.1 with keep-alive, telling what it received."""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .base import Server
from .echo_call import Call
from .echo_routes import ROUTES
from .peer import Gone, Peer
from .recorded import Recorded


class EchoServer(Server):
    """Echoes every request as JSON, except on these paths:

    /status/N, /reason/TEXT, /nothing (204), /json?… (the query), /html, /xml, /text?say=,
    /headers (lines as lists by name), /response-headers?a=b, /etag ("lamp-1"),
    /cookies (those sent), /cookies/set?name=value&…, /cookies/delete?name,
    /redirect/N (N hops to /), /redirect-to?url=&status=,
    /bytes/N, /lines/N, /stream?pieces=&every= (chunked), /chunked?size= (the body in chunks),
    /until-close?say=, /close, /sse?count=&every=, /slow?before=&head=&body= (seconds),
    /early (103 first), /basic /digest /bearer (user, secret, lamp-token),
    /gzip /deflate /raw-deflate /br /zstd /stacked (of ``say``).

    The request header ``X-Lab-Drop`` makes it close without an answer.
    """

    def handle(self, peer: Peer) -> None:
        while True:
            request = peer.recv_request()
            if request.header("x-lab-drop"):
                raise Gone
            self.answer(peer, request)
            asked = (request.header("connection") or "").lower()
            old = request.version == "HTTP/1.0" and asked != "keep-alive"
            if old or asked == "close" or request.path in ("/close", "/until-close"):
                return

    def answer(self, peer: Peer, request: Recorded) -> None:
        """Answer one request."""
        url = urlsplit(request.target)
        query = {name: values[-1] for name, values in parse_qs(url.query, True).items()}
        for pattern, route in ROUTES:
            if found := re.fullmatch(pattern, url.path):
                route(Call(peer, request, query), *found.groups())
                return
        Call(peer, request, query).json(echo_of(request, peer.answered))


def echo_of(request: Recorded, count: int) -> dict[str, Any]:
    """What the echo says about ``request``; ``count`` is its number on its connection."""
    return {
        "method": request.method,
        "target": request.target,
        "version": request.version,
        "headers": [list(line) for line in request.lines],
        "body": request.body.decode("utf-8", "replace"),
        "base64": base64.b64encode(request.body).decode(),
        "size": len(request.body),
        "connection": request.connection,
        "request": count,
    }
