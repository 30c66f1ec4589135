"""``wait``: lets time pass, never more than the deadline leaves."""

from __future__ import annotations

from runner.steps.base import Run, fail
from runner.steps.session import seconds
from runner.units import show_seconds


def run(run: Run) -> None:
    """Waits for the duration. Raises ``StepFault`` (deadline-exceeded) if that comes first."""
    wanted, left = seconds(run.subject), run.seconds_left()
    if left is not None and left < wanted:
        run.handles.kept.sleep(left)
        fail(
            "deadline-exceeded",
            f"the deadline passed while waiting {show_seconds(wanted)}",
            phase="run",
        )
    run.handles.kept.sleep(wanted)
