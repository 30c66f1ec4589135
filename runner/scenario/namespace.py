"""One namespace for ids and variables: ``${name}`` means one thing in the whole file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from runner.scenario.grammar import steps_in
from runner.scenario.model import Path
from runner.scenario.problems import Problem
from runner.scenario.source import Source


def check_names(source: Source, value: object, columns: Iterable[str]) -> tuple[Problem, ...]:
    """Ids that are a variable's name too, and secrets that stand in ``vars``.

    ``value`` is the source's, without what breaks the schema; ``columns`` are the variables that
    cases give. Two steps with one id are the business of their order.
    """
    if not isinstance(value, Mapping):
        return ()
    places: dict[str, tuple[Path | None, str]] = {}
    for name in columns:
        places.setdefault(name, (None, "`cases` give a variable of this name"))
    for name, place, what in _variables(value):
        places[name] = place, what
    problems = []
    for name in _section(value, "vars").keys() & _section(value, "secrets").keys():
        first = (("vars", name), "the first is here")
        message = f"`{name}` stands in `vars` and in `secrets`"
        hint = "keep one of them"
        place = ("secrets", name)
        problems.append(
            source.problem("invalid-scenario", message, place, key=True, hint=hint, also=(first,))
        )
    for place, step in steps_in(value):
        given = step.get("id") if isinstance(step, Mapping) else None
        if isinstance(given, str) and given in places:
            where, what = places[given]
            problems.append(
                source.problem(
                    "invalid-scenario",
                    f"the id `{given}` is a variable's name too: {what}"
                    if where is None
                    else f"the id `{given}` is a variable's name too",
                    (*place, "id"),
                    hint=f"`${{{given}}}` would mean both: choose another id",
                    also=() if where is None else ((where, what),),
                )
            )
    return tuple(problems)


def _variables(value: Mapping[str, Any]) -> Iterator[tuple[str, Path, str]]:
    """Every variable the file defines: its name, where, and how."""
    for section, what in (("vars", "a variable"), ("secrets", "a secret")):
        for name in _section(value, section):
            yield name, (section, name), f"{what} of this name"
    for place, step in steps_in(value):
        if not isinstance(step, Mapping):
            continue
        for key, what in (
            ("capture", "captured here"),
            ("set", "set here"),
            ("for-each", "each element in turn"),
        ):
            for name in _section(step, key):
                yield name, (*place, key, name), what


def _section(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}
