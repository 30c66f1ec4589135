"""``run``: exit statuses, choices and values from the command line."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.harness import PROJECT, called, httpsteps, write
from tests.lab import EchoServer, closed_port

PASSES = "steps:\n- get: /\n"
FAILS = "steps:\n- get: /status/500\n"


def last(command):
    """The last line of the console."""
    return command.out.strip().splitlines()[-1]


def run(folder, echo, *words, **settings):
    return called("run", *words, "--base", echo.url, cwd=folder, **settings)


def test_0_all_passed(tmp_path, echo):
    write(tmp_path, PASSES, "a.yaml")
    command = run(tmp_path, echo, "a.yaml")
    assert command.status == 0
    assert last(command).startswith("1 passed, 0 failed, 0 errors, 0 skipped in ")
    assert command.err == ""


def test_1_one_failed(tmp_path, echo):
    for name, text in (("a", PASSES), ("b", FAILS), ("c", "steps: [get: 'http://127.0.0.1:1/']")):
        write(tmp_path, text, f"{name}.yaml")
    command = run(tmp_path, echo, ".")
    assert command.status == 1
    assert last(command).startswith("1 passed, 1 failed, 1 error")
    for words in ("unexpected-status", "- get: /status/500", "b.yaml:2", "curl "):
        assert words in command.out


def test_3_none_failed_but_one_could_not_be_carried_out(tmp_path):
    with closed_port() as port:
        write(tmp_path, PASSES, "a.yaml")
        command = called("run", "a.yaml", "--base", f"http://127.0.0.1:{port}", cwd=tmp_path)
    assert command.status == 3
    assert "connection-refused" in command.out
    assert "is the service running?" in command.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--nothing"], "--nothing"),
        (["nothing.yaml"], "nothing.yaml"),
        (["a.yaml", "--var", "b=1"], "declares `b`"),
        (["a.yaml", "--var", "a"], "NAME=VALUE"),
        (["a.yaml", "--var", "a=x"], "is no integer"),
        (["a.yaml", "--name", "("], "regular expression"),
        (["a.yaml", "--report", "json"], "FORMAT=PATH"),
        (["a.yaml", "--report", "jsn=x"], "`json`"),
        (["a.yaml", "--deadline", "5"], "--deadline"),
        (["a.yaml", "--seed", "x"], "--seed"),
    ],
)
def test_2_bad_usage(tmp_path, echo, words, said):
    write(tmp_path, f"vars: {{a: 1}}\n{PASSES}", "a.yaml")
    command = run(tmp_path, echo, *words)
    assert command.status == 2
    assert said in command.err
    assert "Traceback" not in command.err
    assert echo.connections == 0


def test_2_an_invalid_scenario_and_nothing_is_sent(tmp_path, echo):
    write(tmp_path, PASSES, "a.yaml")
    write(tmp_path, "steps:\n- got: /\n", "b.yaml")
    write(tmp_path, "steps:\n- read:\n", "c.yaml")
    command = run(tmp_path, echo, ".")
    assert command.status == 2
    assert "b.yaml:2:3" in command.err
    assert "c.yaml:2:3" in command.err
    assert echo.connections == 0


@pytest.mark.parametrize("words", [["."], ["a.yaml", "--tag", "none"], ["a.yaml", "--case", "x"]])
def test_5_nothing_to_run(tmp_path, echo, words):
    if words[0] == "a.yaml":
        write(tmp_path, PASSES, "a.yaml")
    command = run(tmp_path, echo, *words)
    assert command.status == 5
    assert "nothing to run" in command.err


def test_130_interrupted_with_teardown_and_report(tmp_path, echo):
    write(
        tmp_path, "steps:\n- get: /slow?before=20\n- get: /x\nteardown:\n- get: /after\n", "a.yaml"
    )
    words = ["run", "a.yaml", "--base", echo.url, "--report", "json=r.json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "runner", *words],
        cwd=tmp_path,
        env={"PYTHONPATH": str(PROJECT), "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert echo.wait_for(lambda: len(echo.requests) == 1, 10)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "interrupted" in out
    assert "Traceback" not in out + err
    assert echo.requests[-1].target == "/after"
    assert '"interrupted"' in (tmp_path / "r.json").read_text()


def test_var_takes_the_type_of_its_default(tmp_path, echo):
    text = """
    vars: {n: 1, t: x, flag: false, list: []}
    steps:
    - post: /
      json: ["${n}", "${t}", "${flag}", "${list}"]
    """
    write(tmp_path, text, "a.yaml")
    words = ("--var", "n=2", "--var", "t=3=4", "--var", "flag=true", "--var", "list=[1]")
    assert run(tmp_path, echo, "a.yaml", *words).status == 0
    assert echo.requests[0].body == b'[2,"3=4",true,[1]]'


def test_var_cannot_name_a_variable_of_the_cases(tmp_path, echo):
    write(tmp_path, f"vars: {{n: 1}}\ncases: [{{n: 2}}]\n{PASSES}", "a.yaml")
    command = run(tmp_path, echo, "a.yaml", "--var", "n=3")
    assert command.status == 2
    assert "`n` is a variable of the cases" in command.err


def test_tag_name_and_case_choose(tmp_path, echo):
    write(tmp_path, "name: Shop\ntags: [smoke]\nsteps: [get: /shop]\n", "a.yaml")
    write(
        tmp_path,
        "name: Blog\ntags: [slow]\ncases: [{n: 1, case: x}, {n: 2}]\nsteps: [get: '/b${n}']\n",
        "b.yaml",
    )

    def sent(*words):
        before = len(echo.requests)
        assert run(tmp_path, echo, ".", *words).status == 0
        return [each.target for each in echo.requests[before:]]

    assert sent("--tag", "smoke") == ["/shop"]
    assert sent("--tag", "smoke", "--tag", "slow") == ["/shop", "/b1", "/b2"]
    assert sent("--name", "^B") == ["/b1", "/b2"]
    assert sent("--case", "x") == ["/b1"]
    assert sent("--case", "2") == ["/b2"]


def test_fail_fast(tmp_path, echo):
    for name, text in (("a", PASSES), ("b", FAILS), ("c", PASSES)):
        write(tmp_path, text, f"{name}.yaml")
    command = run(tmp_path, echo, ".", "--fail-fast")
    assert command.status == 1
    assert len(echo.requests) == 2


def test_base_on_the_command_line_wins(tmp_path, lab):
    one, two = lab(EchoServer()), lab(EchoServer())
    write(tmp_path, f"base: {one.url}\n{PASSES}", "a.yaml")
    assert called("run", "a.yaml", cwd=tmp_path).status == 0
    assert run(tmp_path, two, "a.yaml").status == 0
    assert (len(one.requests), len(two.requests)) == (1, 1)


def test_a_seed_makes_random_values_repeat_and_is_told_where_it_helps(tmp_path, echo):
    text = "vars: {id: '${new.uuid}'}\nsteps:\n- get: /${id}\n  expect: {status: 500}\n"
    write(tmp_path, text, "a.yaml")
    for seed in ("1", "1", "2"):
        assert f"--seed {seed}" in run(tmp_path, echo, "a.yaml", "--seed", seed).out
    one, again, other = (each.target for each in echo.requests)
    assert one == again != other
    found = re.search(r"--seed (\d+)", run(tmp_path, echo, "a.yaml").out)[1]
    run(tmp_path, echo, "a.yaml", "--seed", found)
    assert echo.requests[-1].target == echo.requests[-2].target


def test_deadline(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /slow?before=20\n", "a.yaml")
    command = run(tmp_path, echo, "a.yaml", "--deadline", "200ms")
    assert command.status == 1
    assert "deadline-exceeded" in command.out


def test_save_goes_below_output(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /\n  id: a\n  as: 1\n- read:\n  in: a\n  save: x/y\n", "a.yaml")
    assert run(tmp_path, echo, "a.yaml", "--output", "out").status == 0
    assert (tmp_path / "out" / "x" / "y").is_file()


def test_paths_default_to_the_folder_scenarios(tmp_path, echo):
    for folder in ("scenarios/deep", "scenarios/environments", "scenarios/_parts"):
        (tmp_path / folder).mkdir(parents=True)
        write(tmp_path / folder, "steps: [get: '/" + folder + "']", "a.yaml")
    assert run(tmp_path, echo).status == 0
    assert [each.target for each in echo.requests] == ["/scenarios/deep"]


def test_quiet_and_verbose(tmp_path, echo):
    write(tmp_path, PASSES, "a.yaml")
    assert run(tmp_path, echo, "a.yaml", "-q").out.strip().count("\n") == 0
    shown = run(tmp_path, echo, "a.yaml", "-v").out
    assert "> GET / HTTP/1.1" in shown or "connected" in shown


def test_python_m_runner_is_the_same_program(tmp_path):
    script = Path(sysconfig.get_path("scripts")) / "httpsteps"
    if not script.exists():
        pytest.skip("the package is not installed: there is no command beside this Python")
    for words in (["--version"], ["check", "none.yaml"], ["run", "--help"]):
        module = httpsteps(*words, cwd=tmp_path)
        command = subprocess.run(
            [script, *words], cwd=tmp_path, capture_output=True, text=True, check=False,
            env={"PYTHONPATH": str(PROJECT)},
        )  # fmt: skip
        assert (command.returncode, command.stdout) == (module.status, module.out)
        assert command.stderr == module.err
