"""Files of cases: CSV, JSON and YAML, each mistake at its own line and column."""

from __future__ import annotations

import json

import pytest

from runner.scenario.loader import load
from tests.harness import problems, write

DEEP = "more than 100 objects and lists stand in one another here"
STEPS = "steps:\n- get: /${a}\n"


def rows(tmp_path, name, content, head="vars: {a: ''}\n"):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    scenario = load(write(tmp_path, f"{head}cases: {name}\n{STEPS}"), root=tmp_path)
    return [dict(case.variables) for case in scenario.cases]


def told(tmp_path, name, content, head="vars: {a: ''}\n"):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    found = problems(tmp_path, f"{head}cases: {name}\n{STEPS}")
    assert all(each.kind == "invalid-scenario" for each in found)
    return [f"{str(each.at).removeprefix(f'{tmp_path}/')}: {each.message}" for each in found]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a\nx\n", ["x"]),
        ("a\r\nx\r\ny\r\n", ["x", "y"]),
        ("a\rx\r", ["x"]),
        (b"\xef\xbb\xbfa\nx\n", ["x"]),
        ("a\n\nx\n\n\ny", ["x", "y"]),
        ('a\n"x, ""y"""\n', ['x, "y"']),
        ('a\n"line 1\nline 2"\n', ["line 1\nline 2"]),
        ('a\n""\n', [""]),
        ('a\n5" disk\n', ['5" disk']),
        ("a\n x \n", [" x "]),
    ],
)
def test_csv(tmp_path, content, expected):
    assert [row["a"] for row in rows(tmp_path, "c.csv", content)] == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "1:1: the file is empty: its first line names the columns"),
        ("a,b\n1,2\n\n3\n", "4:1: this row has 1 cell, but the first line names 2 columns"),
        ("a,b\n1,2,3\n", "2:1: this row has 3 cells, but the first line names 2 columns"),
        ("a,b,a\n1,2,3\n", "1:5: two columns are named `a`"),
        ("a,\n1,2\n", "1:3: column 2 has no name"),
        ("a,a b\n1,2\n", "1:3: column 2: `a b` is no name of a variable"),
        ("a, b\n1,2\n", "1:3: column 2: ` b` is no name of a variable"),
        ("env\n1\n", "1:1: column 1: `env` is reserved: no variable can have this name"),
        (
            "a,outputs\n1,2\n",
            "1:3: column 2: `outputs` is reserved: no variable can have this name",
        ),
        ('a\n"x\ny\n', "2:1: the quote of this cell is never closed"),
        ('a\n"x" y\n', "2:4: text stands behind the closing quote of this cell"),
        ('a,b\nx, "y, z"\n', "2:3: blanks stand in front of the quote of this cell"),
        (b"a\nx\n\xff\n", "3:1: byte 0xff here is no UTF-8"),
        ("case,a\n,x\n", "2:1: this label is empty"),
        ("case,a\nx,1\nx,2\n", "3:1: two cases are labelled `x`"),
        ("a\n${x y}\n", "2:5: cannot read `y` in `${x y}`"),
        ('a\n"say ""${x y}"""\n', "2:12: cannot read `y` in `${x y}`"),
    ],
)
def test_a_mistake_in_csv(tmp_path, content, expected):
    assert told(tmp_path, "c.csv", content) == [f"c.csv:{expected}"]


@pytest.mark.parametrize(("mark", "word"), [(";", "not by `;`"), ("\t", "not by tabs")])
def test_csv_with_other_separators(tmp_path, mark, word):
    (tmp_path / "c.csv").write_text(f"a{mark}b\n1{mark}2\n", encoding="utf-8")
    (found,) = problems(tmp_path, f"vars: {{a: 0}}\ncases: c.csv\n{STEPS}")
    assert word in found.hint


@pytest.mark.parametrize(
    ("default", "cell", "expected"),
    [
        ("0", "7", 7),
        ("1.5", "7", 7),
        ("1.5", "2.50", 2.5),
        ("false", "true", True),
        ("[]", '"[1, ""x""]"', [1, "x"]),
        ("{}", '"{""k"": 1}"', {"k": 1}),
        ("null", "7", "7"),
        ("''", "007", "007"),
        ("5s", "1m30s", "1m30s"),
        ('"${env.X:-1}"', "7", "7"),
    ],
)
def test_a_cell_takes_the_type_of_the_default(tmp_path, default, cell, expected):
    ((row),) = rows(tmp_path, "c.csv", f"a\n{cell}\n", f"vars: {{a: {default}}}\n")
    assert row["a"] == expected
    assert type(row["a"]) is type(expected) or isinstance(row["a"], type(expected))


