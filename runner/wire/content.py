"""Plain values as body bytes: JSON, forms, text, base64, GraphQL, pieces."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final
from urllib.parse import urlencode

from runner.kinds import Fault, StepFault
from runner.query.values import as_text, type_name
from runner.units import duration


def dump_json(value: object) -> bytes:
    """``value`` as compact JSON in UTF-8; dates in ISO 8601. Raises StepFault for other values."""
    try:
        text = json.dumps(
            value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_json_default
        )
        return text.encode("utf-8")
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can say
        return json.dumps(value, separators=(",", ":"), default=_json_default).encode("ascii")
    except (ValueError, TypeError) as error:
        raise fault("invalid-scenario", f"this value has no JSON form: {error}") from error


def _json_default(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type_name(value)} is not a JSON type")


def pairs_of(fields: object, where: str) -> list[tuple[str, str]]:
    """Names and texts of a mapping; a list gives one pair each, null gives none.

    Raises StepFault for anything else in ``where``.
    """
    if not isinstance(fields, Mapping):
        raise fault(
            "invalid-scenario",
            f"`{where}` is a mapping of names and values; found {type_name(fields)}",
        )
    pairs: list[tuple[str, str]] = []
    for name, value in fields.items():
        for item in value if isinstance(value, list | tuple) else (value,):
            if item is not None:
                pairs.append((as_text(name), text_of(item, f"{where}.{name}")))
    return pairs


def text_of(value: object, where: str) -> str:
    """``value`` as text. Raises StepFault naming ``where`` when it has no text form."""
    try:
        return as_text(value)
    except ValueError as error:
        raise fault("invalid-scenario", f"`{where}`: {error}") from error


def fault(kind: str, message: str) -> StepFault:
    """A fault of the send phase."""
    return StepFault(Fault(kind, "send", message))


def _json(value: object) -> tuple[bytes, str]:
    return dump_json(value), "application/json"


def _form(value: object) -> tuple[bytes, str]:
    text = urlencode(pairs_of(value, "form"))
    return text.encode("ascii"), "application/x-www-form-urlencoded"


def _text(value: object) -> tuple[bytes, str]:
    return text_of(value, "text").encode("utf-8", "surrogatepass"), "text/plain; charset=utf-8"


def _base64(value: object) -> tuple[bytes, str]:
    text = "".join(text_of(value, "base64").split())
    try:
        return base64.b64decode(text, validate=True), "application/octet-stream"
    except (binascii.Error, ValueError) as error:
        raise fault("invalid-scenario", f"`base64` is not base64: {error}") from error


def _graphql(value: object) -> tuple[bytes, str]:
    body = value if isinstance(value, Mapping) else {"query": value}
    if not isinstance(body.get("query"), str):
        raise fault("invalid-scenario", "`graphql` needs a `query`, which is a text")
    return dump_json(
        {name: item for name, item in body.items() if item is not None}
    ), "application/json"


def chunk_pieces(value: object) -> tuple[tuple[bytes, ...], float]:
    """The pieces of ``chunks`` and the seconds between them. Raises StepFault."""
    every: object = 0
    if isinstance(value, Mapping):
        every = value.get("every") or 0
        value = value.get("pieces")
    if not isinstance(value, list | tuple):
        raise fault(
            "invalid-scenario", f"`chunks.pieces` is a list of texts; found {type_name(value)}"
        )
    pieces = tuple(
        text_of(piece, "chunks.pieces").encode("utf-8", "surrogatepass") for piece in value
    )
    if isinstance(every, int | float) and not isinstance(every, bool):
        return pieces, float(every)
    try:
        return pieces, duration(every)
    except ValueError as error:
        raise fault("invalid-scenario", f"`chunks.every`: {error}") from error


MAKERS: Final[Mapping[str, Callable[[object], tuple[bytes, str]]]] = {
    "json": _json,
    "form": _form,
    "text": _text,
    "base64": _base64,
    "graphql": _graphql,
}
"""What makes the bytes and the content type of each kind of body that is plain data."""
