"""What to write instead: the hint below a value that is not what was expected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from runner.query.values import as_text
from runner.scenario.grammar import Place, is_verb, keys_of, resolve, subject_of
from runner.scenario.problems import did_you_mean
from runner.scenario.written import flow
from runner.units import DURATION, SIZE

_TRUTH: Final = {
    "yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false",
}  # fmt: skip
_LOOKALIKES: Final = str.maketrans("OoIl", "0011")
_EMPTY: Final = {
    "expect": "say what must hold, as `expect: {status: 200}`; an empty one would check nothing",
    "capture": "name a variable and a query, as `capture: {item: $.id}`",
    "if": "say what must hold, as `if: {item: {exists: true}}`",
    "schema": "an empty schema fits everything; to see that a value is there write `exists: true`",
    "headers": "write `headers: {Accept: application/json}`, or leave the key out",
}


def for_value(expects: str, place: Place, value: object, schema: Mapping[str, Any]) -> str | None:
    """What to write instead of a value of the wrong type or form; None where nothing is plain."""
    key = place[-1] if place else None
    if not place and isinstance(value, list):
        return "write `steps:` before the list"
    if key == "status":
        return _status(value)
    if is_verb(key) and (hint := _subject(str(key), value)):
        return hint
    for beginning, remedy in _REMEDIES:
        if expects.startswith(beginning) and (hint := remedy(value)):
            return hint
    if isinstance(value, str) and (near := did_you_mean(value, _choices(schema))):
        return f"did you mean `{near}`?"
    if "failure kind" in expects or expects.startswith("a kind"):
        return "`httpsteps explain kinds` lists them"
    return None


def for_empty(place: Place, schema: Mapping[str, Any]) -> str | None:
    """What to write where nothing is written."""
    if "equals" in schema.get("properties", ()):
        return "to compare with an empty mapping write `equals: {}`"
    key = place[-1] if place else None
    if is_verb(key) or key == "steps":
        node = subject_of(str(key)) if is_verb(key) else schema
        example = next((each for each in node.get("examples", ()) if each is not None), None)
        return f"write `{key}: {flow(example)}`"
    return _EMPTY.get(str(key), "write a value, or leave the key out" if key else None)


def quoted(names: Iterable[object]) -> list[str]:
    """Each name in backquotes."""
    return [f"`{name}`" for name in names]


def either(names: Iterable[str]) -> str:
    """``a, b or c``."""
    *most, last = names
    comma = "," if any(" and " in name for name in (*most, last)) else ""
    return f"{', '.join(most)}{comma} or {last}" if most else last


def _choices(schema: Mapping[str, Any]) -> list[str]:
    """The texts that a value may be."""
    listed = [*schema.get("enum", ())]
    for form in schema.get("anyOf", ()):
        listed += resolve(form).get("enum", ())
    return [each for each in listed if isinstance(each, str)]


def _plain(value: object) -> str | None:
    """A scalar as a scenario writes it; None for what is none."""
    if value is None or isinstance(value, Mapping | list):
        return None
    return as_text(value)


def _duration(value: object) -> str | None:
    text = _plain(value)
    if text is None or isinstance(value, bool):
        return None
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text):
        millis = f" or `{text}ms`" if isinstance(value, int) and value >= 10 else ""
        return f"a duration carries its unit: write `{text}s`{millis}"
    for long, short in (("milliseconds?|msecs?|millis", "ms"), ("seconds?|secs?", "s"),
                        ("minutes?|mins?", "m"), ("hours?|hrs?", "h"), (r"\s+", "")):  # fmt: skip
        text = re.sub(rf"\s*(?:{long})(?![a-z])", short, text, flags=re.IGNORECASE)
    return f"did you mean `{text}`?" if text != value and DURATION.fullmatch(text) else None


def _size(value: object) -> str | None:
    text = re.sub(r"\s", "", _plain(value) or "")
    units = {unit.lower(): unit for unit in ("B", "kB", "MB", "GB", "KiB", "MiB", "GiB")}
    digits = re.match(r"[0-9]*", text)
    number = digits[0] if digits else ""
    unit = text[len(number) :].lower()
    unit = {"k": "kB", "m": "MB", "g": "GB", "ki": "KiB", "mi": "MiB", "gi": "GiB"}.get(
        unit, units.get(unit, unit)
    )
    return (
        f"did you mean `{number}{unit}`?" if re.fullmatch(SIZE, number + unit, re.ASCII) else None
    )


def _truth(value: object) -> str | None:
    written = _TRUTH.get(str(value).lower()) if isinstance(value, str) else None
    return f"write {written}, without quotes" if written else None


def _whole(value: object) -> str | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]+", value):
        return f"write {value} without quotes"
    return None


def _text(value: object) -> str | None:
    if isinstance(value, Mapping) and len(value) == 1 and next(iter(value.values())) is None:
        return "a value that begins with `{` is a mapping: put it in quotes"
    text = None if isinstance(value, str) else _plain(value)
    return f'put it in quotes: "{text}"' if text is not None else None


def _list(value: object) -> str | None:
    text = _plain(value)
    return f"write a list: [{text}]" if text is not None else None


def _steps(value: object) -> str | None:
    if isinstance(value, Mapping):
        return "begin each step with `- `"
    return None


def _method(value: object) -> str | None:
    if not isinstance(value, str) or not value:
        return None
    if value.isupper():
        return f"name the target too: `{value} /items`"
    return f"name the method too: `GET {value}`" if " " not in value else None


def _type(value: object) -> str | None:
    words = {
        "string": "text", "str": "text", "object": "mapping", "dict": "mapping", "array": "list",
        "int": "integer", "float": "number", "bool": "boolean", "url": "uri", "datetime": "date",
    }  # fmt: skip
    meant = words.get(str(value).lower())
    return f"did you mean `{meant}`?" if meant else None


def _reason(_value: object) -> str:
    return "say why, in words"


def _version(value: object) -> str | None:
    number = re.search(r"1(?:\.[0-3])?$", _plain(value) or "")
    if not number:
        return None
    return f"did you mean `TLSv{number[0].removesuffix('.0')}`?"


def _status(value: object) -> str | None:
    if isinstance(value, list):
        shown = ", ".join(str(each) for each in value)
        return f"a list means that list; for one of several write `{{one-of: [{shown}]}}`"
    if isinstance(value, str):
        if re.fullmatch(r"[1-9][0-9][0-9]", value):
            return f"a status is a number: write {value} without quotes"
        digits = value.translate(_LOOKALIKES)
        if re.fullmatch(r"[1-5][0-9][0-9]", digits):
            return f"did you mean {digits}?"
        return f"did you mean `{near}`?" if (near := did_you_mean(value, ["any"])) else None
    return None


def _subject(verb: str, value: object) -> str | None:
    """The remedy for what stands as a verb's value and should not."""
    if verb == "session" and isinstance(value, str):
        return f"to name the session, write `id: {value}` beside the verb"
    if isinstance(value, str) and value in keys_of(verb):
        return f"`{value}` is a key: write `{value}: …` beside the verb"
    found = re.match(r"([A-Z]+)[ \t]+(\S.*)", value) if isinstance(value, str) else None
    if found and verb != "open":
        return f"the verb is the method: write `{found[1].lower()}: {found[2]}`"
    return None


_REMEDIES: Final = (
    ("`METHOD target`", _method),
    ("a TLS version", _version),
    ("a duration", _duration),
    ("a type", _type),
    ("a reason", _reason),
    ("a list of steps", _steps),
    ("a list", _list),
    ("a size", _size),
    ("a whole number", _whole),
    ("the path", _text),
    ("text", _text),
    ("true or false", _truth),
)
