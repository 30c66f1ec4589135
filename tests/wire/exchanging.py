"""A small client over the wire rooms, for tests of exchanges and bodies."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, Self

from runner.wire.body import Body
from runner.wire.connection import Connection
from runner.wire.exchange import Exchange, carry
from runner.wire.framing import Framing
from runner.wire.limits import Limits
from runner.wire.payload import Payload, make_payload
from runner.wire.phases import Phases
from runner.wire.request import Draft, prepare
from runner.wire.session import Session
from runner.wire.settings import SessionSettings, TlsSettings


class Client:
    """One connection to a server, in a session of its own."""

    def __init__(self, url: str, *, ca: Path | str | None = None, **settings: Any) -> None:
        self.url = url
        settings.setdefault("proxy", "direct")
        tls = TlsSettings(ca=None if ca is None else str(ca))
        self.session = Session(SessionSettings(tls=tls, **settings))
        self.told: list[str] = []
        self.phases = Phases(lambda event, _: self.told.append(event))
        self.silence: float | None = 5.0
        self.deadline: float | None = None
        self.connection = Connection(self.session, self.session.route(url))

    def __enter__(self) -> Self:
        self.connection.connect(self.limits(), self.phases)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.connection.close()
        self.session.close()

    def limits(self) -> Limits:
        until = None if self.deadline is None else perf_counter() + self.deadline
        return Limits(self.silence, until, self.deadline)

    def send(
        self,
        target: str = "/",
        method: str = "GET",
        headers: Iterable[tuple[str, str]] = (),
        payload: Payload | None = None,
        **draft: Any,
    ) -> Exchange:
        """Carry one request on the connection, as it is."""
        url = target if "://" in target else self.url + target
        made = Draft(method, url, tuple(headers), **draft)
        prepared = prepare(self.session, made, self.connection.route, payload)
        return carry(self.session, self.connection, prepared, self.limits(), self.phases)

    def get(self, target: str = "/", **options: Any) -> bytes:
        """Carry one request and read the whole body."""
        return self.rest(self.send(target, **options))

    def rest(self, exchange: Exchange) -> bytes:
        with exchange.reading(self.limits(), self.phases) as body:
            return body.rest()


def body_of(options: Mapping[str, object], folder: Path | None = None) -> Payload:
    """The payload of ``options``; files are looked up in ``folder``."""
    made = make_payload(options, lambda name: (folder or Path()) / name)
    assert made is not None
    return made


class Pieces(io.RawIOBase):
    """A raw stream that gives its pieces one read at a time, then the end."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces = [piece for piece in pieces if piece]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.pieces:
            return 0
        piece = self.pieces[0][: len(buffer)]
        self.pieces[0] = self.pieces[0][len(piece) :]
        if not self.pieces[0]:
            del self.pieces[0]
        buffer[: len(piece)] = piece
        return len(piece)


def reader_of(pieces: Iterable[bytes]) -> io.BufferedReader:
    """A buffered reader over the pieces."""
    raw: Any = Pieces(pieces)
    return io.BufferedReader(raw, 65536)


class Wire:
    """Stands where a body has its connection."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.reader = reader_of(pieces)
        self.limits: Limits | None = None
        self.ended: list[bool] = []


def body_over(
    pieces: Iterable[bytes],
    framing: Framing,
    codings: tuple[str, ...] = (),
    max_body: int = 1 << 26,
) -> tuple[Body, Wire]:
    """A body whose wire bytes come in these pieces."""
    wire: Any = Wire(pieces)
    return Body(wire, framing, codings, max_body, wire.ended.append), wire


def chunked(*pieces: bytes, trailers: bytes = b"") -> bytes:
    """The pieces in chunked framing."""
    body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return body + b"0\r\n" + trailers + b"\r\n"
