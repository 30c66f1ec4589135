"""Random secrets through everything that leaves the process; then every output is searched.

The search knows nothing of how secrets are masked: it undoes encodings (URL, JSON, HTML, base64 at
any offset) and looks for the secret in what comes out.
"""

from __future__ import annotations

import base64
import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote, unquote_plus

import pytest
from hypothesis import HealthCheck, Phase, assume, example, given, settings
from hypothesis import strategies as st

from runner.execution.scenario_run import Settings
from runner.execution.suite import jobs_of, run_suite
from runner.redact import Redactor
from runner.reports.console import Console
from runner.reports.json_report import write_json
from runner.reports.jsonl import JsonLines
from runner.reports.style import Style
from runner.scenario.loader import load

from .harness import called, passes, problems, run, write
from .lab import Peer, Recorded, Server, response

SCENARIO = """
name: secrets
base: {url}
secrets:
  s: ${{env.SECRET:-}}
vars:
  other: something else
steps:
  - session:
    headers: {{X-Api-Key: "${{s}}", X-Tenant: "t ${{s}} t"}}
    cookies: {{sid: abc}}
    on-failure: continue
  - get: /status/404?q=${{s}}
    on-failure: continue
  - get: /echo/${{s}}
    params: {{"${{s}}": "${{s}}"}}
    headers: {{X-Plain: "${{s}}", Authorization: "Token ${{s}}"}}
    expect: {{status: 500, header.x-echo: nothing, header.location: {{contains: xyz}}}}
    on-failure: continue
  - post: /echo
    json: {{a: "${{s}}", b: ["${{s}}", {{"${{s}}": 1}}]}}
    auth: {{basic: [me, "${{s}}"]}}
    expect: {{$.body: something, $.b64: 5, text: {{matches: "^$"}}, cookie.made: x}}
    on-failure: continue
  - post: /status/500
    form: {{field: "${{s}}", more: "x${{s}}y"}}
    on-failure: continue
  - post: /echo
    text: "say: ${{s}}"
    headers: {{Cookie: "c=${{s}}"}}
    expect:
      $.body: "${{s}}"
      $.json: {{includes: {{a: "${{s}}", list: ["${{s}}"]}}}}
      $.list: {{any-order: ["${{s}}", 2]}}
      $.secret: {{starts-with: "-${{s}}", ends-with: "${{s}}-"}}
      $.secret | trim: {{one-of: ["1${{s}}", "2${{s}}"]}}
      $.secret | sha256: {{contains: "${{s}}"}}
      $.secret | json: x
      $.secret | int: 1
      $.secret | regex '${{other}}': x
    on-failure: continue
  - get: /redirect
    redirects: 1
    expect: {{redirects: []}}
    on-failure: continue
  - get: /redirect
    on-failure: continue
  - get: "http://me:${{s | url-encode}}@127.0.0.1:{closed}/x?t=${{s}}"
    on-failure: continue
  - get: /html
    as: json
    on-failure: continue
  - get: /html
    expect: {{css:p: other, 'xpath://p/@title': other}}
    on-failure: continue
  - get: /echo
    headers: {{"${{s}}": 1}}
    on-failure: continue
  - get: /echo
    headers: {{X-Bad: "${{s}}\\r\\n"}}
    on-failure: continue
  - get: /echo
    deadline: "${{s}}"
    on-failure: continue
  - get: /echo
    redirects: "${{s}}"
    on-failure: continue
  - session:
    proxy: "http://me:${{s | url-encode}}@127.0.0.1:{closed}"
    on-failure: continue
  - get: "http://x.invalid/${{s}}"
    on-failure: continue
  - session:
    proxy: "${{s}}"
    on-failure: continue
  - connect:
    at: "[${{s}}]:1"
    on-failure: continue
  - connect: "${{s}}"
    on-failure: continue
  - session:
    on-failure: continue
  - get: /session
    capture:
      token: {{from: $.token, secret: true}}
      shown: $.token
      crumb: cookie.crumb.value
    expect: {{$.token: x, header.x-token: y, jar.crumb: z}}
    on-failure: continue
  - get: /status/403?again=${{token}}
    headers: {{X-Again: "${{token}}", X-Crumb: "${{crumb}}"}}
    on-failure: continue
  - session:
  - connect: "{url}"
    on-failure: continue
  - open: GET /echo
  - send:
  - read: json
    save: echo.json
  - open: GET /html
  - send:
  - read: html
    save: page.html
  - open: GET /echo?${{other}}
  - send:
  - read:
    save: streamed.json
  - open: GET /session
  - send:
  - read: json
    save: session.json
    capture: {{again: {{from: $.token, secret: true}}}}
  - set: {{copy: "${{s}}", nested: {{a: ["${{s}}"]}}}}
    expect: {{copy: x, nested: {{equals: {{}}}}}}
    on-failure: continue
  - get: /echo
    if: {{s: "${{other}}"}}
  - name: a name with ${{s}} in it
    get: /status/500
    repeat: {{while: {{s: {{not: x}}}}, at-most: 2}}
    on-failure: continue
  - get: /status/500
    for-each: {{item: ["${{s}}"]}}
    headers: {{X-Item: "${{item}}"}}
    on-failure: continue
  - get: /status/500
    retry: {{attempts: 2, every: 1ms}}
    expect: {{text: "${{s}}"}}
    on-failure: continue
"""


