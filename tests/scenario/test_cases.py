"""``cases``: a list, a matrix, a file; each problem with its place."""

from __future__ import annotations

import json

import pytest

from runner.scenario.loader import load
from tests.harness import problems, write

STEPS = "steps:\n- get: /${size}\n"


def cases(tmp_path, text, vars_line="vars: {size: 0}\n"):
    """Label and variables of each case."""
    scenario = load(write(tmp_path, vars_line + text + STEPS), root=tmp_path)
    return [(case.label, dict(case.variables)) for case in scenario.cases]


def test_without_cases_there_is_one_run(tmp_path):
    assert cases(tmp_path, "") == [(None, {})]


def test_a_list(tmp_path):
    found = cases(tmp_path, "cases: [{case: small, size: 1}, {size: 2}]\n")
    assert [label for label, _ in found] == ["small", "2"]
    assert [variables["size"] for _, variables in found] == [1, 2]


def test_a_matrix_is_the_product(tmp_path):
    found = cases(tmp_path, "cases: {matrix: {size: [1, 2], name: [a, b]}}\n")
    assert [label for label, _ in found] == ["1, a", "1, b", "2, a", "2, b"]
    assert found[3][1] | {"case": None} == {"case": None, "size": 2, "name": "b"}


def test_a_csv_file_takes_the_types_of_vars(tmp_path):
    (tmp_path / "cases.csv").write_text(
        'case,size,price,on,name,tags\nsmall,1,2.50,true,"a, b","[1, 2]"\n', encoding="utf-8"
    )
    head = "vars: {size: 0, price: 1.5, on: false, name: x, tags: []}\n"
    ((label, variables),) = cases(tmp_path, "cases: cases.csv\n", head)
    assert label == "small"
    assert {name: variables[name] for name in ("size", "price", "on", "name", "tags")} == {
        "size": 1,
        "price": 2.5,
        "on": True,
        "name": "a, b",
        "tags": [1, 2],
    }


def test_text_stays_text_where_the_default_is_text(tmp_path):
    (tmp_path / "cases.csv").write_text("size,zip\n1,01234\n", encoding="utf-8")
    ((_, variables),) = cases(tmp_path, "cases: cases.csv\n", "vars: {size: 0, zip: ''}\n")
    assert variables["zip"] == "01234"


@pytest.mark.parametrize("name", ["cases.json", "cases.yaml"])
def test_a_json_or_yaml_file(tmp_path, name):
    rows = [{"case": "a", "size": 1}, {"size": {"deep": [1]}}]
    (tmp_path / name).write_text(json.dumps(rows), encoding="utf-8")
    found = cases(tmp_path, f"cases: {name}\n")
    assert [label for label, _ in found] == ["a", "2"]
    assert found[1][1]["size"] == {"deep": [1]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("size\nmany\n", '"many" is no integer'),
        ("size\n1\n2.5\n", '"2.5" is no integer'),
        ("size,name\n1\n", "1 cell, but the first line names 2 columns"),
        ("size\n", "no case"),
        ("", "empty"),
        ('size\n"1\n', "never closed"),
    ],
)
def test_what_is_wrong_in_a_csv_file_is_told_with_its_cell(tmp_path, content, words):
    (tmp_path / "cases.csv").write_text(content, encoding="utf-8")
    found = problems(tmp_path, f"vars: {{size: 0}}\ncases: cases.csv\n{STEPS}")
    assert [each.kind for each in found] == ["invalid-scenario"]
    assert words in found[0].message
    assert found[0].at is not None


def test_the_cell_has_an_address(tmp_path):
    (tmp_path / "cases.csv").write_text("name,size\na,1\nb,many\n", encoding="utf-8")
    (found,) = problems(tmp_path, f"vars: {{size: 0, name: ''}}\ncases: cases.csv\n{STEPS}")
    assert str(found.at).endswith("cases.csv:3:3")
    assert found.line == "b,many"
    assert found.at.width == 4
    assert "size" in found.message


@pytest.mark.parametrize(
    ("name", "content", "kind", "words"),
    [
        ("cases.json", "{", "invalid-scenario", "JSON"),
        ("cases.json", "{}", "invalid-scenario", "list"),
        ("cases.json", "[]", "invalid-scenario", "no case"),
        ("cases.json", "[1]", "invalid-scenario", "mapping"),
        ("cases.yaml", "a: [", "invalid-yaml", ""),
        (None, "", "file-not-found", "cases.json"),
    ],
)
def test_what_is_wrong_in_other_files(tmp_path, name, content, kind, words):
    if name:
        (tmp_path / name).write_text(content, encoding="utf-8")
    found = problems(tmp_path, f"vars: {{size: 0}}\ncases: {name or 'cases.json'}\n{STEPS}")
    assert [each.kind for each in found] == [kind]
    assert words in found[0].message


@pytest.mark.parametrize("name", ["../cases.json", "/etc/passwd"])
def test_cases_from_outside_the_root(tmp_path, name):
    (found,) = problems(tmp_path, f"vars: {{size: 0}}\ncases: {name}\n{STEPS}")
    assert (found.kind, found.at.line, found.at.column) == ("file-outside-root", 2, 8)


@pytest.mark.parametrize(
    "text", ["cases: []", "cases: {matrix: {}}", "cases: {matrix: {size: []}}"]
)
def test_no_case_at_all(tmp_path, text):
    assert problems(tmp_path, f"vars: {{size: 0}}\n{text}\n{STEPS}")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            "[{size: 1}, {other: 2}]",
            ["1:9: case 1 gives `other` no value", "1:20: case 2 gives `size` no value"],
        ),
        (
            "[{size: 1}, {siez: 2}]",
            ["1:21: `siez` stands in this case and not in all, which have `size`"],
        ),
        (
            "[{siez: 1}, {size: 2}, {size: 3}]",
            ["1:10: `siez` stands in this case and not in all, which have `size`"],
        ),
        ("[{size: 1, a: 1}, {case: x, size: 2}]", ["1:26: case x gives `a` no value"]),
    ],
)
def test_every_case_gives_the_same_variables_values(tmp_path, rows, expected):
    found = problems(tmp_path, f"cases: {rows}\nsteps:\n- get: /${{size}}\n")
    assert [f"{each.at.line}:{each.at.column}: {each.message}" for each in found] == expected
    assert all(each.hint for each in found)


def test_a_variable_with_a_default_may_be_left_out(tmp_path):
    found = cases(tmp_path, "cases: [{size: 1}, {case: b}]\n")
    assert [dict(each).get("size") for _, each in found] == [1, None]
    (wrong,) = problems(tmp_path, f"vars: {{size: 0}}\ncases: [{{siez: 1}}, {{size: 2}}]\n{STEPS}")
    assert (wrong.at.column, wrong.hint) == (10, "did you mean `size`?")
