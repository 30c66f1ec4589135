"""What composite verbs run inside themselves: blocks, branches at once, other scenarios."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

from runner.execution.step_results import Teller, raise_worst
from runner.query.values import settle
from runner.scenario.files import Files
from runner.steps.handles import Handles, SessionHandle

if TYPE_CHECKING:
    from runner.execution.interpreter import StepRunner
    from runner.result import StepResult
    from runner.scenario.model import Scenario, Step
    from runner.steps.base import Run

_STOPPING_SECONDS: Final = 1.0


class Nested:
    """How one running composite, ``outer``, runs the steps in it."""

    outer: Run

    def __init__(self, runner: StepRunner, parts: list[StepResult], path: str) -> None:
        self._runner = runner
        self._parts = parts
        self._path = path

    def steps(self, steps: tuple[Step, ...]) -> None:
        """Runs steps in order. Raises the ``StepFault`` of the worst of them."""
        self._runner.all(
            steps, self.outer.deadline, f"{self._path}.", outer=self.outer, into=self._parts
        )
        raise_worst(self._parts)

    def branches(self, branches: tuple[tuple[Step, ...], ...]) -> None:
        """Runs lists of steps at the same time, each with its own variables and handles.

        Sessions made before are shared, connections are not. What a branch captured is seen after
        it. Raises the ``StepFault`` of the worst of them.
        """
        before = dict(self._runner.variables.values)
        made = [self._branch(number, steps) for number, steps in enumerate(branches, 1)]
        try:
            for _, _, thread in made:
                thread.start()
            for _, _, thread in made:
                thread.join()
        except KeyboardInterrupt:
            for runner, _, _ in made:
                runner.interrupted = True
                runner.handles.abort()
            end = perf_counter() + _STOPPING_SECONDS
            for _, _, thread in made:
                if thread.ident is not None:
                    thread.join(max(0.0, end - perf_counter()))
            raise
        finally:
            for runner, results, _ in made:
                runner.handles.close()
                self._parts.extend(results)
                self._runner.teardowns += runner.teardowns
        for runner, _, _ in made:
            for name, value in runner.variables.values.items():
                if name not in before or before[name] is not value:
                    self._runner.variables.define(name, value)
        raise_worst(self._parts)

    def _branch(
        self, number: int, steps: tuple[Step, ...]
    ) -> tuple[StepRunner, list[StepResult], threading.Thread]:
        outer = self._runner
        variables = outer.variables.copy()
        runner = type(outer)(
            outer.surroundings,
            variables,
            outer.teller.with_variables(variables),
            outer.listen,
            shared(outer.handles),
        )
        results: list[StepResult] = []
        thread = threading.Thread(
            target=runner.all,
            args=(steps, self.outer.deadline, f"{self._path}.{number}."),
            kwargs={"into": results},
            daemon=True,
        )
        return runner, results, thread

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
        surroundings = replace(
            outer.surroundings,
            base=outer.surroundings.base if base is None else str(base),
            files=Files(Path(scenario.root), Path(scenario.file).parent),
        )
        teller = Teller(scenario.text, variables, outer.teller.began)
        runner = type(outer)(surroundings, variables, teller, outer.listen, outer.handles.renamed())
        if scenario.teardown:
            outer.teardowns.append((runner, scenario.teardown))
        runner.all(
            scenario.steps,
            self.outer.deadline,
            f"{self._path}.",
            outer=self.outer,
            into=self._parts,
        )
        outer.teardowns += runner.teardowns
        outer.interrupted = outer.interrupted or runner.interrupted
        raise_worst(self._parts)
        outputs = settle(scenario.outputs, variables)
        assert isinstance(outputs, Mapping)
        return outputs


def shared(handles: Handles) -> Handles:
    """Handles of a branch: the same sessions, none of their connections."""
    made = handles.branch()
    twins: dict[int, SessionHandle] = {}
    for session in handles.sessions:
        twin = replace(session, connections=[])
        made.sessions.append(twin)
        twins[id(session)] = twin
    made.named = {
        name: twins[id(handle)]
        for name, handle in handles.named.items()
        if isinstance(handle, SessionHandle)
    }
    return made
