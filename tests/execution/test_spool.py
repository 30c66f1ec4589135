"""Results kept in memory or in a file, and told in the order of their jobs."""

from __future__ import annotations

import errno
import gc
import pickle
import random
from pathlib import Path

import pytest

from runner.execution.spool import Spool
from runner.execution.turns import InTurn
from runner.query.values import MISSING, WrittenFloat
from runner.result import Failure, ScenarioResult, StepResult, SuiteResult


def result(number: int, outcome: str = "passed", steps: int = 3) -> ScenarioResult:
    wrong = Failure("$.a", "equals", WrittenFloat(1.1, "1.10"), MISSING, "is missing", "a.yaml:1:1")
    step = StepResult("get", "get", "a.yaml:1:1", "passed", 0.0, 0.1, failures=(wrong,))
    kind = "expectation-failed" if outcome == "failed" else None
    return ScenarioResult(
        f"s{number}", "a.yaml", None, (), outcome, 0.1, (step,) * steps, kind=kind
    )


@pytest.mark.parametrize("held", [0, 5, 10_000])
@pytest.mark.parametrize("pickled", [False, True])
def test_it_is_what_was_put_in_the_order_of_the_jobs(held, pickled):
    spool = Spool(held)
    numbers = [number for number in range(40) if number not in (7, 20)]
    made = {number: result(number, "failed" if number % 9 == 0 else "passed") for number in numbers}
    for number in random.Random(1).sample(numbers, len(numbers)):
        data = pickle.dumps(made[number]) if pickled else None
        spool.put(number, made[number], data)
        assert spool.of(number) == made[number]
    assert list(spool) == list(made.values()) == list(spool)
    assert len(spool) == 38
    assert spool[0].name == "s0"
    assert spool[-1].name == "s39"
    assert [one.name for one in spool[6:9]] == ["s6", "s8", "s9"]
    assert spool[3].steps[0].failures[0].found is MISSING
    assert spool.kinds == {"expectation-failed"}
    suite = SuiteResult("0", "2026-11-23T03:00:00Z", 1.0, "failed", spool)
    assert suite.counts() == {"passed": 33, "failed": 5, "error": 0, "skipped": 0}
    with pytest.raises(KeyError):
        spool.of(7)


class Short:
    """A file that takes half of what it is given, as one on a disk that fills up."""

    def __init__(self):
        self.taken = 0

    def seek(self, _offset, _whence=0):
        return self.taken

    def write(self, data):
        self.taken += len(data) // 2
        return len(data) // 2

    def close(self):
        raise OSError(errno.ENOSPC, "No space left on device")


def no_folder():
    raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")


FULL = [lambda: Path("/dev/full").open("w+b", buffering=0), Short, no_folder]  # noqa: SIM115


@pytest.mark.parametrize("full", FULL, ids=["full", "half", "none"])
@pytest.mark.parametrize("pickled", [False, True])
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_full_disk_costs_no_result(monkeypatch, full, pickled):
    if full is FULL[0] and not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_options: full())
    spool = Spool(10)
    made = [result(number) for number in range(20)]
    for number, one in enumerate(made):
        spool.put(number, one, pickle.dumps(one) if pickled else None)
        assert spool.of(0) == made[0]
    assert list(spool) == made
    del spool
    gc.collect()


def test_events_come_in_turn_and_results_are_had_again():
    told: list[tuple[str, object]] = []
    results = {number: result(number) for number in range(4)}

    def listen(event, detail):
        told.append((event, detail["result"].name if "result" in detail else detail["n"]))

    turns = InTurn(listen, results.__getitem__)
    kept = turns._kept

    def over(number):
        turns(number, "scenario-finished", {"n": number, "result": results[number]})

    turns(2, "step-started", {"n": 2})
    turns(0, "step-started", {"n": 0})
    over(2)
    assert all("result" not in detail for events in kept.values() for _, detail in events)
    turns(1, "step-started", {"n": 1})
    assert told == [("step-started", 0)]
    over(0)
    assert told[1:] == [("scenario-finished", "s0"), ("step-started", 1)]
    turns(1, "phase", {"n": 1})
    assert told[-1] == ("phase", 1)
    over(3)
    # 1 never came to its end: those after it are told all the same.
    turns.flush()
    assert told[4:] == [
        ("step-started", 2),
        ("scenario-finished", "s2"),
        ("scenario-finished", "s3"),
    ]
