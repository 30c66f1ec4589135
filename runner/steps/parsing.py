"""Bytes of a body to text, JSON and markup; what they are not is a failure with its place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from runner.kinds import Fault, StepFault
from runner.steps.base import fail

if TYPE_CHECKING:
    from runner.wire.exchange import Exchange


def parse_json(data: bytes, media: str) -> object:
    """The value of a JSON body (RFC 8259). Raises ``StepFault`` (invalid-json) with the place."""
    try:
        return json.loads(data, parse_constant=_no_constant)
    except RecursionError:
        fail("invalid-json", "the body is nested too deeply for JSON")
    except ValueError as error:
        hint = None
        if not data.strip():
            hint = "the body is empty"
        elif data.lstrip()[:1] == b"<":
            hint = f"it looks like HTML or XML{f'; the server calls it {media}' if media else ''}"
        fault = Fault("invalid-json", "read", f"the body is not JSON: {_json_words(error)}", hint)
        raise StepFault(fault) from None


def _json_words(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return (
            f"{error.msg[:1].lower()}{error.msg[1:]} at line {error.lineno}, column {error.colno}"
        )
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    return str(error)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON value")


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
        return data.decode(charset)
    except LookupError:
        fail("bad-encoding", f'the charset "{charset}" is unknown')
    except UnicodeDecodeError as error:
        fail("bad-encoding", f"the body is not {charset}: byte {error.start} does not fit")


def must_be_markup(data: bytes, kind: str) -> None:
    """Checks that a body is well-formed XML, or has an HTML element at all.

    Raises ``StepFault`` (invalid-xml). External entities are never loaded.
    """
    if kind == "html":
        if b"<" not in data:
            fail("invalid-xml", "the body is not HTML: it has no element")
        return
    from xml.parsers import expat

    try:
        expat.ParserCreate().Parse(data, True)
    except expat.ExpatError as error:
        words = expat.ErrorString(error.code) or "it cannot be parsed"
        place = f"line {error.lineno}, column {error.offset + 1}"
        hint = "the body is empty" if not data.strip() else None
        fail("invalid-xml", f"the body is not XML: {words} at {place}", hint)
