"""The GitHub Action: its last step, run by bash as GitHub's runner would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import PROJECT, write

ACTION: dict[str, Any] = yaml.safe_load((PROJECT / "action.yml").read_text(encoding="utf-8"))
STEP: dict[str, Any] = ACTION["runs"]["steps"][-1]
SCENARIO = (
    "name: Health\ntags: [{tag}]\nsteps:\n  - get: /health\n    expect: {{$.status: {status}}}\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    bin_folder = tmp_path / "temp" / "httpsteps" / "bin"
    bin_folder.mkdir(parents=True)
    (bin_folder / "httpsteps").symlink_to(Path(sys.executable).with_name("httpsteps"))
    work = tmp_path / "my work"
    work.mkdir()
    write(work, SCENARIO.format(tag="smoke", status="up"), "good.yaml")
    write(work, SCENARIO.format(tag="slow", status="down"), "bad one.yaml")
    return work


def act(folder: Path, **inputs: str) -> tuple[int, str, str]:
    """Exit status, standard output and the step's outputs, for these inputs of the action."""
    given = {name: str(entry.get("default", "")) for name, entry in ACTION["inputs"].items()}
    assert inputs.keys() <= given.keys()
    given |= inputs
    environ = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: given[found[1]], value)
        for name, value in STEP["env"].items()
    }
    outputs = folder.parent / "outputs"
    ran = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEP["run"]],
        cwd=folder,
        env=os.environ
        | environ
        | {"RUNNER_TEMP": str(folder.parent / "temp"), "GITHUB_OUTPUT": str(outputs)},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr, outputs.read_text(encoding="utf-8")


def test_what_fails_is_an_annotation_and_the_status(folder: Path, demo: str) -> None:
    status, out, outputs = act(folder, paths=".", base=demo)
    assert status == 1
    assert "::error file=bad one.yaml,line=5" in out
    assert outputs == "status=1\n"


def test_paths_tags_reports_and_further_words(folder: Path, demo: str) -> None:
    arguments = "--fail-fast --name 'He.*h' --var 'unused=a b'"
    status, out, _ = act(folder, paths=".", base=demo, tag="smoke", arguments=arguments)
    assert status == 2, "no scenario has the variable, so that the word must have arrived whole"
    assert "unused" in out
    status, out, outputs = act(
        folder,
        paths="good.yaml\ngood.yaml",
        base=demo,
        report="a b.html",
        arguments="--name 'He.*h'",
    )
    assert (status, outputs[-9:]) == (0, "status=0\n"), out
    assert (folder / "a b.html").stat().st_size > 1000


def test_inputs_are_never_run(folder: Path, demo: str) -> None:
    evil = "good.yaml $(touch owned) `touch owned` ; touch owned"
    act(folder, paths=evil, base=demo, tag="$(touch owned)", arguments="'; touch owned'")
    assert not (folder / "owned").exists()
    for step in ACTION["runs"]["steps"]:
        assert "${{ inputs" not in step.get("run", "")


def test_each_input_is_used() -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", str(ACTION["runs"])))
    assert used == set(ACTION["inputs"])
