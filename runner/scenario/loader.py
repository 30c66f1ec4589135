"""A path becomes a Scenario: read, validated, compiled, and put in order; or all that is wrong."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

from runner.kinds import Fault, StepFault
from runner.scenario.build import Builder
from runner.scenario.files import Files
from runner.scenario.model import Case, ExpectedFailure, Scenario
from runner.scenario.problems import Problem, ProblemError, most_of
from runner.scenario.refusing import Refusing, Wanted
from runner.scenario.repair import Rest, rest_of, whole
from runner.scenario.source import Source, read_source
from runner.scenario.valid import ALONE, USED, Judgement, Memory
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
    loaded = _load(content, name, files, path.stem, (path.resolve(),), ())
    return loaded.right(alone=True)


class _Loaded:
    """A scenario of which something may be left out, and everything found wrong in its file.

    ``settled``: no other file has a say in it. ``remembered``: as what it was checked before, as
    ``Memory.checked`` has it.
    """

    def __init__(
        self, scenario: Scenario, source: Source, rest: Rest, problems: Iterable[Problem]
    ) -> None:
        self.scenario = scenario
        self.problems = list(problems)
        self.settled = False
        self.remembered = 0
        self.keep: Callable[[int], None] | None = None
        self._columns = {name for case in scenario.cases for name in case.variables}
        self._source = source
        self._rest = rest

    def tell(self, problems: Iterable[Problem]) -> None:
        """Adds to what is wrong."""
        self.problems += problems

    def right(self, *, alone: bool) -> Scenario:
        """The scenario when all is right; ``alone``: it runs by itself, in nobody's sessions.

        Raises ``ProblemError``.
        """
        checks = ALONE if alone else USED
        if not self.remembered & checks or not self.settled:
            self._check(alone)
        if self.problems:
            raise ProblemError(*most_of(self.problems))
        if self.keep is not None:
            # What is right alone is right as a part too, but for what only its own cases give.
            also = USED if alone and not self._columns else 0
            self.keep(checks | also if self.settled else 0)
        return self.scenario

    def _check(self, alone: bool) -> None:
        from runner.scenario.flow import check_variables
        from runner.scenario.namespace import check_names
        from runner.scenario.order import check_order

        self.tell(check_names(self._source, self._rest.value, self._columns))
        if alone:
            self.tell(check_order(self.scenario, self._source))
        known = None if self._rest.open else self._rest.known
        self.tell(check_variables(self.scenario, self._source, known))


def _load(
    content: bytes,
    name: str,
    files: Files,
    stem: str,
    above: tuple[Path, ...],
    wanted: tuple[Wanted, ...],
) -> _Loaded:
    """The scenario, and what its compiling found wrong; not yet what the order of its steps tells.

    ``above`` are the files that use it, ``wanted`` the errors they want in it. Raises
    ``ProblemError`` when so much is wrong with the file that not all was looked at.
    """
    memory = Memory(name, above[-1], content, files.root)
    source = memory.source or read_source(content, name)
    judged = Judgement()
    if not memory.holds:
        from runner.scenario.validate import judge

        judged = judge(source)
    rest = rest_of(source.value, judged.places) if judged.problems else whole(source.value)
    if rest is None or judged.cut:
        raise ProblemError(*most_of(judged.problems, cut=judged.cut))
    refusing = Refusing(fresh=not memory.holds, wanted=wanted, sometimes="skip" in rest.value)
    others: list[str] = []

    def load_used(used: str, more: tuple[Wanted, ...]) -> Scenario:
        others.append(used)
        return _load_used(used, name, files, above, more)

    builder = Builder(source, files, load_used, rest, refusing)
    loaded = _build(source, builder, files, stem, rest)
    loaded.tell(judged.problems)
    loaded.settled = not others and not isinstance(rest.value.get("cases"), str)
    loaded.remembered = memory.checked
    if memory.source is None and not (judged.problems or refusing.found or refusing.waived):
        loaded.keep = partial(memory.keep, source)
    return loaded


def _load_used(
    used: str, name: str, files: Files, above: tuple[Path, ...], wanted: tuple[Wanted, ...]
) -> Scenario:
    path = files.path(used)
    if path in above:
        chain = " -> ".join(each.name for each in (*above[above.index(path) :], path))
        raise StepFault(Fault("invalid-scenario", "load", f"`use` goes in a circle: {chain}"))
    shown = os.path.normpath(os.path.join(os.path.dirname(name), used))  # noqa: PTH118, PTH120
    inner = Files(files.root, path.parent, update=files.update)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ProblemError(_unreadable(shown, error)) from None
    loaded = _load(content, shown, inner, path.stem, (*above, path), wanted)
    # It runs once, with what `with` gives it: the cases are for when it runs by itself.
    loaded.scenario = loaded.scenario._replace(cases=(Case(None, {}),))
    return loaded.right(alone=False)


def _build(source: Source, builder: Builder, files: Files, stem: str, rest: Rest) -> _Loaded:
    raw = rest.value
    outside: dict[str, Any] = {
        key: builder.tree(raw.get(key), (key,), text=key == "base")
        for key in ("base", "vars", "secrets", "outputs", "skip")
    }
    builder.refusing.base(builder, outside["base"])
    builder.refusing.templates(builder, builder.uses)
    expected = raw.get("expect-failure")
    variables = cast(Mapping[str, object], outside["vars"] or {})
    wrong = len(builder.problems)
    cases: tuple[Case, ...] = (Case(None, {}),)
    try:
        cases = _cases(raw, builder, outside)
    except ProblemError as error:
        builder.problems[:] = dict.fromkeys((*builder.problems, *error.problems))
    if len(builder.problems) > wrong:
        rest = rest._replace(open=True)
    scenario = Scenario(
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
        cases=cases,
        deadline=duration(raw["deadline"]) if "deadline" in raw else DEADLINE,
        skip=raw.get("skip"),
        expected_failure=ExpectedFailure(expected["because"], expected.get("kind"))
        if expected
        else None,
        outputs=cast(Mapping[str, object], outside["outputs"] or {}),
        text=source.text,
        folder=str(files.folder),
    )
    return _Loaded(scenario, source, rest, builder.problems)


def _cases(
    raw: Mapping[str, Any], builder: Builder, outside: Mapping[str, Any]
) -> tuple[Case, ...]:
    if "cases" not in raw:
        return (Case(None, {}),)
    from runner.scenario.cases import read_cases

    return read_cases(builder, outside["vars"] or {}, outside["secrets"] or {})


def _unreadable(name: str, error: OSError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return Problem("file-not-found", f"there is no file {name}")
    return Problem("file-not-found", f"{name} cannot be read: {error.strerror}")
