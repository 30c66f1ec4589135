"""The ground of the lab: a threaded server on loopback that counts and records."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from .peer import Gone, Peer
from .recorded import Recorded

PATIENCE = 30.0  # seconds a server thread waits for a peer before it gives up

Handler = Callable[[Peer], None]


class Server:
    """A server on a free port of 127.0.0.1, ::1 or on a unix socket; a context manager.

    ``handle(peer)`` runs in a thread of its own for each connection. With ``context`` each
    connection does a TLS handshake first. An exception in a handler that is not a broken
    connection is raised when the ``with`` block ends.
    """

    def __init__(
        self,
        handle: Handler | None = None,
        *,
        host: str = "127.0.0.1",
        unix: Path | None = None,
        context: ssl.SSLContext | None = None,
        receive_buffer: int | None = None,
        continues: bool = True,
    ) -> None:
        self._handle = handle or self.handle
        self.context = context
        self.speaks = "https" if context else "http"  # the scheme that ``url`` shows
        self.continues = continues
        self.connections = 0  # accepted
        self.handshakes = 0  # TLS handshakes completed
        self.server_names: list[str | None] = []  # SNI of each handshake
        self.client_names: list[str | None] = []  # common name of each client certificate
        self.requests: list[Recorded] = []
        self.received: dict[int, bytearray] = {}  # by connection number, decrypted
        self.errors: list[BaseException] = []
        self.stopping = threading.Event()
        self._peers: set[Peer] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        if context is not None:
            context.sni_callback = lambda _sock, name, _context: self.server_names.append(name)
        self.host = host
        self.unix = unix
        family = socket.AF_UNIX if unix else socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.socket(family)
        if receive_buffer is not None:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._listener.bind(str(unix) if unix else (host, 0))
        self._listener.listen(128)
        self._listener.settimeout(0.2)
        self.port = 0 if unix else int(self._listener.getsockname()[1])

    def handle(self, peer: Peer) -> None:
        """What happens on one connection."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``, with the scheme and host of this server."""
        return self.url_for(self.host)

    def url_for(self, host: str) -> str:
        """The same under another name, such as ``localhost``."""
        return f"{self.speaks}://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def open(self) -> int:
        """Connections that are still open on this side."""
        with self._lock:
            return len(self._peers)

    def wait_closed(self, seconds: float = 2.0) -> bool:
        """True once no connection is open any more; False when that takes longer."""
        return self.wait_for(lambda: self.open == 0, seconds)

    def wait_for(self, condition: Callable[[], bool], seconds: float = 2.0) -> bool:
        """True once ``condition()`` holds; False when that takes longer."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        return True

    def start(self) -> Self:
        thread = threading.Thread(target=self._accept, daemon=True, name=f"lab:{self.port}")
        self._threads.append(thread)
        thread.start()
        return self

    def stop(self) -> None:
        """Stop listening, break every connection, wait for the threads."""
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join(5)
        with self._lock:
            for peer in self._peers:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(peer.sock, socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join(5)
        self._listener.close()
        if self.unix:
            self.unix.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.stop()
        if self.errors and error is None:
            raise self.errors[0]

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                sock, address = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            sock.settimeout(PATIENCE)
            self.connections += 1
            peer = Peer(self, sock, self.connections, address)
            self.received[peer.number] = bytearray()
            thread = threading.Thread(target=self._serve, args=(peer,), daemon=True)
            with self._lock:
                self._peers.add(peer)
            self._threads.append(thread)
            thread.start()

    def _serve(self, peer: Peer) -> None:
        try:
            if self.context is not None:
                peer.sock = self.context.wrap_socket(
                    peer.sock, server_side=True, do_handshake_on_connect=False
                )
                peer.sock.do_handshake()
                self.handshakes += 1
                self.client_names.append(_common_name(peer.sock))
            if not self.stopping.is_set():
                self._handle(peer)
            peer.close()
        except (Gone, OSError):
            pass
        except BaseException as error:
            self.errors.append(error)
        finally:
            peer.sock.close()
            with self._lock:
                self._peers.discard(peer)


def _common_name(sock: ssl.SSLSocket) -> str | None:
    found = sock.getpeercert() or {}
    names = dict(pair for group in found.get("subject", ()) for pair in group)  # type: ignore[misc]
    return names.get("commonName")
