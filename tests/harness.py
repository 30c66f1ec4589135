"""A scenario in, its result out: the public door most tests go through."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from runner.cli.main import main
from runner.execution.scenario_run import Settings, run_scenario
from runner.result import ScenarioResult, StepResult
from runner.scenario.loader import load
from runner.scenario.problems import Problem, ProblemError

PROJECT = Path(__file__).parent.parent


def write(folder: Path, text: str, name: str = "scenario.yaml") -> Path:
    """The scenario as a file in this folder."""
    path = folder / name
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def run(folder: Path, text: str, **settings: object) -> ScenarioResult:
    """Runs a scenario that stands in ``folder``; ``settings`` are those of ``Settings``."""
    path = write(folder, text)
    given: dict[str, object] = {"environ": {}, **settings}
    scenario = load(path, root=folder)
    return run_scenario(scenario, scenario.cases[0], Settings(**given))  # type: ignore[arg-type]


def step(folder: Path, text: str, **settings: object) -> StepResult:
    """Runs a scenario and gives its last step that was not skipped."""
    result = run(folder, text, **settings)
    return [each for each in result.steps if each.outcome != "skipped"][-1]


def problems(folder: Path, text: str) -> tuple[Problem, ...]:
    """What is wrong with a scenario by its file alone."""
    try:
        load(write(folder, text), root=folder)
    except ProblemError as error:
        return error.problems
    return ()


@dataclass(frozen=True)
class Command:
    """How the command ended: its exit status and what it wrote."""

    status: int
    out: str
    err: str


def httpsteps(
    *words: str | Path, cwd: Path, environ: Mapping[str, str] | None = None, timeout: float = 50
) -> Command:
    """Runs the command in a process of its own, as a user would."""
    done = subprocess.run(
        [sys.executable, "-m", "runner", *map(str, words)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(PROJECT), **(environ or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Command(done.returncode, done.stdout, done.stderr)


def passes(folder: Path, text: str, **settings: object) -> ScenarioResult:
    """Runs a scenario that must pass; says why it did not."""
    result = run(folder, text, **settings)
    assert result.outcome == "passed", why(result)
    return result


def fails(folder: Path, text: str, kind: str, **settings: object) -> StepResult:
    """Runs a scenario that must end in this kind, and gives the step that did."""
    result = run(folder, text, **settings)
    assert result.kind == kind, why(result)
    return next(each for each in (*result.steps, *result.teardown) if each.kind == kind)


def why(result: ScenarioResult) -> str:
    """What happened to each step of a scenario, a line each."""
    rows = [f"{result.outcome} {result.kind or ''} {result.message or ''}"]
    for each in (*result.steps, *result.teardown):
        rows.append(f"  {each.outcome} {each.name}: {each.kind or ''} {each.message or ''}")
        rows += [f"    {failure.query} {failure.message}" for failure in each.failures]
    return "\n".join(rows)


def called(*words: str | Path, cwd: Path, environ: Mapping[str, str] | None = None) -> Command:
    """Calls the command in this process: ``httpsteps`` without the time a process takes."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with (
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.dict(os.environ, environ or {}),
    ):
        try:
            status = main([str(word) for word in words])
        except SystemExit as end:
            status = int(end.code or 0)
    texts = []
    for stream in (out, err):
        stream.seek(0)
        texts.append(stream.read())
    return Command(status, *texts)
