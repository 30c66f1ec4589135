"""What Python programs call: ``from runner import load, run``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from runner.assembly import assemble, found_as, from_mapping, url_of
from runner.cli.output import UsageError
from runner.execution.finding import Found, discover
from runner.execution.scenario_run import Settings
from runner.execution.suite import load_all, run_suite
from runner.plain import plain
from runner.redact import Redactor
from runner.reports.cleaning import Clean, clean_scenario, clean_step
from runner.result import ScenarioResult, StepResult, SuiteResult
from runner.scenario.model import Scenario
from runner.scenario.problems import Problem, ProblemError

Listener = Callable[[str, Mapping[str, Any]], None]
What = Scenario | str | os.PathLike[str]


def load(path: str | os.PathLike[str], *, update_snapshots: bool = False) -> Scenario:
    """The scenario in a file, checked by all that needs no network.

    Paths in it may not leave the nearest folder above with a ``pyproject.toml``, else its own
    folder. ``update_snapshots``: the files of ``same-as`` may be missing, since a run is to write
    them.

    >>> load("scenarios/quickstart.yaml").tags
    ('smoke',)

    Raises ``ProblemError``; its ``problems`` are all that is wrong in the file, each with its place
    and the remedy, and ``as_text`` shows them as the command does. Raises ``ValueError`` for a
    folder: ``run`` takes those.
    """
    if Path(path).is_dir():
        raise ValueError(f"{os.fspath(path)} is a folder: `load` takes one file, `run` takes both")
    return _loaded([path], update=update_snapshots)[1][0]


def run(
    scenarios: What | Iterable[What],
    *,
    base: object = None,
    variables: Mapping[str, object] | None = None,
    secrets: Mapping[str, object] | None = None,
    environment: str | None = None,
    environ: Mapping[str, str] | None = None,
    jobs: int = 1,
    fail_fast: bool = False,
    deadline: float | None = None,
    seed: int | None = None,
    output: str | os.PathLike[str] | None = None,
    update_snapshots: bool = False,
    listener: Listener | None = None,
    redact: bool = True,
) -> SuiteResult:
    """Runs scenarios and tells what happened to every step.

    ``scenarios`` are files, folders (walked as the command walks them) and what ``load`` gave, one
    or several. What the call says is all there is: ``pyproject.toml`` is not read.

    - ``base``: a URL in place of every scenario's own; also what has it as ``url``, as live servers
      do.
    - ``variables``, ``secrets``: values that win over those in the files. They are data: ``${`` in
      them is no template. Each must be declared by a scenario, and be no variable of its cases.
    - ``environment``: the name of a file ``environments/NAME.yaml``.
    - ``environ``: what ``${env.NAME}`` sees; default: the variables of this process.
    - ``jobs``: how many run at the same time, in processes; a script that calls ``run`` with more
      than one does so under ``if __name__ == "__main__":``.
    - ``fail_fast``: no scenario begins after one that did not pass.
    - ``deadline``: bound on the whole run, in seconds.
    - ``seed``: makes ``${new.…}`` values repeat.
    - ``output``: the folder that ``save`` writes below.
    - ``update_snapshots``: writes the files of ``same-as`` anew.
    - ``listener``: called with each event (``scenario-started``, ``step-finished`` …, as ``jsonl``
      reports have them) and its details while the run goes on,
      one scenario after the other.
    - ``redact``: what the result and the events hold is what a JSON report would: plain data, with
      secrets and the values of ``Authorization``, ``Cookie`` and the like masked, so that it may
      be printed and logged. With False they hold the real values.

    The result never depends on exceptions: a service that is down is a scenario whose ``outcome``
    is ``error`` and whose ``kind`` says why.

    >>> result = run("scenarios/shop.yaml", base="http://127.0.0.1:8000")  # doctest: +SKIP
    >>> result.outcome, result.counts()["passed"]  # doctest: +SKIP
    ('passed', 1)

    Raises ``ProblemError`` with everything wrong in the files before anything is sent,
    ``ValueError`` for arguments that cannot be meant and where there is nothing to run,
    ``KeyboardInterrupt`` on Ctrl-C, after the teardown of the scenario that ran.
    """
    if jobs < 1:
        raise ValueError(f"jobs: expected a number from 1 on, found {jobs}")
    redactor = Redactor()
    one = isinstance(scenarios, Scenario | str | os.PathLike)
    given = cast(Iterable[What], (scenarios,) if one else scenarios)
    found, loaded = _loaded(given, update=update_snapshots)
    if not loaded:
        raise ValueError("nothing to run: scenarios are files that end in .yaml")
    values = [
        *from_mapping(variables or {}, "variables"),
        *from_mapping(secrets or {}, "secrets", secret=True),
    ]
    settings = Settings(
        dict(os.environ) if environ is None else environ,
        base=url_of(base, "base"),
        output=None if output is None else Path(output),
        seed=seed,
        update_snapshots=update_snapshots,
    )
    try:
        plan = assemble(found, loaded, values, redactor, settings, environment=environment)
    except UsageError as error:
        raise ValueError(f"{error}: {error.hint}" if error.hint else str(error)) from None
    suite = run_suite(
        plan.jobs,
        plan.settled(),
        _masked(listener, redactor.value) if listener and redact else listener,
        at_once=jobs,
        fail_fast=fail_fast,
        deadline=deadline,
        steps=listener is not None,
        live_steps=False,
    )
    if suite.interrupted:
        raise KeyboardInterrupt
    if redact:
        return _clean_suite(suite, redactor.value)
    return suite._replace(scenarios=tuple(suite.scenarios))


def as_text(told: SuiteResult | ScenarioResult | ProblemError) -> str:
    """What the command would show of it, without colours; control characters are taken out.

    >>> print(as_text(run("scenarios", base=url)))  # doctest: +SKIP
    ✓ Quickstart  scenarios/quickstart.yaml  3 steps  7 ms
    ...
    """
    from runner.reports.console import render_scenario, render_suite
    from runner.reports.style import Style
    from runner.scenario.problems import render

    if isinstance(told, ProblemError):
        return "\n\n".join(map(render, told.problems)) + "\n"
    if isinstance(told, SuiteResult):
        return render_suite(told, Style())
    return render_scenario(told, Style())


def as_json(result: SuiteResult) -> dict[str, Any]:
    """The run as the plain data of a JSON report; its shape: ``httpsteps schema result``.

    Nothing is masked that the result does not have masked.
    """
    from runner.result_json import suite_to_json

    return suite_to_json(result)


def _loaded(scenarios: Iterable[What], *, update: bool) -> tuple[list[Found], list[Scenario]]:
    """The scenarios, each file once, and where they stand. Raises ``ProblemError``."""
    made: dict[Path, tuple[Found, Scenario]] = {}
    problems: list[Problem] = []
    for what in scenarios:
        if isinstance(what, Scenario):
            made.setdefault(Path(what.path).resolve(), (found_as(what), what))
            continue
        found, missing = discover([os.fspath(what)])
        problems += missing
        for file in found:
            if (path := file.path.resolve()) not in made:
                loaded, wrong = load_all([file], update=update)
                problems += wrong
                made.update((path, (file, scenario)) for scenario in loaded)
    if problems:
        raise ProblemError(*problems)
    return [file for file, _ in made.values()], [scenario for _, scenario in made.values()]


def _clean_suite(suite: SuiteResult, clean: Clean) -> SuiteResult:
    return suite._replace(scenarios=tuple(clean_scenario(one, clean) for one in suite.scenarios))


def _masked(listener: Listener, clean: Clean) -> Listener:
    """A listener that hands events on with nothing in them that must not be shown."""

    def told(event: str, detail: Mapping[str, Any]) -> None:
        listener(event, {key: shown(key, value) for key, value in detail.items()})

    def shown(key: str, value: Any) -> Any:
        if isinstance(value, StepResult):
            return clean_step(value, clean)
        if isinstance(value, ScenarioResult):
            return clean_scenario(value, clean)
        if isinstance(value, SuiteResult):
            return _clean_suite(value, clean)
        return clean(plain(value)) if key in ("scenario", "name", "detail") else value

    return told
