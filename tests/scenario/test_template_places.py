"""The caret stands under the exact place in a template, however the text around it is written."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from runner.scenario.places import Place
from tests.harness import problems

HEAD = "vars: {name: 1}\nsteps:\n"


def pointed(folder, steps):
    """What each caret points at."""
    found = problems(folder, HEAD + steps)
    return [each.line[each.at.column - 1 :][: each.at.width] for each in found]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("- set:\n    x: ${name} ${name wrong}\n", "wrong}"),
        ("- set: {x: '${name} ${name wrong} it''s'}\n", "wrong} it''s"),
        ("- set: {x: 'it''s ${name wrong}'}\n", "wrong}"),
        ('- set: {x: "\\u00e9\\x41\\t \\"q\\" ${name wrong}"}\n', "wrong}"),
        ('- set: {x: "a\\\n    b ${name wrong}"}\n', "wrong}"),
        ('- set: {x: "${name | replace \\"a\\" \\"b\\" | nosuch}"}\n', "nosuch}"),
        ("- set:\n    x: |\n      one\n\n        two\n      three ${name wrong} x\n", "wrong} x"),
        ("- set:\n    x: >-\n      one\n      two\n\n      three ${name wrong} x\n", "wrong} x"),
        ("- set:\n    x: one\n      two ${name wrong} x\n", "wrong} x"),
        ("- set:\n    x: 'one\n\n      two ${name wrong} x'\n", "wrong} x"),
        ("- get: /\n  params: {'a ${name wrong}': 1}\n", "wrong}"),
        ("- get: /\n  params: {\"\\ta ${name wrong}\": 1}\n", "wrong}"),
        ("- get: /\n  if: {'${name wrong}': 1}\n", "wrong}"),
        ("- get: /\n  if: {name wrong: 1}\n", "wrong"),
        ("- get: /${name wrong}/x\n", "wrong}/x"),
        ("- open: GET  /${name wrong}\n", "wrong}"),
        ("- get: /\n  expect: {'$.a[?@.b == ${name wrong}]': 1}\n", "wrong}]"),
        ("- get: /\n  expect: {'$.a[?@.b == ${name}] | nosuch': 1}\n", "nosuch"),
        ("- set: {x: '${env.A:-${env.B:-${name wrong}}}'}\n", "wrong}}}"),
        ("- set: {x: 'a ${nothing} b'}\n", "${nothing}"),
        ("- set:\n    x: |\n      one\n      two ${nothing}\n", "${nothing}"),
        ("- get: /\n  headers: {X: \"\\\"${nothing}\\\"\"}\n", "${nothing}"),
    ],
)  # fmt: skip
def test_the_caret(tmp_path, steps, expected):
    found = pointed(tmp_path, steps)
    assert found[-1] == expected


WORDS = st.lists(
    st.sampled_from(
        ["it's", '"q"', "\\", "\n", "\n\n", "é", "\t", "  ", "a", "$", "x:y", "#", "😀", "$${"]
    ),
    max_size=8,
)


@given(
    before=WORDS,
    after=WORDS,
    style=st.sampled_from([None, "'", '"', "|", ">", "json"]),
    ascii_only=st.booleans(),
)
def test_the_caret_in_any_text(before, after, style, ascii_only):
    text = "".join(before) + " ${name wrong} " + "".join(after)
    if style == "json":
        written = f"x: {json.dumps(text, ensure_ascii=False)}\n"
    else:
        written = yaml.safe_dump(
            {"x": text}, default_style=style, allow_unicode=not ascii_only, width=30
        ).removesuffix("...\n")
    with tempfile.TemporaryDirectory() as folder:
        found = problems(Path(folder), f"vars:\n{_indented(written)}steps:\n- get: /\n")
    spots = [each for each in found if "cannot read `wrong`" in each.message]
    assert len(spots) == 1, found
    assert spots[0].line[spots[0].at.column - 1 :].startswith("wrong}")


def _indented(text):
    return "".join(f"  {line}" if line.strip() else line for line in text.splitlines(keepends=True))


@pytest.mark.parametrize(
    "text",
    ['"\\t{} ${{name wrong}}"', "|\n      {} ${{name wrong}}", "'it''s {} ${{name wrong}}'"],
)
def test_what_is_spelt_as_it_is_takes_one_step(tmp_path, monkeypatch, text):
    asked = []
    width = Place._width
    monkeypatch.setattr(
        Place, "_width", lambda self, *rest: asked.append(rest) or width(self, *rest)
    )
    (found,) = pointed(tmp_path, f"- set:\n    x: {text.format('long' * 5000)}\n")
    assert found.startswith("wrong}")
    assert len(asked) < 20
