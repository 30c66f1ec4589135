"""The schema's verdict on a scenario, as problems a person can act on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from runner.scenario.fits import fits_named, fits_of, fits_scenario
from runner.scenario.grammar import Place, schema
from runner.scenario.problems import MOST, Problem
from runner.scenario.reading import Offence, Reading, offence
from runner.scenario.sentences import explain
from runner.scenario.slips import Slip, slip
from runner.scenario.source import Source
from runner.scenario.valid import Judgement

if TYPE_CHECKING:
    from jsonschema import ValidationError


def validate(source: Source) -> tuple[Problem, ...]:
    """Everything in which a file is no scenario, in the order of its lines; empty when it is one.

    The kind of all problems is ``invalid-scenario``. Whether queries, matchers, templates and the
    order of steps make sense is not looked at. Of very many problems not all are told.
    """
    return judge(source).problems


def judge(source: Source) -> Judgement:
    """The same, with the paths of what offends."""
    reading = Reading(source)
    slips: dict[Place, Slip] = {}
    cut = False
    for place, step in reading.steps.items():
        if cut := len(slips) > MOST:
            break
        found = slip(source, place, step)
        if found is not None:
            slips[place] = found
    listed = [each.problem for each in slips.values()]
    try:
        for error in () if cut else _without(slips, _errors(source.value)):
            if cut := len(listed) > MOST:
                break
            listed += explain(reading, error)
    except RecursionError:
        listed.append(reading.tell("the steps and matchers are nested too deep", ()))
        cut = True
    unique = {(problem.at, problem.message): problem for problem in listed}
    problems = tuple(sorted(unique.values(), key=_position))
    return Judgement(problems, frozenset((*slips, *reading.told)), cut)


def _errors(value: object) -> Iterator[ValidationError]:
    return iter(()) if fits_scenario()(value) else iter(_slow().iter_errors(value))


@cache
def _slow() -> Any:
    """The validator that tells what is wrong. It goes only into what does not fit."""
    from jsonschema import Draft202012Validator, validators

    followed: Any = Draft202012Validator.VALIDATORS["$ref"]

    def ref(validator: Any, wanted: str, value: object, node: Any) -> Iterator[Any]:
        if not fits_named(wanted)(value):
            yield from followed(validator, wanted, value, node)

    def items(validator: Any, wanted: Any, value: object, _node: Any) -> Iterator[Any]:
        fits = fits_of(wanted)
        for index, item in enumerate(value if isinstance(value, list) else ()):
            if not fits(item):
                yield from validator.descend(item, wanted, path=index)

    extend: Any = validators.extend
    return extend(Draft202012Validator, {"$ref": ref, "items": items})(schema())


def _without(slips: dict[Place, Slip], errors: Iterator[ValidationError]) -> Iterator[Offence]:
    """The errors that no slip has told already."""
    told = {each.told for each in slips.values() if each.told}
    for error in map(offence, errors):
        place = error.place
        at_step = place in slips and slips[place].told is None
        if not at_step and not any(place[:length] in told for length in range(len(place) + 1)):
            yield error


def _position(problem: Problem) -> tuple[int, int]:
    return (problem.at.line, problem.at.column) if problem.at else (0, 0)
