"""The branches of a `parallel` step: lists of steps, each on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Final

from runner.steps.base import Deadline

if TYPE_CHECKING:
    from runner.execution.interpreter import StepRunner
    from runner.result import StepResult
    from runner.scenario.model import Step

_STOPPING_SECONDS: Final = 1.0


class Branch:
    """The steps of one branch, and what became of them so far.

    ``over`` is set at the end. It is waited for in place of the thread: a ``join`` that Ctrl-C ends
    takes the thread for stopped while it still runs.
    """

    def __init__(
        self, runner: StepRunner, steps: Sequence[Step], deadline: Deadline | None, path: str
    ) -> None:
        self.runner = runner
        self.steps = steps
        self.results: list[StepResult] = []
        self.error: BaseException | None = None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(deadline, path), daemon=True)

    def _run(self, deadline: Deadline | None, path: str) -> None:
        try:
            self.runner.all(self.steps, deadline, path, into=self.results)
        except BaseException as error:
            self.error = error
        finally:
            self.over.set()

    def check(self) -> None:
        """Raises what kept the branch from telling of all its steps, if something did."""
        if self.error is not None:
            raise self.error
        if len(self.results) < len(self.steps):
            raise RuntimeError(f"a branch told of {len(self.results)} of {len(self.steps)} steps")


def run_at_once(branches: Sequence[Branch]) -> None:
    """Runs branches at the same time and waits for all of them.

    What comes meanwhile, as Ctrl-C, ends them and is raised again. So is what a branch died of.
    """
    try:
        for branch in branches:
            branch.thread.start()
        for branch in branches:
            branch.over.wait()
    except BaseException:
        _end(branches)
        raise
    for branch in branches:
        branch.check()


def _end(branches: Sequence[Branch]) -> None:
    for branch in branches:
        branch.runner.handles.kept.abort()
    end = perf_counter() + _STOPPING_SECONDS
    for branch in branches:
        begun = branch.thread.ident is not None
        if begun and branch.over.wait(max(0.0, end - perf_counter())):
            branch.runner.handles.kept.resume()
