"""``httpsteps new``: what it writes can be run as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.harness import Command, called
from tests.lab import EchoServer

JOBS = {"github": ".github/workflows/smoke.yml", "gitlab": ".gitlab-ci.yml"}


def command(*words: str) -> Command:
    return called(*words, cwd=Path.cwd())


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BASE_URL", raising=False)
    return tmp_path


def test_what_it_writes_passes_check_and_runs(folder: Path, echo: EchoServer) -> None:
    made = command("new", "--base", echo.url)
    assert made.status == 0
    assert "httpsteps run scenarios/smoke.yaml" in made.out
    assert command("check").status == 0
    ran = command("run", "scenarios/smoke.yaml")
    assert ran.status == 0, ran.out
    assert "Smoke test" in ran.out


def test_its_base_can_be_given_from_outside(
    folder: Path, echo: EchoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("new", "--base", "http://127.0.0.1:9")
    assert command("run").status == 3
    monkeypatch.setenv("BASE_URL", echo.url)
    assert command("run").status == 0


def test_the_steps_it_suggests_are_steps(folder: Path) -> None:
    command("new")
    path = folder / "scenarios" / "smoke.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if "# - get: /health" in line)
    path.write_text(
        "\n".join(lines[:start] + [each.replace("# ", "", 1) for each in lines[start:]])
    )
    checked = command("check")
    assert checked.status == 0, checked.err
    assert len(yaml.safe_load(path.read_text())["steps"]) == 4


def test_a_file_that_is_there_is_left(folder: Path) -> None:
    command("new")
    path = folder / "scenarios" / "smoke.yaml"
    path.write_text("mine")
    again = command("new")
    assert again.status == 2
    assert "scenarios/smoke.yaml is there already" in again.err
    assert path.read_text() == "mine"


@pytest.mark.parametrize("name", ["", "../up", "a b", "x/y", ".hidden", "_left-out"])
def test_a_name_that_is_none(folder: Path, name: str) -> None:
    assert command("new", name).status == 2
    assert not (folder / "scenarios").exists()


@pytest.mark.parametrize(
    "base", ["localhost:8000", "ftp://x", "http://", "http://a'b", "http://${x}"]
)
def test_a_base_that_is_none(folder: Path, base: str) -> None:
    assert command("new", "--base", base).status == 2
    assert not (folder / "scenarios").exists()


@pytest.mark.parametrize("kind", JOBS)
def test_the_ci_job_runs_the_folder(folder: Path, kind: str) -> None:
    made = command("new", "--folder", "checks/http", "--ci", kind)
    assert made.status == 0
    text = (folder / JOBS[kind]).read_text(encoding="utf-8")
    assert "httpsteps run checks/http/" in text
    assert "@" not in text.replace("actions/checkout@v4", "").replace(
        "actions/setup-python@v5", ""
    ).replace("actions/upload-artifact@v4", "")
    job = yaml.safe_load(text)
    steps = job["jobs"]["smoke"]["steps"] if kind == "github" else job["smoke"]["script"]
    assert any("httpsteps run" in str(step) for step in steps)


@pytest.mark.parametrize("kind", JOBS)
def test_a_ci_file_that_is_there_is_left_and_the_job_printed(folder: Path, kind: str) -> None:
    path = folder / JOBS[kind]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine: 1\n")
    made = command("new", "--ci", kind)
    assert path.read_text() == "mine: 1\n"
    assert f"{JOBS[kind]} is there already" in made.out
    assert "httpsteps run scenarios/" in made.out


def test_a_ci_file_that_runs_httpsteps_is_enough(folder: Path) -> None:
    command("new", "one", "--ci", "github")
    made = command("new", "two", "--ci", "github")
    assert "runs httpsteps already" in made.out
    assert "jobs:" not in made.out
