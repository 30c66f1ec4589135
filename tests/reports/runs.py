"""Real runs for the tests of reports: a folder of scenarios against a service, as one suite."""

from __future__ import annotations

import ssl
import textwrap
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from runner.demo.service import DemoServer
from runner.execution.scenario_run import Settings
from runner.execution.suite import jobs_of, run_suite
from runner.redact import Redactor
from runner.result import ScenarioResult, StepResult, SuiteResult
from runner.scenario.loader import load
from tests.reports import results

# All that a format may stumble over: controls, half a pair, no characters, markup, line ends.
NASTY = (
    '\U0001f4a9 ]]> <b onclick="x">&amp;</b> \x00\x08\x1b[31m\x7f\x9b\ufffe \ud800 | `tick` '
    "```fence``` *star* _low_ [a](javascript:x) ![i](http://e.vil/p.png) http://e.vil www.e.vil "
    "@octocat #1 $x$ \\ % :: ::error::x \" ' \u2028 \u202e line\r\nnot ok 9 - forged\n# end \\"
)
SECRET = "hunter2-and-more"


@contextmanager
def demo() -> Iterator[str]:
    """The demo service in this process; gives its URL."""
    with DemoServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()


class Rude(BaseHTTPRequestHandler):
    """Answers with all that is nasty, and with the secret it was sent."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""

    def do_GET(self) -> None:
        """A 404 with a hostile reason, headers and body."""
        body = f"{NASTY} {self.headers.get('X-Token')}".encode("utf-8", "replace")
        self.send_response(404, "No ]]> <b> `such` | thing")
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("X-Nasty", "<script>|`]]>")
        self.send_header("Set-Cookie", "sid=cookie-secret-1; Path=/; HttpOnly")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def rude() -> Iterator[str]:
    """A hostile service in this process; gives its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Rude) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Polite(BaseHTTPRequestHandler):
    """Answers ``ok``."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""

    def do_GET(self) -> None:
        """The answer."""
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")


@contextmanager
def secure(folder: Path) -> Iterator[tuple[str, Path]]:
    """A TLS service in this process; gives its URL and the file of the CA to trust."""
    import trustme

    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    with ThreadingHTTPServer(("127.0.0.1", 0), Polite) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_port}", folder / "ca.pem"
        finally:
            server.shutdown()
            thread.join()


def run_all(
    folder: Path, files: Mapping[str, str], base: str, *, bodies: bool = False
) -> tuple[SuiteResult, Redactor]:
    """Runs the scenarios, named as files of the folder; with what masks their secrets."""
    redactor = Redactor()
    scenarios = []
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        scenarios.append(load(path, root=folder, shown=name))
    settings = Settings(environ={}, base=base, secret=redactor.add, bodies=bodies)
    return run_suite(jobs_of(scenarios), settings), redactor


SHOP = {
    "shop/passes.yaml": """\
        name: It passes
        tags: [smoke]
        steps:
          - get: /items/1?size=2&q=a%20b
          - post: /login
            json: {user: ada, password: lovelace}
          - get: /me
        teardown:
          - post: /logout
        """,
    "shop/fails.yaml": """\
        name: It fails
        cases:
          - {case: EUR, currency: EUR}
          - {case: USD, currency: USD}
        vars: {currency: EUR}
        steps:
          - get: /items/1
            name: the lamp
            expect:
              $.currency: ${currency}
          - get: /items/2
        """,
    "shop/down.yaml": """\
        name: It cannot be carried out
        steps:
          - session:
          - connect: http://127.0.0.1:9
          - open: GET /
          - send:
        """,
    "shop/skipped.yaml": """\
        name: It is skipped
        skip: not today
        steps:
          - get: /items/1
        """,
    "shop/late.yaml": """\
        name: It passes late
        steps:
          - get: /flaky?key=late&fails=2
            retry: {attempts: 3, every: 1ms}
        """,
    "shop/expected.yaml": """\
        name: It fails as expected
        expect-failure: {because: a known bug}
        steps:
          - get: /items/99
        """,
    "shop/redirects.yaml": """\
        name: It is led on
        steps:
          - session:
          - connect:
          - open: GET /old-items/1
            redirects: 1
          - send:
          - read: json
          - post: /login
            form: {user: ada, password: lovelace, next: /admin}
            redirects: 2
          - close:
        """,
}
OUTCOMES = ["passed", "passed", "failed", "error", "skipped", "passed", "passed", "passed"]


def hostile_suite() -> SuiteResult:
    """A result all of whose texts are nasty, secrets among them."""
    text = f"{NASTY} {SECRET}"
    bad = results.CHECKS.steps[2]
    step = StepResult(
        name=text, verb="send", at=bad.at, outcome="failed", started=0.0, duration=0.1,
        kind="expectation-failed", phase="send", message=text, hint=text, causes=(text,),
        failures=tuple(
            type(one)(text, one.matcher, text, {"deep": [text]}, text, one.at, (text,))
            for one in bad.failures
        ),
        times=bad.times,
        facts={"status": 200, "reason": text, "body": text, "url": "http://a/?q=" + SECRET,
               "header": {"content-type": text, "set-cookie": f"sid={SECRET}"},
               "request.header": {"authorization": "Bearer secret-header-value"},
               "method": "GET", "request.sent": 0.01, "http-version": "HTTP/1.1"},
        captured={text: text}, attempts=results.RETRIED.steps[0].attempts, curl=text,
        snippet=bad.snippet,
    )  # fmt: skip
    one = ScenarioResult(
        name=text, file=results.FILE, case=text, tags=(text,), outcome="failed", duration=0.2,
        steps=(step,), kind="expectation-failed", message=text,
    )  # fmt: skip
    skipped = ScenarioResult(text, "a b/ü.yaml", None, (), "skipped", 0.0, reason=text)
    return SuiteResult("0.1.0", "2026-11-23T03:00:00.000Z", 1.0, "failed", (one, skipped))