@pytest.mark.parametrize(
    ("default", "cell", "words"),
    [
        ("0", "1.0", "is no integer"),
        ("0", "007", "is no integer"),
        ("0", '""', "is no integer"),
        ("0", "true", "is no integer"),
        ("1.5", "NaN", "is no number"),
        ("1.5", "1e999", "is no number"),
        ("false", "yes", "is no boolean, which its default in `vars` is: write true or false"),
        ("[]", "x", "is no list"),
        ("[]", "[" * 5000, "is no list"),
        ("{}", '"{""k"": 1, ""k"": 2}"', "the key `k` stands twice"),
    ],
)
def test_a_cell_that_does_not_convert(tmp_path, default, cell, words):
    ((found),) = told(tmp_path, "c.csv", f"a\n{cell}\n", f"vars: {{a: {default}}}\n")
    assert found.startswith("c.csv:2:1: column `a`: ")
    assert words in found


def test_a_cell_of_a_secret_is_not_shown(tmp_path):
    (tmp_path / "c.csv").write_text("a\nhunter2xyz\n", encoding="utf-8")
    (found,) = problems(tmp_path, f"secrets: {{a: 0}}\ncases: c.csv\n{STEPS}")
    assert found.at.line == 2
    assert "hunter2xyz" not in f"{found.message} {found.line} {found.hint}"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "1:1: this is not JSON: the text is empty"),
        ('[{"a": 1}', "1:10: this is not JSON: the text ends too early"),
        ('[\n {"a": 1,\n  "a": 2}]', "3:3: the key `a` stands twice in one object"),
        ('[{"a": 1},]', "1:11: this is not JSON: a JSON value is expected here"),
        ('[{"a": 01}]', "1:8: this is not JSON: a JSON value is expected here"),
        ('[{"a": NaN}]', "1:8: this is not JSON: a JSON value is expected here"),
        ("[{'a': 1}]", "1:3: this is not JSON: a key in double quotes is expected here"),
        ('[{"a": 1}] x', "1:12: this is not JSON: the text goes on behind its one value"),
        ('{"a": 1}', "1:1: cases are a list of mappings; this is a mapping"),
        ('[{"a": 1}, 2]', "1:12: a case is a mapping of variable to value; this is an integer"),
        ('[{"a": 1}, {}]', "1:12: a case is a mapping of variable to value; this is an empty one"),
        ('[{"a b": 1}]', "1:3: `a b` is no name of a variable"),
        ('[{"serve": 1}]', "1:3: `serve` is reserved: no variable can have this name"),
        ('[{"a": "\\ud83d\\ude00 ${x y}"}]', "1:26: cannot read `y` in `${x y}`"),
        ("[" * 100_000, f"1:101: this is not JSON: {DEEP}"),
        ('[{"case": [1], "a": 1}]', "1:11: a label is text or a number; this is a list"),
        ('[{"case": true, "a": 1}]', "1:11: a label is text or a number; this is a boolean"),
        ('[{"case": "${a}", "a": 1}]', "1:11: a label cannot hold templates"),
    ],
)  # fmt: skip
def test_a_mistake_in_json(tmp_path, content, expected):
    assert told(tmp_path, "c.json", content) == [f"c.json:{expected}"]


def test_json_is_read_as_it_is(tmp_path):
    values = [1, -2, 2.5, 1e3, 'é\U0001f600\n"/', None, True, [], {}, [[1], {"k": [2]}]]
    made = rows(tmp_path, "c.json", json.dumps([{"a": values}], indent="\t"))
    assert made[0]["a"] == values
    assert list(map(type, made[0]["a"][:4])) == [int, int, float, float]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("- a: 1\n- a:\n", "2:3: `a` has no value here"),
        ("- {new: 1}\n", "1:4: `new` is reserved: no variable can have this name"),
        ("matrix: {a: [1]}\n", "1:1: cases are a list of mappings; this is a mapping"),
        ("- a: |\n    one\n    two ${x y}\n", "3:13: cannot read `y` in `${x y}`"),
    ],
)
def test_a_mistake_in_yaml(tmp_path, content, expected):
    assert told(tmp_path, "c.yaml", content) == [f"c.yaml:{expected}"]


def test_the_file_of_a_scenario_in_another_folder_is_named_with_it(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "c.csv").write_text("a b\n1\n", encoding="utf-8")
    (found,) = problems(inner, f"vars: {{a: 0}}\ncases: c.csv\n{STEPS}")
    assert found.at.file == str(inner / "c.csv")


def test_more_cases_than_may_run(tmp_path):
    many = "a\n" + "".join(f"{number}\n" for number in range(10_001))
    assert told(tmp_path, "c.csv", many) == [
        "c.csv:1:1: these are 10,001 cases; a scenario may have 10,000"
    ]
    ten = ", ".join(map(str, range(10)))
    matrix = "".join(f"    {name}: [{ten}]\n" for name in "abcdefg")
    (found,) = problems(tmp_path, f"cases:\n  matrix:\n{matrix}{STEPS}")
    assert "10,000,000 cases (10 x 10 x 10 x 10 x 10 x 10 x 10)" in found.message
    assert found.at.line == 2
