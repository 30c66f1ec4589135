"""Work that is ended when its time is over."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import pytest

from runner.query.bounded import OutOfTime, within
from runner.query.path import parse_query


def test_gives_what_the_work_gives() -> None:
    assert within(5, lambda: 42) == 42
    with pytest.raises(KeyError, match="lamp"):
        within(5, lambda: {}["lamp"])


def test_work_begins_only_while_there_is_time() -> None:
    begun: list[int] = []
    with pytest.raises(OutOfTime):
        within(0, lambda: begun.append(1))
    assert not begun


def test_work_that_takes_too_long_is_left_and_ends() -> None:
    turns = [0]

    def endless() -> None:
        while True:
            turns[0] += 1

    before = threading.active_count()
    with pytest.raises(OutOfTime):
        within(0.05, endless)
    until = time.monotonic() + 20
    count = -1
    while count != turns[0] and time.monotonic() < until:
        count = turns[0]
        time.sleep(0.1)
    assert threading.active_count() == before
    count = turns[0]
    time.sleep(0.01)
    assert turns[0] == count > 0


def test_what_is_ended_while_it_collects_garbage_ends_all_the_same(
    capfd: pytest.CaptureFixture[str],
) -> None:
    class Node:
        def __init__(self) -> None:
            self.me = self
            self.seen = weakref.ref(self, lambda _: sum(range(2000)))

        def __del__(self) -> None:
            sum(range(2000))

    ended = threading.Event()

    def litter() -> None:
        try:
            while True:
                Node()
        finally:
            ended.set()

    for _ in range(10):
        ended.clear()
        with pytest.raises(OutOfTime):
            within(0.02, litter)
        assert ended.wait(20)
    assert "_Ended" not in capfd.readouterr().err
    assert gc.isenabled()


def test_work_that_ends_as_its_time_does_harms_no_thread(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for turn in range(200):
        seconds = turn / 200_000
        try:
            within(seconds, lambda seconds=seconds: time.sleep(seconds))  # type: ignore[misc]
        except OutOfTime:
            continue
    assert threading.current_thread().is_alive()
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "query",
    [
        "$..[?count($..a) < 0]",
        "$[?match(@, '(a+)+$')]",
        "xpath://p[count(//p[count(//p) > 1]) > 1]",
    ],
)
def test_queries_of_libraries_are_ended_too(query: str) -> None:
    facts: dict[str, object] = {
        "json": ["a" * 50_000 + "b", *({"a": [{"a": {"a": [1]}}]} for _ in range(1000))],
        "markup": ("<p>x</p>" * 20_000, "html"),
    }
    compiled = parse_query(query, "get")
    before = time.monotonic()
    with pytest.raises(OutOfTime):
        within(0.3, lambda: compiled.find(facts))
    # Far below what they take, which is minutes; the pattern's own bound is a second.
    assert time.monotonic() - before < 20
