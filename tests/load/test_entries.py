"""The entries of a load: as steps are written, with reasons that do not multiply."""

from __future__ import annotations

import io

import pytest

from runner.execution.jobs import jobs_of
from runner.execution.scenario_run import Settings, run_scenario
from runner.load_test.console import LoadConsole
from runner.load_test.entries import entries_of, reason
from runner.load_test.outcome import (
    Counts,
    Failed,
    Limits,
    Row,
    counts_of,
    judge,
    unfinished,
    verdict,
)
from runner.load_test.tickets import Tickets
from runner.load_test.work import Work, digest, know_secrets
from runner.redact import Redactor
from runner.reports.style import Style
from runner.scenario.loader import load
from tests.harness import httpsteps, write


def scenario(folder, text, name="scenario.yaml"):
    return load(write(folder, text, name), root=folder)


def names(folder, text, **options):
    return {tuple(entry) for entry in entries_of([scenario(folder, text)], **options).values()}


def test_templates_stay_as_they_are_written(tmp_path):
    text = """
    base: http://127.0.0.1:9
    vars: {id: 1}
    steps:
    - post: /items/${id}?a=${new.uuid}
      json: {}
    - name: look at ${id}
      get: /items/${id}
    """
    assert names(tmp_path, text) == {
        ("POST", "/items/${id}?a=${new.uuid}"),
        ("connect", "POST /items/${id}?a=${new.uuid}"),
        ("GET", "look at ${id}"),
        ("connect", "GET /items/${id}"),
    }


def test_a_send_and_a_read_bear_the_name_of_their_request(tmp_path):
    text = """
    base: http://127.0.0.1:9
    steps:
    - session:
    - connect: http://127.0.0.1:9
    - open: GET /a
      id: first
    - connect: http://127.0.0.1:9
      id: other
    - open: PUT /b
    - send:
    - read: 5
    - send:
      in: first
    - name: the answer
      read: json
      in: first
    - close: other
    """
    assert names(tmp_path, text) == {
        ("session", "session"),
        ("connect", "http://127.0.0.1:9"),
        ("open", "GET /a"),
        ("open", "PUT /b"),
        ("send", "PUT /b"),
        ("send", "GET /a"),
        ("connect", "PUT /b"),
        ("connect", "GET /a"),
        ("read", "PUT /b"),
        ("read", "the answer"),
        ("close", "other"),
    }


def test_steps_within_others_are_found(tmp_path):
    write(tmp_path, "steps:\n- get: /used\nteardown:\n- get: /down\n", "_used.yaml")
    text = """
    base: http://127.0.0.1:9
    steps:
    - block:
      - get: /in-block
    - parallel:
      - - get: /one
      - - get: /other
    - use: _used.yaml
    teardown:
    - delete: /mine
    """
    found = {name for kind, name in names(tmp_path, text) if kind != "connect"}
    assert found == {"/in-block", "/one", "/other", "/used", "/down", "/mine"}


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("get: /status/404", "unexpected-status: status is 404"),
        ("{get: /status/404, expect: {status: 200}}", "expectation-failed: status is 404"),
        ("{get: /json?a=b, expect: {$.a: c}}", "expectation-failed: $.a (equals)"),
        ("{get: /json?a=b, expect: {$.b: {exists: true}}}", "expectation-failed: $.b (exists)"),
        ("{get: /json?a=b, capture: {c: $.c}}", "capture-failed: $.c (capture)"),
        ("{get: /text?say=no, as: json}", "invalid-json: the body is not JSON"),
        ("get: http://127.0.0.1:9/", "connection-refused: nothing listens at the address"),
        ("get: /x", None),
    ],
)
def test_a_reason_names_what_was_asked_and_not_what_came(tmp_path, echo, step, told):
    made = scenario(tmp_path, f"steps:\n- {step}\n")
    result = run_scenario(made, made.cases[0], Settings(environ={}, base=echo.url))
    assert reason(result.steps[0]) == told
    assert reason(result) == told


