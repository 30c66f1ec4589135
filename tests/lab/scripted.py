"""Servers that follow a script: any behaviour on the wire as a list of actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .base import Server
from .peer import Gone, Peer
from .recorded import Recorded

Action = Callable[[Peer], None]


class ScriptServer(Server):
    """Runs the n-th script on the n-th connection; the last one serves all that follow."""

    def __init__(self, scripts: Sequence[Sequence[Action]], **options: Any) -> None:
        super().__init__(**options)
        self.scripts = scripts

    def handle(self, peer: Peer) -> None:
        for action in self.scripts[min(peer.number, len(self.scripts)) - 1]:
            action(peer)


def scripted(*actions: Action, **options: Any) -> ScriptServer:
    """A server that does ``actions`` on every connection, then closes it properly.

    Options are those of ``Server``: host, unix, context, receive_buffer, continues.
    """
    return ScriptServer([actions], **options)


def scripted_each(*scripts: Sequence[Action], **options: Any) -> ScriptServer:
    """A server with a script of its own for the first, the second … connection."""
    return ScriptServer(scripts, **options)


def request() -> Action:
    """Read one whole request and record it."""

    def act(peer: Peer) -> None:
        peer.recv_request()

    return act


def head() -> Action:
    """Read the head of one request, not its body."""

    def act(peer: Peer) -> None:
        peer.recv_head()

    return act


def receive() -> Action:
    """Read whatever comes first."""

    def act(peer: Peer) -> None:
        peer.recv()

    return act


def send(*pieces: bytes) -> Action:
    """Send the pieces, each with a call of its own."""

    def act(peer: Peer) -> None:
        for piece in pieces:
            peer.send(piece)

    return act


def stream(make: Callable[[], Iterable[bytes]]) -> Action:
    """Send what ``make()`` yields, made while it is sent."""

    def act(peer: Peer) -> None:
        for piece in make():
            peer.send(piece)

    return act


def response(
    status: int = 200,
    body: bytes = b"",
    headers: Iterable[tuple[str, str]] = (),
    *,
    length: bool = True,
) -> bytes:
    """The bytes of an answer, with its Content-Length unless ``length`` is false."""
    lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {value}" for name, value in headers)]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def answer(
    status: int = 200,
    body: bytes = b"",
    headers: Iterable[tuple[str, str]] = (),
    *,
    length: bool = True,
) -> Action:
    """Send a whole answer; see ``response``."""
    return send(response(status, body, headers, length=length))


def respond(make: Callable[[Recorded], bytes]) -> Action:
    """Read one request and send what ``make`` makes of it."""

    def act(peer: Peer) -> None:
        peer.send(make(peer.recv_request()))

    return act


def pause(seconds: float) -> Action:
    """Wait."""

    def act(peer: Peer) -> None:
        peer.pause(seconds)

    return act


def drip(data: bytes, every: float = 0.05, size: int = 1) -> Action:
    """Send ``data`` in pieces of ``size`` bytes, ``every`` seconds apart."""

    def act(peer: Peer) -> None:
        for start in range(0, len(data), size):
            peer.send(data[start : start + size])
            peer.pause(every)

    return act


def forever(data: bytes, every: float = 0.05) -> Action:
    """Send ``data`` again and again, ``every`` seconds apart, until the client goes."""

    def act(peer: Peer) -> None:
        while True:
            peer.send(data)
            peer.pause(every)

    return act


def silence() -> Action:
    """Say nothing, read all, until the client goes."""

    def act(peer: Peer) -> None:
        while peer.recv():
            pass
        raise Gone

    return act


def stall() -> Action:
    """Neither read nor send until the server is stopped."""

    def act(peer: Peer) -> None:
        while True:
            peer.pause(1)

    return act


def reset() -> Action:
    """Close with a TCP reset."""

    def act(peer: Peer) -> None:
        peer.reset()
        raise Gone

    return act


def close() -> Action:
    """Close properly (over TLS with close_notify)."""

    def act(peer: Peer) -> None:
        peer.close()
        raise Gone

    return act


def cut() -> Action:
    """Close the socket just so (over TLS without close_notify)."""

    def act(peer: Peer) -> None:
        peer.cut()
        raise Gone

    return act


def again(*actions: Action) -> Action:
    """The actions over and over, until the client goes: keep-alive."""

    def act(peer: Peer) -> None:
        while True:
            for action in actions:
                action(peer)

    return act
