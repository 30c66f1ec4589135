"""A value as a key, so that sameness can be looked up rather than compared one by one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from runner.query.errors import FilterError
from runner.query.values import type_name


def identity(value: object) -> object:
    """A key that is equal for two values exactly when they are the same (see ``values.same``).

    Raises FilterError for what is no data.
    """
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, int | float):
        return ("number", value)
    if isinstance(value, list | tuple):
        return ("list", tuple(identity(item) for item in value))
    if isinstance(value, Mapping):
        return ("mapping", frozenset((key, identity(item)) for key, item in value.items()))
    if isinstance(value, bytes | bytearray | memoryview):
        return ("bytes", bytes(value))
    if value is None or isinstance(value, str | datetime):
        return (type_name(value), value)
    raise FilterError(f"a {type_name(value)} cannot be compared")
