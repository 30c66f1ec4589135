"""JSON Schema by jsonschema: formats are checked, patterns are bounded, nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from runner.kinds import StepFault
from runner.query.json_text import JSONError, read_json
from runner.query.matchers import kinds
from runner.query.matchers.core import Place
from runner.query.matchers.name_patterns import NamePatterns, compiled
from runner.query.patterns import PatternError, TooCostly

if TYPE_CHECKING:
    from jsonschema.exceptions import SchemaError, ValidationError
    from referencing import Registry

Violations = Callable[[object], tuple[str, tuple[str, ...]]]

LIMIT: Final = 10
MOST: Final = 1000
"""How many violations are looked for: each keeps what it is about."""

_RFC3339_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_RFC3339_TIME: Final = re.compile(r"\d\d:\d\d:(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)
_DURATION: Final = re.compile(r"P(?!$)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?)")
_POINTER: Final = re.compile(r"(/([^~/]|~[01])*)*")
_RELATIVE: Final = re.compile(r"(0|[1-9]\d*)(#|(/([^~/]|~[01])*)*)")
_REFERENCE: Final = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
_TEMPLATE: Final = re.compile(r"(?:[^\s\"'<>\\^`{|}]|\{[+#./;?&=,!@|]?[\w.,:*%]+\})*")


def compile_schema(schema: Mapping[Any, Any] | bool, base: str, place: Place) -> Violations:
    """A function that tells the violations of a value in one line, with their paths.

    ``base`` is the name of the file the schema stands in, from which `$ref` to other files goes.
    Raises MatcherError when it is no schema or refers to the network.
    """
    from jsonschema import exceptions, validators
    from referencing import Resource
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    dialect = schema.get("$schema") if isinstance(schema, Mapping) else None
    latest = validators.Draft202012Validator
    class_: Any = validators.validator_for(schema, default=latest)
    if dialect is not None and class_.META_SCHEMA.get("$schema", "").rstrip("#") != str(
        dialect
    ).rstrip("#"):
        raise place.error(f"the schema's dialect {dialect} is not known")
    try:
        class_.check_schema(schema)
    except exceptions.SchemaError as error:
        raise place.error(
            f"this is no JSON Schema: {_where(error)}{_short(error.message)}"
        ) from None
    names = NamePatterns(schema)
    registry: Registry[Any] = _registry(place, names)
    _refuse_network(schema, registry, place)
    resource = Resource.from_contents(schema, default_specification=DRAFT202012)
    registry = registry.with_resource(base, resource)
    bounded: Any = validators.extend(class_, {"pattern": _pattern})  # type: ignore[no-untyped-call]
    rooted: Any = {"$ref": base} if base else schema
    if base and isinstance(schema, Mapping) and "$id" in schema:
        rooted = schema
    validator = bounded(rooted, registry=registry, format_checker=_formats())

    def violations(value: object) -> tuple[str, tuple[str, ...]]:
        try:
            costly = names.too_costly(value)
            if costly is not None:
                return costly, ()
            found = islice(validator.iter_errors(value), MOST)
            errors = sorted(found, key=lambda each: each.json_path)
        except Unresolvable as error:
            return f"its reference {error.ref} leads nowhere", ()
        shown = [_where(error) + _short(_message(error)) for error in errors[:LIMIT]]
        if len(errors) > LIMIT:
            least = "at least " if len(errors) == MOST else ""
            shown.append(f"and {least}{len(errors) - LIMIT} more")
        return "; ".join(shown), tuple(error.json_path for error in errors[:LIMIT])

    return violations


def _where(error: ValidationError | SchemaError) -> str:
    return "" if error.json_path == "$" else f"{error.json_path}: "


def _message(error: ValidationError | SchemaError) -> str:
    """What jsonschema says, with a text as it is: escaped anew, a secret in it were not known."""
    value = error.instance
    return (
        error.message.replace(repr(value), f"'{value}'")
        if isinstance(value, str)
        else error.message
    )


def _short(message: str) -> str:
    return message if len(message) <= 160 else f"{message[:80]} … {message[-75:]}"


def _registry(place: Place, names: NamePatterns) -> Registry[Any]:
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
    from referencing import Registry, Resource
    from referencing.exceptions import NoSuchResource
    from referencing.jsonschema import DRAFT202012

    def retrieve(uri: str) -> Resource[Any]:
        if ":" in uri or place.files is None:
            raise NoSuchResource(uri)
        try:
            contents: Any = read_json(place.files.read_bytes(uri))
        except (OSError, StepFault, JSONError):
            raise NoSuchResource(uri) from None
        names.add(contents)
        return Resource.from_contents(contents, default_specification=DRAFT202012)

    empty: Registry[Any] = Registry(retrieve=retrieve)  # type: ignore[call-arg]
    return empty.with_resources((uri, REGISTRY[uri]) for uri in REGISTRY)


def _refuse_network(schema: object, registry: Registry[Any], place: Place) -> None:
    """References to what only the network has are refused when the scenario is read."""
    known = {name.rstrip("#") for name in registry}
    known |= {name.rstrip("#") for name in _texts_under("$id", schema)}
    for word in ("$ref", "$dynamicRef"):
        for reference in _texts_under(word, schema):
            target = reference.split("#")[0]
            if "://" in target and target not in known:
                raise place.error(
                    f"the schema refers to {target}, and no schema is fetched",
                    "keep it in a file and refer to that, or put it under `$defs`",
                )


def _texts_under(word: str, tree: object) -> Iterator[str]:
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            if key == word and isinstance(value, str):
                yield value
            yield from _texts_under(word, value)
    elif isinstance(tree, list | tuple):
        for item in tree:
            yield from _texts_under(word, item)


def _pattern(validator: Any, pattern: str, instance: object, _schema: object) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    if not validator.is_type(instance, "string"):
        return
    try:
        if compiled(pattern).search(str(instance)) is None:
            yield ValidationError(f"{instance!r} does not match {pattern!r}")
    except (TooCostly, PatternError) as error:
        yield ValidationError(f"{pattern!r}: {error}")


@lru_cache(maxsize=1)
def _formats() -> Any:
    """All formats that JSON Schema 2020-12 names, so that none passes for want of a library."""
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())
    tests: Mapping[str, Callable[[str], bool]] = {
        "date-time": lambda text: (
            len(text) > 10 and text[10] in "Tt " and _date(text[:10]) and _time(text[11:])
        ),
        "date": _date,
        "time": _time,
        "duration": lambda text: _DURATION.fullmatch(text) is not None,
        "email": kinds.is_email,
        "idn-email": lambda text: "@" in text[1:-1],
        "hostname": kinds.is_hostname,
        "idn-hostname": lambda text: 0 < len(text) < 254 and not re.search(r"[\s/@:?#]", text),
        "ipv4": kinds.is_ipv4,
        "ipv6": kinds.is_ipv6,
        "uri": kinds.is_uri,
        "uri-reference": lambda text: _REFERENCE.fullmatch(text) is not None,
        "iri": lambda text: ":" in text[1:] and not re.search(r'[\s<>"{}|\\^`]', text),
        "iri-reference": lambda text: not re.search(r'[\s<>"{}|\\^`]', text),
        "uri-template": lambda text: _TEMPLATE.fullmatch(text) is not None,
        "uuid": kinds.is_uuid,
        "json-pointer": lambda text: _POINTER.fullmatch(text) is not None,
        "relative-json-pointer": lambda text: _RELATIVE.fullmatch(text) is not None,
        "regex": _is_regex,
    }
    for name, test in tests.items():
        checker.checks(name)(_on_text(test))
    return checker


def _on_text(test: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or test(value)


def _date(text: str) -> bool:
    return _RFC3339_DATE.fullmatch(text) is not None and kinds.is_date(text)


def _time(text: str) -> bool:
    found = _RFC3339_TIME.fullmatch(text)
    if found is None:
        return False
    # RFC 3339 5.6 has room for a leap second.
    clock = text[:6] + ("59" if found[1] == "60" else found[1]) + found[3].upper()
    return kinds.is_date(f"2000-01-01T{clock}")


def _is_regex(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return False
    return True
