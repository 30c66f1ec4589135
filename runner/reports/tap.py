"""The run in the Test Anything Protocol, version 14: a test point for each scenario, its steps as
a subtest, what went wrong as a YAML block.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from runner.plain import plain
from runner.query.show import show
from runner.query.values import MISSING
from runner.reports.cleaning import Clean
from runner.reports.files import write_whole
from runner.reports.told import BAD, blame, cleaned, label, numbered
from runner.result import ScenarioResult, StepResult, SuiteResult

_SUBTEST: Final = "    "
_PATHS: Final = 20
_LONGEST: Final = 2000


def write_tap(suite: SuiteResult, path: Path, clean: Clean | None = None) -> None:
    """Writes the stream of a run, whole or not at all. Raises OSError."""
    write_whole(path, chunks(suite, clean))


def chunks(suite: SuiteResult, clean: Clean | None = None) -> Iterator[bytes]:
    """The stream in UTF-8, one scenario after the other."""
    planned = len(suite.scenarios) + suite.not_run
    reason = "" if planned else " # no scenarios"
    yield f"TAP version 14\n1..{planned}{reason}\n".encode()
    for number, scenario in enumerate(cleaned(suite, clean), 1):
        lines = "\n".join(_scenario(number, scenario))
        yield f"{lines}\n".encode("utf-8", "replace")
    unfinished = suite.unfinished()
    if unfinished is not None:
        yield f"Bail out! {unfinished}\n".encode()


def _scenario(number: int, scenario: ScenarioResult) -> Iterator[str]:
    name = f"{label(scenario)} ({scenario.file})"
    steps = list(numbered(scenario))
    if steps:
        yield f"# Subtest: {_one_line(name)}"
        yield f"{_SUBTEST}1..{len(steps)}"
        expected = scenario.reason if scenario.outcome == "passed" else None
        for count, (path, step) in enumerate(steps, 1):
            title = step.name if path.isdecimal() else f"teardown: {step.name}"
            for line in _step(count, title, step, expected):
                yield _SUBTEST + line
    skip = scenario.reason or "" if scenario.outcome == "skipped" else None
    yield _point(number, name, ok=scenario.outcome not in BAD, skip=skip)
    told: dict[str, Any] = {"duration_ms": round(scenario.duration * 1000, 3)}
    wrong = blame(scenario)
    if wrong is not None:
        told = {
            "message": wrong.message,
            "severity": "fail" if scenario.outcome == "failed" else "error",
            "kind": wrong.kind,
            "at": _place(wrong.place),
            **told,
        }
    if scenario.reason:
        told["reason"] = scenario.reason
    if scenario.tags:
        told["tags"] = list(scenario.tags)
    yield from _block(told)


def _step(number: int, title: str, step: StepResult, expected: str | None) -> Iterator[str]:
    ok = step.outcome not in BAD
    skip = step.message or "" if step.outcome == "skipped" else None
    # A failure that `expect-failure` asked for does not make the subtest fail.
    todo = expected if not ok else None
    yield _point(number, title, ok=ok, skip=skip, todo=todo)
    if step.outcome != "skipped":
        yield from _block(_diagnosis(step))


def _point(
    number: int, name: str, *, ok: bool, skip: str | None = None, todo: str | None = None
) -> str:
    directive = ""
    if skip is not None:
        directive = f" # SKIP {_one_line(skip)}".rstrip()
    elif todo is not None:
        directive = f" # TODO {_one_line(todo)}".rstrip()
    return f"{'ok' if ok else 'not ok'} {number} - {_escaped(name)}{directive}"


def _diagnosis(step: StepResult) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if step.outcome in BAD:
        told = {
            "message": step.message,
            "severity": "fail" if step.outcome == "failed" else "error",
            "kind": step.kind,
            "phase": step.phase,
            "at": _place(step.at),
            "hint": step.hint,
            "causes": list(step.causes),
            "failures": [
                {
                    "query": one.query,
                    "matcher": one.matcher,
                    "wanted": _short(one.expected),
                    "found": "(missing)" if one.found is MISSING else _short(one.found),
                    "message": one.message,
                    "at": one.at,
                    **({"paths": list(one.paths[:_PATHS])} if one.paths else {}),
                }
                for one in step.failures
            ],
            "status": step.facts.get("status"),
            "curl": step.curl,
        }
    told["duration_ms"] = round(step.duration * 1000, 3)
    told["phases_ms"] = {name: round(value * 1000, 3) for name, value in step.times.items()}
    told["attempts"] = [
        f"{one.kind or one.outcome}: {one.message}" if one.message else one.kind or one.outcome
        for one in step.attempts
    ]
    return {name: value for name, value in told.items() if value not in (None, [], {})}


def _short(value: object) -> Any:
    """The value as plain data; of a long one its beginning, as text."""
    text = show(value, _LONGEST)
    return text if len(text) >= _LONGEST else plain(value)


def _place(place: str) -> Mapping[str, Any] | str:
    parts = place.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdecimal() and parts[2].isdecimal():
        return {"file": parts[0], "line": int(parts[1]), "column": int(parts[2])}
    return place


def _block(tree: Mapping[str, Any]) -> Iterator[str]:
    """A YAML block below a test point, indented by two blanks."""
    import yaml

    text = yaml.safe_dump(dict(tree), sort_keys=False, allow_unicode=True, width=2**20)
    yield "  ---"
    # Not `splitlines`, which would break lines at characters that TAP does not end lines with.
    yield from ("  " + line for line in text.rstrip("\n").split("\n"))
    yield "  ..."


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    """A description: ``#`` and the backslash escaped, on one line."""
    return _one_line(text).replace("\\", "\\\\").replace("#", "\\#")
