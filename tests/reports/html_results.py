"""Runs to make HTML reports of: one with everything a report can show, one hostile, one long."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, Final

from runner.result import Attempt, Failure, ScenarioResult, Snippet, StepResult, SuiteResult
from tests.reports.results import CHECKS, DIFFERENT, EXPIRED, FILE, REFUSED, RETRIED, scenario, step

LAMP: Final = base64.b64encode(
    Path(__file__).parents[2].joinpath("scenarios/features/data/lamp.png").read_bytes()
).decode()
BREAKOUT: Final = "</script><script>window.broken=1</script><img src=x onerror=window.broken=1>"
HOSTILE: Final = (
    BREAKOUT,
    "<!--<script>",
    "'\"><svg/onload=window.broken=1>",
    "javascript:window.broken=1",
    "{{ 7 * 7 }}${7*7}",
    "\u2028\u2029\x00\x1b[31m\u202eevil\ud800",
    "]]>--></style></title>",
)


def suite(*scenarios: ScenarioResult, seed: int | None = 7) -> SuiteResult:
    """A run of these; its outcome is the first scenario's."""
    outcome = scenarios[0].outcome if scenarios else "passed"
    return SuiteResult("0.1.0", "2026-11-23T03:00:00.123Z", 1.24, outcome, scenarios, seed)


def request(name: str, outcome: Any = "passed", body: object = None, **more: Any) -> StepResult:
    """A GET with its primitive steps inside, 20 ms long."""
    facts = {
        "attempts": 1,
        "method": "GET",
        "request.url": "http://127.0.0.1:8000/items/1",
        "request.header": {"host": "127.0.0.1:8000"},
        "status": 200,
        "reason": "OK",
        "http-version": "HTTP/1.1",
        "header": {"content-type": "application/json"},
        "media-type": "application/json",
        "time.wait": 0.01,
        **({} if body is None else {"body": body}),
        **more.pop("facts", {}),
    }
    connect = {"dns": 0.001, "tcp": 0.002, "tls": 0.003}
    send = {"send": 0.001, "wait": 0.01}
    return step(
        "get",
        4,
        outcome,
        name=name,
        duration=0.02,
        facts=facts,
        times={**connect, **send, "read": 0.002},
        steps=(
            step("connect", 4, duration=0.006, times=connect),
            step("send", 4, started=0.006, duration=0.012, times=send, facts={"status": 200}),
            step("read", 4, started=0.018, duration=0.002, times={"read": 0.002}),
        ),
        **more,
    )


PRICE: Final = request(
    "the lamp",
    "failed",
    '{"id": 12345678901234567890, "price": 20.0, "tags": ["light", "desk"], "deep": '
    '{"a": {"b": {"c": {"d": ["' + "x" * 70 + '"]}}}}}',
    kind="expectation-failed",
    phase="checks",
    message="$.price is 20.0, expected 24.9",
    hint="has the catalogue changed?",
    causes=("a cause below",),
    failures=(
        Failure("$.price", "equals", 24.9, 20.0, "is 20.0, expected 24.9", f"{FILE}:6:16"),
        Failure(
            "$", "includes", {"a": 1}, {"b": list(range(40))}, "differs", f"{FILE}:7:10",
            ("$.a: expected 1, found nothing", "$.b[3]: expected 4, found 3"),
        ),
    ),
    captured={"item": 7},
    attempts=(
        Attempt("failed", 0.0, 0.004, "read-timeout", "silent for 4 ms"),
        Attempt("failed", 0.01, 0.01, "expectation-failed", "$.price is 20.0, expected 24.9"),
    ),
    curl="curl -sS http://127.0.0.1:8000/items/1 -H 'Accept: */*'",
    snippet=Snippet(
        4,
        ("  - get: /items/1", "    expect:", "      $.price: 24.9", "      $: {includes: {a: 1}}"),
        (6, 16, 4),
    ),
)  # fmt: skip

PICTURE: Final = request(
    "the picture", body={"base64": LAMP}, facts={"media-type": "image/png", "size": 1000}
)


def showcase() -> SuiteResult:
    """Failures of many kinds, retries, teardown, skipped ones, an image."""
    inside = step("block", 3, "failed", name="look", duration=0.02, kind="expectation-failed",
                  message=PRICE.message, steps=(PRICE,))  # fmt: skip
    return suite(
        scenario(PRICE, step("post", 9, "skipped"), outcome="failed", tags=("smoke", "shop"),
                 name="The price has changed", kind="expectation-failed", message=PRICE.message,
                 teardown=(step("delete", 12, name="tidy up"),)),
        scenario(PICTURE, RETRIED.steps[0], tags=("smoke",), name="Pictures"),
        scenario(outcome="skipped", reason="waits for the gift cards", name="Gift cards"),
        scenario(inside, outcome="failed", name="Nested", message=PRICE.message),
        scenario(PRICE, name="Known bug", reason="the shop promises too much"),
        scenario(outcome="error", name="Never began", kind="deadline-exceeded",
                 message="the run's deadline passed"),
        CHECKS, REFUSED, EXPIRED, DIFFERENT,
    )  # fmt: skip


def hostile() -> SuiteResult:
    """Every text of a result as an attacker would write it."""
    made = []
    for text in HOSTILE:
        failure = Failure(
            text, text, {text: text}, [text, {text: text}], text, f"{FILE}:3:1", (text,)
        )
        wire = {
            "method": text, "url": text, "request.url": text, "status": text, "reason": text,
            "http-version": text, "media-type": text, "header": {text: text}, "body": text,
            "request.header": {text: text}, "redirects": [{"url": text, "location": text}],
            text: text,
        }  # fmt: skip
        bad = step(
            "get", 3, "failed", name=text, kind="expectation-failed", message=text, hint=text,
            causes=(text + "!",), failures=(failure,), facts=wire, captured={text: text}, curl=text,
            attempts=(Attempt("failed", 0.0, 0.1, "read-timeout", text),) * 2,
            snippet=Snippet(3, (text, text), (3, 1, 4)),
        )  # fmt: skip
        trees = step(
            "get", 8, name=text, facts={"body": f'{{"a": {{"<img src=x>": "{BREAKOUT}"}}}}'}
        )
        image = step("get", 9, facts={"media-type": "image/png", "body": {"base64": text}})
        vector = step("get", 9, facts={"media-type": "image/svg+xml", "body": {"base64": text}})
        made.append(scenario(
            bad, trees, image, vector, outcome="failed", name=text, file=text, case=text,
            tags=(text,), message=text, kind="expectation-failed", teardown=(bad,),
        ))  # fmt: skip
        made.append(scenario(outcome="skipped", name=text, reason=text))
    return suite(*made)


def long(count: int) -> SuiteResult:
    """Many scenarios of five requests each; every hundredth failed."""
    good = tuple(request(f"get /items/{number}") for number in range(5))
    return suite(*(
        scenario(*(good if number % 100 else (PRICE,)), name=f"Scenario number {number}",
                 outcome="passed" if number % 100 else "failed", tags=(f"group-{number % 7}",),
                 message=None if number % 100 else PRICE.message, duration=0.01 * (number % 13 + 1))
        for number in range(count)
    ))  # fmt: skip
