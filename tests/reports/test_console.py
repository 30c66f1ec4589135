"""What the console says, to the letter: these are the words a person reads at night."""

from __future__ import annotations

import pytest

from runner.redact import Redactor
from runner.reports.console import render_scenario, render_suite, summary
from runner.reports.style import Style
from runner.result import Attempt, Failure, ScenarioResult, Snippet
from tests.reports import results
from tests.reports.results import FILE, scenario, step, suite

AT_80 = Style(width=80)
PIPE = Style()
ASCII = Style(width=80, unicode=False)


def shown(result: ScenarioResult, style: Style = AT_80) -> str:
    text = render_scenario(result, style)
    assert all(len(line) <= 80 for line in text.splitlines()) or style.width is None
    return text


def test_each_check_that_failed_has_a_caret_and_a_verdict() -> None:
    assert (
        shown(results.CHECKS)
        == """\
✗ Shop [EUR]  scenarios/shop.yaml  failed at step 3 of 5  41 ms

  failed: status is 404, expected 200, and 3 more checks failed
          [expectation-failed]
    --> scenarios/shop.yaml:6:15
     |
   4 |   - send:
   5 |     expect:
   6 |       status: 200
     |               ^^^ expected 200, found 404
   7 |       header.content-type: {starts-with: application/json}
     |                                          ^^^^^^^^^^^^^^^^
     |     expected starts-with "application/json"
     |     found "text/html; charset=utf-8"
   8 |       $.name: Lamp
     |               ^^^^ expected "Lamp", found nothing
   9 |       time.wait: {below: 250ms}
     |                          ^^^^^ expected below 250 ms, found 350 ms
     |
     = step: 3 of 5, send "Ask for the lamp", took 351 ms
     = phases: dns 0.1 ms · tcp 0.3 ms · send 1.0 ms · wait 350 ms
     = answer: GET http://127.0.0.1:8000/items/9 → 404 Not Found
       content-type: text/html; charset=utf-8 · server: demo
       404 Not Found
       No such lamp.
     = to repeat it:
       curl -sS http://127.0.0.1:8000/items/9 --compressed \\
         -H 'User-Agent: httpsteps/0.1.0' -H 'Accept: application/json' \\
         -H 'Authorization: ***'

  2 steps after it were skipped

"""
    )


def test_a_refused_connection() -> None:
    assert (
        shown(results.REFUSED)
        == """\
✗ Shop  scenarios/shop.yaml  error at step 2 of 3  41 ms

  error: nothing listens on 127.0.0.1:9  [connection-refused]
    --> scenarios/shop.yaml:3:14
     |
   3 |   - connect: http://127.0.0.1:9
     |              ^^^^^^^^^^^^^^^^^^
     |
     = step: 2 of 3, connect, took 4.0 ms
     = phases: dns 0.1 ms · tcp 0.2 ms ✗
     = cause: [Errno 111] Connection refused
     = hint: is the service running?

  1 step after it was skipped

"""
    )


def test_a_silent_server_with_the_phases_of_its_connection() -> None:
    assert (
        shown(results.SLOW)
        == """\
✗ Shop  scenarios/shop.yaml  error at step 2 of 2  41 ms

  error: no answer from 127.0.0.1:8443 within 2 s  [read-timeout]
    --> scenarios/shop.yaml:4:5
     |
   4 |   - send:
     |     ^^^^
     |
     = step: 2 of 2, send, took 2.00 s
     = phases: dns 0.1 ms · tcp 0.3 ms · tls 4.1 ms · wait 2.00 s ✗
     = peer: [::1]:8443, TLSv1.3

"""
    )


def test_an_expired_certificate() -> None:
    assert (
        shown(results.EXPIRED)
        == """\
✗ Shop  scenarios/shop.yaml  error at step 1 of 1  41 ms

  error: the certificate of shop.example:443 expired on 2026-11-20
         [certificate-expired]
    --> scenarios/shop.yaml:3:14
     |
   3 |   - connect: https://shop.example
     |              ^^^^^^^^^^^^^^^^^^^^
     |
     = step: 1 of 1, connect, took 4.0 ms
     = phases: dns 1.2 ms · tcp 5.3 ms · tls 4.1 ms ✗
     = certificate: of CN=shop.example · for shop.example, www.shop.example
                    issued by O=Example CA · valid from 2026-08-22 to 2026-11-20

"""
    )


