"""Which files a run is made of, and the run over all their cases."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from time import perf_counter
from typing import cast

import runner
from runner.execution.interpreter import Listen
from runner.execution.scenario_run import Settings, run_scenario
from runner.result import ScenarioResult, SuiteResult, kinds_of, worst
from runner.scenario.files import root_of
from runner.scenario.loader import load
from runner.scenario.model import Case, Scenario
from runner.scenario.problems import Problem, ProblemError

_ENDINGS = (".yaml", ".yml")
_NOT_SCENARIOS = ("environments", "snapshots")


@dataclass(frozen=True, slots=True)
class Found:
    """A scenario file of a run: where it is, its root, and the name messages call it by."""

    path: Path
    root: Path
    shown: str


def discover(
    paths: Sequence[str], exclude: Sequence[str] = ()
) -> tuple[list[Found], list[Problem]]:
    """The scenario files that paths mean, in order, each once; and paths that mean nothing.

    A folder is walked by name. Left out of a walk: names that begin with ``.`` or ``_``, the
    folders ``environments`` and ``snapshots``, and what matches a pattern of ``exclude`` (relative
    to the current folder), unless the path given is itself inside it.
    """
    found: dict[Path, Found] = {}
    problems = []
    for name in paths:
        path = Path(name)
        if path.is_dir():
            inside = [pattern for pattern in exclude if not _excluded(path, [pattern])]
            files = list(_walk(path, inside))
            root = root_of(path)
            for file in files:
                found.setdefault(file.resolve(), Found(file, root, os.fspath(file)))
        elif path.exists():
            found.setdefault(path.resolve(), Found(path, root_of(path), name))
        else:
            problems.append(Problem("file-not-found", f"there is no file or folder {name}"))
    return list(found.values()), problems


def _walk(folder: Path, exclude: Sequence[str]) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith((".", "_")) or _excluded(entry, exclude):
            continue
        if entry.is_dir():
            if entry.name not in _NOT_SCENARIOS:
                yield from _walk(entry, exclude)
        elif entry.suffix in _ENDINGS:
            yield entry


def _excluded(path: Path, exclude: Sequence[str]) -> bool:
    shown = Path(os.path.relpath(path)).as_posix()
    return any(
        fnmatch(shown, pattern.rstrip("/")) or shown.startswith(f"{pattern.rstrip('/')}/")
        for pattern in exclude
    )


def load_all(
    found: Sequence[Found], *, update: bool = False
) -> tuple[list[Scenario], list[Problem]]:
    """The scenarios in these files, and everything wrong in all of them."""
    scenarios: list[Scenario] = []
    problems: list[Problem] = []
    for file in found:
        try:
            scenarios.append(load(file.path, root=file.root, shown=file.shown, update=update))
        except ProblemError as error:
            problems += error.problems
    return scenarios, problems


def jobs_of(scenarios: Sequence[Scenario]) -> list[tuple[Scenario, Case]]:
    """One job for each case of each scenario, in order."""
    return [(scenario, case) for scenario in scenarios for case in scenario.cases]


def run_suite(
    jobs: Sequence[tuple[Scenario, Case]],
    settings: Settings,
    listen: Listen | None = None,
    *,
    fail_fast: bool = False,
    deadline: float | None = None,
    steps: bool = True,
) -> SuiteResult:
    """Runs the jobs one after the other. After Ctrl-C no further job begins, nor with
    ``fail_fast`` after one that did not pass. ``deadline`` bounds the whole run, in seconds: what
    has not begun by then fails. ``steps``: the listener is told of steps and phases too.
    """
    started, began = _now(), perf_counter()
    results: list[ScenarioResult] = []

    def tell(event: str, **detail: object) -> None:
        if listen is not None:
            listen(event, {"time": perf_counter() - began, **detail})

    tell(
        "run-started",
        version=runner.__version__,
        started=started,
        seed=settings.seed,
        scenarios=len(jobs),
    )
    for index, (scenario, case) in enumerate(jobs):
        where = {"index": index, "name": scenario.name, "file": scenario.file, "case": case.label}
        tell("scenario-started", scenario=where, steps=len(scenario.steps))
        begun = perf_counter() - began
        left = None if deadline is None else deadline - begun
        try:
            if left is not None and left <= 0 and scenario.skip is None:
                result = _too_late(scenario, case, deadline)
            else:
                result = run_scenario(
                    scenario,
                    case,
                    settings if left is None else replace(settings, deadline=left),
                    _placed(listen, where, began) if listen and steps else None,
                )
        except KeyboardInterrupt:
            result = interrupted(scenario, case)
        except Exception as error:  # a bug of ours must not cost the results of the others
            result = _broken(scenario, case, error)
        result = result._replace(started=begun)
        results.append(result)
        tell("scenario-finished", scenario=where, result=result)
        failed = result.outcome in ("failed", "error")
        if "interrupted" in kinds_of(result) or (fail_fast and failed):
            break
    suite = SuiteResult(
        version=runner.__version__,
        started=started,
        duration=perf_counter() - began,
        outcome=worst([result.outcome for result in results]),
        scenarios=tuple(results),
        seed=settings.seed,
    )
    tell("run-finished", result=suite)
    return suite


def interrupted(scenario: Scenario, case: Case) -> ScenarioResult:
    """The result of a scenario that Ctrl-C ended before it had one of its own."""
    return ScenarioResult(
        scenario.name, scenario.file, case.label, scenario.tags, "error", 0.0,
        kind="interrupted", message="interrupted",
    )  # fmt: skip


def _broken(scenario: Scenario, case: Case, error: Exception) -> ScenarioResult:
    """The result of a scenario that a bug of ours ended."""
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}"
    return ScenarioResult(
        scenario.name, scenario.file, case.label, scenario.tags, "error", 0.0,
        kind="internal-error",
        message=f"{type(error).__name__}: {error} ({place}): please report it",
    )  # fmt: skip


def _too_late(scenario: Scenario, case: Case, deadline: float | None) -> ScenarioResult:
    """The result of a scenario whose turn came after the deadline of the run."""
    return ScenarioResult(
        scenario.name, scenario.file, case.label, scenario.tags, "failed", 0.0,
        kind="deadline-exceeded",
        message=f"the deadline of the run, {deadline:g} s, passed before it began",
    )  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _placed(listen: Listen, where: dict[str, object], began: float) -> Listen:
    def told(event: str, detail: Mapping[str, object]) -> None:
        rest = dict(detail)
        moment = cast(float, rest.pop("moment", None) or perf_counter())
        listen(event, {"time": moment - began, "scenario": where, **rest})

    return told
