"""``use``: what it leaves alone when it is skipped, and the order of teardowns."""

from __future__ import annotations

import pytest

from tests.harness import called, passes, run, write

USED = """
steps:
- session:
  id: main
- connect:
  id: line
- open: GET /used
  id: ask
- send:
"""


@pytest.mark.parametrize("skipped", ["use: used.yaml", "block: [{use: used.yaml}]"])
def test_a_skipped_use_leaves_the_ids_of_its_caller_alone(tmp_path, echo, skipped):
    write(tmp_path, USED, "used.yaml")
    result = passes(
        tmp_path,
        f"""
        vars: {{wanted: "no"}}
        steps:
        - session:
          id: main
        - connect:
          id: line
        - {skipped}
          if: {{wanted: "yes"}}
        - open: GET /mine
          in: line
          id: ask
        - send:
          in: ask
        """,
        base=echo.url,
    )
    assert [each.outcome for each in result.steps].count("skipped") == 1
    assert [each.target for each in echo.requests] == ["/mine"]


def test_what_a_skipped_use_would_have_made_newest_is_missed(tmp_path, echo):
    write(tmp_path, USED, "used.yaml")
    result = run(
        tmp_path,
        """
        vars: {wanted: "no"}
        steps:
        - session:
        - connect:
        - use: used.yaml
          if: {wanted: "yes"}
        - open: GET /elsewhere
        - send:
        """,
        base=echo.url,
    )
    assert [each.outcome for each in result.steps[2:]] == ["skipped"] * 3
    assert echo.requests == []


TEARDOWNS = {
    "leaf.yaml": "steps:\n- get: /leaf\nteardown:\n- delete: /leaf\n",
    "last.yaml": "steps:\n- get: /last\nteardown:\n- delete: /last\n",
    "inner.yaml": "steps:\n- use: leaf.yaml\n- get: /inner\nteardown:\n- delete: /inner\n",
    "late.yaml": "steps:\n- get: /late\nteardown:\n- use: last.yaml\n- delete: /late\n",
    "bare.yaml": "steps:\n- use: leaf.yaml\n",
}


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("steps:\n- wait: 1ms\nteardown:\n- use: leaf.yaml\n", "+leaf -leaf"),
        ("steps:\n- use: late.yaml\n", "+late +last -late -last"),
        (
            "steps:\n- wait: 1ms\nteardown:\n- use: late.yaml\n- delete: /own\n",
            "+late -own +last -late -last",
        ),
        (
            "steps:\n- use: last.yaml\n- use: inner.yaml\nteardown:\n- delete: /own\n",
            "+last +leaf +inner -own -inner -leaf -last",
        ),
        ("steps:\n- use: bare.yaml\n- use: last.yaml\n", "+leaf +last -last -leaf"),
        (
            "steps:\n- parallel:\n  - - use: inner.yaml\nteardown:\n- delete: /own\n",
            "+leaf +inner -own -inner -leaf",
        ),
    ],
)
def test_each_teardown_runs_once_after_that_of_its_caller(tmp_path, echo, text, order):
    for name, used in TEARDOWNS.items():
        write(tmp_path, used, name)
    passes(tmp_path, text, base=echo.url)
    sign = {"GET": "+", "DELETE": "-"}
    seen = [sign[each.method] + each.target.removeprefix("/") for each in echo.requests]
    assert " ".join(seen) == order
    told = called("run", "scenario.yaml", "--dry-run", "--base", echo.url, cwd=tmp_path).out
    lines = [line.split() for line in told.splitlines()]
    rehearsed = [
        sign[words[0]] + words[1].rpartition("/")[2]
        for words in lines
        if len(words) == 3 and words[0] in sign and words[2] == "HTTP/1.1"
    ]
    assert " ".join(rehearsed) == order
