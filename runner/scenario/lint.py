"""What is allowed in a scenario and most likely a slip, or a risk: warnings, with addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from runner.kinds import StepFault
from runner.query.path import Query
from runner.query.values import Deferred, Scope, settle
from runner.redact import SHORTEST
from runner.scenario.foreign import lookalikes
from runner.scenario.grammar import steps_in
from runner.scenario.model import Path, Scenario
from runner.scenario.problems import Problem
from runner.scenario.source import Source, read_source
from runner.scenario.uses import expressions
from runner.scenario.walk import every_step

LINTS: Final = (
    "unused-variable", "unused-secret", "unused-capture", "unused-column", "unused-element",
    "no-template", "short-secret", "tls-off",
)  # fmt: skip


def warnings_of(scenario: Scenario, scope: Scope | None = None) -> tuple[Problem, ...]:
    """The warnings for a scenario that loads, in the order of its lines.

    With a ``scope`` that knows the environment, the lengths of secrets that come from there are
    looked at too; no value is ever told.
    """
    source = read_source(scenario.text.encode(), scenario.file)
    notes = _Notes(source)
    _unused(scenario, notes)
    _short(scenario, scope, notes)
    _unverified(notes)
    _foreign(scenario, notes)
    return tuple(sorted(notes.listed, key=lambda each: (each.at.line, each.at.column)))  # type: ignore[union-attr]


@dataclass(slots=True)
class _Notes:
    """The warnings found so far."""

    source: Source
    listed: list[Problem]

    def __init__(self, source: Source) -> None:
        self.source = source
        self.listed = []

    @property
    def raw(self) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], self.source.value)

    def add(self, name: str, message: str, path: Path, hint: str, *, key: bool = False) -> None:
        assert name in LINTS
        at = self.source.key_mark(path) if key else self.source.mark(path)
        line = self.source.line(at.line)
        self.listed.append(Problem(name, message, at, hint=hint, line=line, severity="warning"))


def _unused(scenario: Scenario, notes: _Notes) -> None:
    used = set(_used(scenario))
    for section, name in (("vars", "unused-variable"), ("secrets", "unused-secret")):
        for variable in notes.raw.get(section) or {}:
            if variable not in used:
                what = "variable" if section == "vars" else "secret"
                notes.add(
                    name,
                    f"the {what} `{variable}` is never used",
                    (section, variable),
                    f"use it as `${{{variable}}}`, or take it out",
                    key=True,
                )
    for path, variable, hint in _made(notes.raw):
        if variable not in used:
            message = f"`{variable}` is given a value here and never used"
            notes.add("unused-capture", message, path, hint, key=True)
    _unused_turns(scenario, notes, used)


def _unused_turns(scenario: Scenario, notes: _Notes, used: set[str]) -> None:
    """What changes from case to case, or from round to round, and makes no difference."""
    columns = dict.fromkeys(name for case in scenario.cases for name in case.variables)
    declared = {*scenario.variables, *scenario.secrets, "case"}
    for name in columns:
        if name not in used and name not in declared:
            path = _column(notes.raw.get("cases"), name)
            message = f"the variable `{name}` of the cases is never used"
            hint = f"use it as `${{{name}}}`, or take it out"
            notes.add("unused-column", message, ("cases", *path), hint, key=bool(path))
    for place, step in steps_in(notes.raw):
        for name in (step.get("for-each") or {}) if isinstance(step, Mapping) else ():
            if name not in used:
                message = f"`{name}` changes from round to round and is never used"
                hint = f"use it as `${{{name}}}`; to do the same again write `repeat: {{times: N}}`"
                notes.add("unused-element", message, (*place, "for-each", name), hint, key=True)


def _column(cases: object, name: str) -> Path:
    """Where a variable first stands below ``cases``; () when that is in a file of its own."""
    if isinstance(cases, Mapping):
        return "matrix", name
    rows = cases if isinstance(cases, list) else []
    return next(((at, name) for at, row in enumerate(rows) if name in row), ())


def _made(raw: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    """The variables that steps define: where, their names, and what to do when nothing uses one."""
    for place, step in steps_in(raw):
        if not isinstance(step, Mapping):
            continue
        for name, spec in (step.get("capture") or {}).items():
            query = spec["from"] if isinstance(spec, Mapping) else spec
            hint = f"to check that it is there write `expect: {{{query}: {{exists: true}}}}`"
            yield (*place, "capture", name), str(name), hint
        if isinstance(step.get("set"), Mapping):
            for name in step["set"]:
                yield (*place, "set", name), str(name), f"use it as `${{{name}}}`, or take it out"


def _used(scenario: Scenario) -> Iterator[str]:
    rows = [case.variables for case in scenario.cases]
    trees = (scenario.base, scenario.variables, scenario.secrets, rows, scenario.outputs)
    for use in expressions(trees):
        if use.reference is not None:
            yield use.reference.name
    for step in every_step((*scenario.steps, *scenario.teardown)):
        for use in expressions(step.uses):
            if use.reference is not None:
                yield use.reference.name
        queries = [check.query for check in step.expect], [each.query for each in step.capture]
        for query in (*queries[0], *queries[1]) if step.verb == "set" else ():
            if isinstance(query, Query):
                yield from query.names
        for capture in step.capture:
            if capture.append:
                yield capture.variable


def _short(scenario: Scenario, scope: Scope | None, notes: _Notes) -> None:
    for name, tree in scenario.secrets.items():
        value = _value(tree, scope)
        if value is not None and 0 < len(str(value)) < SHORTEST:
            notes.add(
                "short-secret",
                f"the secret `{name}` has fewer than {SHORTEST} characters",
                ("secrets", name),
                "it is hidden only where it is a whole value: use a longer one",
            )


def _value(tree: object, scope: Scope | None) -> object:
    if not isinstance(tree, Deferred):
        return tree
    if scope is None:
        return None
    try:
        return settle(tree, scope)
    except StepFault:
        return None


def _foreign(scenario: Scenario, notes: _Notes) -> None:
    known = {*scenario.variables, *scenario.secrets}
    known |= {name for case in scenario.cases for name in case.variables}
    for _, step in steps_in(notes.raw):
        for key in ("capture", "set", "for-each"):
            known |= {*(step.get(key) or ())} if isinstance(step, Mapping) else set()
    for place, step in steps_in(notes.raw):
        for each in lookalikes(step, place, known) if isinstance(step, Mapping) else ():
            notes.add(
                "no-template",
                f"`{each.text}` is sent as it stands: it is no template",
                each.path,
                f"for the variable write `${{{each.variable}}}`",
            )


def _unverified(notes: _Notes) -> None:
    for place, step in steps_in(notes.raw):
        tls = step.get("tls") if isinstance(step, Mapping) else None
        if isinstance(tls, Mapping) and tls.get("verify") is False:
            notes.add(
                "tls-off",
                "CERTIFICATES ARE NOT VERIFIED: anyone on the way can read and change what is sent",
                (*place, "tls", "verify"),
                "trust the service's own authority instead: `tls: {ca: ca.pem}`",
            )
