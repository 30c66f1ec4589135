"""``parallel``: lists of steps at the same time."""

from __future__ import annotations

from runner.steps.base import Run


def run(run: Run) -> None:
    """Runs the branches at the same time, each with its own variables and connections."""
    run.nested.branches(run.step.branches)
