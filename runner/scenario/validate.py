"""The schema's verdict on a scenario, as problems a person can act on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runner.scenario.grammar import Place, schema
from runner.scenario.problems import Problem
from runner.scenario.reading import Offence, Reading, offence
from runner.scenario.sentences import explain
from runner.scenario.slips import Slip, slip
from runner.scenario.source import Source

if TYPE_CHECKING:
    from jsonschema import ValidationError


def validate(source: Source) -> tuple[Problem, ...]:
    """Everything in which a file is no scenario, in the order of its lines; empty when it is one.

    The kind of all problems is ``invalid-scenario``. Whether queries, matchers, templates and the
    order of steps make sense is not looked at.
    """
    from jsonschema import Draft202012Validator

    reading = Reading(source)
    slips = {
        place: found
        for place, step in reading.steps.items()
        if (found := slip(source, place, step)) is not None
    }
    listed = [each.problem for each in slips.values()]
    try:
        for error in _without(slips, Draft202012Validator(schema()).iter_errors(source.value)):
            listed += explain(reading, error)
    except RecursionError:
        listed.append(reading.tell("the steps and matchers are nested too deep", ()))
    unique = {(problem.at, problem.message): problem for problem in listed}
    return tuple(sorted(unique.values(), key=_position))


def _without(slips: dict[Place, Slip], errors: Iterator[ValidationError]) -> Iterator[Offence]:
    """The errors that no slip has told already."""
    told = {each.told for each in slips.values() if each.told}
    for error in map(offence, errors):
        place = error.place
        at_step = place in slips and slips[place].told is None
        if not at_step and not any(place[: len(part)] == part for part in told):
            yield error


def _position(problem: Problem) -> tuple[int, int]:
    return (problem.at.line, problem.at.column) if problem.at else (0, 0)
