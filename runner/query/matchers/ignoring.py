"""``ignoring``: JSONPaths taken out of both sides before they are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from runner.query.errors import QueryError
from runner.query.jsonpath import compile_locations
from runner.query.matchers.core import Node, Place, Prune, matcher
from runner.query.show import found

BESIDE: Final = ("equals", "includes", "same-as")

_Tree = dict[str | int, Any]


@matcher("ignoring", "list of JSONPaths", ("list", "mapping"), nested=True)
def ignoring(_operand: object, place: Place) -> Node:
    """Takes what JSONPaths find out of both sides before they are compared.

    Stands beside `equals`, `includes` or `same-as`:
    `{equals: {id: 7}, ignoring: [$.created]}`.
    """
    raise place.error("`ignoring` stands beside `equals`, `includes` or `same-as`")


def compile_ignoring(operand: object, place: Place) -> Prune:
    """A function that gives a value without what the JSONPaths find. Raises MatcherError."""
    if not isinstance(operand, list | tuple) or not operand:
        raise place.error(f"`ignoring` takes a list of JSONPaths; found {found(operand)}")
    locators = []
    for index, text in enumerate(operand):
        if not isinstance(text, str) or not text.startswith("$"):
            raise place.at(index).error(
                f"`ignoring` takes JSONPaths such as $.created; found {found(text)}"
            )
        try:
            locators.append(compile_locations(text))
        except QueryError as error:
            raise place.at(index).error(error.message, error.hint) from None

    def prune(value: object) -> object:
        tree: _Tree = {}
        for locate in locators:
            for location in locate(value):
                _mark(tree, location)
        return without(value, tree) if tree else value

    return prune


def _mark(tree: _Tree, location: Sequence[str | int]) -> None:
    """Enter a location; an empty branch means that all below goes."""
    for at, step in enumerate(location):
        known = tree.get(step)
        if known is not None and not known:
            return
        if at == len(location) - 1:
            tree[step] = {}
            return
        tree = tree.setdefault(step, {})


def without(value: object, tree: Mapping[str | int, Any]) -> object:
    """A copy of the value without the marked places; what is not marked is shared."""
    if isinstance(value, Mapping):
        return {
            key: without(item, tree[key]) if tree.get(key) else item
            for key, item in value.items()
            if tree.get(key) != {}
        }
    if isinstance(value, list | tuple):
        return [
            without(item, tree[index]) if tree.get(index) else item
            for index, item in enumerate(value)
            if tree.get(index) != {}
        ]
    return value