def test_passing_on_a_later_attempt_is_visible() -> None:
    assert (
        shown(results.RETRIED)
        == """\
✓ Shop  scenarios/shop.yaml  1 step  41 ms
  step 1, get /jobs/7: passed on attempt 3 (before: expectation-failed,
  read-timeout)
"""
    )


def test_a_deep_comparison_shows_paths_and_attempts_alike_together() -> None:
    assert (
        shown(results.DIFFERENT)
        == """\
✗ Shop  scenarios/shop.yaml  failed at step 1 of 1  41 ms

  failed: $ differs in 12 places  [expectation-failed]
    --> scenarios/shop.yaml:4:16
     |
   3 |   - get: /orders/1
   4 |     expect: {$: {items: []}}
     |                ^^^^^^^^^^^
     |     $.items[0].price: expected 0, found 1
     |     $.items[1].price: expected 1, found 2
     |     $.items[2].price: expected 2, found 3
     |     $.items[3].price: expected 3, found 4
     |     $.items[4].price: expected 4, found 5
     |     $.items[5].price: expected 5, found 6
     |     $.items[6].price: expected 6, found 7
     |     $.items[7].price: expected 7, found 8
     |     $.items[8].price: expected 8, found 9
     |     $.items[9].price: expected 9, found 10
     |     and 2 more differences
     |
     = step: 1 of 1, get /orders/1, took 4.0 ms
     = answer: 200 OK
     = attempts: 1 to 4, took 3.01 s: expectation-failed

"""
    )


def test_ascii_where_the_stream_can_do_no_more() -> None:
    text = shown(results.REFUSED, ASCII)
    assert (
        text
        == """\
ERR  Shop  scenarios/shop.yaml  error at step 2 of 3  41 ms

  error: nothing listens on 127.0.0.1:9  [connection-refused]
    --> scenarios/shop.yaml:3:14
     |
   3 |   - connect: http://127.0.0.1:9
     |              ^^^^^^^^^^^^^^^^^^
     |
     = step: 2 of 3, connect, took 4.0 ms
     = phases: dns 0.1 ms, tcp 0.2 ms (failed)
     = cause: [Errno 111] Connection refused
     = hint: is the service running?

  1 step after it was skipped

"""
    )
    assert shown(results.CHECKS, ASCII).isascii()
    assert shown(results.RETRIED, ASCII).startswith("PASS Shop  ")
    assert shown(scenario(outcome="skipped"), ASCII) == "SKIP Shop  scenarios/shop.yaml  skipped\n"


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (scenario(step("get"), step("put")), "✓ Shop  scenarios/shop.yaml  2 steps  41 ms"),
        (
            scenario(step("get"), step("put", outcome="skipped"), case="2"),
            "✓ Shop [2]  scenarios/shop.yaml  2 steps, 1 skipped  41 ms",
        ),
        (
            scenario(outcome="skipped", reason="waits for ticket 12"),
            "- Shop  scenarios/shop.yaml  skipped: waits for ticket 12",
        ),
        (
            scenario(step("get", outcome="failed", kind="unexpected-status"), reason="ticket 44"),
            "✓ Shop  scenarios/shop.yaml  1 step  41 ms  failed as expected: ticket 44",
        ),
    ],
)
def test_one_line_for_what_is_as_it_should_be(result: ScenarioResult, line: str) -> None:
    assert shown(result) == line + "\n"


def test_a_line_that_is_too_long_is_folded_between_its_parts_on_a_terminal_only() -> None:
    result = scenario(step("get"), name="word " * 20 + "end", file="scenarios/" + "x" * 50)
    assert shown(result) == (
        "✓ word word word word word word word word word word word word word word word\n"
        "  word word word word word end\n"
        f"  scenarios/{'x' * 50}  1 step  41 ms\n"
    )
    assert render_scenario(result, PIPE).count("\n") == 1


