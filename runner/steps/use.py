"""``use``: the steps of another scenario, in this one's sessions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from runner.steps.base import Run


def run(run: Run) -> None:
    """Runs the other scenario's steps. Leaves its ``outputs``."""
    assert run.step.scenario is not None
    given = cast(Mapping[str, object], run.options.get("with") or {})
    run.facts["outputs"] = run.nested.scenario(run.step.scenario, given)
