"""Where a response's body ends and whether the connection lives on (RFC 9112, sections 6 and 9)."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from runner.wire.errors import BadFraming
from runner.wire.head import Head

_LENGTH: Final = r"[0-9]{1,18}"


class Framing(NamedTuple):
    """How a body is delimited.

    ``kind``: ``length`` (of ``length`` bytes; 0 is the empty body), ``chunked`` or ``close``.
    ``keep_alive``: the connection may carry another request after the body's end.
    """

    kind: Literal["length", "chunked", "close"]
    length: int = 0
    keep_alive: bool = True


def framing_of(method: str, head: Head, *, closing: bool = False) -> Framing:
    """The framing of the final answer ``head`` to a request with ``method``.

    ``closing``: the request itself ends the connection (``Connection: close``, HTTP/1.0 without
    keep-alive). Raises BadFraming for a Content-Length that is no number, for two that differ, for
    any Transfer-Encoding but ``chunked``, for one in an HTTP/1.0 answer and for one beside a
    Content-Length: each of them leaves two readings of where the body ends.
    """
    lengths: list[str] = []
    codings: list[str] = []
    options: list[str] = []
    for name, value in head.lines:
        size = len(name)
        if size == 14 and name.lower() == "content-length":
            lengths.append(value)
        elif size == 17 and name.lower() == "transfer-encoding":
            codings.append(value)
        elif size == 10 and name.lower() == "connection":
            options += [option.strip(" \t").lower() for option in value.split(",")]
    keep = not closing and "close" not in options
    if head.version == "HTTP/1.0":
        keep = keep and "keep-alive" in options
    length = _length(lengths) if lengths else None
    if codings:
        _check_codings(head, codings, length)
    status = head.status
    if method == "CONNECT" and 200 <= status < 300:
        return Framing("length", 0, keep_alive=False)
    if method == "HEAD" or status in (204, 304) or status < 200:
        return Framing("length", 0, keep and status >= 200)
    if codings:
        return Framing("chunked", 0, keep)
    if length is None:
        return Framing("close", 0, keep_alive=False)
    return Framing("length", length, keep)


def _length(values: list[str]) -> int:
    found = {part.strip(" \t") for value in values for part in value.split(",")}
    for value in found:
        if not re.fullmatch(_LENGTH, value):
            raise BadFraming(f"the Content-Length is not a number of bytes: {value[:40]!r}")
    numbers = {int(value) for value in found}
    if len(numbers) > 1:
        shown = " and ".join(str(number) for number in sorted(numbers))
        raise BadFraming(f"the response has two Content-Lengths: {shown}")
    return numbers.pop()


def _check_codings(head: Head, codings: list[str], length: int | None) -> None:
    coding = ", ".join(codings)
    if coding.lower() != "chunked":
        raise BadFraming(f"the Transfer-Encoding is {coding[:60]!r}; only chunked can be read")
    if head.version == "HTTP/1.0":
        raise BadFraming("an HTTP/1.0 response has a Transfer-Encoding, which HTTP/1.0 lacks")
    if length is not None:
        raise BadFraming("the response has both a Content-Length and a Transfer-Encoding")
