"""A path becomes a Scenario: read, validated, compiled, and put in order; or all that is wrong."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from runner.kinds import Fault, StepFault
from runner.scenario.build import Builder
from runner.scenario.files import Files
from runner.scenario.flow import check_variables
from runner.scenario.model import Case, ExpectedFailure, Scenario
from runner.scenario.order import check_order
from runner.scenario.problems import Problem, ProblemError
from runner.scenario.source import Source, read_source
from runner.scenario.valid import remembered_valid
from runner.units import duration

DEADLINE = 300.0


def load(path: Path, *, root: Path, shown: str | None = None, update: bool = False) -> Scenario:
    """The scenario in a file.

    ``root`` is the folder its paths may not leave, ``shown`` the name messages call the file by,
    ``update`` whether snapshots are written. Raises ``ProblemError`` with everything wrong in it.
    """
    name = shown or str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ProblemError(_unreadable(name, error)) from None
    files = Files(root, path.parent, update=update)
    scenario, source, found = _load(content, name, files, path.stem, (path.resolve(),))
    found += [*check_order(scenario, source), *check_variables(scenario, source)]
    if found:
        raise ProblemError(*sorted(found, key=_position))
    return scenario


def _load(
    content: bytes, name: str, files: Files, stem: str, above: tuple[Path, ...]
) -> tuple[Scenario, Source, list[Problem]]:
    """The scenario, and what its compiling found wrong; not yet what the order of its steps tells.

    ``above`` are the files that use it. Raises ``ProblemError`` for what the schema forbids.
    """
    source = read_source(content, name)
    problems = remembered_valid(source, content, files.root)
    builder = Builder(source, files, lambda used: _load_used(used, name, files, above))
    if problems:
        _compile_the_rest(source, builder, {each.at.line for each in problems if each.at})
        raise ProblemError(*sorted([*problems, *builder.problems], key=_position))
    scenario = _build(source, builder, files, stem)
    return scenario, source, builder.problems


def _compile_the_rest(source: Source, builder: Builder, wrong: set[int]) -> None:
    """Compiles the steps the schema has nothing against, so that their problems are told as well.

    ``wrong`` are the lines of those it has.
    """
    raw = source.value
    if not isinstance(raw, Mapping):
        return
    for part in ("steps", "teardown"):
        listed = raw.get(part)
        for index in range(len(listed) if isinstance(listed, list) else 0):
            path = (part, index)
            lines = range(source.mark(path).line, source.last_line(path) + 1)
            if wrong.isdisjoint(lines):
                builder.step(path)


def _load_used(used: str, name: str, files: Files, above: tuple[Path, ...]) -> Scenario:
    path = files.path(used)
    if path in above:
        chain = " -> ".join(each.name for each in (*above[above.index(path) :], path))
        raise StepFault(Fault("invalid-scenario", "load", f"`use` goes in a circle: {chain}"))
    shown = os.path.normpath(os.path.join(os.path.dirname(name), used))  # noqa: PTH118, PTH120
    inner = Files(files.root, path.parent, update=files.update)
    scenario, source, found = _load(path.read_bytes(), shown, inner, path.stem, (*above, path))
    found += check_variables(scenario, source)
    if found:
        raise ProblemError(*sorted(found, key=_position))
    return scenario


def _build(source: Source, builder: Builder, files: Files, stem: str) -> Scenario:
    raw = cast(Mapping[str, Any], source.value)
    outside: dict[str, Any] = {
        key: builder.tree(raw.get(key), (key,), text=key == "base")
        for key in ("base", "vars", "secrets", "outputs", "skip")
    }
    expected = raw.get("expect-failure")
    variables = cast(Mapping[str, object], outside["vars"] or {})
    return Scenario(
        name=raw.get("name") or stem,
        file=source.file,
        root=str(files.root),
        steps=builder.steps(("steps",)),
        teardown=builder.steps(("teardown",)) if raw.get("teardown") else (),
        description=raw.get("description"),
        tags=tuple(raw.get("tags") or ()),
        base=outside["base"],
        variables=variables,
        secrets=cast(Mapping[str, object], outside["secrets"] or {}),
        cases=_cases(raw, source, files, variables),
        deadline=duration(raw["deadline"]) if "deadline" in raw else DEADLINE,
        skip=raw.get("skip"),
        expected_failure=ExpectedFailure(expected["because"], expected.get("kind"))
        if expected
        else None,
        outputs=cast(Mapping[str, object], outside["outputs"] or {}),
        text=source.text,
    )


def _cases(
    raw: Mapping[str, Any], source: Source, files: Files, variables: Mapping[str, object]
) -> tuple[Case, ...]:
    if "cases" not in raw:
        return (Case(None, {}),)
    from runner.scenario.cases import read_cases

    try:
        return read_cases(raw["cases"], files, variables)
    except StepFault as fault:
        at = source.mark(("cases",))
        told = fault.fault
        raise ProblemError(
            Problem(told.kind, told.message, at, hint=told.hint, line=source.line(at.line))
        ) from None


def _unreadable(name: str, error: OSError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return Problem("file-not-found", f"there is no file {name}")
    return Problem("file-not-found", f"{name} cannot be read: {error.strerror}")


def _position(problem: Problem) -> tuple[int, int]:
    return (problem.at.line, problem.at.column) if problem.at else (0, 0)