def test_a_scenario_that_cannot_begin_has_a_reason_too(tmp_path):
    made = scenario(tmp_path, "vars: {a: '${env.NOT_THERE}'}\nsteps:\n- get: http://127.0.0.1:9/\n")
    result = run_scenario(made, made.cases[0], Settings(environ={}))
    assert reason(result) == "undefined-variable: a template names a variable nothing defines"


def test_tickets_are_shared_out_without_any_twice():
    processes = [Tickets(index, 3, 10) for index in range(3)]
    taken = []
    for process in processes:
        while (ticket := process.take()) is not None:
            taken.append(ticket)
            assert not process.spent
            process.done()
        assert process.spent
    assert sorted(taken) == list(range(10))


def test_one_that_comes_late_has_tickets_only_where_they_do_not_end():
    assert Tickets(2, 2, 10).take() is None
    assert Tickets(2, 2, 10).spent
    assert Tickets(2, 2).take() == 2


def test_iterations_have_values_of_their_own(tmp_path):
    jobs = jobs_of([scenario(tmp_path, "steps:\n- get: http://127.0.0.1:9/${new.uuid}\n")])
    work = Work(jobs, Settings(environ={}, seed=5))
    assert [work.of(ticket)[1].seed for ticket in range(3)] == [5, 6, 7]


def test_secrets_are_known_before_any_iteration(tmp_path):
    text = "secrets: {a: '${env.A}'}\nsteps:\n- get: http://127.0.0.1:9/\n"
    redactor = Redactor()
    know_secrets(jobs_of([scenario(tmp_path, text)]), Settings(environ={"A": "sesame-1"}), redactor)
    assert redactor.text("with sesame-1") == "with ***"


def test_other_scenarios_have_another_digest(tmp_path):
    made = [jobs_of([scenario(tmp_path, f"steps:\n- get: http://127.0.0.1:9/{name}\n")])
            for name in "aab"]  # fmt: skip
    assert digest(made[0]) == digest(made[1]) != digest(made[2])


def row(kind="GET", name="/x", requests=10, failures=0, p95=10.0):
    return Row(kind, name, requests, failures, 1.0, 5.0, p95, 20.0, 30.0, 6.0, 100.0)


SHOP = row("scenario", "Shop", 10, 3, 900.0)
FAILED = [
    Failed("scenario", "Shop", "connection-refused", "nothing listens at the address", 2),
    Failed("scenario", "Shop", "unexpected-status", "status is 500", 1),
    Failed("GET", "/x", "unexpected-status", "status is 500", 7),
]


CUT_SHOP = Failed("scenario", "Shop", "interrupted", "cut short", 4)


def test_iterations_are_told_apart_by_how_they_ended():
    assert counts_of([row(), SHOP], [*FAILED, CUT_SHOP]) == Counts(3, 1, 2, 4)


def test_a_scenario_is_unfinished_when_each_of_its_iterations_was_cut_short():
    other = row("scenario", "Other", 4, 4)
    cut = Failed("scenario", "Other", "interrupted", "cut short", 4)
    assert unfinished([row(), SHOP, other], [*FAILED, CUT_SHOP, cut]) == ["Other"]


@pytest.mark.parametrize(
    ("limits", "holds"),
    [
        (Limits(share=30.0), [True]),
        (Limits(share=29.9), [False]),
        (Limits(number=3), [True]),
        (Limits(number=2), [False]),
        (Limits(p95=10.0, share=30.0), [True, True]),
        (Limits(p95=9.9, share=30.0), [True, False]),
    ],
)
def test_what_is_asked_holds_or_not(limits, holds):
    assert [each.holds for each in judge(limits, [row(), SHOP], Counts(7, 1, 2))] == holds


def test_what_was_cut_short_did_not_pass():
    (asked,) = judge(Limits(share=39.9), [row(), SHOP], Counts(6, 0, 0, 4))
    assert not asked.holds
    assert asked.message == "4 of 10 iterations did not pass (40.00%); allowed: 39.9%"
    (asked,) = judge(Limits(share=40.0), [row(), SHOP], Counts(6, 0, 0, 4))
    assert asked.holds


