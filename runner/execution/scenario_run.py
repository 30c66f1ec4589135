"""Runs one case of one scenario, from its variables to its verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from runner.execution.first_values import define_first, short_secrets
from runner.execution.interpreter import Listen, StepRunner
from runner.execution.interruption import Interruption
from runner.execution.scope import Variables, seed_of
from runner.execution.step_results import Teller, worst_of
from runner.kinds import Outcome, StepFault
from runner.query.values import settle
from runner.redact import Redactor
from runner.result import ScenarioResult, StepResult, worst
from runner.scenario.files import Files
from runner.scenario.model import Case, Scenario, Step
from runner.steps.base import Deadline, Surroundings

TEARDOWN_SECONDS = 30.0


class Settings(NamedTuple):
    """What a run is given from outside: the command line, the settings file, the environment.

    ``variables`` win over a scenario's cases, these over ``environment``, it over the defaults.
    ``deadline`` bounds each scenario in seconds, beside its own. ``bodies``: results keep the
    beginning of bodies, 64 KiB, of steps that passed too. ``facts``: the results of steps that
    passed keep their facts. ``hidden`` are the texts given as secrets, under whatever names.
    """

    environ: Mapping[str, str]
    base: str | None = None
    serve_url: str | None = None
    variables: Mapping[str, object] | None = None
    environment: Mapping[str, object] | None = None
    output: Path | None = None
    seed: int | None = None
    deadline: float | None = None
    update_snapshots: bool = False
    secret: Callable[[str], None] = lambda _value: None
    bodies: bool = False
    facts: bool = True
    hidden: tuple[str, ...] = ()


def run_scenario(
    scenario: Scenario,
    case: Case,
    settings: Settings,
    listen: Listen | None = None,
    interruption: Interruption | None = None,
) -> ScenarioResult:
    """Runs the scenario for this case and tells what happened; never raises for what servers do.

    Ctrl-C ends its steps in the main thread, ``interruption`` in any; its teardown runs then too.
    """
    began = perf_counter()
    if scenario.skip is not None:
        return _result(scenario, case, "skipped", 0.0, reason=scenario.skip)
    redactor = Redactor()
    for text in settings.hidden:
        redactor.add(text)
    warnings: list[str] = []
    settings = settings._replace(secret=_told_both(redactor.add, settings.secret))
    seed = seed_of(settings.seed, scenario, case)
    variables = Variables(
        settings.environ, seed=seed, serve_url=settings.serve_url, redactor=redactor
    )
    try:
        base = _define(scenario, case, settings, variables)
    except StepFault as fault:
        return _result(
            scenario, case, fault.fault.outcome, perf_counter() - began,
            kind=fault.fault.kind, message=_where(fault),
        )  # fmt: skip
    warnings += short_secrets(scenario, variables, redactor)
    surroundings = Surroundings(
        base=base,
        environ=settings.environ,
        base_given=settings.base is not None,
        files=Files(Path(scenario.root), Path(scenario.folder), update=settings.update_snapshots),
        redactor=redactor,
        output=settings.output,
        secret=settings.secret,
        bodies=settings.bodies,
        facts=settings.facts,
        warn=warnings.append,
    )
    runner = StepRunner(surroundings, variables, Teller(scenario.text, variables), listen)
    allowed = min(scenario.deadline, settings.deadline or scenario.deadline)
    steps: list[StepResult] = []
    teardown: list[StepResult] = []
    cut = False
    try:
        try:
            if interruption is None:
                runner.all(scenario.steps, Deadline.after(allowed), into=steps)
            else:
                with interruption.reaching(runner.handles.kept):
                    runner.all(scenario.steps, Deadline.after(allowed), into=steps)
                cut = interruption.cut
        except KeyboardInterrupt:
            cut = True
        _tear_down(runner, scenario.teardown, teardown)
    finally:
        runner.handles.kept.close()
    result = _verdict(scenario, case, steps, teardown, perf_counter() - began)
    result = result._replace(warnings=tuple(dict.fromkeys(warnings)))
    if cut:
        told = worst_of(steps)
        message = told.message if told and told.kind == "interrupted" else "interrupted"
        return result._replace(outcome="error", kind="interrupted", message=message)
    return result


def _told_both(one: Callable[[str], None], other: Callable[[str], None]) -> Callable[[str], None]:
    def tell(value: str) -> None:
        one(value)
        other(value)

    return tell


def _tear_down(runner: StepRunner, steps: Sequence[Step], into: list[StepResult]) -> None:
    """Every teardown step, each under its own deadline, whatever came before; then those of the
    scenarios that were used, also in these steps: the last one first.
    """
    for step in steps:
        runner.interrupted = False
        place = f"teardown.{len(into) + 1}"
        into.append(runner.one(step, Deadline.after(TEARDOWN_SECONDS), place))
    while runner.teardowns:
        _tear_down(*runner.teardowns.pop(), into)


def _define(scenario: Scenario, case: Case, settings: Settings, variables: Variables) -> str | None:
    """Gives the variables their first values and the base URL that applies."""
    define_first(
        scenario,
        case.variables,
        settings.variables or {},
        variables,
        settings.secret,
        settings.environment,
    )
    base = settings.base if settings.base is not None else settle(scenario.base, variables)
    if base is None:
        base = settings.serve_url
    return None if base is None else str(base)


def _verdict(
    scenario: Scenario,
    case: Case,
    steps: list[StepResult],
    teardown: list[StepResult],
    duration: float,
) -> ScenarioResult:
    """The scenario's outcome: the worst of its steps; its teardown may only spoil a pass."""
    outcome = worst([step.outcome for step in steps])
    bad = worst_of(steps)
    made = _result(
        scenario, case, outcome, duration,
        kind=bad.kind if bad else None, message=bad.message if bad else None,
    )  # fmt: skip
    made = _expected(scenario, made._replace(steps=tuple(steps), teardown=tuple(teardown)))
    spoilt = worst_of(teardown)
    if spoilt is None or made.outcome in ("failed", "error"):
        return made
    return made._replace(outcome=spoilt.outcome, kind=spoilt.kind, message=spoilt.message)


def _expected(scenario: Scenario, result: ScenarioResult) -> ScenarioResult:
    """``expect-failure``: met only by steps that ``failed``, in the kind if one is given."""
    expected = scenario.expected_failure
    if expected is None:
        return result
    if result.outcome == "failed" and expected.kind in (None, result.kind):
        return result._replace(outcome="passed", reason=expected.because)
    if result.outcome == "error":
        return result
    wanted = f"a failure ({expected.kind})" if expected.kind else "a failure"
    found = "it passed" if result.outcome != "failed" else f"it failed with {result.kind}"
    return result._replace(
        outcome="failed",
        kind="expectation-failed",
        message=f"{wanted} was expected, and {found}",
        reason=expected.because,
    )


def _result(
    scenario: Scenario,
    case: Case,
    outcome: Outcome,
    duration: float,
    *,
    kind: str | None = None,
    message: str | None = None,
    reason: str | None = None,
) -> ScenarioResult:
    return ScenarioResult(
        name=scenario.name,
        file=scenario.file,
        case=case.label,
        tags=scenario.tags,
        outcome=outcome,
        duration=duration,
        kind=kind,
        message=message,
        reason=reason,
    )


def _where(fault: StepFault) -> str:
    return f"{fault.at}: {fault.fault.message}" if fault.at else fault.fault.message
