"""The matcher `is`: of which kind a value is."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from runner.query.dates import parse_date
from runner.query.errors import FilterError, listing, suggestion
from runner.query.filters.web import jwt
from runner.query.matchers.core import HOLDS, Mismatch, Node, Place, Verdict, matcher, node
from runner.query.show import found, show
from runner.query.types import fits, phrase, test_for
from runner.query.values import Scope

_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_URI: Final = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
_MAILBOX: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?P<host>[A-Za-z0-9.-]{1,253})"
)
_LABEL: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def is_date(text: str) -> bool:
    """Whether it is a date of ISO 8601 or HTTP."""
    return _reads(parse_date, text)


def is_uuid(text: str) -> bool:
    """Whether it is a UUID in its text form (RFC 9562 4)."""
    return _UUID.fullmatch(text) is not None


def is_uri(text: str) -> bool:
    """Whether it is a URI with a scheme (RFC 3986 3)."""
    scheme, colon, rest = text.partition(":")
    if not (colon and rest and _SCHEME.fullmatch(scheme) and _URI.fullmatch(text)):
        return False
    return _reads(urlsplit, text)


def is_hostname(text: str) -> bool:
    """Whether it is a host name (RFC 1123 2.1)."""
    return len(text) <= 253 and all(_LABEL.fullmatch(label) for label in text.split("."))


def is_email(text: str) -> bool:
    """Whether it is a mail address as HTML takes it, the host a name with a dot or `localhost`."""
    found = _MAILBOX.fullmatch(text)
    return found is not None and is_hostname(found["host"]) and ".." not in text


def is_ipv4(text: str) -> bool:
    """Whether it is an IPv4 address."""
    from ipaddress import IPv4Address

    return _reads(IPv4Address, text)


def is_ipv6(text: str) -> bool:
    """Whether it is an IPv6 address (RFC 4291 2.2), without a zone."""
    from ipaddress import IPv6Address

    return "%" not in text and _reads(IPv6Address, text)


def is_base64(text: str) -> bool:
    """Whether it is Base64 (RFC 4648 4) of at least one byte."""
    try:
        return bool(text) and bool(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return False


def is_jwt(text: str) -> bool:
    """Whether it has the three parts of a JSON Web Token (RFC 7519)."""
    try:
        return bool(jwt(text)) and not text.startswith("Bearer ")
    except FilterError:
        return False


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


_TEXTS: Final[Mapping[str, Callable[[str], bool]]] = {
    "date": is_date,
    "uuid": is_uuid,
    "uri": is_uri,
    "email": is_email,
    "ipv4": is_ipv4,
    "ipv6": is_ipv6,
    "base64": is_base64,
    "jwt": is_jwt,
}
_TYPES: Final = ("boolean", "integer", "number", "text", "list", "mapping")
KINDS: Final = ("null", *_TYPES, *_TEXTS)


@matcher("is", listing(KINDS))
def is_(operand: object, place: Place) -> Node:
    """Holds for a value of that kind: `$.id: {is: uuid}`. 1.0 is a number and no integer."""
    if not isinstance(operand, str) or operand not in KINDS:
        if operand is None:
            operand = "null"
        else:
            hint = suggestion(str(operand), KINDS) or f"it knows {listing(KINDS, 'and')}"
            raise place.error(f"`is` knows no kind {show(operand)}", hint)
    kind = operand
    if not _possible(kind, place.type):
        raise place.error(f"{place.subject} is {phrase(place.type)} and never {kind}")
    test = _test(kind)

    def check(value: object, _scope: Scope | None) -> Verdict:
        if test(value):
            return HOLDS
        return (Mismatch("is", kind, value, f"is {found(value)}, expected {_article(kind)}"),)

    return node("is", kind, _article(kind), check)


def _article(kind: str) -> str:
    if kind in ("null", "text", "base64"):
        return kind
    vowel = kind in ("integer", "email", "ipv4", "ipv6")
    name = {"ipv4": "IPv4 address", "ipv6": "IPv6 address", "email": "email address"}.get(
        kind, kind
    )
    name = name.upper() if kind in ("uuid", "uri", "jwt") else name
    return f"an {name}" if vowel else f"a {name}"


def _possible(kind: str, type_: str) -> bool:
    if kind == "null":
        return type_ == "any"
    if kind == "date":
        return fits(type_, ("date", "text"))
    return fits(type_, ("text",) if kind in _TEXTS else (kind,))


def _test(kind: str) -> Callable[[object], bool]:
    if kind == "null":
        return lambda value: value is None
    if kind in _TYPES:
        return test_for((kind,))
    test = _TEXTS[kind]
    if kind == "date":
        return lambda value: isinstance(value, datetime) or (isinstance(value, str) and test(value))
    return lambda value: isinstance(value, str) and test(value)
