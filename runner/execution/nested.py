"""What composite verbs run inside themselves: blocks, branches at once, other scenarios."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from runner.execution.step_results import Teller, raise_worst
from runner.query.values import settle
from runner.scenario.files import Files
from runner.steps.handles import Skip

if TYPE_CHECKING:
    from runner.execution.interpreter import StepRunner
    from runner.execution.scope import Variables
    from runner.result import StepResult
    from runner.scenario.model import Scenario, Step
    from runner.steps.base import Run


class Nested:
    """How one running composite, ``outer``, runs the steps in it."""

    outer: Run

    def __init__(self, runner: StepRunner, parts: list[StepResult], path: str) -> None:
        self._runner = runner
        self._parts = parts
        self._path = path

    def steps(self, steps: tuple[Step, ...]) -> None:
        """Runs steps in order. Raises the ``StepFault`` of the worst of them, or ``Skip``."""
        self._runner.all(
            steps, self.outer.deadline, f"{self._path}.", outer=self.outer, into=self._parts
        )
        self._end_as_parts()

    def branches(self, branches: tuple[tuple[Step, ...], ...]) -> None:
        """Runs lists of steps at the same time, each with its own variables and handles.

        Sessions made before are shared, connections are not. What a branch captured is seen after
        it. Raises the ``StepFault`` of the worst of them.
        """
        from runner.execution.branches import Branch, run_at_once

        outer = self._runner
        before = dict(outer.variables.values)
        made = [
            Branch(self._twin(number), steps, self.outer.deadline, f"{self._path}.{number}.")
            for number, steps in enumerate(branches, 1)
        ]
        try:
            run_at_once(made)
        finally:
            for branch in made:
                self._parts.extend(branch.results)
                self._end(branch.runner)
        for branch in made:
            for name, value in branch.runner.variables.values.items():
                if name not in before or before[name] is not value:
                    outer.variables.define(name, value)
            outer.variables.unmade.reasons.update(branch.runner.variables.unmade.reasons)
        self._end_as_parts()

    def _twin(self, number: int) -> StepRunner:
        """A runner for a branch: it begins with copies of the variables, and with the sessions."""
        outer = self._runner
        variables = outer.variables.branch(number)
        return type(outer)(
            outer.surroundings,
            variables,
            outer.teller.with_variables(variables),
            outer.listen,
            outer.handles.branch(),
        )

    def _end(self, branch: StepRunner) -> None:
        """Closes what a branch left open; at the end only if teardowns in it are still to come."""
        if branch.teardowns:
            self._runner.teardowns.append((branch, ()))
            self._runner.handles.kept.at_end(branch.handles.kept.close)
        else:
            branch.handles.kept.close()

    def scenario(self, scenario: Scenario, given: Mapping[str, object]) -> Mapping[str, object]:
        """Runs another scenario's steps in the caller's sessions and gives its outputs.

        Its teardown is kept for after the caller's. Raises the ``StepFault`` of the worst step.
        """
        from runner.execution.first_values import define_first

        outer = self._runner
        variables = outer.variables.copy(empty=True)
        define_first(scenario, given, {}, variables, outer.surroundings.secret)
        # A base from outside stands in place of every scenario's own.
        base = None if outer.surroundings.base_given else settle(scenario.base, variables)
        surroundings = outer.surroundings._replace(
            base=outer.surroundings.base if base is None else str(base),
            files=Files(Path(scenario.root), Path(scenario.folder)),
        )
        teller = Teller(scenario.text, variables, outer.teller.began)
        runner = type(outer)(surroundings, variables, teller, outer.listen, outer.handles.renamed())
        later = (runner, scenario.teardown)
        outer.teardowns.append(later)
        try:
            runner.all(
                scenario.steps,
                self.outer.deadline,
                f"{self._path}.",
                outer=self.outer,
                into=self._parts,
            )
        finally:
            outer.interrupted = outer.interrupted or runner.interrupted
            if not scenario.teardown and not runner.teardowns:
                outer.teardowns.remove(later)
        self._end_as_parts()
        return self._outputs(scenario, variables)

    def _outputs(self, scenario: Scenario, variables: Variables) -> Mapping[str, object]:
        """The outputs that could be had. Raises ``Skip`` when this step itself asks for another."""
        made: dict[str, object] = {}
        for name, tree in scenario.outputs.items():
            lack = variables.unmade.lacks(tree, variables)
            if lack is None:
                made[name] = settle(tree, variables)
                continue
            step = self.outer.step
            asked = rf"\boutputs\b(?!\W+(?!{re.escape(name)}\b)\w)"
            texts = [each.text for each in step.capture] + [each.text for each in step.expect]
            if any(re.search(asked, text) for text in texts):
                raise Skip(lack)
            if step.id is not None:
                self._runner.variables.unmade.reasons[step.id] = lack.partition(", which ")[2]
        return made

    def _end_as_parts(self) -> None:
        """Raises the ``StepFault`` of the worst part, or ``Skip`` when all were skipped."""
        raise_worst(self._parts)
        if all(part.outcome == "skipped" for part in self._parts):
            raise Skip(f"all steps in it were skipped: {self._parts[0].message}")
