"""The console while a run goes on: plain lines in a pipe, one live line on a terminal, ``-v``."""

from __future__ import annotations

import io
import os
import pty
from collections.abc import Iterator
from typing import Any

import pytest

from runner.redact import Redactor
from runner.reports.console import Console
from runner.reports.style import Style
from runner.result import ScenarioResult
from tests.reports.results import CHECKS, REFUSED, scenario, step, suite


class Clock:
    """A clock that goes on by a second each time it is looked at."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def play(console: Console, *results: ScenarioResult) -> None:
    console("run-started", {"time": 0.0, "scenarios": len(results)})
    for index, result in enumerate(results):
        which = {"index": index, "name": result.name, "file": result.file, "case": result.case}
        console("scenario-started", {"scenario": which, "steps": len(result.steps)})
        for number, one in enumerate(result.steps, 1):
            here = {"scenario": which, "path": str(number), "name": one.name}
            console("step-started", {**here, "verb": one.verb, "at": one.at})
            if one.verb == "connect":
                console("phase", {**here, "phase": "resolving", "detail": {"host": "a.example"}})
            console("step-finished", {**here, "result": one})
        console("scenario-finished", {"scenario": which, "result": result})
    console.finish(suite(*results))


def test_in_a_pipe_there_are_only_whole_lines() -> None:
    stream = io.StringIO()
    play(Console(stream, Style()), scenario(step("get")), scenario(step("connect")))
    assert stream.getvalue() == (
        "✓ Shop  scenarios/shop.yaml  1 step  41 ms\n"
        "✓ Shop  scenarios/shop.yaml  1 step  41 ms\n"
        "\n"
        "2 passed, 0 failed, 0 errors, 0 skipped in 1.24 s\n"
    )


def test_on_a_terminal_one_line_shows_the_progress_and_is_cleared() -> None:
    stream = io.StringIO()
    console = Console(stream, Style(width=40), live=True, clock=Clock())
    play(console, scenario(step("connect")))
    assert stream.getvalue() == (
        "\r\x1b[K1/1  Shop: connect"
        "\r\x1b[K1/1  Shop: connect  resolving"
        "\r\x1b[K✓ Shop\n  scenarios/shop.yaml  1 step  41 ms\n"
        "\n"
        "1 passed, 0 failed, 0 errors, 0 skipped in 1.24 s\n"
    )


def test_the_live_line_is_drawn_seldom_and_cleared_when_the_run_breaks_off() -> None:
    stream = io.StringIO()
    console = Console(stream, Style(width=40), live=True, clock=lambda: 1.0)
    here = {"scenario": {"name": "S" * 60}, "path": "1", "name": "get"}
    console("step-started", here)
    console("step-started", here)
    assert stream.getvalue() == "\r\x1b[K" + "S" * 38 + "…"
    console.close()
    console.close()
    assert stream.getvalue().endswith("…\r\x1b[K")


def test_quiet_writes_what_did_not_pass_and_the_counts() -> None:
    stream = io.StringIO()
    play(Console(stream, Style(), quiet=True), scenario(step("get")), REFUSED)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "✗ Shop  scenarios/shop.yaml  error at step 2 of 3  41 ms"
    assert lines[-1] == "1 passed, 0 failed, 1 error, 0 skipped in 1.24 s"


def tell(console: Console, phase: str, **detail: Any) -> None:
    which = {"index": 0, "name": "Shop", "file": "scenarios/shop.yaml", "case": "EUR"}
    here = {"scenario": which, "path": "2", "name": "connect"}
    console("phase", {**here, "phase": phase, "detail": detail})


def test_verbose_shows_the_wire() -> None:
    stream = io.StringIO()
    console = Console(stream, Style(), verbose=True)
    play(console, scenario(step("connect")))
    tell(console, "resolving", host="shop.example")
    tell(console, "resolved", host="shop.example", addresses=["192.0.2.7:443", "192.0.2.8:443"])
    tell(console, "connecting", address="192.0.2.7:443")
    tell(console, "connected", address="192.0.2.7:443")
    tell(console, "tunnelling", proxy="http://proxy:3128")
    tell(console, "tunnelled", proxy="http://proxy:3128")
    tell(console, "securing", name="shop.example", trust="/ca.pem", by="SSL_CERT_FILE")
    tell(
        console,
        "secured",
        **{
            "tls.version": "TLSv1.3",
            "tls.cipher": "TLS_AES_256_GCM_SHA384",
            "tls.alpn": "http/1.1",
            "tls.subject": {"CN": "shop.example"},
            "tls.issuer": {"O": "Example CA"},
            "tls.names": ["shop.example"],
            "tls.not-after": "2027-01-01T00:00:00+00:00",
            "tls.days-left": 39,
        },
    )
    tell(console, "sending", line="GET / HTTP/1.1", lines=[("Host", "shop.example")])
    tell(console, "sent", bytes=1830)
    tell(console, "waiting")
    tell(console, "first-byte")
    tell(console, "head", line="HTTP/1.1 200 OK", lines=[["Server", "\x1b[31mred"]])
    tell(console, "reading")
    tell(console, "read")
    tell(console, "draining", url="http://shop.example/")
    tell(console, "closed")
    tell(console, "levitating", height=3)
    assert (
        stream.getvalue()
        == """\
