"""A keep-alive HTTP/1.1 server that costs as little as Python lets it: one answer, no parsing.

A thread waits on each connection; what one request costs here is a receive and a send. A word on
the command line is the time in seconds it waits before each answer.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.0
BODY = json.dumps({"id": 1, "name": "Lamp", "tags": ["light", "home"], "price": 19.9}).encode()
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: bench\r\n"
    b"Cache-Control: no-store\r\nContent-Length: %d\r\n\r\n" % len(BODY)
) + BODY


def answer(connection: socket.socket) -> None:
    """Answers every request head with the same response; requests have no bodies."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    waiting = b""
    with connection:
        while data := connection.recv(65536):
            waiting += data
            heads = waiting.count(b"\r\n\r\n")
            waiting = waiting.rpartition(b"\r\n\r\n")[2]
            if heads:
                if DELAY:
                    time.sleep(DELAY)
                connection.sendall(ANSWER * heads)


def serve() -> None:
    """Serves on a free port of 127.0.0.1 and prints the port first."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            connection, _ = server.accept()
            threading.Thread(target=answer, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    serve()
