"""The grammar as data: what ``scenario.schema.json`` says about verbs and their keys."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

Node = Mapping[str, Any]
Place = tuple[str | int, ...]

SCHEMA_PATH: Final = Path(__file__).with_name("scenario.schema.json")


@cache
def schema() -> Node:
    """The whole schema. It is shared: read it, never change it."""
    read: Node = json.loads(SCHEMA_PATH.read_bytes())
    return read


def resolve(node: Node) -> Node:
    """The node with its ``$ref`` followed; what stands beside the reference wins."""
    if "$ref" not in node:
        return node
    target: Any = schema()
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return {**resolve(target), **{key: value for key, value in node.items() if key != "$ref"}}


@cache
def verbs() -> tuple[str, ...]:
    """All verbs, in the order of a client's life, composite ones last."""
    return tuple(schema()["$defs"]["step"]["dependentSchemas"])


def verb_node(verb: str) -> Node:
    """What the schema says of a verb's step. Raises KeyError for what is no verb."""
    node: Node = schema()["$defs"][f"step-{verb}"]
    return node


def subject_of(verb: str) -> Node:
    """What the verb's value may be."""
    return resolve(verb_node(verb)["properties"][verb])


@cache
def keys_of(verb: str) -> tuple[str, ...]:
    """The keys that may stand beside a verb, its own before the common ones."""
    return tuple(key for key in verb_node(verb)["properties"] if key != verb)


@cache
def common_keys() -> tuple[str, ...]:
    """The keys that mean the same beside any verb that has them: names, checks, loops."""
    return tuple(schema()["$defs"]["step"]["x-common"])


@cache
def verbs_with(key: str) -> tuple[str, ...]:
    """The verbs a key may stand beside; empty for what is no key of a step."""
    return tuple(verb for verb in verbs() if key in keys_of(verb))


@cache
def requests() -> tuple[str, ...]:
    """The verbs that are a whole request."""
    return tuple(verb for verb in verbs() if "as" in keys_of(verb))


def is_verb(key: object) -> bool:
    """Whether a key of a step is a verb."""
    return key in verbs()


def steps_in(scenario: object) -> Iterator[tuple[Place, object]]:
    """Every step written in a scenario's value with its path, also what is no proper step."""
    if isinstance(scenario, Mapping):
        for section in ("steps", "teardown"):
            yield from _listed(scenario.get(section), (section,))


def _listed(steps: object, place: Place) -> Iterator[tuple[Place, object]]:
    if not isinstance(steps, list):
        return
    for index, step in enumerate(steps):
        here = (*place, index)
        yield here, step
        if isinstance(step, Mapping):
            yield from _listed(step.get("block"), (*here, "block"))
            branches = step.get("parallel")
            for number, branch in enumerate(branches if isinstance(branches, list) else ()):
                yield from _listed(branch, (*here, "parallel", number))
