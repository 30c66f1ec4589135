"""Files of scenarios as pytest's files, their cases as pytest's functions.

They are subclasses of ``pytest.Module`` and ``pytest.Function``, whose fixtures come without any
help: the function has a fixture as its argument.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

from runner.controls import strip_controls
from runner.execution.scenario_run import Settings, run_scenario
from runner.pytest_plugin import RUN
from runner.pytest_plugin.places import places_of
from runner.pytest_plugin.session import Run, told
from runner.reports.cleaning import clean_scenario, for_terminal
from runner.reports.told import BAD, long_text, numbered
from runner.result import StepResult, kinds_of
from runner.scenario.loader import load
from runner.scenario.model import Case, Scenario
from runner.scenario.problems import ProblemError
from runner.units import show_seconds

if TYPE_CHECKING:
    from runner.execution.finding import Found

# What pytest itself does something about. A scenario says those things in its own words.
_TAKEN: Final = frozenset(
    ("filterwarnings", "parametrize", "skip", "skipif", "tryfirst", "trylast", "usefixtures",
     "xfail")
)  # fmt: skip


class NotPassedError(Exception):
    """A scenario did not pass; the message is what the console says of it."""


class ScenarioFile(pytest.Module):
    """A file with a scenario: an item for each of its cases."""

    obj = None
    found: Found

    def collect(self) -> Iterable[pytest.Item]:
        """Loads the file. Raises ``CollectError`` with all that is wrong in it."""
        places = places_of(self.session)
        update = self.config.getoption("httpsteps_update_snapshots")
        if places.problem is not None:
            raise self.CollectError(told(places.problem))
        found = self.found
        try:
            scenario = load(found.path, root=found.root, shown=found.shown, update=update)
        except ProblemError as error:
            raise self.CollectError(told(error)) from None
        if RUN not in self.config.stash:
            self.config.stash[RUN] = Run(self.config, places.settings)
        self.config.stash[RUN].add(found, scenario)
        return list(self._items(scenario))

    def _items(self, scenario: Scenario) -> Iterator[ScenarioItem]:
        for case in scenario.cases:
            name = _name(scenario, case)
            item: ScenarioItem = ScenarioItem.from_parent(self, name=name, callobj=carry_out)
            item.scenario, item.case = scenario, case
            for tag in scenario.tags:
                item.tag(tag)
            if scenario.skip is not None:
                item.add_marker(pytest.mark.skip(reason=scenario.skip))
            yield item

    def repr_failure(  # type: ignore[override]
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> Any:
        """What is wrong in the file, and nothing of a traceback."""
        if isinstance(excinfo.value, self.CollectError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class _Item(pytest.Item):
    """An item whose node id is made from text.

    pytest 9.2 knows the part in brackets from the rest of a node id it reads, as ``--lf`` does, but
    not in one it makes for a function without parameters of its own; and so the two would differ.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        if named.get("nodeid") is not None:
            named["nodeid"] = str(named["nodeid"])
        super().__init__(*args, **named)


class ScenarioItem(pytest.Function, _Item):
    """One case of a scenario."""

    scenario: Scenario
    case: Case

    def tag(self, tag: str) -> None:
        """Makes a tag of the scenario a mark that ``-m`` and a word that ``-k`` selects by."""
        self.extra_keyword_matches.add(tag)
        # What `-m` can name, and does not begin like an attribute that is private.
        mark = re.sub(r"[^\w.+/-]+", "_", tag).lstrip("_")
        if mark and mark not in _TAKEN:
            line = f"{mark}: a tag of httpsteps scenarios"
            if line not in self.config.getini("markers"):
                self.config.addinivalue_line("markers", line)
            self.add_marker(mark)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Where the scenario stands, not the function that carries it out."""
        return self.path, 0, self.name

    def repr_failure(  # type: ignore[override]
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> Any:
        """Our own message; of any other exception what pytest says."""
        if isinstance(excinfo.value, NotPassedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


def carry_out(request: pytest.FixtureRequest, _httpsteps_settings: Settings) -> None:
    """Runs one case, as a test function. Raises ``NotPassedError``, or pytest's own to skip it."""
    item: Any = request.node
    run = request.config.stash[RUN]
    result = run_scenario(item.scenario, item.case, _httpsteps_settings)
    if "interrupted" in kinds_of(result):
        raise KeyboardInterrupt
    shown = clean_scenario(result, for_terminal(run.redactor.value), bad_only=True)
    steps = {f"step {path}": _line(step) for path, step in numbered(shown)}
    # Where a plugin runs a test again, what the last run tells takes the place of the first's.
    item.user_properties[:] = [one for one in item.user_properties if one[0] not in steps]
    item.user_properties += steps.items()
    if shown.outcome in BAD:
        text = long_text(shown)
        if run.seed is not None and "${new." in item.scenario.text:
            text += f"\n\nrandom values repeat with --httpsteps-seed {run.seed}"
        raise NotPassedError(text)
    if shown.outcome == "skipped":
        why = next((step.message for step in shown.steps if step.message), None)
        pytest.skip(shown.reason or f"all its steps were skipped: {why}")


def _name(scenario: Scenario, case: Case) -> str:
    """The last part of the node id: on one line, and without what divides node ids."""
    name = f"{scenario.name}[{case.label}]" if case.label is not None else scenario.name
    return re.sub(":{2,}", ":", " ".join(strip_controls(name).split()))


def _line(step: StepResult) -> str:
    took = "" if step.outcome == "skipped" else f" in {show_seconds(step.duration)}"
    kind = f" ({step.kind})" if step.kind else ""
    return f"{step.outcome}{took}{kind}: {step.name}"
