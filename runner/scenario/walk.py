"""All the steps that a file writes, those inside others too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runner.scenario.build import REQUEST
from runner.scenario.model import Step


def every_step(steps: Iterable[Step]) -> Iterator[Step]:
    """Each step before those inside it. The parts that a request is made of are not the file's."""
    for step in steps:
        yield step
        if step.verb not in REQUEST:
            yield from every_step(step.steps)
        for branch in step.branches:
            yield from every_step(branch)
