"""The run as JUnit XML, in the form that the xUnit plugin of Jenkins and Maven Surefire agree on.

A ``testsuite`` for each scenario, or case of one, with its steps as properties, and in it one
``testcase``; with ``steps`` one for each step. Properties stand in the suite since neither schema
has them in a test case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from runner.reports.cleaning import Clean
from runner.reports.files import write_whole
from runner.reports.told import (
    BAD,
    Blame,
    attempts,
    blame,
    cleaned,
    dotted,
    label,
    long_text,
    numbered,
    step_text,
)
from runner.result import ScenarioResult, StepResult, SuiteResult
from runner.units import show_seconds

# XML 1.0, 2.2: all that is no Char.
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BREAKS: Final = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_TAGS: Final = {"failed": "failure", "error": "error"}


def write_junit(
    suite: SuiteResult, path: Path, clean: Clean | None = None, *, steps: bool = False
) -> None:
    """Writes the document of a run, whole or not at all. Raises OSError."""
    write_whole(path, chunks(suite, clean, steps=steps))


def chunks(
    suite: SuiteResult, clean: Clean | None = None, *, steps: bool = False
) -> Iterator[bytes]:
    """The document in UTF-8, one scenario after the other. ``steps``: a test case for each step."""
    head = f'{_attributes(name="httpsteps")}{_totals(suite, steps)} time="{suite.duration:.3f}"'
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites{head}>\n'.encode()
    for scenario in cleaned(suite, clean):
        yield _suite(scenario, suite.started, steps).encode()
    if suite.unfinished() is not None:
        yield _unfinished(suite).encode()
    yield b"</testsuites>\n"


def _totals(suite: SuiteResult, steps: bool) -> str:
    if steps:
        return ""
    counts = suite.counts()
    return _attributes(
        tests=sum(counts.values()) + (suite.unfinished() is not None),
        failures=counts["failed"],
        errors=counts["error"] + suite.interrupted,
    )


def _unfinished(suite: SuiteResult) -> str:
    """A suite for what did not run: an error after Ctrl-C, skipped where a failure stopped it."""
    message = suite.unfinished()
    inside = f"   <skipped{_attributes(message=message)}/>\n"
    if suite.interrupted:
        inside = f"   <error{_attributes(message=message, type='interrupted')}/>\n"
    head = _attributes(
        name="httpsteps: the whole run",
        tests=1,
        failures=0,
        errors=int(suite.interrupted),
        skipped=int(not suite.interrupted),
        time="0.000",
        timestamp=_moment(suite.started),
    )
    case = _attributes(name="the whole run", classname="httpsteps", time="0.000")
    return f" <testsuite{head}>\n{_element(case, inside, ())} </testsuite>\n"


def _moment(started: str) -> str:
    return started.partition(".")[0].removesuffix("Z")


def _suite(scenario: ScenarioResult, started: str, steps: bool) -> str:
    cases = list(_step_cases(scenario) if steps and scenario.steps else _case(scenario))
    outcomes = [outcome for outcome, _ in cases]
    head = _attributes(
        name=f"{dotted(scenario.file)}: {label(scenario)}",
        tests=len(cases),
        failures=outcomes.count("failed"),
        errors=outcomes.count("error"),
        skipped=outcomes.count("skipped"),
        time=f"{scenario.duration:.3f}",
        timestamp=_moment(started),
        file=scenario.file,
    )
    properties = "".join(_properties(scenario))
    return f" <testsuite{head}>\n{properties}{''.join(text for _, text in cases)} </testsuite>\n"


def _properties(scenario: ScenarioResult) -> Iterator[str]:
    told: list[tuple[str, str]] = [("tag", tag) for tag in scenario.tags]
    if scenario.reason:
        told.append(("reason", scenario.reason))
    told += [("warning", warning) for warning in scenario.warnings]
    told += [(f"step {path}", _step(step)) for path, step in numbered(scenario)]
    if told:
        yield "  <properties>\n"
        for name, value in told:
            yield f"   <property{_attributes(name=name, value=value)}/>\n"
        yield "  </properties>\n"


def _step(step: StepResult) -> str:
    took = "" if step.outcome == "skipped" else f" in {show_seconds(step.duration)}"
    kind = f" ({step.kind})" if step.kind else ""
    return f"{step.outcome}{took}{kind}: {step.name}"


def _case(scenario: ScenarioResult) -> Iterator[tuple[str, str]]:
    """The scenario as one test case."""
    head = _attributes(
        name=label(scenario), classname=dotted(scenario.file), time=f"{scenario.duration:.3f}"
    )
    wrong = blame(scenario)
    inside = ""
    if wrong is not None:
        inside = _wrong(scenario.outcome, wrong, long_text(scenario))
    elif scenario.outcome == "skipped":
        inside = f"   <skipped{_attributes(message=scenario.reason or 'skipped')}/>\n"
    yield scenario.outcome, _element(head, inside, scenario.steps)


def _step_cases(scenario: ScenarioResult) -> Iterator[tuple[str, str]]:
    """A test case for each step, and one more where the fault is in none of them."""
    classname = f"{dotted(scenario.file)}.{label(scenario).replace('.', '_')}"
    passed = scenario.outcome not in BAD
    told = False
    for path, step in numbered(scenario):
        head = _attributes(
            name=f"{path} {step.name}", classname=classname, time=f"{step.duration:.3f}"
        )
        outcome: str = step.outcome
        inside = ""
        if outcome in BAD and passed:
            # The scenario was expected to fail so.
            outcome, inside = "passed", ""
        elif outcome in BAD:
            told = True
            wrong = Blame(step.kind or outcome, step.message or outcome, step.at, step)
            inside = _wrong(outcome, wrong, _text(scenario, step, path))
        elif outcome == "skipped":
            inside = f"   <skipped{_attributes(message=step.message or 'skipped')}/>\n"
        yield outcome, _element(head, inside, (step,))
    whole = None if told else blame(scenario)
    if whole is not None:
        head = _attributes(name="the whole scenario", classname=classname, time="0.000")
        inside = _wrong(scenario.outcome, whole, long_text(scenario))
        yield scenario.outcome, _element(head, inside, ())


def _text(scenario: ScenarioResult, step: StepResult, path: str) -> str:
    steps = scenario.teardown if path.startswith("t") else scenario.steps
    before = steps[: next(index for index, one in enumerate(steps) if one is step)]
    return step_text(step, path, len(steps), before)


def _wrong(outcome: str, wrong: Blame, text: str) -> str:
    tag = _TAGS[outcome]
    head = _attributes(message=f"{wrong.place}: {wrong.message}", type=wrong.kind)
    return f"   <{tag}{head}>{_text_of(text)}</{tag}>\n"


def _element(head: str, inside: str, steps: Sequence[StepResult]) -> str:
    tries = "\n".join(attempts(steps))
    if tries:
        inside += f"   <system-out>{_text_of(tries)}</system-out>\n"
    return f"  <testcase{head}>\n{inside}  </testcase>\n" if inside else f"  <testcase{head}/>\n"


def _attributes(**values: object) -> str:
    return "".join(
        f" {name}={quoteattr(_FORBIDDEN.sub(chr(0xFFFD), str(value)), _BREAKS)}"
        for name, value in values.items()
    )


def _text_of(text: str) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", text))
