"""JSON text to a value; what RFC 8259 leaves open is settled here, with a sentence for each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final

DEEPEST: Final = 200
"""How deep JSON may nest: checks, templates and reports walk through it by recursion."""

_DIGITS: Final = 4300
_LONG: Final = re.compile(rf"[0-9]{{{_DIGITS + 1},}}")
_BLANK_COLON: Final = (b" :", b"\n:", b"\t:", b"\r:")


class JSONError(ValueError):
    """Text that is no JSON, or JSON that is not taken. Its text says why, without a subject."""


def read_json(data: bytes | str) -> object:
    """The value of JSON text (RFC 8259). Raises JSONError.

    A name that stands twice in one object is refused: what it means is open there (RFC 8259, 4),
    and a check could pass on the one that the service's users never see. So is nesting below 200
    levels and an integer of more than 4300 digits (RFC 8259, 6 and 9).
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    try:
        value: object = json.loads(data, parse_constant=_no_constant)
        _settle_names(data, raw, _names(value))
    except JSONError:
        raise
    except RecursionError:
        raise JSONError(f"it is nested more than {DEEPEST} levels deep") from None
    except json.JSONDecodeError as error:
        words = f"{error.msg[:1].lower()}{error.msg[1:]}"
        raise JSONError(f"{words} at line {error.lineno}, column {error.colno}") from None
    except UnicodeDecodeError as error:
        raise JSONError(f"byte {error.start} is not UTF-8") from None
    except ValueError as error:
        # What else json refuses is an integer longer than Python turns into a number.
        long = _LONG.search(raw.decode("latin-1"))
        if long is None:
            raise JSONError(str(error)) from None
        digits = len(long.group())
        raise JSONError(
            f"it has an integer of {digits} digits; more than {_DIGITS} cannot be read"
        ) from None
    return value


def _names(value: object) -> int:
    """How many names the objects in a value have. Raises RecursionError when it is too deep."""
    level: list[Any] = [value] if isinstance(value, dict | list) else []
    names = 0
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for each in level:
            items: Iterable[Any] = each
            if each.__class__ is dict:
                names += len(each)
                items = each.values()
            inner += [item for item in items if item.__class__ is dict or item.__class__ is list]
        level = inner
        if not level:
            return names
    raise RecursionError


def _settle_names(data: bytes | str, raw: bytes, names: int) -> None:
    """Raises JSONError for a name that stands twice in one object.

    Each name has its colon, so where colons are as many as the names that came out, none was lost.
    Colons in texts are set apart by the quote before a name's colon. Only where that does not tell
    is the text read again, name by name, which takes half as long again.
    """
    if raw.count(b":") == names:
        return
    if raw.count(b'":') == names and not any(blank in raw for blank in _BLANK_COLON):
        return
    json.loads(data, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        shown = json.dumps(twice[:60], ensure_ascii=False)
        raise JSONError(f"the key {shown} stands twice in one object")
    return made


def _no_constant(name: str) -> object:
    raise JSONError(f"{name} is no JSON value")
