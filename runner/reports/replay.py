"""The events of a run told again from its result: for listeners, when only the result is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from runner.result import ScenarioResult, StepResult, SuiteResult

Event = tuple[str, dict[str, Any]]


def replay(suite: SuiteResult, listen: Callable[[str, Mapping[str, Any]], None]) -> None:
    """Tells the listener all events but ``phase``, of which a result keeps only the times.

    Events come scenario by scenario, each with the time it had as far as that is known.
    """
    for event, detail in events(suite):
        listen(event, detail)


def events(suite: SuiteResult) -> Iterator[Event]:
    """The events, in order."""
    yield (
        "run-started",
        {
            "time": 0.0,
            "version": suite.version,
            "started": suite.started,
            "seed": suite.seed,
            "scenarios": len(suite.scenarios) + suite.not_run,
        },
    )
    moment = 0.0
    for index, scenario in enumerate(suite.scenarios):
        began = moment if scenario.started is None else scenario.started
        yield from _scenario(index, scenario, began)
        moment = began + scenario.duration
    yield "run-finished", {"time": suite.duration, "result": suite}


def _scenario(index: int, scenario: ScenarioResult, began: float) -> Iterator[Event]:
    where = {
        "index": index,
        "name": scenario.name,
        "file": scenario.file,
        "case": scenario.case,
    }
    yield (
        "scenario-started",
        {"time": began, "scenario": where, "steps": len(scenario.steps)},
    )
    for prefix, steps in (("", scenario.steps), ("t", scenario.teardown)):
        for number, step in enumerate(steps, 1):
            for event, detail in _step(step, f"{prefix}{number}", began):
                yield event, {**detail, "scenario": where}
    yield (
        "scenario-finished",
        {"time": began + scenario.duration, "scenario": where, "result": scenario},
    )


def _step(step: StepResult, path: str, began: float) -> Iterator[Event]:
    if step.outcome == "skipped":
        return
    at = began + step.started
    here = {"path": path, "name": step.name}
    yield "step-started", {"time": at, **here, "verb": step.verb, "at": step.at}
    for number, one in enumerate(step.steps, 1):
        yield from _step(one, f"{path}.{number}", began)
    yield "step-finished", {"time": at + step.duration, **here, "result": step}
