"""What can still be read of a scenario that breaks the schema, so that all of it is judged at once.

What offends is taken out by the key it stands under, in `expect` and `capture` by the line; a step
of which no verb is left stays as one of which nothing is known. What is taken out may have defined
every name that is written in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from runner.scenario.grammar import Place, is_verb

_LINES: Final = ("expect", "capture")
_STEPS: Final = ("steps", "teardown")
# Stands for the value of a verb that offends: a step needs it to be built, and nothing looks at it.
_HARMLESS: Final[Mapping[str, object]] = {
    "open": "GET /", "add-headers": {}, "wait": "1s", "set": {}, "block": [], "parallel": [],
    **dict.fromkeys(("get", "post", "put", "patch", "delete", "head", "options"), "/"),
    **dict.fromkeys(("session", "connect", "send", "read")),
}  # fmt: skip


Lost = dict[str, set[str]]
"""The keys a step loses, each with the lines of it that go; without any, it goes as a whole."""


class Rest(NamedTuple):
    """The ``value`` of a file without what offends in it.

    ``names``: for each step that lost something, what that may have defined. ``unread`` are the
    paths of steps of which no verb is left. ``known`` is what the lost top-level keys may have
    defined; with ``open`` that cannot be told, as the cases of a file.
    """

    value: Mapping[str, Any]
    names: Mapping[Place, frozenset[str]]
    unread: frozenset[Place]
    known: frozenset[str]
    open: bool


def whole(value: object) -> Rest:
    """A file in which nothing offends."""
    assert isinstance(value, Mapping)
    return Rest(value, {}, frozenset(), frozenset(), False)


def rest_of(value: object, offending: Iterable[Place]) -> Rest | None:
    """What is left of a source's value without the values at these paths; None when nothing is."""
    if not isinstance(value, Mapping):
        return None
    lost: dict[Place, Lost] = {}
    for place in offending:
        step, key, line = _step_of(value, place)
        keys = lost.setdefault(step, {})
        if not line:
            keys[key] = set()
        elif keys.get(key, {line}):
            keys.setdefault(key, set()).add(line)
    top = lost.get((), {}).keys() - {""}
    made = dict(value)
    known: set[str] = set()
    for key in top & made.keys():
        gone = made.pop(key)
        if key not in _STEPS:
            known |= set(_words(gone))
    names: dict[Place, frozenset[str]] = {}
    unread: set[Place] = set()
    for section in _STEPS:
        if section in made:
            made[section] = _steps(made[section], (section,), lost, names, unread)
    made.setdefault("steps", [])
    return Rest(made, names, frozenset(unread), frozenset(known), "cases" in top)


def _step_of(value: Any, place: Place) -> tuple[Place, str, str]:
    """The innermost step a path leads through, () for none, the key in it, "" for itself, and the
    line of that key where it has lines of its own.
    """
    found: Place = ()
    for depth in range(len(place)):
        if (
            isinstance(value, list)
            and isinstance(place[depth], int)
            and _holds_steps(place[:depth])
        ):
            found = place[: depth + 1]
        try:
            value = value[place[depth]]
        except (LookupError, TypeError):
            break
    rest = place[len(found) :]
    key = str(rest[0]) if rest else ""
    return found, key, str(rest[1]) if found and key in _LINES and len(rest) > 1 else ""


def _holds_steps(place: Place) -> bool:
    """Whether the list at a path is one of steps, by its path alone."""
    if len(place) == 1:
        return place[0] in _STEPS
    if len(place) < 3 or not (place[-1] == "block" or place[-2:-1] == ("parallel",)):
        return False
    within = place[:-1] if place[-1] == "block" else place[:-2]
    return isinstance(within[-1], int) and _holds_steps(within[:-1])


def _steps(
    listed: Any,
    place: Place,
    lost: Mapping[Place, Lost],
    names: dict[Place, frozenset[str]],
    unread: set[Place],
) -> list[object]:
    if not isinstance(listed, list):
        return []
    return [_step(step, (*place, index), lost, names, unread) for index, step in enumerate(listed)]


def _step(
    step: Any,
    place: Place,
    lost: Mapping[Place, Lost],
    names: dict[Place, frozenset[str]],
    unread: set[Place],
) -> object:
    """A step without what offends in it, with its inner steps treated likewise."""
    keys = lost.get(place, {})
    verbs = [key for key in step if is_verb(key)] if isinstance(step, Mapping) else []
    verb = verbs[0] if len(verbs) == 1 else ""
    if not verb or keys.keys() & {"", "in"} or (verb in keys and verb not in _HARMLESS):
        unread.add(place)
        names[place] = frozenset(_words(step))
        return step
    made = {key: value for key, value in step.items() if key not in keys or key == verb}
    if keys:
        gone = {key: step[key] for key in keys if key in step}
        for key, lines in keys.items():
            if lines and isinstance(step[key], Mapping):
                left = {line: item for line, item in step[key].items() if line not in lines}
                gone[key] = {line: item for line, item in step[key].items() if line in lines}
                made |= {key: left} if left else {}
        names[place] = frozenset(_words(gone))
    inner = step[verb]
    if verb == "block" and isinstance(inner, list):
        made[verb] = _steps(inner, (*place, verb), lost, names, unread)
    elif verb == "parallel" and isinstance(inner, list):
        made[verb] = [
            _steps(branch, (*place, verb, number), lost, names, unread)
            for number, branch in enumerate(inner)
        ]
    elif verb in keys:
        made[verb] = _HARMLESS[verb]
    return made


def _words(value: object) -> Iterator[str]:
    """Every key and every text in a value."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _words(item)
    elif isinstance(value, list):
        for item in value:
            yield from _words(item)
    elif isinstance(value, str):
        yield value