def test_a_scenario_that_should_have_failed() -> None:
    result = scenario(
        step("get"),
        outcome="failed",
        kind="expectation-failed",
        message="it passed, and was expected to fail",
        reason="ticket 44",
    )
    assert (
        shown(result)
        == """\
✗ Shop  scenarios/shop.yaml  failed, 1 step  41 ms

  failed: it passed, and was expected to fail  [expectation-failed]
  reason: ticket 44

"""
    )


def test_a_failure_in_the_teardown_is_called_one() -> None:
    bad = step("delete", 9, "failed", kind="unexpected-status", message="status is 500")
    text = shown(scenario(step("get"), teardown=(bad,), outcome="failed"))
    assert (
        text
        == """\
✗ Shop  scenarios/shop.yaml  failed in its teardown  41 ms

  failed: status is 500  [unexpected-status]
    --> scenarios/shop.yaml:9:5
     |
     = step: teardown 1 of 1, delete, took 4.0 ms

"""
    )


def test_of_a_composite_the_step_inside_is_shown_with_what_only_the_whole_knows() -> None:
    inner = step("connect", 3, "error", kind="connection-refused", phase="connect",
                 message="nothing listens", times={"tcp": 0.001})  # fmt: skip
    get = step(
        "get",
        3,
        "error",
        name="get /items",
        kind="connection-refused",
        phase="connect",
        message="nothing listens",
        curl="curl -sS http://127.0.0.1:9/items",
        snippet=Snippet(3, ("  - get: /items",), (3, 10, 6)),
        attempts=(Attempt("error", 0.0, 0.01, "read-timeout", "silent"),
                  Attempt("error", 1.0, 0.01, "connection-refused", "nothing listens")),
        steps=(step("session", 3), inner),
    )  # fmt: skip
    block = step("block", 2, "error", kind="connection-refused", message="x", steps=(get,))
    assert (
        shown(scenario(block, outcome="error"))
        == """\
✗ Shop  scenarios/shop.yaml  error at step 1 of 1  41 ms

  error: nothing listens  [connection-refused]
    --> scenarios/shop.yaml:3:10
     |
   3 |   - get: /items
     |          ^^^^^^
     |
     = step: 1 of 1, block; in its part 1, get /items; in its part 2, connect,
             took 4.0 ms
     = phases: tcp 1.0 ms ✗
     = attempt: 1, took 10 ms: read-timeout, silent
     = attempt: 2, took 10 ms: connection-refused
     = to repeat it:
       curl -sS http://127.0.0.1:9/items

"""
    )


def test_two_steps_that_failed_are_both_shown() -> None:
    bad = step("get", 3, "failed", kind="unexpected-status", message="status is 500")
    text = shown(scenario(bad, bad._replace(message="status is 501"), outcome="failed"))
    assert text.count("  failed: ") == 2
    assert "skipped" not in text


def test_a_check_in_another_file_is_told_below_the_source() -> None:
    use = step(
        "use",
        3,
        "failed",
        kind="expectation-failed",
        message="status is 500",
        failures=(Failure("status", "equals", 200, 500, "is 500", "scenarios/login.yaml:7:9"),),
        snippet=Snippet(3, ("  - use: login.yaml",), (3, 10, 10)),
    )
    assert (
        shown(scenario(use, outcome="failed"))
        == """\
✗ Shop  scenarios/shop.yaml  failed at step 1 of 1  41 ms

  failed: status is 500  [expectation-failed]
    --> scenarios/shop.yaml:3:10
     |
   3 |   - use: login.yaml
     |          ^^^^^^^^^^
     |
     | status (scenarios/login.yaml:7:9)
     |     expected 200, found 500
     |
     = step: 1 of 1, use, took 4.0 ms

"""
    )


