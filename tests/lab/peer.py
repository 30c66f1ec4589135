"""The server's side of one connection."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from typing import TYPE_CHECKING

from .recorded import Recorded, parse_lines

if TYPE_CHECKING:
    from .base import Server


class Gone(Exception):  # noqa: N818 - an event, not a mistake
    """The client has closed, or the server is being stopped."""


class Peer:
    """The server's side of one connection."""

    def __init__(self, server: Server, sock: socket.socket, number: int, address: object) -> None:
        self.server = server
        self.sock = sock
        self.number = number
        self.address = address
        self.buffer = bytearray()
        self.answered = 0  # requests read so far

    def recv(self) -> bytes:
        """Bytes that are there or come next; b"" at the end."""
        if not self.buffer:
            self._fill()
        data = bytes(self.buffer)
        self.buffer.clear()
        return data

    def _fill(self) -> int:
        data = self.sock.recv(65536)
        self.buffer += data
        self.server.received[self.number] += data
        return len(data)

    def until(self, marker: bytes) -> bytes:
        """Bytes up to and with ``marker``. Raises Gone at the end."""
        while marker not in self.buffer:
            if not self._fill():
                raise Gone
        return self.exactly(self.buffer.index(marker) + len(marker))

    def exactly(self, count: int) -> bytes:
        """``count`` bytes. Raises Gone at the end."""
        while len(self.buffer) < count:
            if not self._fill():
                raise Gone
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def recv_head(self) -> Recorded:
        """The head of a request; its body stays unread. Recorded."""
        return self._record(self.until(b"\r\n\r\n"), b"", b"")

    def recv_request(self) -> Recorded:
        """A whole request, by Content-Length or chunked. Recorded.

        Answers ``Expect: 100-continue`` with a 100 where the server's ``continues`` is true.
        """
        head = self.until(b"\r\n\r\n")
        fields = {name.lower(): value for name, value in parse_lines(head)}
        if fields.get("expect", "").lower() == "100-continue" and self.server.continues:
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in fields.get("transfer-encoding", ""):
            raw, body = self._chunks()
        else:
            raw = body = self.exactly(int(fields.get("content-length", "0")))
        return self._record(head, raw, body)

    def _chunks(self) -> tuple[bytes, bytes]:
        raw, body = bytearray(), bytearray()
        while True:
            line = self.until(b"\r\n")
            count = int(line.split(b";")[0], 16)
            raw += line
            if not count:
                break
            piece = self.exactly(count + 2)
            raw += piece
            body += piece[:-2]
        while line := self.until(b"\r\n"):
            raw += line
            if line == b"\r\n":
                return bytes(raw), bytes(body)
        raise Gone

    def _record(self, head: bytes, raw: bytes, body: bytes) -> Recorded:
        found = Recorded(head + raw, body, self.number, self.address)
        self.server.requests.append(found)
        self.answered += 1
        return found

    def send(self, data: bytes) -> None:
        """All of ``data``."""
        self.sock.sendall(data)

    def pause(self, seconds: float) -> None:
        """Wait; ends with Gone when the server is stopped."""
        if self.server.stopping.wait(seconds):
            raise Gone

    def close(self) -> None:
        """Close as a good server does: close_notify, FIN, then read what still comes."""
        with contextlib.suppress(OSError, ValueError):
            if isinstance(self.sock, ssl.SSLSocket):
                self.sock.settimeout(0)
                with contextlib.suppress(ssl.SSLError, OSError):
                    self.sock.unwrap()
            socket.socket.shutdown(self.sock, socket.SHUT_WR)
            socket.socket.settimeout(self.sock, 1.0)
            while socket.socket.recv(self.sock, 65536):
                pass
        self.sock.close()

    def cut(self) -> None:
        """Close the socket just so: over TLS without close_notify."""
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_WR)
        self.sock.close()

    def reset(self) -> None:
        """Close with a TCP reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()
