"""The keywords of JSON Schema: which there are, and slips in a schema that would check nothing."""

# Lists of words read best as words.
# ruff: noqa: SIM905

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runner.query.errors import suggestion
from runner.query.matchers.core import Place

Path = tuple[str | int, ...]

# Which hold schemas: one, a list of them, or a mapping of names to them.
_ONE: Final = frozenset(
    "additionalItems additionalProperties contains contentSchema else if items not propertyNames "
    "then unevaluatedItems unevaluatedProperties".split()
)
_LIST: Final = frozenset("allOf anyOf items oneOf prefixItems".split())
_NAMED: Final = frozenset(
    "$defs definitions dependencies dependentSchemas patternProperties properties".split()
)
_PLAIN: Final = frozenset(
    "$anchor $comment $dynamicAnchor $dynamicRef $id $recursiveAnchor $recursiveRef $ref $schema "
    "$vocabulary const contentEncoding contentMediaType default dependentRequired deprecated "
    "description disallow divisibleBy enum examples exclusiveMaximum exclusiveMinimum extends "
    "format id maxContains maxItems maxLength maxProperties maximum minContains minItems minLength "
    "minProperties minimum multipleOf pattern readOnly required title type uniqueItems writeOnly "
    # Of OpenAPI, whose schemas are often taken over.
    "discriminator example externalDocs nullable xml".split()
)
KEYWORDS: Final = _ONE | _LIST | _NAMED | _PLAIN
_ELSEWHERE: Final = {
    "above": "exclusiveMinimum", "at-least": "minimum", "at-most": "maximum",
    "below": "exclusiveMaximum", "max": "maximum", "min": "minimum", "regex": "pattern",
    "matches": "pattern", "one-of": "enum",
}  # fmt: skip


def refuse_slips(schema: Mapping[Any, Any], place: Place) -> None:
    """Raises MatcherError for a keyword that is none and looks like one, which checks nothing.

    Other words that are unknown are taken for annotations, as JSON Schema has it (core, 6.5).
    """
    for path, mapping in _schemas(schema, ()):
        for word in mapping:
            if word in KEYWORDS or not isinstance(word, str) or word.startswith("x-"):
                continue
            meant = _ELSEWHERE.get(word)
            hint = f"write `{meant}`" if meant else suggestion(word, KEYWORDS)
            if hint is not None:
                where = place.at(*path, word)
                raise where.error(
                    f"JSON Schema has no keyword `{word}`, so it checks nothing", hint
                )


def _schemas(schema: object, path: Path) -> Iterator[tuple[Path, Mapping[Any, Any]]]:
    """A schema and those inside it, each with its path. What is data in it is left out."""
    if not isinstance(schema, Mapping):
        return
    yield path, schema
    for word, value in schema.items():
        if word in _NAMED and isinstance(value, Mapping):
            for name, inner in value.items():
                yield from _schemas(inner, (*path, word, name))
        elif word in _LIST and isinstance(value, list | tuple):
            for index, inner in enumerate(value):
                yield from _schemas(inner, (*path, word, index))
        elif word in _ONE:
            yield from _schemas(value, (*path, word))
