"""The scenarios that are shipped: examples to learn from, and smoke tests of the demo service."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from runner.query.facts import VERBS
from runner.scenario.source import read_source
from tests.harness import PROJECT, Command, called, httpsteps

SCENARIOS = PROJECT / "scenarios"
# What git tracks: a file of somebody's own in the folder is none of these tests' business.
TRACKED = subprocess.run(
    ["git", "ls-files", "scenarios"],
    cwd=PROJECT, capture_output=True, text=True, check=False,
).stdout.split()  # fmt: skip
FILES = sorted(
    file
    for file in (map(PROJECT.joinpath, TRACKED) if TRACKED else SCENARIOS.rglob("*.yaml"))
    if file.suffix == ".yaml" and "environments" not in file.parts
)
WALKED = [
    file
    for file in FILES
    if not {"failing", "httpbin"} & set(file.parts) and not file.name.startswith("_")
]


def counted(done: Command) -> str:
    """The last line, with the counts."""
    return done.out.rstrip().rpartition("\n")[2]


def shown(file: Path) -> str:
    return file.relative_to(SCENARIOS).as_posix()


def steps_in(tree: object) -> Iterator[Mapping[str, Any]]:
    """Every mapping below ``tree`` that has a verb."""
    if isinstance(tree, dict):
        if tree.keys() & set(VERBS):
            yield tree
        for value in tree.values():
            yield from steps_in(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from steps_in(value)


def test_all_pass() -> None:
    # a proxy that is down: nothing of the environment may reach what runs on this machine
    down = {"http_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
    done = httpsteps("run", "scenarios/", cwd=PROJECT, environ=down)
    assert done.status == 0, done.out + done.err
    assert done.err == ""
    counts = re.fullmatch(
        r"(\d+) passed, 0 failed, 0 errors, 1 skipped in [\d.]+ m?s", counted(done)
    )
    assert counts is not None, counted(done)
    assert int(counts[1]) >= len(WALKED) - 1  # one is skipped, some have several cases
    for file in WALKED:
        assert f"scenarios/{shown(file)}" in done.out


@pytest.mark.parametrize("folder", ["scenarios", "scenarios/failing", "scenarios/httpbin"])
def test_all_hold_what_can_be_checked_without_a_service(folder: str) -> None:
    done = called("check", folder, cwd=PROJECT)
    assert done.status == 0, done.out + done.err


def test_each_row_of_the_table_of_steps_has_its_scenario() -> None:
    names = {file.stem for file in (SCENARIOS / "steps").glob("*.yaml")}
    assert names == {
        "session", "connect", "open", "add-headers", "send", "read", "exceptions", "end",
    }  # fmt: skip


def test_each_verb_is_shown() -> None:
    used: set[str] = set()
    for file in FILES:
        for step in steps_in(read_source(file.read_bytes(), str(file)).value):
            used |= step.keys() & set(VERBS)
    assert used == set(VERBS)


@pytest.mark.parametrize("file", FILES, ids=shown)
def test_each_file_says_what_it_is(file: Path) -> None:
    first = file.read_text("utf-8").partition("\n")[0]
    schema = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert schema is not None
    assert (file.parent / schema[1]).resolve() == PROJECT / "runner/scenario/scenario.schema.json"
    tree = read_source(file.read_bytes(), str(file)).value
    assert isinstance(tree, dict)
    assert {"name", "description", "steps"} <= tree.keys()
    assert file.name.startswith("_") or tree["tags"]


def test_a_wrong_answer_is_told_with_its_place_and_what_came() -> None:
    done = called("run", "scenarios/failing/price-changed.yaml", cwd=PROJECT)
    assert done.status == 1
    assert "failed: $.price is 19.9, expected 24.9, and 1 more check failed" in done.out
    assert "[expectation-failed]" in done.out
    assert "--> scenarios/failing/price-changed.yaml:11:16" in done.out
    assert "^^^^ expected 24.9, found 19.9" in done.out
    assert 'expected contains "ceiling", found ["light", "desk"]' in done.out
    assert "→ 200 OK" in done.out
    assert re.search(r"curl -sS http://127\.0\.0\.1:\d+/items/1", done.out)
    assert "1 step after it was skipped" in done.out
    assert counted(done).startswith("0 passed, 1 failed, 0 errors, 0 skipped in ")


def test_a_service_that_is_down_is_told_from_one_that_is_wrong() -> None:
    done = httpsteps("run", "scenarios/failing/service-down.yaml", cwd=PROJECT)
    assert done.status == 3
    assert "error: 127.0.0.1:9 refused the connection  [connection-refused]" in done.out
    assert "--> scenarios/failing/service-down.yaml:10:5" in done.out
    assert "hint: nothing listens on 127.0.0.1:9: is the service running?" in done.out
    assert "3 steps after it were skipped" in done.out
    assert counted(done).startswith("0 passed, 0 failed, 1 error, 0 skipped in ")


def test_what_is_wrong_outranks_what_is_down() -> None:
    done = called("run", "scenarios/failing", "--quiet", cwd=PROJECT)
    assert done.status == 1
    assert counted(done).startswith("0 passed, 1 failed, 1 error, 0 skipped in ")


def test_an_environment_changes_what_is_asked():
    done = called(
        "run", "scenarios/features/environment.yaml", "--environment", "staging", "-v", cwd=PROJECT
    )
    assert done.status == 0
    assert "> GET /items/3 HTTP/1.1" in done.out
