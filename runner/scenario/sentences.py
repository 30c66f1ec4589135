"""One sentence for each keyword of JSON Schema that a scenario can offend.

The words for what was expected are the schema's own (``x-expects``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from runner.query.show import found
from runner.scenario.problems import Problem, did_you_mean
from runner.scenario.reading import Offence, Reading
from runner.scenario.remedies import either, for_empty, for_value, quoted
from runner.scenario.unknown import unknown_key


def explain(reading: Reading, error: Offence) -> Iterator[Problem]:
    """The problems that one error of the schema stands for."""
    if error.of_name:
        yield _name(reading, error)
    elif error.value is None and error.keyword != "enum":
        yield _empty(reading, error)
    else:
        yield from _SENTENCES.get(error.keyword, _value)(reading, error)


def _value(reading: Reading, error: Offence) -> Iterator[Problem]:
    """A value of the wrong type, or one that is not known."""
    expects = _expects(error)
    message = f"{reading.label(error.place)}: expected {expects}, found {found(error.value)}"
    yield reading.tell(
        message, error.place, hint=for_value(expects, error.place, error.value, error.schema)
    )


def _alternatives(reading: Reading, error: Offence) -> Iterator[Problem]:
    """None of several forms fits: tells what is wrong with the form that was meant."""
    children = error.children
    lacking = [child.wanted for child in children if child.keyword == "required"]
    if children and len(lacking) == len(children):
        yield _lacks(reading, error, lacking)
        return
    forms: dict[object, list[Offence]] = {}
    for child in children:
        forms.setdefault(child.form, []).append(child)
    for form in forms.values():
        of_its_type = all(child.deeper or child.keyword not in ("type", "enum") for child in form)
        if isinstance(error.value, Mapping | list) and of_its_type:
            for child in form:
                yield from explain(reading, child)
            return
    yield from _value(reading, error)


def _lacks(reading: Reading, error: Offence, choice: list[list[str]]) -> Problem:
    """A mapping in which one of several sets of keys is missing."""
    choice = _begun(error.value, choice)
    needed = either(dict.fromkeys(" and ".join(quoted(keys)) for keys in choice))
    if beside := error.schema.get("x-beside"):
        return reading.tell(
            f"`{beside}` needs {needed} beside it", (*error.place, beside), key=True
        )
    return reading.tell(f"{reading.label(error.place)} needs {needed}", error.place, key=True)


def _begun(there: Mapping[str, object], choice: list[list[str]]) -> list[list[str]]:
    """What is still missing of the sets of keys of which a part is there; else all of them."""
    begun = [keys for keys in choice if any(key in there for key in keys)]
    return [[key for key in keys if key not in there] for keys in begun] or choice


def _one_way(reading: Reading, error: Offence) -> Iterator[Problem]:
    """Two keys of which a step may have one."""
    choice = error.schema.get("x-at-most-one")
    if choice is None:
        yield from _alternatives(reading, error)
        return
    first, second, *_ = [key for key in error.value if key in choice]
    yield reading.tell(
        f"{reading.label(error.place)} has at most one of {either(quoted(choice))};"
        f" found `{first}` and `{second}`",
        (*error.place, second),
        key=True,
        also=(*error.place, first),
    )


def _missing(reading: Reading, error: Offence) -> Iterator[Problem]:
    """Keys that must be there; a misspelt one is told as such and not twice."""
    known = error.schema.get("properties", ())
    strange = [key for key in error.value if key not in known]
    for key in error.wanted:
        if key not in error.value and not any(did_you_mean(each, [key]) for each in strange):
            yield reading.tell(f"{reading.label(error.place)} needs `{key}`", error.place, key=True)


def _companions(reading: Reading, error: Offence) -> Iterator[Problem]:
    """A key that needs others beside it."""
    for key, needed in error.wanted.items():
        lacking = [other for other in needed if other not in error.value]
        if key in error.value and lacking:
            message = f"`{key}` needs {' and '.join(quoted(lacking))} beside it"
            yield reading.tell(message, (*error.place, key), key=True)


def _unknown(reading: Reading, error: Offence) -> Iterator[Problem]:
    """Keys that a mapping cannot have."""
    step = reading.steps.get(error.place)
    known = tuple(error.schema["properties"])
    noun = error.schema.get("x-keys", "key")
    for key, value in error.value.items():
        if key in known or (not error.place and key.startswith("x-")):
            continue
        told = unknown_key(key, value, known, step, error.place, noun=noun)
        message = told.message or f"unknown {noun} `{key}` in {reading.label(error.place)}"
        yield reading.tell(
            message, (*error.place, key), key=True, expected=told.expected, hint=told.hint
        )


def _nothing(reading: Reading, error: Offence) -> Iterator[Problem]:
    """A mapping, list or text that is too short, most often because nothing is in it."""
    if error.value:
        yield from _value(reading, error)
    else:
        yield _empty(reading, error)


def _empty(reading: Reading, error: Offence) -> Problem:
    """A value that is null or not there at all, or that has nothing in it."""
    written = not reading.source.is_empty(error.place)
    how = "is null" if error.value is None and written else "is empty"
    message = f"{reading.label(error.place)} {how}: expected {_expects(error)}"
    return reading.tell(
        message, error.place, key=not written, hint=for_empty(error.place, error.schema)
    )


def _twice(reading: Reading, error: Offence) -> Iterator[Problem]:
    """A list that has an element more than once."""
    for index, item in enumerate(error.value):
        first = error.value.index(item)
        if first < index:
            message = f"{reading.label(error.place)} has {found(item)} twice"
            yield reading.tell(message, (*error.place, index), also=(*error.place, first))


def _name(reading: Reading, error: Offence) -> Problem:
    """A key that cannot be a name."""
    name = str(error.value)
    message = f"`{name}` in {reading.label(error.place)}: expected {_expects(error)}"
    return reading.tell(message, (*error.place, name), key=True)


def _expects(error: Offence) -> str:
    if error.keyword == "not" and "enum" in error.wanted:
        return "a name that is not reserved"
    return str(error.schema["x-expects"])


_Sentence = Callable[[Reading, Offence], Iterator[Problem]]

_SENTENCES: Final[Mapping[str, _Sentence]] = {
    "additionalProperties": _unknown,
    "anyOf": _alternatives,
    "dependentRequired": _companions,
    "minItems": _nothing,
    "minLength": _nothing,
    "minProperties": _nothing,
    "not": _one_way,
    "oneOf": _one_way,
    "required": _missing,
    "uniqueItems": _twice,
}
