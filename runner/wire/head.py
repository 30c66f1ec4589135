"""The head of an HTTP/1.1 response, read strictly (RFC 9112, sections 2 to 5)."""

from __future__ import annotations

import re
from io import BufferedReader
from typing import Final, NamedTuple

from runner.wire.errors import BadHead, EmptyResponse

MAX_LINES: Final = 256
MAX_BYTES: Final = 256 * 1024
MAX_EARLY: Final = 32

_START: Final = b"HTTP/"
_STATUS: Final = re.compile(r"HTTP/(1\.[01]) ([1-9][0-9]{2})(?: (.*))?")
_FIELD: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)", re.DOTALL)


class Head(NamedTuple):
    """A status line and the header lines under it, in order, duplicates kept.

    ``version`` is ``HTTP/1.1`` or ``HTTP/1.0``; ``size`` is the head's length on the wire in bytes.
    """

    version: str
    status: int
    reason: str
    lines: tuple[tuple[str, str], ...]
    size: int = 0

    def all(self, name: str) -> list[str]:
        """The values of every line called ``name``, case aside."""
        name = name.lower()
        return [value for key, value in self.lines if key.lower() == name]

    def header(self, name: str) -> str | None:
        """The lines called ``name`` joined by ``, ``; None when there is none."""
        found = self.all(name)
        return ", ".join(found) if found else None


def read_head(reader: BufferedReader) -> Head:
    """The next response head, 1xx or final.

    Raises EmptyResponse when the stream ends before the first byte, BadHead for anything that is
    not a well-formed head of at most 256 lines and 256 KiB; what the reader raises passes through.
    """
    there = reader.peek(1)
    if not there:
        raise EmptyResponse
    if not there.startswith(_START[: len(there)]):
        raise BadHead(f"what came is not HTTP: it begins with {shown(there)}")
    end = there.find(b"\n\r\n")
    whole = end > 0 and there[end - 1] == 13 and there.find(b"\n\n", 0, end) < 0
    return parse_head(reader.read(end + 3) if whole else _by_lines(reader))


def _by_lines(reader: BufferedReader) -> bytes:
    lines: list[bytes] = []
    room = MAX_BYTES
    while True:
        line = reader.readline(room)
        room -= len(line)
        if not line.endswith(b"\n"):
            if room > 0:
                raise BadHead("the connection was closed inside the response's head")
            raise BadHead(f"the response's head is longer than {MAX_BYTES} bytes")
        if not lines:
            _status_line(_text(_cut(line)))
        elif line in (b"\r\n", b"\n"):
            return b"".join([*lines, line])
        lines.append(line)
        if room <= 0:
            raise BadHead(f"the response's head is longer than {MAX_BYTES} bytes")
        if len(lines) > MAX_LINES + 1:
            raise BadHead(f"the response has more than {MAX_LINES} header lines")


def parse_head(raw: bytes) -> Head:
    """The head in ``raw``, which ends with its blank line. Raises BadHead.

    A line may end in a bare LF (RFC 9112, section 2.2); a CR anywhere else, a NUL, a folded line,
    a blank before the colon and a line without a colon are refused.
    """
    try:
        whole = raw.decode("utf-8")
        rows = whole.split("\r\n")
        plain = whole.count("\n") == len(rows) - 1 == whole.count("\r") and "\0" not in whole
    except UnicodeDecodeError:
        plain = False
    if not plain:
        rows = [_text(_cut(line)) for line in raw.split(b"\n")]
    version, status, reason = _status_line(rows[0])
    if len(rows) > MAX_LINES + 3:
        raise BadHead(f"the response has more than {MAX_LINES} header lines")
    field = _FIELD.fullmatch
    lines: list[tuple[str, str]] = []
    for row in rows[1:-2]:
        found = field(row)
        if found is None:
            raise _bad_line(row)
        lines.append((found[1], found[2].rstrip(" \t")))
    if not plain:
        _refuse_controls(rows)
    return Head(version, status, reason, tuple(lines), len(raw))


def parse_fields(lines: list[bytes]) -> tuple[tuple[str, str], ...]:
    """Header or trailer lines, each with its line end. Raises BadHead as ``parse_head`` does."""
    rows = [_text(_cut(line)) for line in lines]
    _refuse_controls(rows)
    fields = []
    for row in rows:
        found = _FIELD.fullmatch(row)
        if found is None:
            raise _bad_line(row)
        fields.append((found[1], found[2].rstrip(" \t")))
    return tuple(fields)


def _status_line(row: str) -> tuple[str, int, str]:
    found = _STATUS.fullmatch(row)
    if found is None:
        raise BadHead(f"the status line is not one of HTTP/1.1: {shown(row)}")
    return f"HTTP/{found[1]}", int(found[2]), found[3] or ""


def _refuse_controls(rows: list[str]) -> None:
    for row in rows:
        if "\r" in row:
            raise BadHead(f"a header line holds a carriage return in its middle: {shown(row)}")
        if "\0" in row:
            raise BadHead(f"a header line holds a NUL byte: {shown(row)}")


def _bad_line(row: str) -> BadHead:
    if row[:1] in (" ", "\t"):
        return BadHead(f"a header line is folded, which HTTP/1.1 forbids: {shown(row)}")
    name, colon, _ = row.partition(":")
    if not colon:
        return BadHead(f"a header line has no colon: {shown(row)}")
    return BadHead(f"a header's name is not a token: {shown(name)}")


def _cut(line: bytes) -> bytes:
    return line.removesuffix(b"\n").removesuffix(b"\r")


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def shown(data: str | bytes) -> str:
    """The beginning of what a peer sent, quoted, with control characters visible."""
    text = _text(data[:60]) if isinstance(data, bytes) else data[:60]
    return ascii(text) if len(data) <= 60 else f"{ascii(text)[:-1]}…'"
