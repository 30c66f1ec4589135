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
    write(tmp_path, "cases: [{a: 1}, {a: 2}]\nsteps:\n- get: /${a}\n", "a.yaml")
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
        "name: Shop\ntags: [smoke]\ncases: [{case: x, b: 2}, {b: 1}]\nsteps: [get: /]\n",
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


def test_problems_of_the_schema_and_of_the_steps_are_told_together(tmp_path):
    write(tmp_path, "steps:\n- got: /\n- get: /${nope}\n- get: ftp://h\n- got: /\n", "a.yaml")
    document = json.loads(called("check", "a.yaml", "--format", "json", cwd=tmp_path).out)
    assert [(each["line"], each["kind"]) for each in document["problems"]] == [
        (2, "invalid-scenario"),
        (3, "undefined-variable"),
        (4, "unsupported-scheme"),
        (5, "invalid-scenario"),
    ]


def test_what_is_refused_at_load_is_status_2_and_nothing_is_sent(tmp_path, echo):
    write(tmp_path, 'steps:\n- get: /\n- get: /\n  headers: {X: "a\\nb"}\n', "a.yaml")
    command = called("run", "a.yaml", "--base", echo.url, cwd=tmp_path)
    assert command.status == 2
    assert "[invalid-header]" in command.err
    assert echo.requests == []


@pytest.mark.parametrize(
    ("step", "told"),
    [("- got: /\n", "more than 100 problems"), ("- get: /${nope}\n", "300 problems")],
)
def test_very_many_problems(tmp_path, step, told):
    write(tmp_path, "steps:\n" + step * 300, "a.yaml")
    out = called("check", "a.yaml", cwd=tmp_path).out
    assert out.count("\nerror: ") == 100
    assert out.rstrip().endswith(told)


@pytest.mark.parametrize(
    "text",
    [
        "- get: ftp://{}\n",
        "- {}\n",
        "- ? {}\n  : 1\n",
        "- get: /\n  ? {}\n  : 1\n",
        "- post: /\n  file: {}\n",
        "- get: /\n  in: {}\n",
    ],
)
def test_what_is_very_long_is_told_in_short(tmp_path, text):
    write(tmp_path, "steps:\n" + text.format("x" * 200_000), "a.yaml")
    command = called("check", "a.yaml", cwd=tmp_path)
    assert command.status == 2
    assert len(command.out) < 3000


PARTS = "vars: {user: {alpha: 1}, list: [1, 2], later: {}, none: null}\nsteps:\n"


@pytest.mark.parametrize(
    ("use", "told"),
    [
        ("user.alpa", "`user.alpa` is not there: `vars` gives `user` no `alpa`"),
        ("list[2]", "`list[2]` is not there: `vars` gives `list` no `2`"),
        ("user.alpha", None),
        ("list[-2]", None),
        ("later.x", None),
        ("none.x", None),
    ],
)
def test_a_part_that_a_variable_lacks(tmp_path, use, told):
    write(tmp_path, f"{PARTS}- get: /${{{use}}}\n", "a.yaml")
    command = called("check", "a.yaml", "--format", "json", cwd=tmp_path)
    problems = json.loads(command.out)["problems"]
    assert [each["message"] for each in problems] == ([told] if told else [])
    assert all((each["line"], each["column"]) == (3, 9) for each in problems)
    assert command.status == (2 if told else 0)


@pytest.mark.parametrize(
    "more",
    [
        "- set: {user: {b: 1}}\n",
        "- get: /\n  capture: {user: $.user}\n",
        "- get: /\n  for-each: {user: [{b: 1}]}\n",
    ],
)
def test_a_part_of_what_is_replaced_may_be_there(tmp_path, more):
    text = f"{PARTS}{more}- get: /${{user.b}}\n"
    write(tmp_path, text, "a.yaml")
    assert called("check", "a.yaml", cwd=tmp_path).status == 0


def test_a_part_that_comes_from_elsewhere_or_is_asked_for(tmp_path):
    use = f"{PARTS}- get: /${{user.b}}\n"
    write(tmp_path, use, "a.yaml")
    assert called("check", "a.yaml", cwd=tmp_path).status == 2
    write(tmp_path, f"{use}  if: {{user.b: {{exists: true}}}}\n", "a.yaml")
    assert called("check", "a.yaml", cwd=tmp_path).status == 0
    write(tmp_path, f"cases: [{{user: {{b: 1}}}}]\n{use}", "a.yaml")
    assert called("check", "a.yaml", cwd=tmp_path).status == 0
    write(tmp_path, use, "a.yaml")
    (tmp_path / "environments").mkdir()
    write(tmp_path / "environments", "vars: {user: {b: 1}}\n", "live.yaml")
    assert called("check", "a.yaml", cwd=tmp_path).status == 0


@pytest.mark.parametrize("command", ["check", "list"])
def test_words_and_settings_that_mean_nothing(tmp_path, command):
    (tmp_path / "empty").mkdir()
    done = called(command, "empty", cwd=tmp_path)
    assert (done.status, done.err.splitlines()[0]) == (5, "httpsteps: no scenarios in empty")
    assert called(command, "nope", cwd=tmp_path).status == 2
    (tmp_path / "pyproject.toml").write_text("[tool.httpsteps]\npathz = 1\n")
    done = called(command, "empty", cwd=tmp_path)
    assert done.status == 2
    assert "pathz" in done.err