def test_nothing_holds_where_nothing_of_a_scenario_came_to_its_end():
    (asked,) = judge(Limits(share=100.0), [row(), SHOP], Counts(6, 0, 0, 4), ["Other", "Third"])
    assert not asked.holds
    assert asked.message == "no iteration of Other came to its end, nor of 1 more"


@pytest.mark.parametrize(
    ("counts", "outcome"),
    [
        (Counts(8, 0, 0), "passed"),
        (Counts(7, 0, 0), "error"),
        (Counts(6, 1, 0), "failed"),
    ],
)
def test_iterations_that_are_missing_are_no_pass(counts, outcome):
    thresholds = judge(Limits(iterations=8), [], counts)
    assert verdict(counts, [], thresholds, cut_off=False) == outcome


@pytest.mark.parametrize(
    ("counts", "failures", "cut_off", "outcome"),
    [
        (Counts(5, 0, 0), [], False, "passed"),
        (Counts(5, 1, 0), [], False, "failed"),
        (Counts(1, 0, 5), [], False, "failed"),
        (Counts(0, 1, 5), [], False, "failed"),
        (Counts(0, 0, 5), [], False, "error"),
        (Counts(0, 0, 0), [], False, "failed"),
        (Counts(5, 0, 0), [], True, "interrupted"),
        (Counts(5, 0, 1), [Failed("GET", "/x", "internal-error", "", 1)], False, "internal-error"),
    ],
)
def test_the_outcome_of_the_whole(counts, failures, cut_off, outcome):
    thresholds = judge(Limits(), [], counts)
    assert verdict(counts, failures, thresholds, cut_off=cut_off) == outcome


@pytest.mark.parametrize("width", [40, 80, 100, None])
def test_the_table_fits_a_terminal_and_is_whole_in_a_pipe(width):
    out = io.StringIO()
    console = LoadConsole(out, Style(width=width), str)
    long = row(name="/a/rather/long/path/with/${many}/${values}/and/then/some/more/of/it?a=b")
    console.summary([long, SHOP], FAILED, Counts(7, 1, 2), [], "3 users")
    lines = out.getvalue().splitlines()
    table = lines[lines.index("3 users") + 2 :][:3]
    assert (long.name in table[1]) == (width is None)
    if width:
        assert all(len(line) <= width for line in table)
    assert len({len(line) for line in table}) == 1
    assert "7 unexpected-status: status is 500 GET /x" in " ".join(out.getvalue().split())
    # What one of its steps tells is not told again for the scenario.
    assert sum("unexpected-status" in line for line in lines) == 1
    assert any("connection-refused" in line for line in lines)


def test_run_knows_nothing_of_locust(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /x\n")
    program = (
        "import sys; from runner.cli.main import main; "
        "status = main(['run', 'scenario.yaml', '--base', sys.argv[1]]); "
        "assert not {'locust', 'gevent'} & set(sys.modules); sys.exit(status)"
    )
    import subprocess
    import sys

    from tests.harness import PROJECT

    done = subprocess.run(
        [sys.executable, "-c", program, echo.url], cwd=tmp_path, env={"PYTHONPATH": str(PROJECT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_nothing_that_locust_replaces_is_there_before_it(tmp_path):
    (tmp_path / "locust.py").write_text(
        "import sys\n"
        "early = {'ssl', 'socket', 'threading', 'select', 'subprocess'} & set(sys.modules)\n"
        "sys.exit(f'too early: {early}' if early - {'threading'} else 'in time')\n"
    )
    write(tmp_path, "steps:\n- get: http://127.0.0.1:9/x\n")
    from tests.harness import PROJECT

    done = httpsteps("load", "scenario.yaml", "--iterations", "1", cwd=tmp_path,
                     environ={"PYTHONPATH": f"{tmp_path}:{PROJECT}"})  # fmt: skip
    assert done.err.strip() == "in time"
