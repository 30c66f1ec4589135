"""httpsteps: smoke tests in YAML that say which step on the wire broke.

From Python:

>>> from runner import as_text, run
>>> result = run("scenarios/shop.yaml", base="http://127.0.0.1:8000")  # doctest: +SKIP
>>> assert result.outcome == "passed", as_text(result)  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.api import as_json, as_text, load, run
    from runner.result import Failure, ScenarioResult, StepResult, SuiteResult
    from runner.scenario.model import Scenario
    from runner.scenario.problems import Problem, ProblemError

__version__ = "0.1.0"
__all__ = [
    "Failure",
    "Problem",
    "ProblemError",
    "Scenario",
    "ScenarioResult",
    "StepResult",
    "SuiteResult",
    "as_json",
    "as_text",
    "load",
    "run",
]

_HOMES = {
    **dict.fromkeys(("as_json", "as_text", "load", "run"), "runner.api"),
    **dict.fromkeys(("Failure", "ScenarioResult", "StepResult", "SuiteResult"), "runner.result"),
    **dict.fromkeys(("Problem", "ProblemError"), "runner.scenario.problems"),
    "Scenario": "runner.scenario.model",
}


def __getattr__(name: str) -> object:
    # What a program does not name is not imported: the command and the plugin start fast.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
