"""How scenarios end under pytest, and what is shown of them."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

WRONG = """\
name: Lamp
cases: [{case: right, n: Lamp}, {case: wrong, n: Torch}]
steps:
  - get: /items/1
    expect: {$.name: "${n}"}
  - get: /health
"""
PASSES = "steps: [get: /health]\n"


@pytest.fixture
def base(project, shop):
    """The option that gives scenarios the shop."""
    return f"--httpsteps-base={shop}"


def test_a_failure_is_told_as_the_command_tells_it(project, base):
    project.write("scenarios/lamp.yaml", WRONG)
    result = project.pytest(base)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([
        "*_ Lamp[[]wrong[]] _*",
        'failed: $.name is "Lamp", expected "Torch"  [[]expectation-failed]',
        "*--> scenarios/lamp.yaml:5:22",
        '*5 |     expect: {$.name: "${n}"}',
        '*  |                      ^^^^^^ expected "Torch", found "Lamp"',
        "*= step: 1 of 2, get /items/1, took *",
        "*= phases: dns *",
        "* curl -sS http://127.0.0.1:*/items/1*",
        "1 step after it was skipped",
    ])  # fmt: skip
    for word in ("*runner/*", "*Traceback*", "*NotPassedError*", "E  *", ">  *"):
        result.stdout.no_fnmatch_line(word)


def test_a_service_that_is_down_is_a_failure(project):
    project.write("scenarios/a.yaml", "steps: [get: 'http://127.0.0.1:9/']\n")
    result = project.pytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["error: 127.0.0.1:9 refused the connection*", "*= hint: *"])


def test_several_checks_and_a_part_of_a_step_are_told_as_the_command_tells_them(project, base):
    checks = "{status: 200, $.name: Torch, $.category: {starts-with: a-word-that-is-long}, $.id: 9}"
    project.write("scenarios/a.yaml", f"steps:\n  - get: /items/1\n    expect: {checks}\n")
    project.write("scenarios/b.yaml", "steps: [get: 'http://127.0.0.1:9/x']\n")
    result = project.pytest(base)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines([
        'failed: $.name is "Lamp", expected "Torch", and 2 more checks failed*',
        "*expected 9, found 1",
        "*= step: 1 of 1, get http://127.0.0.1:9/x; in its part 2, connect,*",
    ])  # fmt: skip


def test_an_expected_failure_passes_and_its_absence_fails(project, base):
    expected = "expect-failure: {because: bug 7}\nsteps: [get: /%s]\n"
    project.write("scenarios/met.yaml", expected % "nothing-here")
    project.write("scenarios/not.yaml", expected % "health")
    result = project.pytest(base)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["failed: a failure was expected, and it passed*", "*bug 7*"])


def test_steps_are_properties_in_junit(project, base):
    project.write("scenarios/lamp.yaml", WRONG)
    project.pytest(base, "--junitxml=j.xml", "-k", "wrong")
    case = ET.parse(project.path / "j.xml").find(".//testcase")
    assert case is not None
    assert (case.get("classname"), case.get("name")) == ("scenarios.lamp.yaml", "Lamp[wrong]")
    told = {one.get("name"): one.get("value") or "" for one in case.iter("property")}
    assert told.keys() == {"step 1", "step 2"}
    assert told["step 1"].startswith("failed in ")
    assert told["step 1"].endswith("(expectation-failed): get /items/1")
    assert told["step 2"] == "skipped: get /health"
    failure = case.find("failure")
    assert failure is not None
    assert "--> scenarios/lamp.yaml:5:22" in (failure.text or "")


def test_the_last_failed_alone(project, base, pytester):
    project.write("scenarios/lamp.yaml", WRONG)
    project.write("scenarios/passes.yaml", PASSES)
    pytester.runpytest_inprocess(base).assert_outcomes(passed=2, failed=1)
    pytester.runpytest_inprocess(base, "--lf").assert_outcomes(failed=1)


def test_the_first_failure_ends_the_run(project, base):
    project.write("scenarios/a.yaml", WRONG)
    project.write("scenarios/b.yaml", PASSES)
    project.pytest(base, "-x").assert_outcomes(passed=1, failed=1)


def test_collecting_alone_sends_nothing(project):
    project.write("scenarios/a.yaml", "steps: [get: 'http://127.0.0.1:9/']\n")
    result = project.pytest("--collect-only", "-q")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["scenarios/a.yaml::a"])


def test_tests_in_python_run_beside_scenarios(project, base):
    project.write("test_it.py", "import pytest\n@pytest.mark.xfail\ndef test_it(): assert 0\n")
    project.write("scenarios/a.yaml", PASSES)
    result = project.pytest(base, "--durations=3", "-vv")
    result.assert_outcomes(passed=1, xfailed=1)
    result.stdout.fnmatch_lines(["scenarios/a.yaml::a PASSED*", "*call * scenarios/a.yaml::a"])


def test_random_values_can_be_repeated(project, shop):
    project.write("scenarios/a.yaml", "vars: {n: '${new.int}'}\nsteps: [get: '/x-${n}']\n")
    words = (f"--httpsteps-base={shop}", "-p", "no:randomly")
    first = project.pytest(*words)
    seed = next(line for line in first.outlines if line.startswith("random values repeat")).split()
    again = project.pytest(*words, *seed[-2:])
    paths = [[line for line in run.outlines if "/x-" in line][:1] for run in (first, again)]
    assert paths[0] == paths[1] != []


def test_ctrl_c_ends_the_run_after_the_teardown(project, shop):
    project.write("conftest.py", """
        import os, signal, threading, time, pytest

        @pytest.fixture
        def httpsteps_vars():
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
            return {}
    """)  # fmt: skip
    project.write(
        "scenarios/a.yaml",
        "steps: [wait: 20s]\nteardown: [{post: /carts/mine/items, json: {item: 1, quantity: 1}}]\n",
    )
    project.write("scenarios/b.yaml", PASSES)
    result = project.process(f"--httpsteps-base={shop}", "-v")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*KeyboardInterrupt*"])
    result.stdout.no_fnmatch_line("*b.yaml*")


def test_a_scenario_of_which_all_was_skipped_is_skipped(project, base):
    project.write(
        "scenarios/a.yaml",
        "vars: {stock: false}\n"
        "steps: [{get: /health, if: {'${stock}': true}}, {get: /, if: {'${stock}': true}}]\n",
    )
    result = project.pytest(base, "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*scenarios/a.yaml*all its steps were skipped: `if`*"])