class Teller(Server):
    """Says the secret, and what it was sent, in every way a server may."""

    secret = ""
    token = ""
    crumb = ""

    def handle(self, peer: Peer) -> None:
        while True:
            peer.send(self.answer(peer.recv_request()))

    def answer(self, request: Recorded) -> bytes:
        path = request.path
        lines = [
            ("X-Echo", header(self.secret)),
            ("Set-Cookie", f"made={quote(self.secret)}; Path=/"),
        ]
        if path.startswith("/status/"):
            body = f"{request.target}\n{self.secret}\n{html.escape(self.secret)}".encode()
            return response(int(path[8:11]), body, lines)
        if path == "/redirect":
            target = f"/echo?to={quote(self.secret)}"
            return response(302, b"over there", [("Location", target), *lines])
        if path == "/html":
            shown = html.escape(self.secret)
            body = f"<html><p title='{shown}'>{shown}</p>{json.dumps(self.secret)}</html>".encode()
            return response(200, body, [("Content-Type", "text/html; charset=utf-8"), *lines])
        if path == "/session":
            body = json.dumps({"token": self.token}).encode()
            cookie = ("Set-Cookie", f"crumb={self.crumb}; Path=/; HttpOnly")
            return response(200, body, [("X-Token", self.token), cookie])
        told = {
            "secret": self.secret,
            "body": request.body.decode("utf-8", "replace"),
            "b64": base64.b64encode(f"me:{self.secret}".encode()).decode(),
            "url": request.target,
            "headers": dict(request.lines),
            "list": [1, self.secret],
            "json": {"a": json.dumps(self.secret), "list": []},
        }
        lines.append(("Location", f"/?x={quote(self.secret, safe='')}"))
        return response(
            200, json.dumps(told).encode(), [("Content-Type", "application/json"), *lines]
        )


def header(text: str) -> str:
    """The text as a header value, its bytes those of UTF-8."""
    clean = re.sub(r"[\r\n\0]", "", text).strip(" \t")
    return clean.encode().decode("latin-1")


def outputs(folder: Path, server: Teller, closed: int, secret: str) -> dict[str, str]:
    """What a run writes, by the name of the writer. The secret comes with ``--secret``."""
    path = write(folder, SCENARIO.format(url=server.url, closed=closed))
    jobs = jobs_of([load(path, root=folder, shown="scenario.yaml")])
    redactor = Redactor()
    redactor.add(secret)
    made = {}
    streams = {"console": io.StringIO(), "verbose": io.StringIO(), "quiet": io.StringIO()}
    consoles = {
        name: Console(
            stream,
            Style(width=width),
            clean=redactor.value,
            verbose=name == "verbose",
            quiet=name == "quiet",
        )
        for (name, stream), width in zip(streams.items(), (None, 80, 40), strict=True)
    }
    lines = io.BytesIO()
    jsonl = JsonLines(lines, redactor.value)

    def listen(event, detail):
        for listener in (*consoles.values(), jsonl):
            listener(event, detail)

    given = Settings(
        environ={}, variables={"s": secret}, secret=redactor.add, output=folder / "saved"
    )
    suite = run_suite(jobs, given, listen)
    for name, console in consoles.items():
        console.finish(suite)
        made[name] = streams[name].getvalue()
    report = folder / "result.json"
    write_json(suite, report, redactor.value)
    made["json"] = report.read_text(encoding="utf-8")
    made["jsonl"] = lines.getvalue().decode()
    for name in ("echo.json", "page.html", "streamed.json", "session.json"):
        made[f"saved {name}"] = (folder / "saved" / name).read_text(encoding="utf-8")
    return made


