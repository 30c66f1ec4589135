"""``block``: a list of steps under one bracket."""

from __future__ import annotations

from runner.steps.base import Run


def run(run: Run) -> None:
    """Runs the steps in order; the block ends as the worst of them."""
    run.nested.steps(run.step.steps)
