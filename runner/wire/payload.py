"""What a request carries: made from the options of a ``send`` step, replayable, streamed."""

from __future__ import annotations

import mimetypes
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from runner.query.values import as_text
from runner.wire.content import MAKERS, chunk_pieces, fault, text_of

KEYS: Final = ("json", "form", "text", "file", "multipart", "base64", "graphql", "chunks")
BLOCK: Final = 64 * 1024

OpenFile = Callable[[str], Path]
"""Gives the path of a file a scenario names. Raises StepFault when it is missing or outside."""


class FilePart(NamedTuple):
    """A file's bytes inside a body: as many as it had when the body was made."""

    path: Path
    size: int

    def blocks(self) -> Iterator[bytes]:
        """The bytes, in blocks of 64 KiB. Raises StepFault when there are fewer than ``size``."""
        left = self.size
        try:
            file = self.path.open("rb")
        except OSError as error:
            raise fault(
                "file-not-found", f"{self.path.name} cannot be read: {error.strerror}"
            ) from error
        with file:
            while left:
                block = file.read(min(BLOCK, left))
                if not block:
                    raise fault(
                        "file-not-found", f"{self.path.name} became shorter while it was sent"
                    )
                left -= len(block)
                yield block


class Payload:
    """A request body.

    ``content_type`` and ``encoding`` are header values or None. ``length``: bytes on the wire, None
    where they are sent chunked. ``every``: seconds between two pieces. ``expect``: ask with
    ``Expect: 100-continue`` first. ``data`` is the whole body where it stands in memory.
    """

    __slots__ = ("content_type", "encoding", "every", "expect", "length", "packed", "parts")

    def __init__(
        self,
        parts: tuple[bytes | FilePart, ...],
        content_type: str | None = None,
        encoding: str | None = None,
        length: int | None = None,
        every: float = 0.0,
        *,
        expect: bool = False,
        packed: bool = False,
    ) -> None:
        self.parts = parts
        self.content_type = content_type
        self.encoding = encoding
        self.length = length
        self.every = every
        self.expect = expect
        self.packed = packed

    @property
    def data(self) -> bytes | None:
        """The whole body, None where it is streamed."""
        if self.length is None or len(self.parts) != 1:
            return None
        part = self.parts[0]
        return part if isinstance(part, bytes) else None

    def pieces(self) -> Iterator[bytes]:
        """The body in the pieces it is sent in, none of them empty; each call begins anew."""
        return _packed(self._plain()) if self.packed else self._plain()

    def _plain(self) -> Iterator[bytes]:
        for part in self.parts:
            if isinstance(part, FilePart):
                yield from part.blocks()
            elif part:
                yield part

    def __iter__(self) -> Iterator[bytes]:
        return self.pieces()


def make_payload(options: Mapping[str, object], open_file: OpenFile) -> Payload | None:
    """The body that the options of ``send`` describe, None when they name none.

    Keys: one of ``KEYS``, and ``content-type`` (null: send none), ``compress`` (``gzip``),
    ``expect-continue``. Values are settled. Raises StepFault ``invalid-scenario`` for values that
    cannot be sent so, and what ``open_file`` raises.
    """
    names = [name for name in KEYS if name in options]
    if len(names) > 1:
        raise fault(
            "invalid-scenario", f"a request has one body, but `{'` and `'.join(names)}` stand here"
        )
    expect = bool(options.get("expect-continue"))
    if not names:
        if expect:
            raise fault("invalid-scenario", "`expect-continue` needs a body to hold back")
        return None
    name = names[0]
    value = options[name]
    kind: str | None
    every = 0.0
    if name == "multipart":
        from runner.wire.multipart import make_multipart, with_boundary

        parts, kind = make_multipart(value, open_file)
        if isinstance(options.get("content-type"), str):
            kind = with_boundary(as_text(options["content-type"]), kind)
    elif name == "chunks":
        parts, every = chunk_pieces(value)
        kind = "text/plain; charset=utf-8"
    elif name == "file":
        part = file_part(open_file, value)
        parts, kind = (part,), guess_type(part.path.name)
    else:
        data, kind = MAKERS[name](value)
        parts = (data,)
    if name != "multipart" and "content-type" in options:
        given = options["content-type"]
        kind = None if given is None else as_text(given)
    return _finish(parts, kind, options.get("compress"), every, expect, chunked=name == "chunks")


def _finish(
    parts: tuple[bytes | FilePart, ...],
    kind: str | None,
    compress: object,
    every: float,
    expect: bool,
    *,
    chunked: bool,
) -> Payload:
    if compress not in (None, "gzip"):
        raise fault("invalid-scenario", f"`compress` can be gzip; found {compress!r}")
    if compress and not chunked and len(parts) == 1 and isinstance(parts[0], bytes):
        import gzip

        parts = (gzip.compress(parts[0], mtime=0),)
        return Payload(parts, kind, "gzip", len(parts[0]), every, expect=expect)
    if compress:
        return Payload(parts, kind, "gzip", None, every, expect=expect, packed=True)
    if chunked:
        return Payload(parts, kind, None, None, every, expect=expect)
    length = sum(part.size if isinstance(part, FilePart) else len(part) for part in parts)
    return Payload(parts, kind, None, length, every, expect=expect)


def file_part(open_file: OpenFile, name: object) -> FilePart:
    """The file a scenario names, with its present size. Raises StepFault."""
    path = open_file(text_of(name, "file"))
    try:
        return FilePart(path, path.stat().st_size)
    except OSError as error:
        raise fault("file-not-found", f"{path.name} cannot be read: {error.strerror}") from error


def guess_type(name: str) -> str:
    """The media type a file's name suggests."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=31)
    for piece in pieces:
        # Flushed, so that every piece leaves when it is due.
        yield packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()