def test_of_a_long_step_the_lines_that_matter_are_shown_and_long_lines_are_cut() -> None:
    lines = tuple(f"      key{n}: {n}" for n in range(30))
    lines = ("  - get: /", *lines, "      deep: " + "x" * 100 + " {status: 200}")
    failures = (
        Failure("key20", "equals", 20, 21, "", f"{FILE}:24:14"),
        Failure("status", "equals", 200, 404, "", f"{FILE}:34:123"),
    )
    bad = step("get", 3, "failed", kind="expectation-failed", message="key20 is 21",
               failures=failures, snippet=Snippet(3, lines, (24, 14, 2)))  # fmt: skip
    text = shown(scenario(bad, outcome="failed"))
    assert (
        text
        == """\
✗ Shop  scenarios/shop.yaml  failed at step 1 of 1  41 ms

  failed: key20 is 21, and 1 more check failed  [expectation-failed]
     --> scenarios/shop.yaml:24:14
      |
    3 |   - get: /
    4 |       key0: 0
  ...
   23 |       key19: 19
   24 |       key20: 20
      |              ^^ expected 20, found 21
   25 |       key21: 21
  ...
   33 |       key29: 29
   34 | …xxxxxxxxxxxxx {status: 200}
      |                         ^^^ expected 200, found 404
      |
      = step: 1 of 1, get, took 4.0 ms

"""
    )


def test_carets_stand_under_wide_characters_and_tabs() -> None:
    line = "\t日本語: 値"
    bad = step("get", 3, "failed", kind="expectation-failed", message="no",
               failures=(Failure("x", "equals", 1, 2, "", f"{FILE}:3:7"),),
               snippet=Snippet(3, (line,), (3, 7, 1)))  # fmt: skip
    text = shown(scenario(bad, outcome="failed"))
    assert "   3 |     日本語: 値\n     |             ^^ expected 1, found 2\n" in text


@pytest.mark.parametrize(
    ("failure", "verdict"),
    [
        (Failure("$.n", "above", 1, "1", "", ""), 'expected above 1, found "1"'),
        (Failure("time.total | max", "below", 1.0, 2.5, "", ""), "expected below 1.0, found 2.5"),
        (Failure("$.x", "exists", True, None, "", ""), "expected exists true, found null"),
        (Failure("$", "schema", {"a": 1}, {}, "does not fit: `id` is missing", ""),
         "does not fit: `id` is missing"),
        (Failure("$.id", "capture", None, None, "is missing", ""), "is missing"),
    ],
)  # fmt: skip
def test_verdicts(failure: Failure, verdict: str) -> None:
    failure = failure._replace(at=f"{FILE}:3:10")
    bad = step("get", 3, "failed", kind="expectation-failed", message="no",
               failures=(failure,), snippet=Snippet(3, ("  - get: /",), (3, 10, 1)))  # fmt: skip
    assert f"^ {verdict}\n" in shown(scenario(bad, outcome="failed"))


def test_a_step_that_broke_on_the_wire_is_pointed_at_itself() -> None:
    slow = Failure("time.total", "below", "1ms", 0.0101, "is 10 ms", f"{FILE}:5:19")
    bad = step("get", 3, "error", kind="connection-refused", phase="connect", message="refused",
               failures=(slow,),
               snippet=Snippet(3, ("  - get: /", "    expect:", "      time.total: {below: 1ms}"),
                               (5, 19, 12)))  # fmt: skip
    assert (
        shown(scenario(bad, outcome="error"))
        == """\
✗ Shop  scenarios/shop.yaml  error at step 1 of 1  41 ms

  error: refused  [connection-refused]
    --> scenarios/shop.yaml:3:5
     |
   3 |   - get: /
     |     ^^^
   4 |     expect:
   5 |       time.total: {below: 1ms}
     |                   ^^^^^^^^^^^^ expected below 1ms, found 10 ms
     |
     = step: 1 of 1, get, took 4.0 ms

"""
    )


