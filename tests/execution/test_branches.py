"""Branches that die, and what they leave open."""

from __future__ import annotations

import gc

import pytest

from runner.execution.branches import Branch, run_at_once
from runner.execution.scenario_run import Settings, run_scenario
from runner.scenario.loader import load
from tests.harness import passes, write
from tests.lab import descriptors


def test_a_branch_that_dies_is_a_bug_of_ours(tmp_path):
    text = """
    steps:
    - parallel:
      - - set: {a: 1}
        - set: {b: 2}
      - - set: {c: 3}
    - set: {d: 4}
    """
    scenario = load(write(tmp_path, text), root=tmp_path)

    def listen(event, detail):
        if event == "step-finished" and detail["path"] == "1.1.2":
            raise LookupError("the lamp is out")

    result = run_scenario(scenario, scenario.cases[0], Settings(environ={}), listen)
    assert (result.outcome, result.kind) == ("error", "internal-error")
    step, later = result.steps
    assert "the lamp is out" in step.message
    assert any("test_branches.py" in cause for cause in step.causes)
    assert [part.outcome for part in step.steps] == ["passed", "passed"]
    assert later.outcome == "skipped"


def test_a_branch_that_tells_too_little_does_not_pass():
    class Silent:
        def all(self, *_steps, **_into):
            return []

    with pytest.raises(RuntimeError, match="told of 0 of 1 steps"):
        run_at_once([Branch(Silent(), ("a step",), None, "1.")])


def test_connections_stay_for_the_teardown_of_what_a_branch_used(tmp_path, echo):
    used = """
    steps:
    - session:
    - connect:
      id: line
    - open: GET /used
    - send:
    - read:
    teardown:
    - open: DELETE /used
      in: line
      id: end
    - send:
      in: end
    """
    write(tmp_path, used, "used.yaml")
    before = descriptors()
    gc.disable()
    try:
        passes(
            tmp_path,
            "steps:\n- parallel:\n  - - use: used.yaml\n  - - get: /other\n",
            base=echo.url,
        )
        assert echo.wait_closed()
        assert descriptors() == before
    finally:
        gc.enable()
    assert echo.connections == 2
