"""TLS servers that go wrong: in their certificates, in the handshake, at the end."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .base import Server
from .certificates import Certificates
from .echo import EchoServer
from .peer import Gone, Peer
from .scripted import Action, close, cut, forever, receive, request, reset, scripted, send, silence


class DrippingTls(Server):
    """Does a real handshake, but sends its side of it one byte at a time."""

    def __init__(self, certificates: Certificates, every: float = 0.05, **options: Any) -> None:
        super().__init__(**options)
        self._secure = certificates.context()
        self.every = every

    def handle(self, peer: Peer) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self._secure.wrap_bio(incoming, outgoing, server_side=True)
        done = False
        while not done:
            try:
                tls.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                pass
            for byte in outgoing.read():
                peer.send(bytes([byte]))
                peer.pause(self.every)
            if not done:
                data = peer.recv()
                if not data:
                    raise Gone
                incoming.write(data)


@dataclass(frozen=True)
class TlsBehaviour:
    """One misbehaviour of a TLS server, and what a client should report; see ``Behaviour``."""

    make: Callable[[Certificates], Server]
    kind: str | None
    phase: str | None
    holds: bool = False


def tls_server(certificates: Certificates, name: str = "good") -> Server:
    """A server that does ``TLS_BEHAVIOURS[name]``; those that get so far echo requests."""
    return TLS_BEHAVIOURS[name].make(certificates)


def _echo(which: str = "good", **settings: Any) -> Callable[[Certificates], Server]:
    return lambda certificates: EchoServer(context=certificates.context(which, **settings))


def _plain(*actions: Action) -> Callable[[Certificates], Server]:
    def make(_: Certificates) -> Server:
        made = scripted(*actions)
        made.speaks = "https"
        return made

    return make


def _secure(*actions: Action) -> Callable[[Certificates], Server]:
    return lambda certificates: scripted(*actions, context=certificates.context())


def _dripping(certificates: Certificates) -> Server:
    made = DrippingTls(certificates)
    made.speaks = "https"
    return made


_OPEN_END = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nno end in sight"

TLS_BEHAVIOURS: Mapping[str, TlsBehaviour] = {
    "good": TlsBehaviour(_echo(), None, None),
    "ip-only": TlsBehaviour(_echo("ip-only"), None, None),
    "only-tls-1.2": TlsBehaviour(_echo(version="TLSv1.2"), None, None),
    "only-tls-1.3": TlsBehaviour(_echo(version="TLSv1.3"), None, None),
    "expired": TlsBehaviour(_echo("expired"), "certificate-expired", "tls"),
    "not-yet-valid": TlsBehaviour(_echo("not-yet-valid"), "certificate-not-yet-valid", "tls"),
    "wrong-name": TlsBehaviour(_echo("wrong-name"), "certificate-name-mismatch", "tls"),
    "wrong-ip": TlsBehaviour(_echo("wrong-ip"), "certificate-name-mismatch", "tls"),
    "self-signed": TlsBehaviour(_echo("self-signed"), "certificate-self-signed", "tls"),
    "unknown-ca": TlsBehaviour(_echo("unknown-ca"), "certificate-untrusted", "tls"),
    "client-certificate-1.2": TlsBehaviour(
        _echo(version="TLSv1.2", client="required"), "client-certificate-required", "tls"
    ),
    "client-certificate-1.3": TlsBehaviour(
        _echo(version="TLSv1.3", client="required"), "client-certificate-required", "send"
    ),
    "only-tls-1.1": TlsBehaviour(_echo(version="TLSv1.1"), "tls-version", "tls"),
    "no-shared-cipher": TlsBehaviour(
        # the certificate's key is an elliptic one, so an RSA suite never fits
        _echo(version="TLSv1.2", ciphers="ECDHE-RSA-AES128-GCM-SHA256"),
        "tls-handshake-failed",
        "tls",
    ),
    "silent-handshake": TlsBehaviour(_plain(silence()), "connect-timeout", "tls", holds=True),
    "silent-after-hello": TlsBehaviour(
        _plain(receive(), send(b"\x16\x03\x03"), silence()), "connect-timeout", "tls", holds=True
    ),
    "dripped-handshake": TlsBehaviour(_dripping, "connect-timeout", "tls", holds=True),
    "plain-http": TlsBehaviour(
        _plain(receive(), send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), close()),
        "tls-handshake-failed",
        "tls",
    ),
    "close-in-handshake": TlsBehaviour(_plain(receive(), close()), "tls-handshake-failed", "tls"),
    "reset-in-handshake": TlsBehaviour(_plain(receive(), reset()), "tls-handshake-failed", "tls"),
    "alert-in-handshake": TlsBehaviour(
        _plain(receive(), send(b"\x15\x03\x03\x00\x02\x02\x28"), close()),
        "tls-handshake-failed",
        "tls",
    ),
    "no-close-notify": TlsBehaviour(
        _secure(request(), send(_OPEN_END), cut()), "truncated-body", "read"
    ),
    "close-notify": TlsBehaviour(_secure(request(), send(_OPEN_END), close()), None, None),
    "silent-answer": TlsBehaviour(_secure(silence()), "read-timeout", "send", holds=True),
    "drip-body": TlsBehaviour(
        _secure(request(), send(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"), forever(b"x")),
        "deadline-exceeded",
        "read",
        holds=True,
    ),
}