@pytest.mark.parametrize(
    ("facts", "lines"),
    [
        ({"body": b"caf\xc3\xa9"}, ["café"]),
        ({"body": b"\xff\x00\x00"}, ["(about 3 B, not text)"]),
        ({"body": '{"id": 7,  "tags": []}'}, ['{"id": 7, "tags": []}']),
        ({"body": "\n".join(f"line {n}" for n in range(30))},
         [*(f"line {n}" for n in range(10)), "… 20 more lines"]),
        ({"body": '{"a": "' + "x" * 60 + '", "b": {"c": [1, 2]}}'},
         ["{", '  "a": "' + "x" * 60 + '",', '  "b": {"c": [1, 2]}', "}"]),
        ({"body": "<html>\n<script>\nx()\n</script><h1>Gone <b>away</b></h1>\n\n<!-- x -->"},
         ["Gone away"]),
        ({"body": " "}, []),
        ({}, []),
    ],
)  # fmt: skip
def test_as_much_of_the_body_as_helps(facts: dict[str, object], lines: list[str]) -> None:
    bad = step("get", 3, "failed", kind="unexpected-status", message="no",
               facts={"status": 500, "reason": "", **facts})  # fmt: skip
    text = shown(scenario(bad, outcome="failed"))
    told = text.split("= answer: 500\n")[1].rstrip().split("\n")
    assert [line.removeprefix(" " * 7) for line in told if line] == lines


def test_redirects_are_told_one_by_one() -> None:
    hops = [{"status": 302, "url": "http://a/1", "location": "http://a/2"}] * 2
    bad = step("get", 3, "failed", kind="too-many-redirects", phase="send", message="no",
               facts={"status": 302, "redirects": hops})  # fmt: skip
    text = shown(scenario(bad, outcome="failed"))
    assert text.count("     = redirect: 302 http://a/1 → http://a/2\n") == 2


def test_a_saved_result_reads_as_the_run_did() -> None:
    from runner.result_json import suite_from_json, suite_to_json

    for name in ("CHECKS", "REFUSED", "SLOW", "EXPIRED", "RETRIED", "DIFFERENT"):
        result = getattr(results, name)
        again = suite_from_json(suite_to_json(suite(result))).scenarios[0]
        assert shown(again) == shown(result)


HOSTILE = "\x1b[2J\x1b]0;title\x07\x9b31m\u202e\r\n\x08end"


def test_nothing_a_server_sends_reaches_the_terminal_as_a_control() -> None:
    bad = step(
        "get",
        3,
        "failed",
        name=HOSTILE,
        kind="unexpected-status",
        message=HOSTILE,
        hint=HOSTILE,
        causes=(HOSTILE + "2",),
        failures=(Failure(HOSTILE, "x", HOSTILE, HOSTILE, HOSTILE, "b.yaml:1:1"),),
        facts={"status": 200, "reason": HOSTILE, "header": {"server": HOSTILE}, "body": HOSTILE},
        attempts=(Attempt("failed", 0, 0, "x", HOSTILE + "3"), Attempt("failed", 0, 0, "x", "y")),
        curl=f"curl '{HOSTILE}'",
        snippet=Snippet(3, (HOSTILE,), (3, 1, 1)),
    )
    text = render_scenario(scenario(bad, outcome="failed", name=HOSTILE, case=HOSTILE), PIPE)
    assert set(text) - {"\n"} <= {c for c in text if c.isprintable()} | {"\ufffd"}
    assert "\x1b" not in text
    assert "[2J" not in text
    assert "title" not in text


def test_texts_are_cleaned_before_they_are_cut_or_wrapped() -> None:
    redactor = Redactor()
    redactor.add("open sesame and all")
    secret = "open \x1b[1msesame and all"
    bad = step("get", 3, "failed", name=secret, kind="unexpected-status", message=f"a {secret}",
               facts={"status": 500, "body": "x" * 58 + secret, "header": {"server": secret}},
               failures=(Failure("q", "equals", [secret], {"k": secret}, "", "z.yaml:1:1"),),
               curl=f"curl -H 'X: {secret}'")  # fmt: skip
    text = render_scenario(scenario(bad, outcome="failed"), AT_80, redactor.value)
    assert "sesame" not in text
    assert "open" not in text
    assert text.count("***") == 7


