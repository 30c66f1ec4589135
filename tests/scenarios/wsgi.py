"""A threaded HTTP/1.1 server for a WSGI application (PEP 3333), with keep-alive and chunks.

The servers of wsgiref and werkzeug close the connection after every answer.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote_to_bytes

Application = Callable[..., Iterable[bytes]]


class WsgiServer(ThreadingHTTPServer):
    """Serves ``application`` on a free port of 127.0.0.1 while the ``with`` block runs.

    ``seen`` has the method and the path of every request, ``connections`` their number.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, application: Application) -> None:
        self.application = application
        self.seen: list[tuple[str, str]] = []
        self.connections = 0
        super().__init__(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: clients may leave in the middle of an answer."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: WsgiServer

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: the tests are quiet."""

    def answer(self) -> None:
        """Calls the application and writes what it gives."""
        environ = self._environ()
        self.server.seen.append((self.command, environ["PATH_INFO"]))
        head: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
            head[:] = [status, headers]

        pieces = self.server.application(environ, start)
        try:
            self._write(pieces, *head)
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def _environ(self) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_ADDR": self.client_address[0],
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name in self.headers:
            key = name.upper().replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                environ[f"HTTP_{key}"] = ",".join(self.headers.get_all(name, []))
        return environ

    def _write(self, pieces: Iterable[bytes], status: str, headers: list[tuple[str, str]]) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        bodyless = self.command == "HEAD" or code in ("204", "304")
        chunked = not bodyless and "content-length" not in {name.lower() for name, _ in headers}
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            if piece and not bodyless:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
