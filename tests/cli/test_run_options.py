"""Options of ``run`` that change its course, and the settings that stand for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness import called, write
from tests.lab import EchoServer


def settings(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.httpsteps]\n{text}\n", encoding="utf-8")


def test_snapshots_are_written_when_asked_for_and_compared_else(
    tmp_path: Path, echo: EchoServer
) -> None:
    text = "vars: {a: 1}\nsteps:\n- get: /json?a=${a}\n  expect: {$: {same-as: one.json}}\n"
    write(tmp_path, text, "a.yaml")
    words = ("run", "a.yaml", "--base", echo.url)
    file = tmp_path / "snapshots" / "one.json"
    command = called(*words, cwd=tmp_path)
    assert command.status == 1
    assert "--update-snapshots" in command.out
    assert not file.exists()
    assert called(*words, "--update-snapshots", cwd=tmp_path).status == 0
    assert json.loads(file.read_bytes()) == {"a": "1"}
    assert called(*words, cwd=tmp_path).status == 0
    assert called(*words, "--var", "a=2", cwd=tmp_path).status == 1
    assert json.loads(file.read_bytes()) == {"a": "1"}


def test_the_deadline_bounds_the_whole_run(tmp_path: Path, echo: EchoServer) -> None:
    for name in ("a", "b", "c"):
        write(tmp_path, "steps:\n- get: /slow?before=30\n", f"{name}.yaml")
    write(tmp_path, "skip: later\nsteps:\n- get: /\n", "d.yaml")
    words = ("--deadline", "300ms", "--report", "json=r.json")
    command = called("run", ".", "--base", echo.url, *words, cwd=tmp_path)
    assert command.status == 1
    result = json.loads((tmp_path / "r.json").read_bytes())
    assert [each["outcome"] for each in result["scenarios"]] == ["failed"] * 3 + ["skipped"]
    assert {each["kind"] for each in result["scenarios"][:3]} == {"deadline-exceeded"}
    assert "the deadline of the run, 0.3 s, passed before it began" in command.out
    assert len(echo.requests) == 1


def test_the_deadline_of_a_scenario_still_holds(tmp_path: Path, echo: EchoServer) -> None:
    write(tmp_path, "deadline: 200ms\nsteps:\n- get: /slow?before=30\n", "a.yaml")
    command = called("run", "a.yaml", "--base", echo.url, "--deadline", "30s", cwd=tmp_path)
    assert command.status == 1
    assert "deadline-exceeded" in command.out


def test_every_setting_stands_for_an_option(tmp_path: Path, echo: EchoServer) -> None:
    (tmp_path / "suite").mkdir()
    write(
        tmp_path / "suite",
        "tags: [smoke]\nvars: {a: 1, b: x, r: '${new.int}'}\nsecrets: {t: none}\n"
        "steps:\n- get: /${a}/${b}/${t}/${r}\n",
        "a.yaml",
    )
    write(tmp_path / "suite", "steps:\n- get: /untagged\n", "b.yaml")
    write(tmp_path, "a: 2\n", "v.yaml")
    write(tmp_path, "t: hunter2xyz\n", "s.yaml")
    (tmp_path / "environments").mkdir()
    write(tmp_path / "environments", "vars: {b: staging}\n", "staging.yaml")
    settings(
        tmp_path,
        f'paths = "suite"\nbase = "{echo.url}"\nenvironment = "staging"\nvars = "v.yaml"\n'
        'secrets = ["s.yaml"]\ntag = "smoke"\nfail-fast = true\nseed = 7\ndeadline = "30s"\n'
        'output = "out"\nreport = ["json=r.json"]\nquiet = true\ncolor = false',
    )
    command = called("run", cwd=tmp_path)
    assert command.status == 0, command.out + command.err
    (request,) = echo.requests
    assert request.path.startswith("/2/staging/hunter2xyz/")
    assert json.loads((tmp_path / "r.json").read_bytes())["seed"] == 7
    assert "untagged" not in command.out
    assert called("run", "--var", "a=3", "--seed", "7", cwd=tmp_path).status == 0
    first, second = (each.path.rpartition("/")[2] for each in echo.requests)
    assert first == second
    assert echo.requests[-1].path.startswith("/3/staging/")


def test_settings_are_relative_to_their_file(tmp_path: Path, echo: EchoServer) -> None:
    deep = tmp_path / "deep"
    deep.mkdir()
    write(tmp_path, "vars: {a: 1}\nsteps:\n- get: /${a}\n", "a.yaml")
    write(tmp_path, "a: 2\n", "v.yaml")
    settings(tmp_path, f'paths = ["a.yaml"]\nbase = "{echo.url}"\nvars = ["v.yaml"]')
    assert called("run", cwd=deep).status == 0
    assert echo.requests[0].path == "/2"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dead-line = '5s'", ["pyproject.toml:2:1", "`dead-line`", "did you mean `deadline`?"]),
        ("deadline = 5", ["pyproject.toml:2:1", "a duration like 30s"]),
        ("seed = true", ["pyproject.toml:2:1", "a whole number"]),
        ("fail-fast = 1", ["pyproject.toml:2:1", "true or false"]),
        ("tag = [1]", ["pyproject.toml:2:1", "a text or a list of texts"]),
        ("report = ['jsn=a']", ["unknown format `jsn`", "did you mean `json`?"]),
        ("base = ''\nseed = 'a'", ["pyproject.toml:2:1", "pyproject.toml:3:1", "2 problems"]),
    ],
)
def test_mistakes_in_settings_have_their_place(tmp_path: Path, text: str, words: list[str]) -> None:
    settings(tmp_path, text)
    write(tmp_path, "steps:\n- get: http://127.0.0.1:9/\n", "a.yaml")
    command = called("run", "a.yaml", cwd=tmp_path)
    assert command.status == 2
    for word in words:
        assert word in command.err


def test_two_reports_cannot_go_to_one_file(tmp_path: Path) -> None:
    write(tmp_path, "steps:\n- get: http://127.0.0.1:9/\n", "a.yaml")
    words = ("--report", "json=a", "--report", "jsonl=a")
    command = called("run", "a.yaml", *words, cwd=tmp_path)
    assert command.status == 2
    assert "another report goes there" in command.err


def test_a_report_on_standard_output_has_it_for_itself(tmp_path: Path, echo: EchoServer) -> None:
    write(tmp_path, "steps:\n- get: /\n", "a.yaml")
    command = called("run", "a.yaml", "--base", echo.url, "--report", "json=-", cwd=tmp_path)
    assert command.status == 0
    assert json.loads(command.out)["outcome"] == "passed"
    assert "1 passed" in command.err
