"""The Python API: ``from runner import load, run``."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading

import pytest

from runner import ProblemError, ScenarioResult, SuiteResult, as_json, as_text, load, run
from tests.harness import write
from tests.lab import EchoServer

SECRET = "tr0mbone-1"


@pytest.fixture
def folder(tmp_path):
    """A folder with two scenarios, one of them with cases."""
    (tmp_path / "scenarios").mkdir()
    write(
        tmp_path / "scenarios",
        """
        name: Lamp
        tags: [smoke]
        vars: {n: 1}
        secrets: {word: ""}
        cases: [{case: one, c: 1}, {case: two, c: 2}]
        steps:
          - get: /${n}/${c}
            headers: {X-Word: "${word}"}
            capture: {path: url}
        """,
        "lamp.yaml",
    )
    write(tmp_path / "scenarios", "steps: [get: /other]\n", "other.yaml")
    with contextlib.chdir(tmp_path):
        yield tmp_path


def test_a_scenario_is_loaded_and_run(folder, echo):
    scenario = load("scenarios/lamp.yaml")
    assert (scenario.name, scenario.tags, scenario.file) == (
        "Lamp", ("smoke",), "scenarios/lamp.yaml",
    )  # fmt: skip
    result = run(scenario, base=echo.url, variables={"n": 7})
    assert isinstance(result, SuiteResult)
    assert [(one.name, one.case, one.outcome) for one in result.scenarios] == [
        ("Lamp", "one", "passed"), ("Lamp", "two", "passed"),
    ]  # fmt: skip
    assert [each.target for each in echo.requests] == ["/7/1", "/7/2"]


def test_files_folders_and_scenarios_each_once_in_their_order(folder, echo):
    given = [folder / "scenarios/other.yaml", load("scenarios/lamp.yaml"), "scenarios"]
    result = run(given, base=echo)
    assert [one.name for one in result.scenarios] == ["other", "Lamp", "Lamp"]
    assert result.counts()["passed"] == 3


def test_jobs_at_the_same_time(folder, echo):
    code = f"from runner import run; print(run('scenarios', base={echo.url!r}, jobs=3).counts())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'passed': 3" in done.stdout
    assert len(echo.requests) == 3


def test_a_service_that_is_down_is_a_result(folder):
    result = run("scenarios/other.yaml", base="http://127.0.0.1:9")
    assert result.outcome == "error"
    assert result.scenarios[0].kind == "connection-refused"
    assert "[connection-refused]" in as_text(result)
    assert as_text(result).rstrip().splitlines()[-1].startswith("0 passed, 0 failed, 1 error")
    assert "[connection-refused]" in as_text(result.scenarios[0])


def test_all_that_is_wrong_is_told_before_anything_is_sent(folder, echo):
    write(folder / "scenarios", "steps: [got: /x]\n", "wrong.yaml")
    write(folder / "scenarios", "steps: []\n", "empty.yaml")
    with pytest.raises(ProblemError) as caught:
        run("scenarios", base=echo.url)
    assert len(caught.value.problems) == 2
    assert "did you mean `get`?" in as_text(caught.value)
    assert "scenarios/wrong.yaml:1:9" in as_text(caught.value)
    with pytest.raises(ProblemError, match="no file or folder"):
        load("scenarios/none.yaml")
    assert echo.requests == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"variables": {"m": 1}}, "variables m: no scenario of this run declares `m`"),
        ({"variables": {"c": 1}}, "`c` is a variable of the cases"),
        ({"variables": {"n": "many"}}, '"many" is no integer'),
        ({"variables": {"n": {1, 2}}}, "the value of `n` holds a set"),
        ({"variables": [1]}, "expected a mapping of variable to value, found a list"),
        ({"base": "shop.example"}, "base: 'shop.example' is no URL"),
        ({"environment": "dev"}, 'environment = "dev": there is no file'),
        ({"jobs": 0}, "jobs: expected a number from 1 on, found 0"),
    ],
)
def test_arguments_that_cannot_be_meant_are_value_errors(folder, arguments, told):
    with pytest.raises((ValueError, ProblemError), match=told.replace("(", r"\(")) as caught:
        run("scenarios", **{"base": "http://127.0.0.1:9", **arguments})
    assert isinstance(caught.value, ValueError)


def test_nothing_to_run_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="nothing to run"):
        run(tmp_path)
    with pytest.raises(ValueError, match="is a folder"):
        load(tmp_path)


def test_a_secret_is_in_nothing_that_is_told(folder, echo):
    heard = []
    secrets = {"word": SECRET}

    def listen(event, detail):
        heard.append((event, detail))

    result = run("scenarios", base=echo.url, secrets=secrets, listener=listen)
    assert result.outcome == "passed"
    assert echo.requests[0].header("X-Word") == SECRET
    assert {event for event, _ in heard} >= {"run-started", "step-finished", "scenario-finished"}
    assert isinstance(dict(heard)["scenario-finished"]["result"], ScenarioResult)
    for shown in (repr(result), json.dumps(as_json(result)), as_text(result), repr(heard)):
        assert SECRET not in shown
    assert "***" in repr(result)
    assert SECRET in repr(run("scenarios", base=echo.url, secrets=secrets, redact=False))


def test_what_a_call_does_not_give_is_not_looked_for(folder, echo, lab):
    other = lab(EchoServer())
    (folder / "pyproject.toml").write_text(f'[tool.httpsteps]\nbase = "{other.url}"\n')
    write(folder / "scenarios", "base: ${env.SHOP}\nsteps: [get: /]\n", "env.yaml")
    run("scenarios/env.yaml", environ={"SHOP": echo.url})
    assert (len(echo.requests), len(other.requests)) == (1, 0)


def test_an_environment_and_a_seed(folder, echo):
    (folder / "scenarios/environments").mkdir()
    text = f"base: {echo.url}\nvars: {{n: 5}}\n"
    (folder / "scenarios/environments/dev.yaml").write_text(text)
    write(folder / "scenarios", "vars: {n: '${new.int}'}\nsteps: [get: '/${n}']\n", "a.yaml")
    assert run("scenarios/a.yaml", environment="dev").seed is not None
    for _ in range(2):
        assert run("scenarios/a.yaml", base=echo.url, seed=7).seed == 7
    assert echo.requests[0].target == "/5"
    assert echo.requests[1].target == echo.requests[2].target


def test_fail_fast_and_a_deadline(folder):
    down = "http://127.0.0.1:9"
    assert len(run("scenarios", base=down, fail_fast=True).scenarios) == 1
    late = run("scenarios", base=down, deadline=1e-9)
    assert {one.kind for one in late.scenarios} == {"deadline-exceeded"}


def test_ctrl_c_is_an_exception_after_the_teardown(folder, echo):
    write(folder / "scenarios", "steps: [wait: 20s]\nteardown: [get: /down]\n", "slow.yaml")
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run("scenarios/slow.yaml", base=echo.url)
    timer.join()
    assert [each.target for each in echo.requests] == ["/down"]


@pytest.mark.parametrize("name", ["cases.csv", "cases.json", "cases.yaml", "used.yaml"])
def test_random_values_in_a_file_beside_it_have_a_seed(folder, echo, name):
    texts = {
        "cases.csv": "n\n${new.int}\n",
        "cases.json": '[{"n": "${new.int}"}]',
        "cases.yaml": "- {n: '${new.int}'}\n",
        "used.yaml": "vars: {n: '${new.int}'}\nsteps: [get: '/${n}']\n",
    }
    (folder / "scenarios" / name).write_text(texts[name])
    used = f"cases: {name}\nsteps: [get: '/${{n}}']\n"
    if name == "used.yaml":
        used = "steps: [block: [use: used.yaml]]\n"
    path = folder / "scenarios" / "a.yaml"
    write(folder / "scenarios", used, "a.yaml")
    suite = run(path, base=echo.url)
    assert suite.outcome == "passed"
    assert suite.seed is not None
    again = run(path, base=echo.url, seed=suite.seed)
    assert again.seed == suite.seed
    assert echo.requests[0].target == echo.requests[1].target
    write(folder / "scenarios", "steps: [get: /]\n", "a.yaml")
    assert run(path, base=echo.url).seed is None


def test_a_scenario_that_was_loaded_runs_from_anywhere(folder, echo, tmp_path_factory):
    (folder / "scenarios/body.txt").write_text("light")
    (folder / "scenarios/environments").mkdir()
    (folder / "scenarios/environments/near.yaml").write_text("vars: {n: 5}\n")
    text = "vars: {n: 1}\nsteps: [{post: '/${n}/${new.int}', file: body.txt}]\n"
    write(folder / "scenarios", text, "post.yaml")
    scenario = load("scenarios/post.yaml")
    given = {"base": echo.url, "environment": "near", "seed": 7}
    with contextlib.chdir(tmp_path_factory.mktemp("elsewhere")):
        assert run(scenario, **given).outcome == "passed"
        assert run([scenario, folder / "scenarios/post.yaml"], **given).counts()["passed"] == 1
    assert run(scenario, **given).outcome == "passed"
    targets = [each.target for each in echo.requests]
    assert len(targets) == 3
    assert len(set(targets)) == 1
    assert targets[0].startswith("/5/")
