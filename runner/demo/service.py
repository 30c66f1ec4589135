"""The web server below the shop: HTTP/1.1 with keep-alive, chunked bodies both ways."""

from __future__ import annotations

import http.server
import socketserver
import sys
from collections.abc import Iterator
from http import HTTPStatus

from runner.demo.messages import Answer, Refusal, Request, problem
from runner.demo.routes import allowed, find
from runner.demo.shop import Shop

MOST = 64 * 2**20  # bytes of a request's body


class DemoServer(http.server.ThreadingHTTPServer):
    """The Lamp Shop on 127.0.0.1:``port`` (0: a free one); ``url`` says where."""

    request_queue_size = 128
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int = 0) -> None:
        self.shop = Shop()
        super().__init__(("127.0.0.1", port), DemoHandler)

    def server_bind(self) -> None:
        # HTTPServer's own asks the name service for this machine's name, which may take seconds
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        # a client that leaves in the middle of an answer is no news
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class DemoHandler(http.server.BaseHTTPRequestHandler):
    """Reads requests, asks the routes for an answer, writes it."""

    protocol_version = "HTTP/1.1"
    server_version = "lamp-shop/1"
    sys_version = ""
    disable_nagle_algorithm = True
    server: DemoServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Nothing: the shop is quiet."""

    def answer(self) -> None:
        """One request, one answer."""
        try:
            request = Request(self.command, self.path, self.headers, self._body())
            answer = self._ask(request)
        except Refusal as refusal:
            answer = refusal.answer
        self._write(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def _ask(self, request: Request) -> Answer:
        found = find(request.method, request.path)
        if found is not None:
            page, arguments = found
            return page(self.server.shop, request, *arguments)
        methods = allowed(request.path)
        if not methods:
            return problem(404, "not found", detail=f"there is no {request.path} here")
        allow = [("Allow", ", ".join(methods))]
        if request.method == "OPTIONS":
            return Answer(204, headers=allow)
        return problem(405, f"{request.method} is not allowed here", allow)

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return b"".join(self._chunks())
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal():
            self.close_connection = True
            raise Refusal(400, "the Content-Length is no number")
        if int(length) > MOST:
            self.close_connection = True
            raise Refusal(413, f"bodies end at {MOST} bytes")
        return self.rfile.read(int(length))

    def _chunks(self) -> Iterator[bytes]:
        total = 0
        while True:
            try:
                size = int(self.rfile.readline(1000).split(b";")[0], 16)
            except ValueError:
                size = -1
            total += size
            if size < 0 or total > MOST:
                self.close_connection = True
                raise Refusal(413 if size > 0 else 400, "a chunk is broken or too large")
            if not size:
                break
            yield self.rfile.read(size)
            self.rfile.readline(10)
        while self.rfile.readline(65536).strip():
            pass

    def _write(self, answer: Answer) -> None:
        if answer.early:
            self.wfile.write(_head(103, answer.early))
        body, status = answer.body, answer.status
        lines = [
            ("Server", self.server_version),
            ("Date", self.date_time_string()),
            *answer.headers,
        ]
        if answer.cut:
            self.close_connection = True
        streamed = not isinstance(body, bytes) and self.request_version != "HTTP/1.0"
        if streamed:
            lines.append(("Transfer-Encoding", "chunked"))
        elif not isinstance(body, bytes):
            self.close_connection = True
        elif status not in (204, 304) and "Content-Length" not in dict(answer.headers):
            lines.append(("Content-Length", str(len(body))))
        if self.close_connection:
            lines.append(("Connection", "close"))
        elif self.request_version == "HTTP/1.0":
            lines.append(("Connection", "keep-alive"))
        head = _head(status, lines)
        if self.command == "HEAD" or status in (204, 304):
            self.wfile.write(head)
        elif isinstance(body, bytes):
            self.wfile.write(head + body)
        else:
            self.wfile.write(head)
            for piece in body:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if streamed else piece)
            if streamed:
                self.wfile.write(b"0\r\n\r\n")


def _head(status: int, lines: list[tuple[str, str]]) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Status"
    rows = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in lines)]
    return "\r\n".join([*rows, "", ""]).encode("latin-1")
