"""Dialling on behalf of a client and passing bytes both ways."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping

from .peer import Gone, Peer

Names = Mapping[str, str]


class Unreachable(Exception):  # noqa: N818 - an event, not a mistake
    """The lab dials loopback only, and this is elsewhere or refuses."""


def dial(host: str, port: int, names: Names) -> socket.socket:
    """A connection to ``host``, which may be one of ``names``. Raises Unreachable."""
    host = names.get(host, host).strip("[]")
    if not (host.startswith("127.") or host in ("::1", "localhost")):
        raise Unreachable(f"{host} is not on this machine")
    try:
        return socket.create_connection((host, port), timeout=5)
    except OSError as error:
        raise Unreachable(str(error)) from error


def relay(peer: Peer, target: socket.socket) -> None:
    """Pass bytes both ways until both sides are done."""
    back = pump(peer, target)
    with contextlib.suppress(OSError, Gone):
        while data := peer.recv():
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
    back.join()
    target.close()


def pump(peer: Peer, target: socket.socket) -> threading.Thread:
    """A running thread that passes to the client what ``target`` sends, and then its end."""

    def run() -> None:
        with contextlib.suppress(OSError):
            target.settimeout(0.2)
            while not peer.server.stopping.is_set():
                try:
                    data = target.recv(65536)
                except TimeoutError:
                    continue
                if not data:
                    break
                peer.send(data)
        with contextlib.suppress(OSError):
            socket.socket.shutdown(peer.sock, socket.SHUT_WR)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread
