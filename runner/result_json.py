"""Results to plain JSON data and back. The shape is published in ``reports/result.schema.json``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast, get_args

from runner.kinds import Outcome
from runner.plain import plain
from runner.result import (
    RESULT_VERSION,
    Attempt,
    Failure,
    ScenarioResult,
    Snippet,
    StepResult,
    SuiteResult,
)
from runner.values import MISSING

Json = dict[str, Any]
Made = TypeVar("Made")
_OUTCOMES: Final = get_args(Outcome)


class ResultError(ValueError):
    """The document is not a result this version can read; the text says where and why."""


def suite_to_json(suite: SuiteResult) -> Json:
    """The whole run as one JSON document. A check that found nothing has no ``found``."""
    return {
        **suite_head(suite),
        "scenarios": [scenario_to_json(scenario) for scenario in suite.scenarios],
    }


def suite_head(suite: SuiteResult) -> Json:
    """What a result document says before its scenarios."""
    return {
        "httpsteps": {"result": RESULT_VERSION, "version": suite.version},
        "outcome": suite.outcome,
        "started": suite.started,
        "duration": suite.duration,
        "seed": suite.seed,
        "interrupted": suite.interrupted,
        "not-run": suite.not_run,
        "counts": suite.counts(),
    }


def scenario_to_json(scenario: ScenarioResult) -> Json:
    """One scenario, with all its steps."""
    return {
        "name": scenario.name,
        "file": scenario.file,
        "case": scenario.case,
        "tags": list(scenario.tags),
        "outcome": scenario.outcome,
        "kind": scenario.kind,
        "message": scenario.message,
        "reason": scenario.reason,
        "warnings": list(scenario.warnings),
        "started": scenario.started,
        "duration": scenario.duration,
        "steps": [step_to_json(step) for step in scenario.steps],
        "teardown": [step_to_json(step) for step in scenario.teardown],
    }


def step_to_json(step: StepResult, *, inner: bool = True) -> Json:
    """One step; without ``inner`` its ``steps`` are left empty."""
    snippet = step.snippet
    return {
        "name": step.name,
        "verb": step.verb,
        "at": step.at,
        "outcome": step.outcome,
        "kind": step.kind,
        "phase": step.phase,
        "message": step.message,
        "hint": step.hint,
        "causes": list(step.causes),
        "failures": [_failure_to_json(failure) for failure in step.failures],
        "started": step.started,
        "duration": step.duration,
        "times": dict(step.times),
        "facts": plain(step.facts),
        "captured": plain(step.captured),
        "attempts": [
            {
                "outcome": attempt.outcome,
                "started": attempt.started,
                "duration": attempt.duration,
                "kind": attempt.kind,
                "message": attempt.message,
            }
            for attempt in step.attempts
        ],
        "curl": step.curl,
        "snippet": snippet
        and {
            "file": snippet.file,
            "first": snippet.first,
            "lines": list(snippet.lines),
            "mark": list(snippet.mark),
        },
        "steps": [step_to_json(one) for one in step.steps] if inner else [],
    }


def suite_from_json(document: Mapping[str, Any]) -> SuiteResult:
    """The run a document tells of. Fields this version does not know are passed over.

    Raises ResultError when it is no result, or of a later version of the shape.
    """
    given = document.get("httpsteps") if isinstance(document, Mapping) else None
    if not isinstance(given, Mapping) or not isinstance(given.get("result"), int):
        raise ResultError(
            "this is no result of httpsteps: it has no `httpsteps.result`; "
            "make one with `httpsteps run --report json=PATH`"
        )
    if given["result"] > RESULT_VERSION:
        raise ResultError(
            f"the result has version {given['result']}, this httpsteps reads up to version "
            f"{RESULT_VERSION}: use httpsteps {given.get('version')} or later"
        )
    at = _At(document, "")
    return SuiteResult(
        version=_At(given, "httpsteps").text("version"),
        started=at.text("started"),
        duration=at.number("duration"),
        outcome=at.outcome(),
        scenarios=at.each("scenarios", _scenario),
        seed=at.get("seed", int, optional=True),
        interrupted=document.get("interrupted") is True,
        not_run=at.get("not-run", int) if "not-run" in document else 0,
    )


def _scenario(at: _At) -> ScenarioResult:
    return ScenarioResult(
        name=at.text("name"),
        file=at.text("file"),
        case=at.maybe("case"),
        tags=at.texts("tags"),
        outcome=at.outcome(),
        duration=at.number("duration"),
        steps=at.each("steps", _step),
        teardown=at.each("teardown", _step),
        kind=at.maybe("kind"),
        message=at.maybe("message"),
        reason=at.maybe("reason"),
        started=at.get("started", (int, float), optional=True) if "started" in at.given else None,
        warnings=at.texts("warnings") if "warnings" in at.given else (),
    )


def _step(at: _At) -> StepResult:
    return StepResult(
        name=at.text("name"),
        verb=at.text("verb"),
        at=at.text("at"),
        outcome=at.outcome(),
        started=at.number("started"),
        duration=at.number("duration"),
        kind=at.maybe("kind"),
        phase=at.maybe("phase"),
        message=at.maybe("message"),
        hint=at.maybe("hint"),
        causes=at.texts("causes"),
        failures=at.each("failures", _failure),
        times=at.get("times", dict),
        facts=at.get("facts", dict),
        captured=at.get("captured", dict),
        attempts=at.each("attempts", _attempt),
        curl=at.maybe("curl"),
        snippet=_snippet(at),
        steps=at.each("steps", _step),
    )


def _failure(at: _At) -> Failure:
    return Failure(
        query=at.text("query"),
        matcher=at.text("matcher"),
        expected=at.get("expected", object),
        found=at.given.get("found", MISSING),
        message=at.text("message"),
        at=at.text("at"),
        paths=at.texts("paths"),
    )


def _failure_to_json(failure: Failure) -> Json:
    made = {
        "query": failure.query,
        "matcher": failure.matcher,
        "expected": plain(failure.expected),
        "found": plain(failure.found),
        "message": failure.message,
        "at": failure.at,
        "paths": list(failure.paths),
    }
    if failure.found is MISSING:
        del made["found"]
    return made


def _attempt(at: _At) -> Attempt:
    return Attempt(
        outcome=at.outcome(),
        started=at.number("started"),
        duration=at.number("duration"),
        kind=at.maybe("kind"),
        message=at.maybe("message"),
    )


def _snippet(at: _At) -> Snippet | None:
    given = at.get("snippet", dict, optional=True)
    if given is None:
        return None
    inside = _At(given, f"{at.where}.snippet")
    mark = inside.get("mark", list)
    if len(mark) != 3 or not all(isinstance(number, int) for number in mark):
        where = f"{inside.where}.mark"
        raise ResultError(f"the result is damaged: {where} is not line, column and width")
    return Snippet(
        inside.get("first", int),
        inside.texts("lines"),
        (mark[0], mark[1], mark[2]),
        inside.maybe("file") if "file" in inside.given else None,
    )


class _At:
    """A mapping in the document and where it stands; reading what is wrong raises ResultError."""

    def __init__(self, given: object, where: str) -> None:
        self.where = where
        if not isinstance(given, Mapping):
            raise ResultError(f"the result is damaged: {where} is no mapping")
        self.given: Mapping[str, Any] = given

    def get(self, key: str, kind: type | tuple[type, ...], *, optional: bool = False) -> Any:
        place = self.place(key)
        if key not in self.given:
            raise ResultError(f"the result is damaged: {place} is not there")
        value = self.given[key]
        if (optional and value is None) or kind is object:
            return value
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ResultError(f"the result is damaged: {place} has the wrong type")
        return value

    def place(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def text(self, key: str) -> str:
        return cast(str, self.get(key, str))

    def maybe(self, key: str) -> str | None:
        return cast("str | None", self.get(key, str, optional=True))

    def number(self, key: str) -> float:
        return cast(float, self.get(key, (int, float)))

    def texts(self, key: str) -> tuple[str, ...]:
        found = self.get(key, list)
        if not all(isinstance(item, str) for item in found):
            raise ResultError(f"the result is damaged: {self.place(key)} holds more than texts")
        return tuple(found)

    def outcome(self) -> Outcome:
        found = self.text("outcome")
        if found not in _OUTCOMES:
            raise ResultError(f'the result is damaged: {self.place("outcome")} is "{found}"')
        return cast(Outcome, found)

    def each(self, key: str, make: Callable[[_At], Made]) -> tuple[Made, ...]:
        place = self.place(key)
        return tuple(
            make(_At(item, f"{place}[{index}]")) for index, item in enumerate(self.get(key, list))
        )
