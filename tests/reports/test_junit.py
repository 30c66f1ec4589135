"""JUnit XML: valid for Jenkins, read back by junitparser."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from lxml import etree

from runner.redact import Redactor
from runner.reports.junit import chunks, write_junit
from runner.result import SuiteResult
from tests.reports import results
from tests.reports.runs import NASTY, OUTCOMES, SECRET, SHOP, demo, hostile_suite, rude, run_all

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "data" / "junit-10.xsd"))


def document(suite: SuiteResult, redactor: Redactor | None = None, **options: bool) -> bytes:
    """The report, checked against the schema."""
    data = b"".join(chunks(suite, redactor.value if redactor else None, **options))
    SCHEMA.assertValid(etree.fromstring(data))
    return data


def parsed(data: bytes) -> JUnitXml:
    return JUnitXml.fromroot(etree.parse(io.BytesIO(data)).getroot())


def test_the_schema_refuses_what_jenkins_refuses() -> None:
    for bad in (
        "<testsuite name='a' tests='1' failures='0'/>",
        "<testsuite name='a' tests='1' failures='0' errors='0' time='1 s'/>",
        "<testsuite name='a' tests='1' failures='0' errors='0'><testcase/></testsuite>",
        "<testsuite name='a' tests='1' failures='0' errors='0'><testcase name='b'><properties/>"
        "</testcase></testsuite>",
    ):
        assert not SCHEMA.validate(etree.fromstring(bad)), bad


def test_a_run_is_read_back(tmp_path: Path) -> None:
    with demo() as base:
        suite, redactor = run_all(tmp_path, SHOP, base)
    assert [one.outcome for one in suite.scenarios] == OUTCOMES
    path = tmp_path / "out" / "junit.xml"
    write_junit(suite, path, redactor.value)
    SCHEMA.assertValid(etree.parse(path))
    read = JUnitXml.fromfile(str(path))
    assert (read.tests, read.failures, read.errors) == (8, 1, 1)
    cases = [case for one in read for case in one]
    assert [case.name for case in cases] == [
        "It passes", "It fails [EUR]", "It fails [USD]", "It cannot be carried out",
        "It is skipped", "It passes late", "It fails as expected", "It is led on",
    ]  # fmt: skip
    assert [case.classname for case in cases[:2]] == ["shop.passes", "shop.fails"]
    kinds = [type(case.result[0]) if case.result else None for case in cases]
    assert kinds == [None, None, Failure, Error, Skipped, None, None, None]
    assert cases[4].result[0].message == "not today"
    assert all(one.timestamp == suite.started[:19] and not one.hostname for one in read)


def test_what_failed_says_where_what_and_how_to_repeat_it(tmp_path: Path) -> None:
    with demo() as base:
        suite, redactor = run_all(tmp_path, SHOP, base)
    suites = list(parsed(document(suite, redactor)))
    failure = next(iter(suites[2])).result[0]
    assert failure.type == "expectation-failed"
    assert failure.message.startswith("shop/fails.yaml:10:")
    for part in (
        "--> shop/fails.yaml:10:", "expected \"USD\", found \"EUR\"", "phases: ", "wait ",
        f"curl -sS {base}/items/1", "200 OK",
    ):  # fmt: skip
        assert part in failure.text, part
    error = next(iter(suites[3])).result[0]
    assert (error.type, "shop/down.yaml:4:" in error.message) == ("connection-refused", True)
    told = {one.name: one.value for one in suites[3].properties()}
    assert list(told) == ["step 1", "step 2", "step 3", "step 4"]
    assert "error in " in told["step 2"]
    assert told["step 3"] == "skipped: open GET /"
    assert {one.name: one.value for one in suites[0].properties()}["tag"] == "smoke"
    late = next(iter(suites[5]))
    assert late.system_out.count("attempt ") == 3
    assert "attempt 1, took" in late.system_out


def test_a_test_case_for_each_step(tmp_path: Path) -> None:
    with demo() as base:
        suite, redactor = run_all(tmp_path, SHOP, base)
    read = parsed(document(suite, redactor, steps=True))
    told = {one.name: one for one in read}
    first = told["shop.passes: It passes"]
    assert [case.name for case in first][-1] == "t1 post /logout"
    assert {case.classname for case in first} == {"shop.passes.It passes"}
    down = told["shop.down: It cannot be carried out"]
    assert (down.tests, down.errors, down.skipped) == (4, 1, 2)
    results_of = [type(case.result[0]) if case.result else None for case in down]
    assert results_of == [None, Error, Skipped, Skipped]
    assert "to repeat it" in list(down)[1].result[0].text
    expected = told["shop.expected: It fails as expected"]
    assert (expected.tests, expected.failures) == (1, 0)
    assert told["shop.skipped: It is skipped"].skipped == 1


def test_a_fault_that_is_in_no_step_has_a_case_of_its_own() -> None:
    one = results.scenario(
        results.step("get"), outcome="failed", kind="expectation-failed",
        message="a failure was expected, and it passed", reason="known",
    )  # fmt: skip
    read = next(iter(parsed(document(results.suite(one), steps=True))))
    assert (read.tests, read.failures) == (2, 1)
    assert "it passed" in list(read)[1].result[0].message


@pytest.mark.parametrize("steps", [False, True])
def test_nothing_hostile_comes_through(steps: bool) -> None:
    redactor = Redactor()
    redactor.add(SECRET)
    data = document(hostile_suite(), redactor, steps=steps)
    assert SECRET.encode() not in data
    assert b"secret-header-value" not in data
    text = data.decode()
    assert not [c for c in text if c in "\x00\x08\x1b\x7f\x9b\u202e\ufffe"]
    read = list(parsed(data))
    assert len(read) == 2
    assert "\U0001f4a9" in read[0].name
    assert "]]> <b onclick=" in next(iter(read[0])).result[0].message


def test_a_hostile_server_cannot_break_it(tmp_path: Path) -> None:
    text = f"""\
        secrets: {{token: "${{env.TOKEN:-}}"}}
        steps:
          - get: /x
            headers: {{X-Token: {SECRET}}}
        """
    with rude() as base:
        suite, redactor = run_all(tmp_path, {"a.yaml": text}, base)
    redactor.add(SECRET)
    data = document(suite, redactor)
    assert SECRET not in data.decode()
    assert b"cookie-secret-1" not in data
    failure = next(iter(next(iter(parsed(data))))).result[0]
    assert "unexpected-status" in failure.text
    assert NASTY not in failure.text
    assert "\U0001f4a9" in failure.text


def test_a_run_of_nothing_is_valid() -> None:
    read = parsed(document(results.suite()))
    assert (read.tests, list(read)) == (0, [])


def test_it_comes_scenario_by_scenario() -> None:
    assert len(list(chunks(results.suite(*[results.RETRIED] * 5)))) == 7


@pytest.mark.parametrize(("interrupted", "kind"), [(True, "error"), (False, "skipped")])
def test_a_run_that_was_stopped_is_not_whole(interrupted: bool, kind: str) -> None:
    suite = results.suite(results.RETRIED, interrupted=interrupted, not_run=2)
    root = etree.fromstring(b"".join(chunks(suite)))
    etree.XMLSchema(file=str(Path(__file__).parent / "data" / "junit-10.xsd")).assertValid(root)
    assert (root.get("tests"), root.get("errors")) == ("2", str(int(interrupted)))
    (told,) = root.xpath(f"testsuite/testcase/{kind}/@message")
    assert told.endswith(": 2 of 3 scenarios did not run")
