"""Bytes of a body to text, JSON and markup; what they are not is a failure with its place."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Final

from runner.kinds import Fault, StepFault
from runner.steps.base import fail

if TYPE_CHECKING:
    from runner.wire.exchange import Exchange


DEEPEST: Final = 200
_NO_CHARSETS: Final = frozenset(
    ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape")
)


def parse_json(data: bytes, media: str) -> object:
    """The value of a JSON body (RFC 8259). Raises ``StepFault`` (invalid-json) with the place.

    A body may nest 200 levels deep (RFC 8259, 9: a parser may set a limit): checks, templates and
    reports walk through it by recursion.
    """
    try:
        value: object = json.loads(data, parse_constant=_no_constant)
        if data.count(b"[") + data.count(b"{") > DEEPEST and _is_deep(value):
            raise RecursionError
        return value
    except RecursionError:
        fail("invalid-json", f"the body is nested more than {DEEPEST} levels deep")
    except ValueError as error:
        hint = None
        if not data.strip():
            hint = "the body is empty"
        elif data.lstrip()[:1] == b"<":
            hint = f"it looks like HTML or XML{f'; the server calls it {media}' if media else ''}"
        fault = Fault("invalid-json", "read", f"the body is not JSON: {_json_words(error)}", hint)
        raise StepFault(fault) from None


def _is_deep(value: object) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        level = [
            item
            for each in level
            for item in (each.values() if isinstance(each, dict) else each)
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
    return True


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


def codec_of(charset: str) -> str | None:
    """The name of the codec for a charset; None for an unknown one.

    Python knows more codecs than charsets: ``base64``, ``zlib``, ``idna``, …
    """
    try:
        name = codecs.lookup(charset).name
        b".".decode(name, "replace")
    except (LookupError, ValueError):
        return None
    return None if name in _NO_CHARSETS else name


def known_codec(charset: str) -> str:
    """The same; raises ``StepFault`` (bad-encoding) for an unknown charset."""
    codec = codec_of(charset)
    if codec is None:
        fail("bad-encoding", f'the charset "{charset}" is unknown')
    return codec


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
