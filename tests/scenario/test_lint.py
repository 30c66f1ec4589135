"""Warnings: what is allowed and most likely a slip, or a risk."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.execution.scope import Variables
from runner.scenario.lint import warnings_of
from runner.scenario.loader import load
from runner.scenario.problems import Problem
from tests.harness import write


def told(folder: Path, text: str, environ: dict[str, str] | None = None) -> list[str]:
    scenario = load(write(folder, text), root=folder, shown="a.yaml")
    scope = Variables(environ) if environ is not None else None
    made = warnings_of(scenario, scope)
    assert all(each.severity == "warning" for each in made)
    return [f"{each.at}: {each.message} [{each.kind}]" for each in made]


def warned(folder: Path, text: str) -> tuple[Problem, ...]:
    """The warnings for a scenario."""
    return warnings_of(load(write(folder, text), root=folder))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "vars: {a: 1, b: 2}\nsteps:\n- get: /${a}\n",
            ["a.yaml:1:14: the variable `b` is never used [unused-variable]"],
        ),
        (
            "secrets: {token: '${env.TOKEN:-}'}\nsteps:\n- get: /\n",
            ["a.yaml:1:11: the secret `token` is never used [unused-secret]"],
        ),
        (
            "steps:\n- get: /\n  capture: {a: $.a}\n",
            ["a.yaml:3:13: `a` is given a value here and never used [unused-capture]"],
        ),
        (
            "steps:\n- set: {a: 1, b: 2}\n- get: /${a}\n",
            ["a.yaml:2:15: `b` is given a value here and never used [unused-capture]"],
        ),
        (
            "steps:\n- session:\n  tls: {verify: false}\n- get: /\n",
            [
                "a.yaml:3:17: CERTIFICATES ARE NOT VERIFIED: anyone on the way can read and "
                "change what is sent [tls-off]"
            ],
        ),
        (
            "secrets: {pin: '1234'}\nsteps:\n- get: /${pin}\n",
            ["a.yaml:1:16: the secret `pin` has fewer than 6 characters [short-secret]"],
        ),
        ("vars: {a: 1}\nbase: http://127.0.0.1/${a}\nsteps:\n- get: /\n", []),
        ("vars: {a: 1, b: '${a}'}\nsteps:\n- get: /${b}\n", []),
        ("vars: {a: 1}\nsteps:\n- get: /\n  if: {a: 1}\n", []),
        ("vars: {a: 1}\nsteps:\n- get: /\n  expect: {$.a: {above: '${a}'}}\n", []),
        ("vars: {a: 1}\nsteps:\n- get: /\n  expect: {'$.b | nth ${a}': 1}\n", []),
        ("vars: {a: 1}\nsteps:\n- block:\n  - parallel:\n    - - get: /${a}\n", []),
        ("vars: {a: 1}\nsteps:\n- get: /\nteardown:\n- get: /${a}\n", []),
        ("steps:\n- get: /\n  capture: {a: $.a}\noutputs: {a: '${a}'}\n", []),
        ("steps:\n- set: {a: 1}\n  expect: {a: 1}\n", []),
        ("steps:\n- session:\n  tls: {verify: true}\n- get: /\n", []),
    ],
)
def test_a_warning_has_its_place(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert told(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("value", "short"), [("1234", True), ("12345", True), ("123456", False), ("", False)]
)
def test_the_length_of_a_secret_in_the_environment(tmp_path: Path, value: str, short: bool) -> None:
    text = "secrets:\n  pin: ${env.PIN:-}\nsteps:\n- get: /${pin}\n"
    found = told(tmp_path, text, {"PIN": value})
    assert bool(found) is short
    assert not any(value in each for each in found if value)


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("get: /{{item}}", "{{item}}"),
        ("get: /{{ item }}/x", "{{ item }}"),
        ("get: /$item/x", "$item"),
        ("get: /a/:item", ":item"),
        ("get: /:item?x=1", ":item"),
        ("post: /\n  text: 'a {{item}}'", "{{item}}"),
        ("post: /\n  json: {a: [$item]}", "$item"),
        ("get: /\n  params: {a: '{{item}}'}", "{{item}}"),
    ],
)
def test_a_template_of_another_tool(tmp_path, step, text):
    head = "vars: {item: 1}\nsteps:\n- get: /${item}\n"
    (warning,) = warned(tmp_path, f"{head}- {step}\n")
    assert warning.kind == "no-template"
    assert f"`{text}`" in warning.message
    assert warning.hint == "for the variable write `${item}`"
    assert warned(tmp_path, head + f"- {step.replace('item', 'other')}\n") == ()


def test_what_only_looks_like_one(tmp_path):
    text = """\
        vars: {item: 1, b: 2}
        steps:
        - get: /${item}/$${b}/x:item/a$$b
        - post: /
          text: 'time :item, ${b}'
          expect: {$.item: 1}
    """
    assert warned(tmp_path, text) == ()


def test_columns_and_elements_that_are_never_used(tmp_path):
    text = "cases: [{case: x, a: 1, b: 1}, {case: y, a: 2, b: 2}]\nsteps:\n- get: /${a}\n"
    (warning,) = warned(tmp_path, text)
    assert (warning.kind, warning.at.line, warning.at.column) == ("unused-column", 1, 25)
    text = "cases: {matrix: {a: [1, 2], b: [1]}}\nsteps:\n- get: /${a}\n"
    (warning,) = warned(tmp_path, text)
    assert (warning.kind, warning.at.line, warning.at.column) == ("unused-column", 1, 29)
    text = "steps:\n- get: /\n  for-each: {item: [1, 2]}\n"
    (warning,) = warned(tmp_path, text)
    assert (warning.kind, warning.at.line, warning.at.column) == ("unused-element", 3, 14)
    assert warned(tmp_path, text.replace("get: /\n", "get: /${item}\n")) == ()
