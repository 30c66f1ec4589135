"""Work that is ended when its time is over."""

from __future__ import annotations

import gc
import subprocess
import sys
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
    assert _collecting()


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


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_rests_until_the_last_work_is_over(on: bool) -> None:
    class Other:
        def __init__(self) -> None:
            self.begun, self.may_end = threading.Event(), threading.Event()
            self.thread = threading.Thread(target=within, args=(20, self.work))
            self.thread.start()
            assert self.begun.wait(20)

        def work(self) -> None:
            self.begun.set()
            self.may_end.wait(20)

        def end(self) -> None:
            self.may_end.set()
            self.thread.join(20)

    # It rests a while for work of other tests that has not ended yet.
    assert _collecting()
    if not on:
        gc.disable()
    try:
        first, second = Other(), Other()
        first.end()
        assert not gc.isenabled()
        third = Other()
        second.end()
        assert not gc.isenabled()
        third.end()
        assert gc.isenabled() is on
    finally:
        gc.enable()


class Stubborn:
    """Goes on in finalizers, where Python drops what is raised, until so many were ended."""

    def __init__(self, times: int) -> None:
        self.times = times

    def __del__(self) -> None:
        try:
            while self.times > 0:
                pass
        finally:
            self.times -= 1


def test_work_is_told_to_end_until_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    dropped: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", lambda told: dropped.append(told.exc_type))
    threads: list[int] = []

    def work() -> None:
        threads.append(threading.get_ident())
        for _ in range(3):
            made = Stubborn(1)
            del made
        while True:
            pass

    with pytest.raises(OutOfTime):
        within(0.05, work)
    assert _gone(threads[0])
    assert len(dropped) == 3


def test_work_that_drops_its_end_and_comes_to_another_leaves_no_thread_at_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.unraisablehook", lambda _: None)
    threads: list[int] = []

    def work() -> None:
        threads.append(threading.get_ident())
        made = Stubborn(1)
        del made

    with pytest.raises(OutOfTime):
        within(0.05, work)
    assert _gone(threads[0])


def _collecting() -> bool:
    """Whether the collector is on before 20 seconds have passed."""
    until = time.monotonic() + 20
    while not gc.isenabled() and time.monotonic() < until:
        time.sleep(0.01)
    return gc.isenabled()


def _gone(thread: int) -> bool:
    """Whether a thread has ended before 20 seconds have passed."""
    until = time.monotonic() + 20
    while thread in sys._current_frames() and time.monotonic() < until:
        time.sleep(0.01)
    return thread not in sys._current_frames()


def test_what_comes_after_its_time_is_not_taken() -> None:
    # Held by a call that lets no other thread run, who waits cannot look at the clock.
    def late() -> int:
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            sum(range(100_000))
        return 42

    before = sys.getswitchinterval()
    sys.setswitchinterval(10)
    try:
        with pytest.raises(OutOfTime):
            within(0.1, late)
    finally:
        sys.setswitchinterval(before)


def test_work_has_a_real_thread_where_gevent_has_made_them_cooperative() -> None:
    program = """
from gevent import monkey
monkey.patch_all()
import gevent, time
from runner.query.bounded import OutOfTime, within
turns = 0
def others():
    global turns
    while True:
        gevent.sleep(0.01)
        turns += 1
def endless():
    while True:
        pass
gevent.spawn(others)
assert within(5, lambda: 42) == 42
try:
    within(5, lambda: {}["lamp"])
except KeyError:
    pass
gevent.sleep(0)
before, began = turns, time.monotonic()
try:
    within(1, endless)
except OutOfTime:
    print("ended", turns - before > 5, time.monotonic() - began < 10)
killed = gevent.spawn(within, 60, endless)
gevent.sleep(0.1)
killed.kill()
time.sleep(0.5)
spent = time.process_time()
time.sleep(0.5)
print("killed", time.process_time() - spent < 0.3)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.split() == ["ended", "True", "True", "killed", "True"], done.stderr
    assert done.stderr == ""


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
