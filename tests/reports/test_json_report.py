"""The JSON report on disk, and the JSON lines."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import runner.reports
from runner.redact import Redactor
from runner.reports.console import render_scenario
from runner.reports.files import write_whole
from runner.reports.json_report import json_chunks, read_json, write_json
from runner.reports.jsonl import JsonLines
from runner.reports.style import Style
from runner.result import Attempt, Failure, ScenarioResult, StepResult, SuiteResult
from runner.result_json import ResultError, suite_to_json

FOLDER = Path(runner.reports.__file__).parent
EVENTS = json.loads((FOLDER / "event.schema.json").read_text())
RESULT = json.loads((FOLDER / "result.schema.json").read_text())


def suite(scenarios: int = 2, **facts: object) -> SuiteResult:
    step = StepResult("get /", "get", "a.yaml:3:5", "passed", 0.0, 0.1, facts=facts)
    one = ScenarioResult("A", "a.yaml", None, (), "passed", 0.1, steps=(step,))
    return SuiteResult("0.1.0", "2026-11-23T03:00:00Z", 0.4, "passed", (one,) * scenarios)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_file_holds_the_document(tmp_path: Path, count: int) -> None:
    path = tmp_path / "deep" / "er" / "result.json"
    write_json(suite(count, text="café"), path)
    document = json.loads(path.read_bytes())
    assert document == suite_to_json(suite(count, text="café"))
    Draft202012Validator(RESULT).validate(document)
    assert read_json(path) == suite(count, text="café")
    assert [one.name for one in path.parent.iterdir()] == ["result.json"]


def test_the_document_comes_scenario_by_scenario() -> None:
    assert len(list(json_chunks(suite(5)))) == 7


def test_half_a_surrogate_pair_does_not_spoil_the_document(tmp_path: Path) -> None:
    write_json(suite(1, text="\ud800"), tmp_path / "r.json")
    assert read_json(tmp_path / "r.json") == suite(1, text="\ud800")


def test_a_report_that_breaks_off_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_bytes(b"old")

    def chunks() -> Iterator[bytes]:
        yield b"new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(path, chunks())
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_report_has_the_usual_permissions_and_follows_a_link(tmp_path: Path) -> None:
    (tmp_path / "usual").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_whole(tmp_path / "link", [b"x"])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"x"
    assert (tmp_path / "real").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_what_is_no_regular_file_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found: list[bytes] = []
    reader = Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, [b"a", b"b"])
    reader.join(10)
    assert found == [b"ab"]


def test_redaction_reaches_texts_keys_and_numbers_and_leaves_what_is_ours() -> None:
    redactor = Redactor()
    for secret in ("sesame", "123456", "passed"):
        redactor.add(secret)
    given = suite(1, token="open sesame", count=123456, deep=[{"sesame": "passed"}], yes=True,
                  raw=b"sesame", header={"set-cookie": "sid=1", "server": "x"})  # fmt: skip
    document = json.loads(b"".join(json_chunks(given, redactor.value)))
    step = document["scenarios"][0]["steps"][0]
    assert step["facts"] == {
        "token": "open ***",
        "count": "***",
        "deep": [{"***": "***"}],
        "yes": True,
        "raw": "***",
        "header": {"set-cookie": "***", "server": "x"},
    }
    assert step["outcome"] == "passed"
    Draft202012Validator(RESULT).validate(document)


def test_what_a_check_found_in_a_cookie_is_masked_wherever_it_is_quoted() -> None:
    failure = Failure("header.set-cookie", "equals", "a=1", "sid=77", "is sid=77", "a.yaml:4:9",
                      ("sid: 77",))  # fmt: skip
    plain = Failure("$.n", "equals", 1, 2, "is 2", "a.yaml:5:9", ("n: 2",))
    message = "header.set-cookie is sid=77"
    inner = StepResult("send", "send", "a.yaml:3:5", "failed", 0, 0.1, message=message,
                       kind="expectation-failed", failures=(failure, plain),
                       curl="curl -H 'Cookie: sid=77' http://a/", causes=("is sid=77",),
                       attempts=(Attempt("failed", 0, 0, None, message),))  # fmt: skip
    outer = StepResult("get /", "get", "a.yaml:3:5", "failed", 0, 0.1, message=message,
                       steps=(inner,))  # fmt: skip
    one = ScenarioResult("A", "a.yaml", None, (), "failed", 0.1, (outer,), message=message)
    whole = SuiteResult("0.1.0", "2026-11-23T03:00:00Z", 0.4, "failed", (one,))
    text = b"".join(json_chunks(whole, Redactor().value)).decode()
    assert "77" not in text
    assert "curl -H 'Cookie: ***' http://a/" in text
    failures = json.loads(text)["scenarios"][0]["steps"][0]["steps"][0]["failures"]
    assert [one["paths"] for one in failures] == [[], ["n: 2"]]
    stream = io.BytesIO()
    listen = JsonLines(stream, Redactor().value)
    listen("step-finished", {"time": 0, **STEP, "result": outer})
    listen("scenario-finished", {"time": 0, "scenario": WHERE, "result": one})
    assert b"77" not in stream.getvalue()
    assert "77" not in render_scenario(one, Style(), Redactor().value)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"{", "is not JSON"), (b"\xff\xfe\xfd", "is not JSON"), (b"[]", "no result of httpsteps"),
     (b"[" * 200_000, "nested too deeply")],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "r.json"
    path.write_bytes(content)
    with pytest.raises(ResultError, match=message) as caught:
        read_json(path)
    assert str(path) in str(caught.value)


WHERE = {"file": "a.yaml", "name": "A", "case": None, "index": 0}
STEP = {"scenario": WHERE, "path": "1.2", "name": "send"}


def told() -> list[tuple[str, dict[str, Any]]]:
    inner = StepResult("send", "send", "a.yaml:3:5", "failed", 0, 0.1, kind="read-timeout")
    outer = StepResult("get /", "get", "a.yaml:3:5", "failed", 0, 0.1, steps=(inner,))
    result = ScenarioResult("A", "a.yaml", None, (), "failed", 0.1, steps=(outer,))
    whole = SuiteResult("0.1.0", "2026-11-23T03:00:00Z", 0.4, "failed", (result,), 7)
    return [
        (
            "run-started",
            {"time": 0.0, "version": "0.1.0", "started": whole.started, "seed": 7, "scenarios": 1},
        ),
        ("scenario-started", {"time": 0.1, "scenario": WHERE, "steps": 1}),
        ("step-started", {"time": 0.1, **STEP, "verb": "send", "at": "a.yaml:3:5"}),
        (
            "phase",
            {"time": 0.1, **STEP, "phase": "sending", "detail": {"lines": [("Accept", "*/*")]}},
        ),
        ("phase", {"time": 0.1, **STEP, "phase": "waiting", "detail": {}}),
        ("step-finished", {"time": 0.2, **STEP, "path": "teardown.1", "result": outer}),
        ("scenario-finished", {"time": 0.3, "scenario": WHERE, "result": result}),
        ("run-finished", {"time": 0.4, "result": whole}),
    ]


class Watched(io.BytesIO):
    """Keeps what was written at each flush."""

    def __init__(self) -> None:
        super().__init__()
        self.flushed: list[bytes] = []

    def flush(self) -> None:
        self.flushed.append(self.getvalue())


def test_every_event_is_one_flushed_line_that_fits_the_schema() -> None:
    stream = Watched()
    listener = JsonLines(stream)
    for number, (event, detail) in enumerate(told(), 1):
        listener(event, detail)
        assert stream.flushed[-1].count(b"\n") == number
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    for line in lines:
        Draft202012Validator(EVENTS).validate(line)
    assert [line["event"] for line in lines] == [event for event, _ in told()]
    assert lines[0]["httpsteps"] == {"result": 1, "version": "0.1.0"}
    assert lines[3]["detail"] == {"lines": [["Accept", "*/*"]]}
    assert lines[5]["step"]["steps"] == []
    assert lines[5]["path"] == "teardown.1"
    assert lines[6]["outcome"] == "failed"
    assert lines[7]["counts"] == {"passed": 0, "failed": 1, "error": 0, "skipped": 0}


def test_the_schema_refuses_what_is_no_event() -> None:
    valid = Draft202012Validator(EVENTS)
    assert not valid.is_valid({"event": "step-begun", "time": 0})
    assert not valid.is_valid({"event": "run-finished", "time": 0})


def test_lines_are_redacted() -> None:
    stream = io.BytesIO()
    redactor = Redactor()
    redactor.add("sesame")
    listen = JsonLines(stream, redactor.value)
    detail = {"line": "GET /sesame", "lines": [("Authorization", "Bearer x"), ("Host", "a")]}
    listen("phase", {"time": 0, **STEP, "phase": "sending", "detail": detail})
    assert json.loads(stream.getvalue())["detail"] == {
        "line": "GET /***",
        "lines": [["Authorization", "***"], ["Host", "a"]],
    }


def test_lines_from_many_threads_do_not_mix() -> None:
    stream = io.BytesIO()
    listen = JsonLines(stream)
    detail = {"time": 0, **STEP, "phase": "waiting", "detail": {"text": "x" * 5000}}

    def tell() -> None:
        for _ in range(50):
            listen("phase", detail)

    threads = [Thread(target=tell) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 400
    assert all(json.loads(line)["phase"] == "waiting" for line in lines)


def test_what_both_schemas_define_is_the_same_in_both() -> None:
    Draft202012Validator.check_schema(EVENTS)
    shared = set(EVENTS["$defs"]) & set(RESULT["$defs"])
    assert shared >= {"step", "failure", "attempt", "snippet", "kind", "outcome", "address"}
    for name in shared:
        assert EVENTS["$defs"][name] == RESULT["$defs"][name], name
    assert EVENTS["$defs"]["run-finished"]["properties"]["counts"] == RESULT["properties"]["counts"]
