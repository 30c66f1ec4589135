"""A specification, as a scenario writes it, to a compiled matcher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from runner.query.errors import FilterError, MatcherError, listing, suggestion
from runner.query.matchers.core import (
    MATCHERS,
    MatcherEntry,
    Mismatch,
    Node,
    Place,
    Verdict,
)
from runner.query.matchers.equality import literal
from runner.query.show import show
from runner.query.types import fits, phrase, phrases
from runner.query.values import Deferred, Scope, is_deferred, settle


def build_node(spec: object, place: Place) -> Node:
    """The matcher of a literal, or of a mapping of matcher names. Raises MatcherError."""
    if not isinstance(spec, Mapping):
        if is_deferred(spec):
            return _deferred(LITERAL, spec, place)
        return literal(spec, place)
    if not spec:
        raise place.error(
            "an empty mapping is no matcher", "for an empty mapping write {equals: {}}"
        )
    for name in spec:
        if name not in _all_matchers():
            raise _unknown(name, place)
    if "ignoring" in spec:
        return _with_ignoring(spec, place)
    return _all([_entry(str(name), operand, place.at(str(name))) for name, operand in spec.items()])


def _all_matchers() -> Mapping[str, MatcherEntry]:
    """Every matcher, imported when a mapping first names one."""
    from runner.query.matchers import themes

    return themes.MATCHERS


def _unknown(name: object, place: Place) -> MatcherError:
    if isinstance(name, Deferred):
        return place.error(
            f"a template cannot be the name of a matcher: {show(name)}",
            "to compare with a mapping write {equals: {…}}",
        )
    word = str(name)
    near = suggestion(word, MATCHERS)
    hint = near or f"the matchers are {listing(MATCHERS, 'and')}"
    return place.at(word).error(
        f"there is no matcher `{word}`: to compare with a mapping write `equals:`", hint
    )


def _entry(name: str, operand: object, place: Place) -> Node:
    entry = MATCHERS[name]
    if not fits(place.type, entry.takes):
        raise place.error(
            f"`{name}` needs {phrases(entry.takes)}, but {place.subject} is {phrase(place.type)}"
        )
    if not entry.nested and is_deferred(operand):
        return _deferred(entry, operand, place)
    return entry.build(operand, place)


def _deferred(entry: MatcherEntry, operand: object, place: Place) -> Node:
    """A matcher whose operand is settled, and read, at each check."""
    text = show(operand) if entry is LITERAL else f"{entry.name} {show(operand)}"

    def settled(scope: Scope | None) -> Node | Mismatch:
        if scope is None:
            raise TypeError(f"`{entry.name}` holds a template, so a scope is needed to check it")
        data = settle(operand, scope)
        try:
            return entry.build(data, place)
        except (MatcherError, FilterError) as error:
            return Mismatch(entry.name, data, None, f"cannot be checked: {error}", judged=False)

    def check(value: object, scope: Scope | None) -> Verdict:
        built = settled(scope)
        if isinstance(built, Mismatch):
            return (replace(built, found=value),)
        return built.run(value, scope)

    return Node(entry.name, text, check, check)


LITERAL = MatcherEntry("equals", literal, "", "data", ("any",), nested=False)


def _with_ignoring(spec: Mapping[object, object], place: Place) -> Node:
    from runner.query.matchers.ignoring import BESIDE

    beside = [name for name in spec if name in BESIDE]
    if not beside:
        raise place.at("ignoring").error(
            "`ignoring` stands beside `equals`, `includes` or `same-as`; none is here"
        )
    if is_deferred(spec["ignoring"]):
        entry = MatcherEntry("ignoring", _ignoring_later, "", "", ("any",), nested=False)
        # The rest is checked now with no path ignored, so that a slip in it is found now.
        _pruned(spec, place, None)
        return _deferred(entry, dict(spec), place)
    return _pruned(spec, place, spec["ignoring"])


def _ignoring_later(spec: object, place: Place) -> Node:
    assert isinstance(spec, Mapping)
    return _pruned(spec, place, spec["ignoring"])


def _pruned(spec: Mapping[object, object], place: Place, paths: object) -> Node:
    from runner.query.matchers.ignoring import BESIDE, compile_ignoring

    prune = compile_ignoring(paths, place.at("ignoring")) if paths is not None else None
    return _all(
        [
            _entry(
                str(name),
                operand,
                replace(place.at(str(name)), prune=prune if name in BESIDE else None),
            )
            for name, operand in spec.items()
            if name != "ignoring"
        ]
    )


def _all(nodes: list[Node]) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    text = ", ".join(each.text for each in nodes)

    def check(value: object, scope: Scope | None) -> Verdict:
        return tuple(found for each in nodes for found in each.check(value, scope))

    def missing(value: object, scope: Scope | None) -> Verdict:
        # One sentence is enough to say that it is missing.
        return next((found for each in nodes if (found := each.missing(value, scope))), ())

    return Node("all-of", text, check, missing)
