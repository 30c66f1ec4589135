"""Bytes of a body to text, JSON and markup; what they are not is a failure with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.kinds import Fault, StepFault
from runner.query.json_text import JSONError, read_json
from runner.steps.base import fail
from runner.wire.charsets import known_codec

if TYPE_CHECKING:
    from runner.wire.exchange import Exchange


def parse_json(data: bytes, media: str) -> object:
    """The value of a JSON body (RFC 8259). Raises ``StepFault`` (invalid-json) with the place.

    What is not taken though RFC 8259 leaves it open stands at ``read_json``.
    """
    try:
        return read_json(data)
    except JSONError as error:
        hint = None
        if not data.strip():
            hint = "the body is empty"
        elif data.lstrip()[:1] == b"<":
            hint = f"it looks like HTML or XML{f'; the server calls it {media}' if media else ''}"
        fault = Fault("invalid-json", "read", f"the body is not JSON: {error}", hint)
        raise StepFault(fault) from None


def charset_of(exchange: Exchange) -> str | None:
    """The charset parameter of Content-Type, None where there is none."""
    media = exchange.header("content-type") or ""
    for part in media.split(";")[1:]:
        name, _, value = part.strip().partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"') or None
    return None


def text_of(data: bytes, charset: str | None) -> str:
    """The text of a body: in its declared charset, else UTF-8, else Latin-1.

    Raises ``StepFault`` (bad-encoding) for an unknown charset or bytes that do not fit it.
    """
    if charset is None:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return data.decode("latin-1")
    try:
        return data.decode(known_codec(charset))
    except UnicodeDecodeError as error:
        fail("bad-encoding", f"the body is not {charset}: byte {error.start} does not fit")


def must_be_markup(data: bytes, kind: str) -> None:
    """Checks that a body is well-formed XML, or has an HTML element at all.

    Raises ``StepFault`` (invalid-xml; bad-encoding for XML in a charset that is unknown, or that it
    says it is in and is not). External entities are never loaded.
    """
    if kind == "html":
        if b"<" not in data:
            fail("invalid-xml", "the body is not HTML: it has no element")
        return
    from xml.parsers import expat

    declared: list[str] = []

    def keep(_version: str, encoding: str | None, _alone: int) -> None:
        if encoding is not None:
            declared.append(encoding)
            known_codec(encoding)

    parser = expat.ParserCreate()
    parser.XmlDeclHandler = keep
    try:
        try:
            parser.Parse(data, True)
        except (ValueError, LookupError):
            # A charset that expat cannot read: it can read the text.
            expat.ParserCreate().Parse(text_of(data, declared[-1] if declared else None), True)
    except expat.ExpatError as error:
        words = expat.ErrorString(error.code) or "it cannot be parsed"
        place = f"line {error.lineno}, column {error.offset + 1}"
        hint = "the body is empty" if not data.strip() else None
        fail("invalid-xml", f"the body is not XML: {words} at {place}", hint)