def readings(text: str) -> Iterator[str]:
    """The text with its encodings undone: each alone, and two in a row."""
    undo = (unquote, unquote_plus, html.unescape, unjson, unfold)
    yield text
    for first in undo:
        once = first(text)
        yield once
        for second in undo:
            yield second(once)
    for found in set(re.findall(r"[A-Za-z0-9+/_-]{8,}", text)):
        for offset in range(4):
            part = found[offset:].replace("-", "+").replace("_", "/")
            part = part[:-1] if len(part) % 4 == 1 else part
            yield base64.b64decode(part + "=" * (-len(part) % 4)).decode("utf-8", "replace")


def unjson(text: str) -> str:
    """The text without JSON's escapes."""
    short = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}

    def plain(found: re.Match[str]) -> str:
        sign = found[1]
        return chr(int(sign[1:], 16)) if len(sign) == 5 else short.get(sign, sign)

    text = re.sub(r"\\(u[0-9a-fA-F]{4}|.)", plain, text, flags=re.DOTALL)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def unfold(text: str) -> str:
    """The text without the breaks of lines that a narrow console makes."""
    return re.sub(r"\n[ |]*", "", text)


def leaks(text: str, secret: str) -> str | None:
    """A place in the text that tells the secret or the most of it, None when there is none."""
    wanted = {secret, " ".join(secret.split()), header(secret)}
    if len(secret) >= 24:
        wanted |= {secret[:16], secret[-16:]}
    for reading in readings(text):
        for form in wanted:
            place = reading.find(form) if len(form) >= 6 else -1
            if place >= 0:
                return reading[max(0, place - 120) : place + len(form) + 60]
    return None


SIGNS = "abcXYZ019 /\\\"'%&<>=+:;,.@?#$!{}[]()|~-_*é€😀日\t"
SECRETS = st.one_of(
    st.text(SIGNS, min_size=6, max_size=12),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=6, max_size=12),
    st.binary(min_size=9, max_size=30).map(lambda data: base64.b64encode(data).decode()),
    st.text("0123456789", min_size=7, max_size=12),
    st.text(SIGNS, min_size=60, max_size=84),
).filter(lambda s: len("".join(s.split())) >= 6 and len(set(s)) >= 4)


@pytest.fixture(scope="module")
def teller() -> Iterator[Teller]:
    with Teller() as server:
        yield server


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    from .lab import closed_port

    with closed_port() as number:
        yield number


