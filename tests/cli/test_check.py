"""``check`` and ``list``: all problems of all files at once, and nothing is ever sent."""

from __future__ import annotations

import json
import re

import pytest

from tests.harness import called, write

BAD = {
    "a.yaml": "steps:\n- got: /\n- get: /\n  expct: {status: 200}\n",
    "b.yaml": "steps:\n- read:\n- get: /${nothing}\n",
    "c.yaml": "steps: [\n",
    "deep/d.yaml": "steps:\n- get: /\n  expect: {staus: 200}\n",
}
PLACES = ["a.yaml:2:3", "a.yaml:4:3", "b.yaml:2:3", "b.yaml:3:9", "c.yaml:", "deep/d.yaml:3:12"]


@pytest.fixture
def bad(tmp_path):
    """A folder of files that are all wrong in some way."""
    (tmp_path / "deep").mkdir()
    for name, text in BAD.items():
        write(tmp_path, text, name)
    return tmp_path


def test_all_problems_of_all_files(bad):
    command = called("check", ".", cwd=bad)
    assert command.status == 2
    for place in PLACES:
        assert place in command.out
    assert "did you mean `get`?" in command.out
    assert "did you mean `expect`?" in command.out
    assert "in 4 files" in command.out
    assert "\x1b" not in command.out


def test_the_line_and_a_caret_are_shown(bad):
    out = called("check", "a.yaml", cwd=bad).out
    line, caret = out.partition("expct: {status: 200}")[2].splitlines()[:2]
    assert line == ""
    assert "^^^^^" in caret


def test_as_json(bad):
    command = called("check", ".", "--format", "json", cwd=bad)
    assert command.status == 2
    document = json.loads(command.out)
    assert document["files"] == 4
    kinds = [problem["kind"] for problem in document["problems"]]
    assert set(kinds) == {"invalid-scenario", "wrong-order", "undefined-variable", "invalid-yaml"}
    problem = next(each for each in document["problems"] if each["kind"] == "wrong-order")
    assert {key: problem[key] for key in ("file", "line", "column")} == {
        "file": "b.yaml",
        "line": 2,
        "column": 3,
    }
    assert problem["message"].startswith("'read' needs")


def test_for_github(bad):
    command = called("check", ".", "--format", "github", cwd=bad)
    assert command.status == 2
    lines = command.out.splitlines()
    assert len(lines) >= 6
    for line in lines:
        assert re.match(r"::error file=[^,]+,line=\d+,(endLine=\d+,)?col=\d+.*::\S", line), line


def test_what_is_right(tmp_path):
    write(tmp_path, "cases: [{a: 1}, {a: 2}]\nsteps:\n- get: /\n", "a.yaml")
    command = called("check", ".", cwd=tmp_path)
    assert command.status == 0
    assert "no problems" in command.out
    document = json.loads(called("check", ".", "--format", "json", cwd=tmp_path).out)
    assert document == {"files": 1, "problems": []} | document
    assert document["problems"] == []
    assert called("check", ".", "--format", "github", cwd=tmp_path).out == ""


@pytest.mark.parametrize("name", ["none.yaml", "none"])
def test_a_path_that_is_not_there(tmp_path, name):
    command = called("check", name, cwd=tmp_path)
    assert command.status == 2
    assert name in command.out + command.err


def test_nothing_to_check(tmp_path):
    assert called("check", ".", cwd=tmp_path).status == 5


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\x00\x01", b"a: &a [*a]", b"[" * 5000, b""])
def test_no_traceback_for_any_bytes(tmp_path, content):
    (tmp_path / "a.yaml").write_bytes(content)
    for form in ("text", "json", "github"):
        command = called("check", "a.yaml", "--format", form, cwd=tmp_path)
        assert command.status == 2
        assert "Traceback" not in command.out + command.err
        assert "internal" not in command.out + command.err


def test_secrets_written_in_a_file_are_not_shown_by_list(tmp_path):
    write(tmp_path, "secrets: {t: abcdefgh}\nsteps:\n- get: /\n", "a.yaml")
    assert "abcdefgh" not in called("list", ".", cwd=tmp_path).out


def test_list(tmp_path):
    write(
        tmp_path,
        "name: Shop\ntags: [smoke]\ncases: [{case: x}, {b: 1}]\nsteps: [get: /]\n",
        "a.yaml",
    )
    write(tmp_path, "name: Old\nskip: not now\nsteps: [get: /]\n", "b.yaml")
    command = called("list", ".", cwd=tmp_path)
    assert command.status == 0
    lines = command.out.splitlines()
    assert len(lines) == 3
    for line, words in zip(
        lines,
        (["a.yaml", "Shop", "x", "smoke"], ["a.yaml", "Shop", "2"], ["b.yaml", "Old", "not now"]),
        strict=True,
    ):
        assert all(word in line for word in words)


def test_list_shows_what_can_be_read_and_what_is_wrong(bad):
    write(bad, "steps: [get: /]\n", "good.yaml")
    command = called("list", ".", cwd=bad)
    assert command.status == 2
    assert "good.yaml" in command.out
    assert "a.yaml:2:3" in command.err


def test_list_of_nothing(tmp_path):
    assert called("list", ".", cwd=tmp_path).status == 5
