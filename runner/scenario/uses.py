"""The templates in a compiled tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.scenario.expression import Expression


def expressions(tree: object) -> Iterator[Expression]:
    """Every ``${…}`` in a compiled tree, in the order of the file."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from expressions(key)
            yield from expressions(value)
    elif isinstance(tree, list | tuple):
        for item in tree:
            yield from expressions(item)
    elif hasattr(tree, "expressions"):
        yield from tree.expressions()