══ Shop  scenarios/shop.yaml
── 1 connect
* resolving a.example
✓ 1 connect  4.0 ms
✓ Shop  scenarios/shop.yaml  1 step  41 ms

1 passed, 0 failed, 0 errors, 0 skipped in 1.24 s
── 2 connect
* resolving shop.example
* shop.example is 192.0.2.7:443, 192.0.2.8:443
* connecting to 192.0.2.7:443
* connected to 192.0.2.7:443
* asking http://proxy:3128 for a tunnel
* the tunnel is open
* TLS handshake as shop.example, trusting /ca.pem (SSL_CERT_FILE)
* secured: TLSv1.3, TLS_AES_256_GCM_SHA384, ALPN http/1.1
*   subject: CN=shop.example
*   issuer: O=Example CA
*   for: shop.example
*   valid until 2027-01-01 (39 days left)
> GET / HTTP/1.1
> Host: shop.example
* sent 1.8 kB
* waiting for the answer
* the answer begins
< HTTP/1.1 200 OK
< Server: red
* reading the body
* read
* reading what is left of the answer from http://shop.example/
* closed
* levitating: height 3
"""
    )


def test_verbose_ends_a_failed_step_with_its_kind_and_is_cleaned() -> None:
    stream = io.StringIO()
    redactor = Redactor()
    redactor.add("the lamp")
    console = Console(stream, Style(), verbose=True, clean=redactor.value)
    play(console, CHECKS)
    tell(console, "sending", line="GET /the%20lamp", lines=[("Cookie", "a=b")])
    assert "> GET /***\n> Cookie: ***\n" in stream.getvalue()
    assert "══ Shop [EUR]  scenarios/shop.yaml\n" in stream.getvalue()
    assert "✗ 3 Ask for ***  expectation-failed  351 ms\n" in stream.getvalue()


def test_what_the_stream_cannot_write_is_escaped() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    style = Style.of(stream, {})
    assert not style.unicode
    play(Console(stream, style), scenario(step("get"), name="Größe"))
    assert raw.getvalue().startswith(b"PASS Gr\\xf6\\xdfe  scenarios/shop.yaml  1 step  41 ms\n")


@pytest.fixture
def terminal() -> Iterator[io.TextIOWrapper]:
    """A stream that is a terminal of 100 columns."""
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 100, 0, 0))
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        yield stream
    os.close(ours)


def test_colours_only_on_a_terminal_and_where_they_are_wanted(terminal: io.TextIOWrapper) -> None:
    assert Style.of(terminal, {"TERM": "xterm"}) == Style(colour=True, unicode=True, width=100)
    assert not Style.of(terminal, {"NO_COLOR": "1"}).colour
    assert Style.of(terminal, {"NO_COLOR": ""}).colour
    assert not Style.of(terminal, {"TERM": "dumb"}).colour
    assert not Style.of(terminal, {}, colour=False).colour
    assert Style.of(io.StringIO(), {}) == Style(colour=False, unicode=True, width=None)


def test_columns_are_honoured_on_a_terminal_and_in_a_pipe(terminal: io.TextIOWrapper) -> None:
    assert Style.of(terminal, {"COLUMNS": "60"}).width == 60
    assert Style.of(io.StringIO(), {"COLUMNS": "60"}).width == 60
    assert Style.of(io.StringIO(), {"COLUMNS": "10"}).width == 40
    assert Style.of(terminal, {"COLUMNS": "wide"}).width == 100
    assert Style.of(io.StringIO(), {"COLUMNS": "0"}).width is None


def test_a_terminal_that_cannot_redraw_gets_no_live_line(terminal: io.TextIOWrapper) -> None:
    for term, drawn in (("dumb", False), ("xterm", True)):
        style = Style.of(terminal, {"TERM": term})
        console = Console(terminal, style, clock=Clock())
        assert (console._progress is not None) is drawn
