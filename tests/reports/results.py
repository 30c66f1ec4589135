"""Results as a run leaves them, for the tests of what is told about them."""

from __future__ import annotations

from typing import Any

from runner.query.values import MISSING
from runner.result import (
    Attempt,
    Failure,
    ScenarioResult,
    Snippet,
    StepResult,
    SuiteResult,
)

FILE = "scenarios/shop.yaml"


def step(verb: str, line: int = 3, outcome: Any = "passed", **more: Any) -> StepResult:
    """A step of the file, 4 ms long."""
    given: dict[str, Any] = {"name": verb, "started": 0.0, "duration": 0.004, **more}
    return StepResult(verb=verb, at=f"{FILE}:{line}:5", outcome=outcome, **given)


def scenario(*steps: StepResult, outcome: Any = "passed", **more: Any) -> ScenarioResult:
    """A scenario called Shop, 41 ms long."""
    given: dict[str, Any] = {
        "name": "Shop", "file": FILE, "case": None, "tags": (), "duration": 0.041, **more,
    }  # fmt: skip
    return ScenarioResult(outcome=outcome, steps=steps, **given)


def suite(*scenarios: ScenarioResult, seed: int | None = None, **more: Any) -> SuiteResult:
    """A run of 1.24 s."""
    return SuiteResult("0.1.0", "2026-11-23T03:00:00Z", 1.24, "passed", scenarios, seed, **more)


CHECKS = scenario(
    step("session", 2),
    step("connect", 3, times={"dns": 0.0001, "tcp": 0.0003}),
    step(
        "send",
        4,
        "failed",
        name="Ask for the lamp",
        duration=0.351,
        kind="expectation-failed",
        phase="send",
        message="status is 404, expected 200",
        failures=(
            Failure("status", "equals", 200, 404, "is 404", f"{FILE}:6:15"),
            Failure(
                "header.content-type", "starts-with", "application/json",
                "text/html; charset=utf-8", "does not start so", f"{FILE}:7:42",
            ),
            Failure("$.name", "equals", "Lamp", MISSING, "is missing", f"{FILE}:8:15"),
            Failure("time.wait", "below", 0.25, 0.3501, "is too long", f"{FILE}:9:26"),
        ),
        times={"send": 0.001, "wait": 0.3501},
        facts={
            "status": 404,
            "reason": "Not Found",
            "method": "GET",
            "url": "http://127.0.0.1:8000/items/9",
            "header": {
                "date": "Mon, 23 Nov 2026 03:00:00 GMT",
                "server": "demo",
                "content-type": "text/html; charset=utf-8",
            },
            "body": "<!doctype html>\n\n<title>404 Not\x1b[31m Found</title>\n<p>No such lamp.</p>",
        },
        curl="curl -sS http://127.0.0.1:8000/items/9 --compressed -H 'User-Agent: httpsteps/0.1.0'"
        " -H 'Accept: application/json' -H 'Authorization: ***'",
        snippet=Snippet(
            4,
            (
                "  - send:",
                "    expect:",
                "      status: 200",
                "      header.content-type: {starts-with: application/json}",
                "      $.name: Lamp",
                "      time.wait: {below: 250ms}",
            ),
            (6, 15, 3),
        ),
    ),
    step("read", 10, "skipped"),
    step("read", 11, "skipped"),
    outcome="failed",
    case="EUR",
)  # fmt: skip

REFUSED = scenario(
    step("session", 2),
    step(
        "connect",
        3,
        "error",
        kind="connection-refused",
        phase="connect",
        message="nothing listens on 127.0.0.1:9",
        hint="is the service running?",
        causes=("[Errno 111] Connection refused",),
        times={"dns": 0.0001, "tcp": 0.0002},
        snippet=Snippet(3, ("  - connect: http://127.0.0.1:9",), (3, 14, 18)),
    ),
    step("open", 4, "skipped"),
    outcome="error",
)

SLOW = scenario(
    step("connect", 3, times={"dns": 0.0001, "tcp": 0.0003, "tls": 0.0041}),
    step(
        "send",
        4,
        "error",
        duration=2.0,
        kind="read-timeout",
        phase="send",
        message="no answer from 127.0.0.1:8443 within 2 s",
        times={"wait": 2.0003},
        facts={"address": "::1", "port": 8443, "tls.version": "TLSv1.3"},
        snippet=Snippet(4, ("  - send:",), (4, 5, 4)),
    ),
    outcome="error",
)

EXPIRED = scenario(
    step(
        "connect",
        3,
        "error",
        kind="certificate-expired",
        phase="tls",
        message="the certificate of shop.example:443 expired on 2026-11-20",
        times={"dns": 0.0012, "tcp": 0.0053, "tls": 0.0041},
        facts={
            "tls.subject": {"CN": "shop.example"},
            "tls.names": ["shop.example", "www.shop.example"],
            "tls.issuer": {"O": "Example CA"},
            "tls.not-before": "2026-08-22T00:00:00+00:00",
            "tls.not-after": "2026-11-20T00:00:00+00:00",
        },
        snippet=Snippet(3, ("  - connect: https://shop.example",), (3, 14, 20)),
    ),
    outcome="error",
)

RETRIED = scenario(
    step(
        "get",
        3,
        name="get /jobs/7",
        attempts=(
            Attempt("failed", 0.0, 0.01, "expectation-failed", "running"),
            Attempt("error", 1.0, 0.01, "read-timeout", "silent"),
            Attempt("passed", 2.0, 0.01),
        ),
    )
)

DIFFERENT = scenario(
    step(
        "get",
        3,
        "failed",
        name="get /orders/1",
        kind="expectation-failed",
        phase="send",
        message="$ differs in 12 places",
        failures=(
            Failure(
                "$", "equals", {}, {}, "differs", f"{FILE}:4:16",
                tuple(f"$.items[{n}].price: expected {n}, found {n + 1}" for n in range(12)),
            ),
        ),
        facts={"status": 200, "reason": "OK", "body": '{"items": []}'},
        attempts=tuple(
            Attempt("failed", n * 1.0, 0.01, "expectation-failed", "$ differs in 12 places")
            for n in range(4)
        ),
        snippet=Snippet(3, ("  - get: /orders/1", "    expect: {$: {items: []}}"), (4, 16, 11)),
    ),
    outcome="failed",
)  # fmt: skip
