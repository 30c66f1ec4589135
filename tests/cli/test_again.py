"""Which scenarios run, how often and in which order: shards, what failed, rounds, shuffling."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys

import pytest

from tests.harness import PROJECT, called, write

PASSES = "steps:\n- get: /\n"


def shown(command):
    """The names on the console, with their cases."""
    lines = (line for line in command.out.splitlines() if line.startswith(("✓", "✗", "-")))
    return [line[2:].partition("  ")[0] for line in lines]


@pytest.fixture
def run(tmp_path, echo):
    def run(*words, **settings):
        return called("run", ".", "--base", echo.url, *words, cwd=tmp_path, **settings)

    return run


def files(folder, **texts):
    for name, path in texts.items():
        write(folder, f"steps:\n- get: {path}\n", f"{name}.yaml")


def test_failed_runs_what_did_not_pass_until_it_does(tmp_path, run):
    files(tmp_path, a="/", b="/status/500", c="http://127.0.0.1:1/", d="/")
    assert run().status == 1
    command = run("--failed")
    assert shown(command) == ["b", "c"]
    assert "2 of 4 scenarios did not pass when last run" in command.out
    files(tmp_path, b="/")
    assert run("--name", "^b$").status == 0
    assert shown(run("--failed")) == ["c"]
    files(tmp_path, c="/")
    assert run("--failed").status == 0
    command = run("--failed")
    assert (command.status, command.out) == (5, "")
    assert "none of these scenarios failed when it last ran" in command.err


def test_failed_without_an_earlier_run_is_not_green(tmp_path, run, echo):
    files(tmp_path, a="/")
    command = run("--failed")
    assert command.status == 5
    assert "no earlier run" in command.err
    assert not echo.requests


def test_failed_after_a_kill(tmp_path, echo):
    files(tmp_path, a="/status/500", b="/", c="/slow?before=30", d="/status/500")
    words = [sys.executable, "-m", "runner", "run", ".", "--base", echo.url]
    process = subprocess.Popen(
        words, cwd=tmp_path, env={"PYTHONPATH": str(PROJECT), "PATH": ""}, stdout=subprocess.DEVNULL
    )
    assert echo.wait_for(lambda: any("/slow" in one.target for one in echo.requests), 20)
    process.send_signal(signal.SIGKILL)
    process.wait()
    command = called("list", ".", "--failed", cwd=tmp_path)
    assert command.out == "a.yaml  a\n"


def test_shards_are_the_whole(tmp_path, run):
    files(tmp_path, a="/", b="/", c="/")
    write(tmp_path, "cases: [{n: 1}, {n: 2}]\nsteps: [get: '/${n}']\n", "d.yaml")
    found = []
    for number in (1, 2, 3):
        command = run("--shard", f"{number}/3")
        assert command.status == 0
        assert f"shard {number}/3: {len(shown(command))} of 5 scenarios" in command.out
        found += shown(command)
    assert sorted(found) == ["a", "b", "c", "d [1]", "d [2]"]
    command = run("--shard", "7/7")
    assert command.status == 5
    assert "shard 7/7 of 5 scenarios is empty" in command.err


def test_shards_by_the_durations_of_a_result(tmp_path, run):
    files(tmp_path, a="/", b="/slow?before=0.4", c="/", d="/")
    assert run("--report", "json=r.json").status == 0
    words = ("--durations", "r.json", "--shard")
    assert shown(run(*words, "1/2")) == ["b"]
    assert shown(run(*words, "2/2")) == ["a", "c", "d"]
    (tmp_path / "pyproject.toml").write_text('[tool.httpsteps]\ndurations = "r.json"\n')
    assert shown(run("--shard", "1/2")) == ["b"]


def test_a_shard_does_not_depend_on_what_this_machine_ran_before(tmp_path, run):
    files(tmp_path, a="/slow?before=0.3", b="/", c="/status/500", d="/")
    before = called("list", ".", "--shard", "1/2", cwd=tmp_path).out
    run()
    assert called("list", ".", "--shard", "1/2", cwd=tmp_path).out == before
    assert shown(run("--shard", "1/2", "--failed")) == ["c"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--shard", "0/2"], "1/4"),
        (["--shard", "3/2"], "1/4"),
        (["--shard", "2"], "1/4"),
        (["--shard", "1/2", "--durations", "none.json"], "none.json"),
        (["--shard", "1/2", "--durations", "a.yaml"], "tells no durations"),
        (["--repeat", "0"], "from 1 on"),
        (["--repeat", "x"], "from 1 on"),
    ],
)
def test_words_that_cannot_be_meant(tmp_path, run, echo, words, said):
    files(tmp_path, a="/")
    command = run(*words)
    assert command.status == 2
    assert said in command.err
    assert not echo.requests


def test_repeat_runs_each_so_often_and_tells_what_is_flaky(tmp_path, run, lab):
    from tests.lab import scripted_each
    from tests.lab.scripted import answer, request

    server = lab(
        scripted_each([request(), answer(200)], [request(), answer(500)], [request(), answer(200)])
    )
    files(tmp_path, a="/", b=server.url)
    write(tmp_path, "cases: [{n: 1, case: x}]\nsteps: [get: '/${n}']\n", "c.yaml")
    command = run("--repeat", "3", "--report", "junit=r.xml")
    assert command.status == 1
    rounds = [f"{number}/3" for number in (1, 2, 3)]
    labels = [f"{name} [{case}{each}]" for name, case in (("a", ""), ("b", ""), ("c", "x, "))
              for each in rounds]  # fmt: skip
    assert shown(command) == labels
    assert "flaky: b passed 2 of 3 times  b.yaml" in command.out
    assert command.out.count("flaky:") == 1
    assert (tmp_path / "r.xml").read_text().count("<testcase") == 9
    assert shown(run("--failed")) == ["b"]


def test_rounds_do_not_repeat_random_values_but_runs_do(tmp_path, run, echo):
    write(tmp_path, "vars: {id: '${new.uuid}'}\nsteps: [get: '/${id}']\n", "a.yaml")
    for _ in range(2):
        assert run("--repeat", "3", "--seed", "7").status == 0
    sent = [each.target for each in echo.requests]
    assert len(set(sent[:3])) == 3
    assert sent[:3] == sent[3:]


def test_shuffle_is_repeated_by_its_seed(tmp_path, run):
    files(tmp_path, **dict.fromkeys("abcdefghij", "/"))
    command = run("--shuffle")
    assert command.status == 0
    order = shown(command)
    assert sorted(order) == list("abcdefghij")
    seed = re.search(r"--shuffle --seed (\d+)", command.out)[1]
    words = ("--shuffle", "--seed", seed, "--report", "json=r.json")
    assert shown(run(*words)) == order
    document = json.loads((tmp_path / "r.json").read_bytes())
    assert [one["name"] for one in document["scenarios"]] == order
    assert shown(run("--shuffle", "--seed", seed + "1")) != order
