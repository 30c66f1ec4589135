"""``httpsteps load`` in one process: what is counted, what is asked of it, how it ends."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.harness import httpsteps, write
from tests.lab import EchoServer, Server
from tests.lab.peer import Peer
from tests.load.loading import Running, entry, loaded, until

SHOP = """
name: Shop
vars: {item: 7}
steps:
- get: /items/${item}
  expect: {status: 200}
- session:
- connect:
- open: GET /stock/${item}
- send:
- read: json
- name: leave ${item}
  delete: /cart/${item}
"""


def asked(server: Server) -> list[str]:
    return [request.target for request in server.requests]


def test_each_primitive_step_and_each_request_is_counted(tmp_path, echo):
    write(tmp_path, SHOP)
    report = loaded(tmp_path, "scenario.yaml", "--base", echo.url, "--users", "2",
                    "--iterations", "6")  # fmt: skip
    assert {(each["type"], each["name"]) for each in report["entries"]} == {
        ("GET", "/items/${item}"),
        ("connect", "GET /items/${item}"),
        ("session", "session"),
        ("connect", "base"),
        ("open", "GET /stock/${item}"),
        ("send", "GET /stock/${item}"),
        ("read", "GET /stock/${item}"),
        ("DELETE", "leave ${item}"),
        ("scenario", "Shop"),
    }
    assert {each["count"] for each in report["entries"]} == {6}
    assert report["iterations"] == {"passed": 6, "failed": 0, "error": 0, "cut": 0}
    assert report["outcome"] == "passed"
    assert report["ended-by"] == "iterations"
    got = entry(report, "GET", "/items/${item}")
    assert 0 < got["p50"] <= got["max"] < 10
    assert got["size"] > 50
    assert asked(echo).count("/items/7") == 6


def test_steps_makes_entries_of_the_parts_of_requests(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /x\n")
    report = loaded(tmp_path, "scenario.yaml", "--base", echo.url, "--iterations", "2", "--steps")
    found = {each["type"] for each in report["entries"] if each["name"] == "GET /x"}
    assert found == {"session", "connect", "open", "send", "read"}


def test_each_iteration_has_its_own_connection_session_and_values(tmp_path, echo):
    text = """
    vars: {mark: "${new.uuid}"}
    steps:
    - get: /cookies
      expect: {$: {equals: {}}}
    - get: /cookies/set?a=1
    - get: /first?mark=${mark}
    - get: /second?mark=${mark}
    """
    write(tmp_path, text)
    loaded(tmp_path, "scenario.yaml", "--base", echo.url, "--users", "2", "--iterations", "8")
    marks = [parse_qs(urlsplit(target).query)["mark"][0]
             for target in asked(echo) if "mark" in target]  # fmt: skip
    assert len(marks) == 16
    assert len(set(marks)) == 8
    assert all(marks.count(mark) == 2 for mark in marks)
    assert echo.connections == 8


def test_each_iteration_takes_the_next_case(tmp_path, echo):
    write(tmp_path, "cases: [{n: 1}, {n: 2}, {n: 3}]\nsteps:\n- get: /case/${n}\n")
    report = loaded(tmp_path, "scenario.yaml", "--base", echo.url, "--iterations", "7")
    assert asked(echo) == [f"/case/{n}" for n in (1, 2, 3, 1, 2, 3, 1)]
    assert entry(report, "GET", "/case/${n}")["count"] == 7


def test_failures_are_counted_by_kind_and_not_by_what_was_found(tmp_path, echo):
    text = """
    cases: [{n: 1}, {n: 2}]
    steps:
    - get: /json?a=${n}
      expect: {$.a: "0"}
      on-failure: continue
    - get: /json?b=${n}
      capture: {lost: $.nothing}
      on-failure: continue
    - get: /status/50${n}
    """
    write(tmp_path, text)
    report = loaded(tmp_path, "scenario.yaml", "--base", echo.url, "--iterations", "4", status=1)
    found = {
        (each["name"], each["kind"], each["message"]): each["count"]
        for each in report["failures"]
        if each["type"] == "GET"
    }
    assert found == {
        ("/json?a=${n}", "expectation-failed", "$.a (equals)"): 4,
        ("/json?b=${n}", "capture-failed", "$.nothing (capture)"): 4,
        ("/status/50${n}", "unexpected-status", "status is 501"): 2,
        ("/status/50${n}", "unexpected-status", "status is 502"): 2,
    }
    assert report["iterations"]["failed"] == 4
    assert entry(report, "GET", "/status/50${n}")["failures"] == 4


def test_what_fails_is_told_with_its_kind_and_the_threshold(tmp_path, echo):
    write(tmp_path, "cases: [{n: 200}, {n: 500}]\nsteps:\n- get: /status/${n}\n")
    words = ["load", "scenario.yaml", "--base", echo.url, "--iterations", "4"]
    done = httpsteps(*words, cwd=tmp_path)
    assert done.status == 1
    assert re.search(r"2  unexpected-status: status is 500  GET /status/\$\{n\}", done.out)
    assert "--max-failures: 2 of 4 iterations did not pass (50.00%); allowed: 0" in done.out
    assert done.out.rstrip().endswith("4 iterations: 2 passed, 2 failed, 0 errors")
    assert httpsteps(*words, "--max-failures", "50%", cwd=tmp_path).status == 0
    assert httpsteps(*words, "--max-failures", "49.9%", cwd=tmp_path).status == 1
    assert httpsteps(*words, "--max-failures", "2", cwd=tmp_path).status == 0
    assert httpsteps(*words, "--max-failures", "1", cwd=tmp_path).status == 1


def test_a_95th_percentile_above_what_is_asked(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /fast\n- get: /slow?head=0.4\n")
    words = ["scenario.yaml", "--base", echo.url, "--iterations", "2", "--max-p95"]
    report = loaded(tmp_path, *words, "200ms", status=1)
    (found,) = (each for each in report["thresholds"] if each["option"] == "--max-p95")
    assert found["holds"] is False
    assert "p95 of GET /slow?head=0.4 is" in found["message"]
    assert report["outcome"] == "failed"
    loaded(tmp_path, *words, "20s")


def test_a_service_that_is_down_is_told_from_one_that_is_wrong(tmp_path):
    write(tmp_path, "base: http://127.0.0.1:9\nsteps:\n- get: /x\n")
    report = loaded(tmp_path, "scenario.yaml", "--iterations", "3", status=3)
    assert report["outcome"] == "error"
    assert report["iterations"]["error"] == 3
    assert ("connection-refused", 3) in {(each["kind"], each["count"])
                                         for each in report["failures"]}  # fmt: skip


def test_a_load_goes_on_for_its_duration(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /x\n- wait: 50ms\n")
    report = loaded(tmp_path, "scenario.yaml", "--base", echo.url, "--users", "3",
                    "--duration", "2s")  # fmt: skip
    assert report["ended-by"] == "time"
    assert 2 <= report["duration"] < 10
    assert report["iterations"]["passed"] == len(echo.requests) > 3


def test_the_end_cuts_nothing_short(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /x\n")
    report = loaded(tmp_path, "scenario.yaml", "--base", echo.url, "--users", "30",
                    "--duration", "1500ms")  # fmt: skip
    assert report["iterations"]["cut"] == 0
    assert report["iterations"]["passed"] == len(echo.requests)


def test_a_rate_holds_iterations_back(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /x\n")
    report = loaded(tmp_path, "scenario.yaml", "--base", echo.url, "--users", "4",
                    "--rate", "10/s", "--duration", "3s")  # fmt: skip
    # 4 users may each be one ahead; a busy machine makes them fewer
    assert 5 <= report["iterations"]["passed"] <= 34


def test_a_rate_that_is_not_reached_is_told(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /x\n- wait: 500ms\n")
    done = httpsteps("load", "scenario.yaml", "--base", echo.url, "--users", "1", "--rate", "100",
                     "--duration", "2s", cwd=tmp_path)  # fmt: skip
    assert done.status == 0
    assert "of 100 iterations/s were reached: more --users help" in done.out


def test_an_invalid_scenario_is_told_before_anything_is_sent(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /x\n- got: /y\n")
    done = httpsteps("load", "scenario.yaml", "--base", echo.url, "--iterations", "2",
                     "--users", "2", "--workers", "2", cwd=tmp_path)  # fmt: skip
    assert done.status == 2
    assert "--> scenario.yaml:3:3" in done.err
    assert "Traceback" not in done.err
    assert echo.requests == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "say how long"),
        (["--iterations", "0"], "expected a whole number"),
        (["--iterations", "9", "--users", "1", "--workers", "2"], "each of 2 workers needs"),
        (["--duration", "5"], "is no duration"),
        (["--duration", "5s", "--rate", "-1"], "expected how many in a second"),
        (["--duration", "5s", "--max-failures", "1.5"], "expected a share like 1%"),
        (["--duration", "5s", "--report", "xml=a"], "write FORMAT=PATH"),
        (["--duration", "5s", "--master", "--worker"], "not allowed with"),
        (["--duration", "5s", "--var", "no=1"], "no scenario of this run declares `no`"),
    ],
)
def test_words_that_cannot_be_meant(tmp_path, echo, words, told):
    write(tmp_path, "steps:\n- get: /x\n")
    done = httpsteps("load", "scenario.yaml", "--base", echo.url, *words, cwd=tmp_path)
    assert done.status == 2
    assert told in done.err
    assert echo.requests == []


def test_nothing_to_run(tmp_path):
    write(tmp_path, "skip: not today\nsteps:\n- get: /x\n")
    done = httpsteps("load", "scenario.yaml", "--iterations", "1", cwd=tmp_path)
    assert done.status == 5
    assert "nothing to run" in done.err


def test_ctrl_c_lets_what_runs_come_to_its_end(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /begin\n- wait: 1s\nteardown:\n- get: /down\n")
    words = ["scenario.yaml", "--base", echo.url, "--users", "2", "--duration", "1m"]
    with Running(tmp_path, "load", *words) as load:
        assert until(lambda: asked(echo).count("/begin") == 2)
        load.interrupt()
        done = load.end()
    assert done.status == 130, done.out + done.err
    assert asked(echo).count("/down") == asked(echo).count("/begin") == 2
    assert "2 iterations: 2 passed" in done.out
    assert done.out.startswith("interrupted: ending 2 iterations (at most 30 s); Ctrl-C again")
    assert "Traceback" not in done.err


def test_at_the_end_of_the_grace_the_teardown_runs(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /begin\n- wait: 1m\nteardown:\n- get: /down\n")
    report = loaded(tmp_path, "scenario.yaml", "--base", echo.url, "--users", "2",
                    "--duration", "500ms", "--grace", "300ms", status=1)  # fmt: skip
    assert asked(echo).count("/down") == 2
    assert report["iterations"] == {"passed": 0, "failed": 0, "error": 0, "cut": 2}
    assert "no iteration came to its end" in report["thresholds"][0]["message"]


def test_a_service_that_hangs_is_told(tmp_path, echo):
    write(tmp_path, "name: Quick\nsteps:\n- get: /x\n- wait: 50ms\n", "quick.yaml")
    write(tmp_path, "name: Hangs\nsteps:\n- get: /slow?head=60\n  on-failure: continue\n"
                    "- delete: /after\n", "hangs.yaml")  # fmt: skip
    report = loaded(tmp_path, ".", "--base", echo.url, "--users", "4", "--duration", "1500ms",
                    "--grace", "500ms", "--max-p95", "1s", "--max-failures", "100%",
                    status=1)  # fmt: skip
    assert report["iterations"]["failed"] == report["iterations"]["error"] == 0
    got = entry(report, "GET", "/slow?head=60")
    assert got["count"] == got["failures"] == report["iterations"]["cut"] >= 1
    assert 500 <= got["p95"] * 1000 < 30_000
    # What was to come after the cut did not begin, and has no time.
    assert not any(each["name"] == "/after" for each in report["entries"])
    told = {each["option"]: each for each in report["thresholds"]}
    assert told["--max-failures"]["message"] == "no iteration of Hangs came to its end"
    assert "p95 of GET /slow?head=60 is" in told["--max-p95"]["message"]
    assert not any(each["holds"] for each in told.values())
    reasons = {(each["type"], each["kind"], each["message"]) for each in report["failures"]}
    assert ("GET", "interrupted", "cut short at the end of the grace") in reasons


class Lists(EchoServer):
    """Answers with a list that takes a query minutes to count."""

    def answer(self, peer: Peer, request) -> None:
        if request.target != "/list":
            super().answer(peer, request)
            return
        body = json.dumps([{"a": [{"b": [1, 2, {"c": 3}]}] * 4}] * 4000).encode()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
                  b"\r\n" % len(body))  # fmt: skip
        peer.send(body)


def test_a_query_ends_at_its_deadline_under_load_too(tmp_path, lab):
    server = lab(Lists())
    text = """
    name: Long
    steps:
    - get: /list
      deadline: 1s
      expect: {"$[?count($..*) > 5] | count": 3}
    """
    write(tmp_path, text, "long.yaml")
    write(tmp_path, "name: Quick\nsteps:\n- get: /x\n- wait: 50ms\n", "quick.yaml")
    report = loaded(tmp_path, ".", "--base", server.url, "--users", "2", "--duration", "3s",
                    status=1)  # fmt: skip
    reasons = {(each["name"], each["kind"]) for each in report["failures"]}
    assert reasons == {("/list", "deadline-exceeded"), ("Long", "deadline-exceeded")}
    assert entry(report, "GET", "/list")["max"] < 10
    assert entry(report, "GET", "/x")["failures"] == 0
    assert report["duration"] < 10


def test_a_second_ctrl_c_ends_it_now(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /begin\n- wait: 1m\n")
    with Running(tmp_path, "load", "scenario.yaml", "--base", echo.url, "--duration", "1m") as load:
        assert until(lambda: asked(echo) == ["/begin"])
        load.interrupt()
        assert not until(lambda: load.process.poll() is not None, 1)
        load.interrupt()
        assert load.end(20).status == 130


def test_secrets_are_masked_wherever_they_could_leave(tmp_path, echo):
    text = """
    secrets: {token: "${env.TOKEN}"}
    steps:
    - name: with sesame-open-up
      get: /x?token=${token}
      expect: {$.a: sesame-open-up}
    """
    write(tmp_path, text)
    reports = [word for form in ("json", "csv", "html")
               for word in ("--report", f"{form}=load.{form}")]  # fmt: skip
    done = httpsteps("load", "scenario.yaml", "--base", echo.url, "--iterations", "2", *reports,
                     cwd=tmp_path, environ={"TOKEN": "sesame-open-up"})  # fmt: skip
    assert done.status == 1
    assert asked(echo) == ["/x?token=sesame-open-up"] * 2
    for text in (done.out, done.err, *((tmp_path / f"load.{form}").read_text("utf-8")
                                       for form in ("json", "csv", "html"))):  # fmt: skip
        assert "sesame" not in text
    assert "with ***" in done.out
    assert json.loads((tmp_path / "load.json").read_text())["entries"]
    assert "GET,with ***,2,2," in (tmp_path / "load.csv").read_text()
    assert "with ***" in (tmp_path / "load.html").read_text("utf-8")


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_tls_is_cooperative_too(tmp_path, certificates, version):
    with EchoServer(context=certificates.context()) as server:
        text = f"""
        steps:
        - session:
          tls: {{ca: {certificates.ca}, min-version: {version}, max-version: {version}}}
        - get: {server.url}/slow?head=0.5
        - get: {server.url}/bytes/100000
          expect: {{size: 100000}}
        """
        write(tmp_path, text)
        report = loaded(tmp_path, "scenario.yaml", "--users", "4", "--iterations", "4")
    assert report["iterations"]["passed"] == 4


class Counting(EchoServer):
    """Knows how many requests it had at the same time at most."""

    now = most = 0

    def answer(self, peer: Peer, request) -> None:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        super().answer(peer, request)
        with self._lock:
            self.now -= 1


def test_users_wait_at_the_same_time(tmp_path, lab):
    server = lab(Counting())
    write(tmp_path, "steps:\n- parallel:\n  - - get: /slow?head=2\n  - - get: /slow?head=2\n")
    loaded(tmp_path, "scenario.yaml", "--base", server.url, "--users", "3", "--iterations", "3")
    assert server.most == 6


def test_a_terminal_sees_how_far_it_is_and_no_empty_line(tmp_path, echo):
    pty = pytest.importorskip("pty")
    write(tmp_path, "steps:\n- get: /x\n- wait: 100ms\n")
    ours, theirs = pty.openpty()
    words = ["scenario.yaml", "--base", echo.url, "--duration", "3s"]
    with Running(tmp_path, "load", *words, out=theirs) as load:
        os.close(theirs)
        shown = b""
        with suppress(OSError), os.fdopen(ours, "rb", 0) as terminal:  # EIO at its end
            while data := terminal.read(4096):
                shown += data
        assert load.process.wait(20) == 0
    text = shown.decode()
    assert re.search(r"\r\x1b\[K(\x1b\[2m)?1 s, 2 s left · 1 users? · \d+ iterations, 0 not", text)
    assert not re.match(r"\s*\n", text)


def test_a_pipe_gets_the_table_alone(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /x\n")
    done = httpsteps("load", "scenario.yaml", "--base", echo.url, "--iterations", "2", cwd=tmp_path)
    assert done.out.startswith("1 user for ")
    assert "\r" not in done.out


def test_how_long_the_last_iterations_took_is_told(tmp_path, echo):
    write(tmp_path, "steps:\n- get: /x\n- wait: 2s\n")
    words = ["scenario.yaml", "--base", echo.url, "--duration", "500ms"]
    done = httpsteps("load", *words, cwd=tmp_path)
    assert re.match(
        r"1 user for 5\d\d ms · [12]\.\d+ s more until all iterations were over", done.out
    )