def test_colours_are_where_they_help() -> None:
    text = render_scenario(scenario(step("get")), Style(colour=True))
    assert text == (
        "\x1b[32m✓\x1b[0m Shop  \x1b[2mscenarios/shop.yaml\x1b[0m  \x1b[2m1 step\x1b[0m"
        "  \x1b[2m41 ms\x1b[0m\n"
    )
    text = render_scenario(results.CHECKS, Style(colour=True, width=80))
    assert "\x1b[1;31m^^^\x1b[0m \x1b[31mexpected 200, found 404\x1b[0m" in text


def test_the_last_line() -> None:
    run = suite(results.RETRIED, results.CHECKS, results.REFUSED, scenario(outcome="skipped"))
    assert summary(run) == "1 passed, 1 failed, 1 error, 1 skipped in 1.24 s"
    assert summary(suite()) == "0 passed, 0 failed, 0 errors, 0 skipped in 1.24 s"
    assert render_suite(run, PIPE).endswith("\n\n" + summary(run) + "\n")
    coloured = render_suite(run, Style(colour=True)).splitlines()[-1]
    assert coloured == (
        "\x1b[32m1 passed\x1b[0m, \x1b[1;31m1 failed\x1b[0m, \x1b[1;31m1 error\x1b[0m, "
        "\x1b[33m1 skipped\x1b[0m in 1.24 s"
    )


def test_a_long_run_names_once_more_at_its_end_what_did_not_pass() -> None:
    run = suite(*[scenario(step("get"))] * 10, results.CHECKS, seed=7)
    assert render_suite(run, AT_80).endswith("""
Not passed:
  scenarios/shop.yaml:6:15  expectation-failed  Shop [EUR]

random values repeat with --seed 7
10 passed, 1 failed, 0 errors, 0 skipped in 1.24 s
""")
    assert "Not passed" not in render_suite(suite(results.CHECKS), AT_80)


def test_quiet_shows_only_what_did_not_pass() -> None:
    good = scenario(step("get"))
    assert render_suite(suite(good), PIPE, quiet=True) == (
        "1 passed, 0 failed, 0 errors, 0 skipped in 1.24 s\n"
    )
    text = render_suite(suite(good, results.REFUSED), PIPE, quiet=True)
    assert text.startswith("✗ Shop  scenarios/shop.yaml  error at step 2 of 3")


def test_a_run_that_was_stopped_says_how_much_of_it_there_is() -> None:
    told = render_suite(suite(results.RETRIED, interrupted=True, not_run=2), PIPE).splitlines()
    assert told[-2] == "interrupted: 2 of 3 scenarios did not run"
    told = render_suite(suite(results.REFUSED, not_run=1), PIPE).splitlines()
    assert told[-2] == "stopped at a failure: 1 of 2 scenarios did not run"
    assert "did not run" not in render_suite(suite(results.REFUSED), PIPE)


def test_a_check_in_a_part_of_its_line_that_is_not_shown_is_told_by_its_place() -> None:
    line = "    expect: {status: 200, " + "header.x: {exists: true}, " * 3 + "$.id: true}"
    column = line.index("true}", 90) + 1
    failures = (
        Failure("status", "equals", 200, 404, "is 404, expected 200", f"{results.FILE}:4:22"),
        Failure("$.id", "equals", True, 1, "is 1, expected true", f"{results.FILE}:4:{column}"),
    )
    bad = step(
        "get", 3, "failed", kind="expectation-failed", phase="send", failures=failures,
        message="status is 404, expected 200", snippet=Snippet(3, ("  - get: /", line), (4, 22, 3)),
    )  # fmt: skip
    told = render_scenario(scenario(bad, outcome="failed"), AT_80)
    assert f"4:{column} $.id: expected true, found 1" in told
    shown = next(line for line in told.splitlines() if "expect: {" in line)
    assert all(len(line) <= len(shown) for line in told.splitlines() if "^" in line)
