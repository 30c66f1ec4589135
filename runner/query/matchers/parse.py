"""A specification, as a scenario writes it, to a compiled matcher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from runner.kinds import KINDS
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
from runner.query.types import fits, is_numeric, phrase, phrases
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


_SLOW: Final = ("matches", "schema", "same-as")


def is_quick(spec: object) -> bool:
    """Whether checking a small value takes no time to speak of, whatever is in it.

    Not where a regular expression is searched for or a file is read, nor where an operand that is
    known only at run time may be large.
    """
    if not isinstance(spec, Mapping):
        return True
    return all(
        name not in _SLOW and not isinstance(operand, Deferred) and _quick_inside(operand)
        for name, operand in spec.items()
    )


def _quick_inside(operand: object) -> bool:
    """The same for an operand, which may hold matchers; data that looks like one does no harm."""
    if isinstance(operand, list | tuple):
        return all(map(_quick_inside, operand))
    return is_quick(operand)


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
    built = entry.build(operand, place)
    if place.type == "kind" and name in _ON_TEXT:
        _require_a_kind(built, operand, place)
    return built


_ON_TEXT: Final = ("contains", "starts-with", "ends-with", "matches")


def _require_a_kind(built: Node, operand: object, place: Place) -> None:
    """Raises MatcherError where no failure kind passes."""
    if any(not built.check(kind, None) for kind in KINDS):
        return
    hint = suggestion(str(operand).strip("^$"), KINDS) or "`httpsteps explain kinds` lists them"
    raise place.error(f"no failure kind passes `{built.name}: {show(operand)}`", hint)


def _deferred(entry: MatcherEntry, operand: object, place: Place) -> Node:
    """A matcher whose operand is settled, and read, at each check."""
    text = show(operand) if entry is LITERAL else f"{entry.name} {show(operand)}"

    def settled(scope: Scope | None) -> Node | Mismatch:
        if scope is None:
            raise TypeError(f"`{entry.name}` holds a template, so a scope is needed to check it")
        data = settle(operand, scope)
        try:
            built = entry.build(data, place)
        except (MatcherError, FilterError) as error:
            told = f"cannot be checked: {error}{_of_variable(operand, data)}"
            return Mismatch(entry.name, data, None, told, judged=False)
        if entry.name == "equals" and _of_variable(operand, data):
            return built._replace(check=lambda value, scope: _numeric(built, operand, value, scope))
        return built

    def check(value: object, scope: Scope | None) -> Verdict:
        built = settled(scope)
        if isinstance(built, Mismatch):
            return (built._replace(found=value),)
        return built.run(value, scope)

    return Node(entry.name, text, check, check)


def _of_variable(operand: object, data: object) -> str:
    """What to do about a variable whose text spells a number; nothing for any other value."""
    if not isinstance(operand, Deferred) or not isinstance(data, str) or not is_numeric(data):
        return ""
    return f": {operand!r} is text; give the variable a number as its default in `vars`"


def _numeric(built: Node, operand: object, value: object, scope: Scope | None) -> Verdict:
    """The verdict on equality with a text that spells a number, with what to do about it."""
    verdict = built.check(value, scope)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return verdict
    remedy = _of_variable(operand, str(value))
    return tuple(each._replace(message=each.message + remedy) for each in verdict)


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
                place.at(str(name))._replace(prune=prune if name in BESIDE else None),
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