@pytest.fixture(scope="module")
def usual(teller: Teller, port: int, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is written whatever the secret is."""
    teller.secret, teller.token, teller.crumb = "Zq", "Zw", "Zv"
    return "\n".join(outputs(tmp_path_factory.mktemp("usual"), teller, port, "Zq").values())


@pytest.mark.timeout(240)
@settings(
    deadline=None,
    max_examples=8,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(secret=SECRETS, token=st.text("abcdef0123456789.-_", min_size=12, max_size=90))
@example(secret="hunter2!", token="eyJhbGciOiJIUzI1NiJ9.e30.abc")
@example(secret='p"a/s\\s w&rd<%20>', token="0123456789ab")
def test_no_output_tells_a_secret(
    tmp_path: Path, teller: Teller, port: int, usual: str, secret: str, token: str
) -> None:
    assume(secret not in usual and token not in usual)
    teller.secret, teller.token, teller.crumb = secret, token, f"crumb{token[::-1]}"
    for name, text in outputs(tmp_path, teller, port, secret).items():
        for hidden in (secret, token, teller.crumb):
            found = leaks(text, hidden)
            assert found is None, f"{name} tells {hidden!r}: {found!r}"


@pytest.mark.parametrize(
    "secret", ["hunter2!", "L9Ia8HQe7emANsF+4dU8Y0h=", 'pass "wörd" <é> & more']
)
def test_the_command_tells_no_secret(
    tmp_path: Path, teller: Teller, port: int, secret: str
) -> None:
    teller.secret, teller.token, teller.crumb = secret, "tok.0123456789ab", "crumb-ba9876543210"
    write(tmp_path, SCENARIO.format(url=teller.url, closed=port))
    words = ("-v", "--report", "json=out/result.json", "--report", "jsonl=out/events.jsonl")
    done = called("run", "scenario.yaml", *words, cwd=tmp_path, environ={"SECRET": secret})
    assert done.status in (1, 3), done.err
    told = [done.out, done.err, *(path.read_text() for path in (tmp_path / "out").iterdir())]
    assert len(told) == 4
    for text in told:
        for hidden in (secret, teller.token, teller.crumb):
            assert leaks(text, hidden) is None


def test_the_search_finds_what_is_there() -> None:
    secret = 'p"a/s\\s w&rd€'
    for text in (
        secret,
        quote(secret, safe=""),
        json.dumps(secret),
        json.dumps(json.dumps(secret)),
        html.escape(secret),
        f"Basic {base64.b64encode(f'user:{secret}'.encode()).decode()}",
        base64.urlsafe_b64encode(f"a:{secret}".encode()).decode().rstrip("="),
        f"{secret[:6]}\n      | {secret[6:]}",
    ):
        assert leaks(f"before {text} after", secret) is not None
    assert leaks("before *** after", secret) is None


CAPTURING = """
base: {url}
steps:
  - get: /session
    capture: {{{capture}}}
    {more}
  - get: /status/404?crumb=${{v}}
"""


@pytest.mark.parametrize(
    "capture", ["v: cookie.crumb.value", "v: jar.crumb", "v: header.set-cookie"]
)
def test_captured_cookies_are_secret_by_themselves(
    tmp_path: Path, teller: Teller, capture: str
) -> None:
    teller.token, teller.crumb = "tok.0123456789ab", "crumb-ba9876543210"
    redactor = Redactor()
    lines = io.BytesIO()
    path = write(tmp_path, CAPTURING.format(url=teller.url, capture=capture, more=""))
    listen = JsonLines(lines, redactor.value)
    jobs = jobs_of([load(path, root=tmp_path)])
    run_suite(jobs, Settings(environ={}, secret=redactor.add), listen)
    assert teller.crumb not in lines.getvalue().decode()
    assert teller.token in lines.getvalue().decode()


def test_a_short_cookie_is_hidden_where_it_was_captured(tmp_path: Path, teller: Teller) -> None:
    teller.token, teller.crumb = "tok.0123456789ab", "yes"
    told: list[str] = []
    text = CAPTURING.format(url=teller.url, capture="v: cookie.crumb.value", more="")
    result = run(tmp_path, text, secret=told.append)
    assert result.steps[0].captured == {"v": "***"}
    assert told == []


def test_a_cookie_s_attributes_are_no_secrets(tmp_path: Path, teller: Teller) -> None:
    teller.crumb = "crumb-ba9876543210"
    text = CAPTURING.format(url=teller.url, capture="v: cookie.crumb.path", more="")
    assert run(tmp_path, text).steps[0].captured == {"v": "/"}


@pytest.mark.parametrize(
    ("capture", "more"),
    [
        ("v: {from: header.x-token, secret: true}", ""),
        ("v: {from: $.token, secret: true}", "expect: {status: 500}"),
        ("v: {from: header.x-token, secret: true}", "as: xml"),
        ("v: {from: header.x-token, secret: true}", "retry: {attempts: 2, every: 1ms}"),
    ],
)
def test_no_event_of_the_capturing_step_comes_before_its_secret(
    tmp_path: Path, teller: Teller, capture: str, more: str
) -> None:
    teller.token, teller.crumb = "tok.0123456789ab", "crumb"
    redactor = Redactor()
    lines, shown = io.BytesIO(), io.StringIO()
    listeners = [
        JsonLines(lines, redactor.value),
        Console(shown, Style(), clean=redactor.value, verbose=True),
    ]
    path = write(tmp_path, CAPTURING.format(url=teller.url, capture=capture, more=more))
    jobs = jobs_of([load(path, root=tmp_path)])
    settings = Settings(environ={}, secret=redactor.add)
    run_suite(jobs, settings, lambda *told: [listener(*told) for listener in listeners])
    assert teller.token not in lines.getvalue().decode()
    assert teller.token not in shown.getvalue()
    times = [json.loads(line)["time"] for line in lines.getvalue().splitlines()]
    assert times == sorted(times)


def test_a_secret_list_is_masked_in_each_of_its_texts(tmp_path: Path, teller: Teller) -> None:
    told: list[str] = []
    teller.secret = "one-of-them"
    text = (
        "base: {url}\nsteps:\n  - get: /echo\n    capture: {{v: {{from: $.list, secret: true}}}}\n"
    )
    passes(tmp_path, text.format(url=teller.url), secret=told.append)
    assert told == ["1", "one-of-them"]


SNAPSHOT = """
{names}: {{s: "${{env.SECRET:-}}"}}
steps:
  - get: {url}/echo/${{s}}
    expect:
      $: {{same-as: whole.json, ignoring: [$.body]}}
      text: {{same-as: text.txt}}
      body: {{same-as: bytes}}
      header: {{same-as: header.json}}
      cookie: {{same-as: cookie.json}}
      jar: {{same-as: jar.json}}
      $.secret: {{same-as: only.txt}}
"""


def kept(folder: Path) -> list[bytes]:
    files = sorted((folder / "snapshots").iterdir())
    assert len(files) == 7
    return [file.read_bytes() for file in files]


@pytest.mark.parametrize("secret", ["hunter2!", 'pä"ss/w&rd €'])
@pytest.mark.parametrize("names", ["secrets", "vars"])
def test_no_snapshot_tells_a_secret_and_each_fits_what_it_was_made_of(
    tmp_path: Path, teller: Teller, secret: str, names: str
) -> None:
    teller.secret = secret
    write(tmp_path, SNAPSHOT.format(url=teller.url, names=names))
    given: tuple[str, ...] = ("--secret", f"s={secret}") if names == "vars" else ()
    words = ("run", "scenario.yaml", *given)
    environ = {"SECRET": secret} if names == "secrets" else {}
    made = called(*words, "--update-snapshots", cwd=tmp_path, environ=environ)
    assert made.status == 0, made.out + made.err
    files = kept(tmp_path)
    for content in files:
        assert leaks(content.decode("utf-8", "surrogateescape"), secret) is None
        assert b"***" in content
    again = called(*words, cwd=tmp_path, environ=environ)
    assert again.status == 0, again.out + again.err
    assert kept(tmp_path) == files


def test_with_another_secret_a_snapshot_fits_and_with_another_answer_it_does_not(
    tmp_path: Path, teller: Teller
) -> None:
    text = SNAPSHOT.format(url=teller.url, names="secrets")
    write(tmp_path, text)
    for secret, update in (("first-secret", True), ("other-secret", False)):
        teller.secret = secret
        words = ("run", "scenario.yaml", *(["--update-snapshots"] if update else []))
        done = called(*words, cwd=tmp_path, environ={"SECRET": secret})
        assert done.status == 0, done.out
    whole = tmp_path / "snapshots" / "whole.json"
    told = json.loads(whole.read_text())
    whole.write_text(json.dumps({**told, "list": [2, "***"]}))
    done = called("run", "scenario.yaml", cwd=tmp_path, environ={"SECRET": "other-secret"})
    assert done.status == 1
    assert "$.list[0]" in done.out
    # One written before secrets were masked fits too.
    whole.write_text(json.dumps(told).replace("***", "other-secret"))
    done = called("run", "scenario.yaml", cwd=tmp_path, environ={"SECRET": "other-secret"})
    assert done.status == 0, done.out


@pytest.mark.parametrize(
    "query", ["cookie.sid.value", "header.set-cookie", "header['authorization']", "jar.sid"]
)
def test_a_credential_by_itself_is_not_kept_in_a_snapshot(tmp_path: Path, query: str) -> None:
    steps = f"steps:\n- get: http://127.0.0.1:1/\n  expect:\n    {query}: {{same-as: x.txt}}\n"
    (problem,) = problems(tmp_path, steps)
    assert "is a credential" in problem.message
    assert problem.hint == "compare it with `equals` or `matches`"


def test_a_saved_body_has_no_secret_that_was_given_for_a_plain_variable(
    tmp_path: Path, teller: Teller
) -> None:
    teller.secret = "hunter2!"
    text = (
        f"vars: {{s: none}}\nsteps:\n- session:\n- connect: {teller.url}\n"
        "- open: GET /echo?${s}\n- send:\n- read: json\n  save: body.json\n"
    )
    write(tmp_path, text)
    words = ("--secret", "s=hunter2!", "--output", "out")
    assert called("run", "scenario.yaml", *words, cwd=tmp_path).status == 0
    saved = (tmp_path / "out" / "body.json").read_text()
    assert leaks(saved, "hunter2!") is None
    assert "***" in saved
