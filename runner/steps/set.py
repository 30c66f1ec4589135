"""``set``: gives variables values; they are the step's facts too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from runner.steps.base import Run


def run(run: Run) -> None:
    """Defines each variable of the mapping."""
    for name, value in cast(Mapping[str, object], run.subject).items():
        run.facts[name] = value
        run.define(name, value)
