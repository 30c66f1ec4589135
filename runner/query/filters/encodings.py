"""Filters that encode, decode and digest; decoding gives text where it is UTF-8, else bytes."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from runner.query.errors import FilterError
from runner.query.filters.registry import LARGEST, filter_, too_large
from runner.query.show import found

Raw = str | bytes
BOTH: Final = ("text", "bytes")


def as_bytes(value: Raw) -> bytes:
    """Text as UTF-8; bytes as they are."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else bytes(value)


def as_text_or_bytes(raw: bytes) -> Raw:
    """UTF-8 as text; other bytes as they are."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


@filter_("base64-encode", BOTH, "text")
def base64_encode(value: Raw) -> str:
    """Text (as UTF-8) or bytes in Base64 (RFC 4648 4): `"user:pass"` gives `dXNlcjpwYXNz`."""
    return base64.b64encode(as_bytes(value)).decode()


@filter_("base64-decode", BOTH, "any")
def base64_decode(value: Raw) -> Raw:
    """What Base64 (RFC 4648 4) stands for: text if it is UTF-8, else bytes. Line ends may occur."""
    text = b"".join(as_bytes(value).split())
    try:
        return as_text_or_bytes(base64.b64decode(text, validate=True))
    except binascii.Error:
        raise FilterError(f"`base64-decode` needs Base64; found {found(value)}") from None


@filter_("base64url-encode", BOTH, "text")
def base64url_encode(value: Raw) -> str:
    """Text (as UTF-8) or bytes in URL-safe Base64 (RFC 4648 5), without padding."""
    return base64.urlsafe_b64encode(as_bytes(value)).rstrip(b"=").decode()


@filter_("base64url-decode", BOTH, "any")
def base64url_decode(value: Raw) -> Raw:
    """What URL-safe Base64 (RFC 4648 5), padded or not, stands for: text if UTF-8, else bytes."""
    return as_text_or_bytes(unpadded(value, "base64url-decode"))


def unpadded(value: Raw, name: str) -> bytes:
    """The bytes of URL-safe Base64 with or without padding. Raises FilterError."""
    text = as_bytes(value).strip().rstrip(b"=")
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), b"-_", validate=True)
    except binascii.Error:
        raise FilterError(f"`{name}` needs URL-safe Base64; found {found(value)}") from None


@filter_("hex-encode", BOTH, "text")
def hex_encode(value: Raw) -> str:
    """Text (as UTF-8) or bytes as hexadecimal digits, in lower case."""
    return as_bytes(value).hex()


@filter_("hex-decode", ["text"], "any")
def hex_decode(value: str) -> Raw:
    """What hexadecimal digits stand for: text if it is UTF-8, else bytes."""
    try:
        return as_text_or_bytes(binascii.unhexlify(value.strip()))
    except ValueError:
        raise FilterError(f"`hex-decode` needs pairs of hex digits; found {found(value)}") from None


@filter_("url-encode", BOTH, "text")
def url_encode(value: Raw) -> str:
    """Percent-encoded (RFC 3986 2.1) but for letters, digits, `-._~`: `a b/` gives `a%20b%2F`."""
    return quote(as_bytes(value), safe="")


@filter_("url-decode", ["text"], "any")
def url_decode(value: str) -> Raw:
    """Percent-decoded: text if it is UTF-8, else bytes. A `+` stays a `+`."""
    return as_text_or_bytes(unquote_to_bytes(value))


@filter_("html-encode", ["text"], "text")
def html_encode(value: str) -> str:
    """Text with `&`, `<`, `>` and quotes as character references."""
    import html

    return html.escape(value)


@filter_("html-decode", ["text"], "text")
def html_decode(value: str) -> str:
    """Text with all character references of HTML 5 replaced: `&eacute;` gives `é`."""
    import html

    return html.unescape(value)


@filter_("sha256", BOTH, "text")
def sha256(value: Raw) -> str:
    """The SHA-256 digest of text (as UTF-8) or bytes, in hex: `text | sha256`."""
    return _digest("sha256", value)


@filter_("sha1", BOTH, "text")
def sha1(value: Raw) -> str:
    """The SHA-1 digest of text (as UTF-8) or bytes, in hex."""
    return _digest("sha1", value)


@filter_("md5", BOTH, "text")
def md5(value: Raw) -> str:
    """The MD5 digest of text (as UTF-8) or bytes, in hex."""
    return _digest("md5", value)


def _digest(name: str, value: Raw) -> str:
    import hashlib

    return hashlib.new(name, as_bytes(value), usedforsecurity=False).hexdigest()


@filter_("gunzip", ["bytes", "text"], "any")
def gunzip(value: Raw) -> Raw:
    """What gzip (RFC 1952) packed: text if it is UTF-8, else bytes; at most 64 MiB."""
    raw = as_bytes(value)
    parts: list[bytes] = []
    size = 0
    try:
        while raw:
            member = zlib.decompressobj(wbits=31)
            parts.append(member.decompress(raw, LARGEST - size + 1))
            size += len(parts[-1])
            if size > LARGEST:
                raise FilterError(too_large("gunzip"))
            if not member.eof:
                raise FilterError("`gunzip` found gzip that is cut short")
            raw = member.unused_data
    except zlib.error:
        raise FilterError(f"`gunzip` needs gzip; found {found(value)}") from None
    return as_text_or_bytes(b"".join(parts))
