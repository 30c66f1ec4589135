"""The run as JSON lines, one event a line while it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import IO, Any

from runner.plain import plain
from runner.reports.cleaning import Clean, clean_scenario, clean_step
from runner.reports.json_report import dumps
from runner.result import RESULT_VERSION, ScenarioResult, StepResult, SuiteResult
from runner.result_json import step_to_json


class JsonLines:
    """A listener that writes each event as a line to a binary stream, and flushes it.

    Events and their details are those of ``event.schema.json``, with three differences: in
    ``step-finished``, ``scenario-finished`` and ``run-finished`` the detail holds under ``result``
    the StepResult, ScenarioResult or SuiteResult itself; ``run-started`` holds the plain
    ``version``. ``clean`` is given all that came from outside; see ``cleaning``. May be called from
    several threads.
    """

    def __init__(self, stream: IO[bytes], clean: Clean | None = None) -> None:
        self._stream = stream
        self._clean = clean
        self._lock = Lock()

    def __call__(self, event: str, detail: Mapping[str, Any]) -> None:
        """Writes one line. Raises OSError."""
        line = dumps({"event": event, **_written(detail, self._clean or _same)}) + b"\n"
        with self._lock:
            self._stream.write(line)
            self._stream.flush()


def _written(detail: Mapping[str, Any], clean: Clean) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for key, value in detail.items():
        if key == "version":
            told["httpsteps"] = {"result": RESULT_VERSION, "version": value}
        elif key == "scenario":
            told[key] = {**clean({**value, "index": None}), "index": value["index"]}
        elif key in ("name", "detail"):
            told[key] = clean(plain(value))
        elif key != "result":
            told[key] = plain(value)
    result = detail.get("result")
    if isinstance(result, StepResult):
        told["step"] = step_to_json(clean_step(result, clean), inner=False)
    elif isinstance(result, ScenarioResult):
        shown = clean_scenario(result, clean)
        told["outcome"] = shown.outcome
        told["kind"] = shown.kind
        told["message"] = shown.message
        told["reason"] = shown.reason
        told["duration"] = shown.duration
    elif isinstance(result, SuiteResult):
        told["outcome"] = result.outcome
        told["duration"] = result.duration
        told["counts"] = result.counts()
        told["interrupted"] = result.interrupted
        told["not-run"] = result.not_run
    return told


def _same(tree: Any) -> Any:
    return tree
