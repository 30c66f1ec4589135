"""The heads of queries that name facts: which there are, of which type, and how each is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runner.query.errors import QueryError, listing, suggestion
from runner.query.facts import FACTS, FAMILIES, PARTS, REQUESTS, Fact, facts_of
from runner.query.segments import CRUMBS, Segment, crumb_value, find_member, walk, written
from runner.query.types import phrase
from runner.query.values import MISSING, Lazy

Find = Callable[[Mapping[str, object]], object]
Head = tuple[str, tuple[str, ...], Find]
"""A static type, the names of the facts used, and the function that finds the value."""


def is_fact_of(verb: str, segments: list[Segment]) -> bool:
    known = facts_of(verb)
    names = [str(segment.value) for segment in segments]
    return any(".".join(names[:length]) in known for length in range(1, len(names) + 1))


def fact_head(segments: list[Segment], start: int, verb: str) -> Head:
    names: list[str] = []
    for segment in segments[:3]:
        if segment.quoted or not isinstance(segment.value, str):
            break
        names.append(segment.value)
    for length in range(len(names), 0, -1):
        name = ".".join(names[:length])
        rest = segments[length:]
        if name in FAMILIES:
            _require(FAMILIES[name], name, verb, start)
            return _family(FAMILIES[name], name, rest)
        if name in FACTS:
            _require(FACTS[name], name, verb, start)
            return _fixed(FACTS[name], rest)
    raise _unknown(segments, verb, start)


def _require(fact: Fact, name: str, verb: str, offset: int) -> None:
    if fact.name in facts_of(verb):
        return
    shown = [each for each in fact.verbs if each not in REQUESTS] or list(fact.verbs)
    if set(REQUESTS) <= set(fact.verbs):
        shown.append("get")
    owners = listing((f"`{each}`" for each in shown), "and")
    raise QueryError(
        f"a `{verb}` step has no fact `{name}`",
        offset,
        f"{owners} {'has' if len(shown) == 1 else 'have'} it",
    )


def _unknown(segments: list[Segment], verb: str, offset: int) -> QueryError:
    from runner.query.meant import meant

    path = written(segments)
    hint = meant(segments, verb) or f"a `{verb}` step has {listing(facts_of(verb), 'and')}"
    return QueryError(f"there is no fact `{path}`", offset, hint)


def _fixed(fact: Fact, rest: list[Segment]) -> Head:
    name = fact.name
    if not rest:

        def find(facts: Mapping[str, object]) -> object:
            value = facts.get(name, MISSING)
            return value.get() if value.__class__ is Lazy else value

        return fact.type, (name,), find
    if fact.type not in ("list", "mapping", "any"):
        raise QueryError(f"`{name}` is {phrase(fact.type)} and has no parts", rest[0].offset)
    if fact.type == "list" and isinstance(rest[0].value, str):
        raise QueryError(
            f"`{name}` is a list", rest[0].offset, f"choose an element first: `{name}[0]`"
        )
    type_ = "any"
    steps: list[str | int] = [segment.value for segment in rest]
    if name in PARTS and len(rest) > 1:
        type_ = _part(name, rest[1])
        if type_ == "mapping" and len(rest) == 3 and isinstance(rest[2].value, str):
            hop, member = tuple(steps[:2]), str(steps[2])
            return (
                "text",
                (name,),
                lambda facts: find_member("header", walk(facts.get(name, MISSING), hop), member),
            )
    fixed = tuple(steps)
    return type_, (name,), lambda facts: walk(facts.get(name, MISSING), fixed)


def _part(name: str, segment: Segment) -> str:
    parts = PARTS[name]
    word = str(segment.value)
    if word not in parts:
        hint = suggestion(word, parts) or f"it has {listing(parts, 'and')}"
        raise QueryError(f"`{name}` has no part `{word}`", segment.offset, hint)
    return parts[word]


def _family(fact: Fact, stem: str, rest: list[Segment]) -> Head:
    if not rest:
        return "mapping", (stem,), lambda facts: walk(facts.get(stem, MISSING), ())
    first, *more = rest
    if not isinstance(first.value, str):
        raise QueryError(
            f"`{stem}` is read by name, not by index",
            first.offset,
            f"write {stem}['{first.value}']",
        )
    member = first.value
    steps = tuple(segment.value for segment in more)
    type_ = fact.type
    if stem in CRUMBS and more:
        try:
            type_ = _part(stem, more[0])
        except QueryError as error:
            raise QueryError(
                error.message, error.offset, f"{error.hint}; a name with a dot goes in ['…']"
            ) from None
        more = more[1:]
    if more and type_ not in ("list", "any"):
        raise QueryError(
            f"`{stem}.{member}` is {phrase(type_)} and has no parts",
            more[0].offset,
            f"put a name with a dot in brackets: {stem}['…']",
        )
    if more:
        type_ = "any"

    def find(facts: Mapping[str, object]) -> object:
        members = facts.get(stem, MISSING)
        if members.__class__ is Lazy:
            members = members.get()
        value = find_member(stem, members, member)
        if stem in CRUMBS and not steps:
            value = crumb_value(value)
        return walk(value, steps) if steps or value.__class__ is Lazy else value

    return type_, (stem,), find
