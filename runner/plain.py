"""Any value as JSON can hold it."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, cast

from runner.values import Written

# More than a JSON body may have, and few enough for all who walk through it by recursion.
DEEPEST: Final = 220
_NOT_FINITE: Final = {math.inf: "Infinity", -math.inf: "-Infinity"}


def plain(value: object, depth: int = 0) -> Any:
    """The value as JSON can hold it.

    Dates become ISO 8601 text. Bytes become text where they are UTF-8, else
    ``{"base64": text}``. Numbers JSON has no form for become the text ``NaN``, ``Infinity`` or
    ``-Infinity``; keys become text; sets become lists; anything else becomes its ``str``. What
    stands ``DEEPEST`` levels deep becomes the text ``…``; ``depth`` is the level ``value`` is at.
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Written):
        value = int(value) if isinstance(value, int) else float(cast(float, value))
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else _NOT_FINITE.get(value, "NaN")
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return "…" if depth >= DEEPEST else _tree(value, depth + 1)
    if isinstance(value, bytes | bytearray | memoryview):
        return _bytes(bytes(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _tree(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        return {
            key if isinstance(key, str) else str(key): plain(item, depth)
            for key, item in value.items()
        }
    made = [plain(item, depth) for item in value]
    return sorted(made, key=str) if isinstance(value, set | frozenset) else made


def _bytes(value: bytes) -> Any:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode("ascii")}
