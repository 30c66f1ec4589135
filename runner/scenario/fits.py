"""Whether a value fits the schema, yes or no: a function compiled once for each part of it.

Who wants to know why a value does not fit asks jsonschema, which takes a hundred times as long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from runner.scenario.grammar import schema

Fits = Callable[[Any], bool]
Node = Mapping[str, Any] | bool

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "array": (list,), "boolean": (bool,), "integer": (int,), "null": (type(None),),
    "number": (int, float), "object": (dict,), "string": (str,),
}  # fmt: skip

_OF_MAPPING: Final = frozenset({"properties", "patternProperties", "additionalProperties"})

_SAYS_NOTHING: Final = frozenset({
    "$schema", "$defs", "title", "description", "examples", "default", "then", "else",
})  # fmt: skip


@cache
def fits_named(reference: str) -> Fits:
    """The function for what a ``$ref`` leads to; made when it is first called, for parts of the
    schema hold themselves.
    """
    made: list[Fits] = []

    def fits(value: Any) -> bool:
        if not made:
            target: Any = schema()
            for part in reference.removeprefix("#/").split("/"):
                target = target[part]
            made.append(fits_of(target))
        return made[0](value)

    return fits


@cache
def fits_scenario() -> Fits:
    """Whether a value is a scenario."""
    return fits_of(schema())


def fits_of(node: Node) -> Fits:
    """Whether a value fits this part of the schema, as a function.

    Raises ``NotImplementedError`` for a keyword that this schema has not had so far.
    """
    if isinstance(node, bool):
        return lambda _value: node
    checks = [
        made
        for keyword, wanted in node.items()
        if keyword not in _SAYS_NOTHING and not keyword.startswith("x-")
        for made in (_check(keyword, wanted, node),)
        if made is not None
    ]
    if len(checks) == 1:
        return checks[0]

    def fits(value: Any) -> bool:
        for check in checks:  # noqa: SIM110 - a generator would take twice as long
            if not check(value):
                return False
        return True

    return fits


def _check(keyword: str, wanted: Any, node: Mapping[str, Any]) -> Fits | None:
    """The function for one keyword; None where another one sees to it."""
    if keyword == "$ref":
        return fits_named(wanted)
    if keyword in _OF_MAPPING:
        first = next(key for key in node if key in _OF_MAPPING)
        return _mapping(node) if keyword == first else None
    if keyword == "if":
        return _if(wanted, node)
    if keyword not in _KEYWORDS:
        raise NotImplementedError(f"the schema has the keyword {keyword}")
    return _KEYWORDS[keyword](wanted)


def _mapping(node: Mapping[str, Any]) -> Fits:
    """Each value of a mapping, by its key."""
    known = {key: fits_of(each) for key, each in node.get("properties", {}).items()}
    patterns = [
        (re.compile(pattern).search, fits_of(each))
        for pattern, each in node.get("patternProperties", {}).items()
    ]
    rest = fits_of(node.get("additionalProperties", True))

    def fits(value: Any) -> bool:
        if not isinstance(value, dict):
            return True
        for key, item in value.items():
            own = known.get(key)
            if own is not None and not own(item):
                return False
            alike = [each for search, each in patterns if search(key)]
            if not all(each(item) for each in alike):
                return False
            if own is None and not alike and not rest(item):
                return False
        return True

    return fits


def _if(wanted: Node, node: Mapping[str, Any]) -> Fits:
    condition = fits_of(wanted)
    then, other = fits_of(node.get("then", True)), fits_of(node.get("else", True))
    return lambda value: then(value) if condition(value) else other(value)


def _type(wanted: str | Sequence[str]) -> Fits:
    names = [wanted] if isinstance(wanted, str) else wanted
    classes = tuple(each for name in names for each in _TYPES[name])
    truth, whole = bool in classes, "integer" in names and "number" not in names

    def fits(value: Any) -> bool:
        if isinstance(value, bool):
            return truth
        # A float without a fraction is an integer (JSON Schema 2020-12, 6.1.1).
        return isinstance(value, classes) or (
            whole and isinstance(value, float) and value.is_integer()
        )

    return fits


def _pattern(wanted: str) -> Fits:
    search = re.compile(wanted).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _enum(wanted: Sequence[Any]) -> Fits:
    truths = [each for each in wanted if isinstance(each, bool)]
    others = [each for each in wanted if not isinstance(each, bool)]
    return lambda value: value in (truths if isinstance(value, bool) else others)


def _each_in(kind: type[list[Any] | dict[str, Any]]) -> Callable[[Node], Fits]:
    """Each element of a list, or each key of a mapping."""

    def make(wanted: Node) -> Fits:
        each = fits_of(wanted)
        return lambda value: not isinstance(value, kind) or all(map(each, value))

    return make


def _required(wanted: Sequence[str]) -> Fits:
    needed = frozenset(wanted)
    return lambda value: not isinstance(value, dict) or needed <= value.keys()


def _companions(wanted: Mapping[str, Sequence[str]]) -> Fits:
    rules = [(key, frozenset(needed)) for key, needed in wanted.items()]
    return lambda value: (
        not isinstance(value, dict)
        or all(needed <= value.keys() for key, needed in rules if key in value)
    )


def _schemas_beside(wanted: Mapping[str, Node]) -> Fits:
    rules = {key: fits_of(each) for key, each in wanted.items()}
    return lambda value: (
        not isinstance(value, dict) or all(rules[key](value) for key in value if key in rules)
    )


def _any_of(wanted: Sequence[Node]) -> Fits:
    forms = [fits_of(each) for each in wanted]
    return lambda value: any(form(value) for form in forms)


def _one_of(wanted: Sequence[Node]) -> Fits:
    forms = [fits_of(each) for each in wanted]
    keys = [_only_key(each) for each in wanted]
    if len(keys) > 1 and None not in keys:
        choice = frozenset(keys)
        # Of what is no mapping all forms hold.
        return lambda value: isinstance(value, dict) and len(choice & value.keys()) == 1
    return lambda value: sum(form(value) for form in forms) == 1


def _only_key(form: Node) -> str | None:
    """The key that a form requires when it does nothing else, None for other forms."""
    if isinstance(form, bool) or set(form) != {"required"} or len(form["required"]) != 1:
        return None
    return str(form["required"][0])


def _not(wanted: Node) -> Fits:
    form = fits_of(wanted)
    return lambda value: not form(value)


def _unique(wanted: bool) -> Fits:
    def fits(value: Any) -> bool:
        if not wanted or not isinstance(value, list):
            return True
        return all(item not in value[:index] for index, item in enumerate(value))

    return fits


def _sized(
    kind: type[str | list[Any] | dict[str, Any]], *, most: bool = False
) -> Callable[[int], Fits]:
    def make(wanted: int) -> Fits:
        if most:
            return lambda value: not isinstance(value, kind) or len(value) <= wanted
        return lambda value: not isinstance(value, kind) or len(value) >= wanted

    return make


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _minimum(wanted: float) -> Fits:
    return lambda value: not _is_number(value) or value >= wanted


def _maximum(wanted: float) -> Fits:
    return lambda value: not _is_number(value) or value <= wanted


_KEYWORDS: Final[Mapping[str, Callable[[Any], Fits]]] = {
    "anyOf": _any_of,
    "dependentRequired": _companions,
    "dependentSchemas": _schemas_beside,
    "enum": _enum,
    "items": _each_in(list),
    "maxItems": _sized(list, most=True),
    "maxProperties": _sized(dict, most=True),
    "maximum": _maximum,
    "minItems": _sized(list),
    "minLength": _sized(str),
    "minProperties": _sized(dict),
    "minimum": _minimum,
    "not": _not,
    "oneOf": _one_of,
    "pattern": _pattern,
    "propertyNames": _each_in(dict),
    "required": _required,
    "type": _type,
    "uniqueItems": _unique,
}
