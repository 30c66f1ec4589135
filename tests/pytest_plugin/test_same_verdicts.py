"""The same folder of scenarios: the same verdicts by the command and by pytest with xdist."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from tests.harness import PROJECT, httpsteps

# Beside what is shipped, ways to end that nothing shipped ends in.
MORE = {
    "cases.yaml": "cases: [{case: a, n: 1}, {case: b, n: 99}]\nsteps: [get: '/items/${n}']\n",
    "met.yaml": "expect-failure: {because: bug 7}\nsteps: [get: /nothing-here]\n",
    "unmet.yaml": "expect-failure: {because: bug 7}\nsteps: [get: /health]\n",
    "skipped.yaml": "skip: not today\nsteps: [get: /nothing-here]\n",
    "left-out.yaml": "vars: {n: 1}\nsteps: [{get: /health, if: {'${n}': 2}}]\n",
    "teardown.yaml": "steps: [get: /health]\nteardown: [get: /nothing-here]\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The shipped scenarios, those that fail too, and some more."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(PROJECT / "scenarios", folder / "scenarios")
    for name, text in MORE.items():
        (folder / "scenarios" / name).write_text(text)
    (folder / "pyproject.toml").write_text(
        '[tool.httpsteps]\nserve = "{python} -m runner.demo --port {port}"\nready = "/health"\n'
        'exclude = ["scenarios/httpbin"]\n[tool.pytest.ini_options]\n'
    )
    return folder


@pytest.fixture(scope="module")
def by_command(folder):
    """The outcome of each scenario and case, as the command reports it."""
    httpsteps("run", "scenarios", "--report", "json=r.json", "-q", cwd=folder)
    told = json.loads((folder / "r.json").read_bytes())["scenarios"]
    return {
        (one["file"], one["name"] if one["case"] is None else f"{one['name']}[{one['case']}]"): (
            one["outcome"]
        )
        for one in told
    }


def by_pytest(folder, *words):
    """The same as pytest reports it."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--junitxml=j.xml", "-p", "no:cacheprovider",
         "-o", "junit_family=xunit1", *words, "scenarios"],
        cwd=folder, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    cases = ET.parse(folder / "j.xml").iter("testcase")
    made = {(one.get("file"), one.get("name")): outcome(one) for one in cases}
    assert made, done.stdout + done.stderr
    return made, done.stdout


def outcome(case):
    """How a test case of JUnit ended; a service that is down is no other failure there."""
    found = {child.tag for child in case} & {"failure", "error", "skipped"}
    return found.pop() if found else "passed"


@pytest.mark.timeout(160)
def test_the_verdicts_are_the_same(folder, by_command):
    names = {"passed": "passed", "failed": "failure", "error": "failure", "skipped": "skipped"}
    assert set(by_command.values()) == set(names)
    assert len(by_command) > 40
    expected = {key: names[outcome] for key, outcome in by_command.items()}
    found, told = by_pytest(folder, "-n", "2")
    assert found.keys() == expected.keys(), told
    differing = [key for key in expected if found[key] != expected[key]]
    assert differing == [], told
