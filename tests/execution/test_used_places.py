"""What breaks in a file that is used is shown by that file's own lines."""

from __future__ import annotations

import pytest

from runner.reports.console_source import place_of
from tests.harness import called, fails, run, write

# Longer than any file it uses, so that each of their places has a line here too.
OUTER = """
steps:
- use: {used}
{more}
# outer 5
# outer 6
# outer 7
# outer 8
# outer 9
"""

USED = {
    "vars": (
        "vars:\n  a: ${env.WORD}\n  # used 3\n  number: '${a | int}'\nsteps: [set: {x: 1}]\n",
        "  number: '${a | int}'",
        (4, 12, 10),
    ),
    "base": (
        "# used 1\nvars: {a: '${env.WORD}'}\nbase: ${a | int}\nsteps: [set: {x: 1}]\n",
        "base: ${a | int}",
        (3, 7, 10),
    ),
    "outputs": (
        "steps:\n- set: {x: '${env.WORD}'}\n# used 3\noutputs:\n  # used 5\n  y: ${x | int}\n",
        "  y: ${x | int}",
        (6, 6, 10),
    ),
}


def outer(used, more=""):
    return OUTER.format(used=used, more=more)


@pytest.mark.parametrize("part", USED)
def test_a_value_that_cannot_be_had_is_shown_where_it_is_written(tmp_path, part):
    text, line, mark = USED[part]
    write(tmp_path, text, "used.yaml")
    step = fails(tmp_path, outer("used.yaml"), "invalid-scenario", environ={"WORD": "abc"})
    assert step.verb == "use"
    assert (step.snippet.lines, step.snippet.mark) == ((line,), mark)
    assert place_of(step) == f"{tmp_path}/used.yaml:{mark[0]}:{mark[1]}"


def test_in_a_file_that_a_used_file_uses(tmp_path):
    text, line, mark = USED["outputs"]
    write(tmp_path, text, "innermost.yaml")
    write(tmp_path, "# middle 1\nsteps:\n- use: innermost.yaml\n# middle 4\n# middle 5\n# middle 6",
          "middle.yaml")  # fmt: skip
    step = fails(tmp_path, outer("middle.yaml"), "invalid-scenario", environ={"WORD": "abc"})
    (middle,) = step.steps
    assert (middle.snippet.lines, middle.snippet.mark) == ((line,), mark)
    assert place_of(middle) == f"{tmp_path}/innermost.yaml:{mark[0]}:{mark[1]}"
    # The step in the scenario itself has nothing of its own to show but where it stands.
    assert step.snippet.lines[0] == "- use: middle.yaml"
    assert place_of(step) == f"{tmp_path}/scenario.yaml:3:3"


@pytest.mark.parametrize("nested", [False, True])
def test_a_step_and_a_teardown_of_a_used_file(tmp_path, nested):
    text = (
        "# used 1\nsteps:\n- set: {x: 1}\n  expect: {x: 2}\n  on-failure: continue\n"
        "teardown:\n- set: {y: 3}\n  expect:\n    y: 4\n"
    )
    write(tmp_path, text, "used.yaml")
    write(tmp_path, "# middle\nsteps:\n- use: used.yaml\n# middle 4\n# middle 5", "middle.yaml")
    result = run(tmp_path, outer("middle.yaml" if nested else "used.yaml"))
    (step,), (torn,) = result.steps, result.teardown
    for _ in range(1 + nested):
        (step,) = step.steps
    assert step.snippet.lines == tuple(text.splitlines()[2:5])
    assert place_of(step) == f"{tmp_path}/used.yaml:4:15"
    assert torn.snippet.lines == tuple(text.splitlines()[6:9])
    assert place_of(torn) == f"{tmp_path}/used.yaml:9:8"


def test_a_use_in_a_teardown_and_one_that_is_tried_again(tmp_path):
    text, line, mark = USED["outputs"]
    write(tmp_path, text, "used.yaml")
    more = "  for-each: {n: [1, 2]}\nteardown:\n- use: used.yaml"
    result = run(tmp_path, outer("used.yaml", more), environ={"WORD": "abc"})
    (step,), (torn,) = result.steps, result.teardown
    for bad in (*step.steps, torn):
        assert (bad.snippet.lines, bad.snippet.mark) == ((line,), mark)
        assert place_of(bad) == f"{tmp_path}/used.yaml:{mark[0]}:{mark[1]}"


def test_the_console_shows_the_line_below_its_address(tmp_path):
    write(tmp_path, USED["outputs"][0], "used.yaml")
    scenario = write(tmp_path, outer("used.yaml"))
    done = called("run", scenario.name, cwd=tmp_path, environ={"WORD": "abc"})
    rows = [row.rstrip() for row in done.out.splitlines()]
    at = rows.index("    --> used.yaml:6:6")
    assert rows[at + 2] == "   6 |   y: ${x | int}"
    assert "# outer" not in done.out
