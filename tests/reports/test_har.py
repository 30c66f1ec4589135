"""HTTP Archive 1.2: valid, and true to what went over the wire."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from runner.redact import Redactor
from runner.reports.har import chunks, write_har
from runner.reports.json_report import read_json, write_json
from runner.result import SuiteResult
from tests.reports import results
from tests.reports.runs import SECRET, SHOP, demo, hostile_suite, rude, run_all, secure

SCHEMA = json.loads((Path(__file__).parent / "data" / "har-1.2.schema.json").read_text())
VALID = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def archive(suite: SuiteResult, redactor: Redactor | None = None) -> dict[str, Any]:
    """The report, checked against the schema and for what the schema cannot say."""
    document = json.loads(b"".join(chunks(suite, redactor.value if redactor else None)))
    VALID.validate(document)
    log: dict[str, Any] = document["log"]
    pages = [page["id"] for page in log["pages"]]
    assert len(set(pages)) == len(pages)
    for entry in log["entries"]:
        assert entry["pageref"] in pages
        timings = entry["timings"]
        total = sum(value for name, value in timings.items() if name != "ssl" and value > 0)
        assert abs(total - entry["time"]) < 0.01
        assert timings["ssl"] <= max(timings["connect"], -1)
    return log


def named(log: dict[str, Any], scenario: str) -> list[dict[str, Any]]:
    return [one for one in log["entries"] if one["_httpsteps"]["scenario"] == scenario]


def test_the_schema_refuses_what_is_no_archive() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert not VALID.is_valid({"log": {"version": "1.2", "entries": []}})
    good = {"version": "1.2", "creator": {"name": "a", "version": "1"}, "entries": []}
    assert VALID.is_valid({"log": good})
    assert not VALID.is_valid({"log": {**good, "more": 1}})
    assert VALID.is_valid({"log": {**good, "_more": 1}})


def test_every_request_of_a_run_is_an_entry(tmp_path: Path) -> None:
    with demo() as base:
        suite, redactor = run_all(tmp_path, SHOP, base)
    write_har(suite, tmp_path / "run.har", redactor.value)
    log = json.loads((tmp_path / "run.har").read_bytes())["log"]
    assert log == archive(suite, redactor)
    assert [page["title"] for page in log["pages"]][:3] == [
        "It passes", "It fails [EUR]", "It fails [USD]",
    ]  # fmt: skip
    first, login, me, logout = named(log, "It passes")
    assert first["request"]["method"] == "GET"
    assert first["request"]["url"] == f"{base}/items/1?size=2&q=a%20b"
    assert first["request"]["queryString"] == [
        {"name": "size", "value": "2"}, {"name": "q", "value": "a b"},
    ]  # fmt: skip
    assert "postData" not in first["request"]
    assert first["request"]["bodySize"] == 0
    assert first["serverIPAddress"] == "127.0.0.1"
    assert first["response"]["status"] == 200
    assert first["response"]["content"]["mimeType"] == "application/json"
    assert first["response"]["content"]["size"] == first["response"]["bodySize"] > 0
    assert "text" not in first["response"]["content"]
    timings = first["timings"]
    assert timings["dns"] >= 0
    assert timings["connect"] > 0
    assert (timings["ssl"], timings["blocked"]) == (-1, -1)
    assert min(timings["send"], timings["wait"], timings["receive"]) > 0
    assert (login["timings"]["dns"], login["timings"]["connect"]) == (-1, -1)
    assert login["connection"] == first["connection"] == me["connection"]
    assert [one["name"] for one in login["response"]["cookies"]] == ["session", "theme"]
    assert login["response"]["cookies"][0]["httpOnly"] is True
    assert {"name": "session", "value": "***"} in me["request"]["cookies"]
    assert logout["_httpsteps"]["at"] == "shop/passes.yaml:9:5"
    assert login["request"]["postData"]["mimeType"] == "application/json"
    starts = [one["startedDateTime"] for one in log["entries"]]
    assert starts == sorted(starts)


def test_redirects_are_entries_of_their_own(tmp_path: Path) -> None:
    with demo() as base:
        suite, redactor = run_all(tmp_path, SHOP, base, bodies=True)
    entries = named(archive(suite, redactor), "It is led on")
    assert [
        (one["request"]["method"], one["request"]["url"].removeprefix(base),
         one["response"]["status"], one["response"]["redirectURL"].removeprefix(base))
        for one in entries
    ] == [
        ("GET", "/old-items/1", 301, "/items/1"), ("GET", "/items/1", 200, ""),
        ("POST", "/login", 303, "/admin"), ("GET", "/admin", 200, ""),
    ]  # fmt: skip
    moved, item, login, admin = entries
    assert moved["timings"]["connect"] > 0
    assert item["timings"]["connect"] == -1
    assert moved["response"]["content"]["size"] == 0
    assert json.loads(item["response"]["content"]["text"])["name"] == "Lamp"
    assert {one["name"]: one["value"] for one in login["request"]["postData"]["params"]} == {
        "user": "ada", "password": "lovelace", "next": "/admin",
    }  # fmt: skip
    assert [one["name"] for one in login["response"]["cookies"]] == ["session", "theme"]
    assert [one["name"] for one in admin["request"]["cookies"]] == ["session", "theme"]
    assert "Admin" in admin["response"]["content"]["text"]
    assert "postData" not in admin["request"]


def test_rounds_of_an_auth_scheme_are_entries_too(tmp_path: Path) -> None:
    text = """\
        steps:
          - get: /reports/secret
            auth: {digest: [ada, lovelace]}
        """
    with demo() as base:
        suite, redactor = run_all(tmp_path, {"a.yaml": text}, base)
    entries = archive(suite, redactor)["entries"]
    assert [one["response"]["status"] for one in entries] == [401, 200]
    assert "lovelace" not in json.dumps(entries)


def test_two_requests_in_flight_keep_their_own_answers(tmp_path: Path) -> None:
    text = """\
        steps:
          - session:
            id: one
          - connect:
            id: first
          - open: GET /items/1
            id: lamp
          - connect:
            id: second
          - open: GET /items/2
            id: floor
          - send:
            in: floor
          - send:
            in: lamp
          - read: json
            in: lamp
          - read: 5
            in: floor
          - read:
            in: floor
        """
    with demo() as base:
        suite, redactor = run_all(tmp_path, {"a.yaml": text}, base, bodies=True)
    assert suite.outcome == "passed"
    floor, lamp = archive(suite, redactor)["entries"]
    assert floor["request"]["url"].endswith("/items/2")
    assert json.loads(lamp["response"]["content"]["text"])["id"] == 1
    assert json.loads(floor["response"]["content"]["text"])["id"] == 2
    assert floor["connection"] != lamp["connection"]
    assert min(floor["timings"]["connect"], lamp["timings"]["connect"]) > 0


def test_the_handshake_is_a_part_of_connecting(tmp_path: Path) -> None:
    with secure(tmp_path) as (base, ca):
        text = f"steps:\n  - session:\n    tls: {{ca: {ca}}}\n  - get: /\n"
        suite, redactor = run_all(tmp_path, {"a.yaml": text}, base)
    (entry,) = archive(suite, redactor)["entries"]
    assert 0 < entry["timings"]["ssl"] < entry["timings"]["connect"]


def test_bodies_that_are_no_text_are_base64(tmp_path: Path) -> None:
    text = """\
        steps:
          - get: /images/lamp.png
          - post: /upload
            base64: AAEC/w==
          - get: /items?big=1
        """
    with demo() as base:
        suite, redactor = run_all(tmp_path, {"a.yaml": text}, base, bodies=True)
    image, upload, big = archive(suite, redactor)["entries"]
    assert image["response"]["content"]["encoding"] == "base64"
    assert image["response"]["content"]["text"].startswith("iVBOR")
    assert "not text" in upload["request"]["postData"]["comment"]
    content = big["response"]["content"]
    assert content["compression"] == content["size"] - big["response"]["bodySize"] > 0


def test_a_step_that_failed_keeps_both_bodies(tmp_path: Path) -> None:
    text = """\
        steps:
          - post: /login
            json: {user: ada, password: wrong}
        """
    with demo() as base:
        suite, redactor = run_all(tmp_path, {"a.yaml": text}, base)
    (entry,) = archive(suite, redactor)["entries"]
    assert json.loads(entry["request"]["postData"]["text"]) == {"user": "ada", "password": "wrong"}
    assert "status" in json.loads(entry["response"]["content"]["text"])
    assert entry["_httpsteps"]["outcome"] == "failed"
    assert entry["_httpsteps"]["kind"] == "unexpected-status"
    assert entry["_httpsteps"]["step"] == "post /login"


def test_a_request_without_an_answer_has_status_0(tmp_path: Path) -> None:
    text = """\
        steps:
          - get: /slow?ms=900
            deadline: 50ms
        """
    with demo() as base:
        suite, redactor = run_all(tmp_path, {"a.yaml": text}, base)
    (entry,) = archive(suite, redactor)["entries"]
    assert entry["response"]["status"] == 0
    assert entry["response"]["_error"]
    assert entry["request"]["url"].endswith("/slow?ms=900")


def test_it_is_the_same_from_a_saved_result(tmp_path: Path) -> None:
    with demo() as base:
        suite, redactor = run_all(tmp_path, SHOP, base, bodies=True)
    write_json(suite, tmp_path / "r.json", redactor.value)
    again = read_json(tmp_path / "r.json")
    assert archive(again, Redactor()) == archive(suite, redactor)


def test_nothing_hostile_comes_through(tmp_path: Path) -> None:
    redactor = Redactor()
    redactor.add(SECRET)
    (entry,) = archive(hostile_suite(), redactor)["entries"]
    shown = json.dumps(entry, ensure_ascii=False)
    assert SECRET not in shown
    assert "secret-header-value" not in shown
    assert "\x00" in entry["response"]["content"]["text"]
    text = f"steps:\n  - get: /x\n    headers: {{X-Token: {SECRET}}}\n"
    with rude() as base:
        suite, redactor = run_all(tmp_path, {"a.yaml": text}, base)
    redactor.add(SECRET)
    (entry,) = archive(suite, redactor)["entries"]
    shown = json.dumps(entry, ensure_ascii=False)
    assert SECRET not in shown
    assert "cookie-secret-1" not in shown
    assert entry["response"]["statusText"] == "No ]]> <b> `such` | thing"


def test_a_run_of_nothing_is_valid() -> None:
    assert archive(results.suite())["entries"] == []
