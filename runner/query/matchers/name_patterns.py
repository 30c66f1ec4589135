"""Patterns in a JSON Schema for names of properties, which the library searches for unbounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from runner.query.patterns import Pattern, PatternError
from runner.query.show import show

compiled = lru_cache(maxsize=256)(Pattern)


class NamePatterns:
    """The patterns for names in a schema and in those it refers to."""

    def __init__(self, schema: object) -> None:
        self._patterns: list[Pattern] = []
        self.add(schema)

    def add(self, schema: object) -> None:
        """Takes in those of a schema; what is no pattern is the library's to refuse."""
        for text in _property_patterns(schema):
            try:
                self._patterns.append(compiled(text))
            except PatternError:
                continue

    def too_costly(self, value: object) -> str | None:
        """A sentence for a name in the value that a search in could take too long, if there is."""
        if not self._patterns:
            return None
        for name in _names_in(value):
            for pattern in self._patterns:
                if not pattern.is_cheap(name):
                    return f'the pattern "{pattern.text}" takes too long on the name {show(name)}'
        return None


def _names_in(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield str(name)
            yield from _names_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _names_in(item)


def _property_patterns(schema: object) -> Iterator[str]:
    """The regular expressions for names of properties in a schema, at any depth."""
    if isinstance(schema, Mapping):
        named = schema.get("patternProperties")
        if isinstance(named, Mapping):
            yield from map(str, named)
        for inner in schema.values():
            yield from _property_patterns(inner)
    elif isinstance(schema, list | tuple):
        for inner in schema:
            yield from _property_patterns(inner)
