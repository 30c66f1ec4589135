"""Secrets never leave the process: not on the console, not in a report, in no form."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest

from tests.harness import called, write

SECRET = 'p&ss "wörd"/7'
FORMS = (
    SECRET,
    quote(SECRET),
    quote(SECRET, safe=""),
    quote(SECRET, safe="/&"),
    quote_plus(SECRET),
    base64.b64encode(SECRET.encode()).decode(),
    base64.b64encode(f"ada:{SECRET}".encode()).decode(),
    html.escape(SECRET),
    json.dumps(SECRET)[1:-1],
    json.dumps(SECRET, ensure_ascii=False)[1:-1],
)
SCENARIO = """
secrets: {token: "${env.TOKEN:-}"}
steps:
- session:
  auth: {basic: [ada, "${token}"]}
  cookies: {session: cookie-value-1}
- get: /echo/${token}
  params: {q: "${token}"}
  headers: {X-Other: "a ${token} b", X-Api-Key: key-of-the-house}
  id: first
- get: /headers
- post: /chunked
  json: {t: "${token}"}
  expect: {text: "not ${token}", status: 500}
  capture: {again: text}
"""


def outputs(folder, echo, *words, **settings):
    """Everything a run wrote, as one text."""
    reports = [f"{form}=out.{form}" for form in ("json", "jsonl")]
    command = called(
        "run", "a.yaml", "--base", echo.url, *words,
        *(word for report in reports for word in ("--report", report)), cwd=folder, **settings,
    )  # fmt: skip
    assert command.status == 1, command.out + command.err
    written = [(folder / f"out.{form}").read_text(encoding="utf-8") for form in ("json", "jsonl")]
    return "\n".join([command.out, command.err, *written])


@pytest.mark.parametrize("flags", [[], ["-v"], ["-q"]])
@pytest.mark.parametrize("given", ["environment", "option"])
def test_no_form_of_a_secret_is_in_any_output(tmp_path, echo, flags, given):
    write(tmp_path, SCENARIO, "a.yaml")
    if given == "environment":
        everything = outputs(tmp_path, echo, *flags, environ={"TOKEN": SECRET})
    else:
        everything = outputs(tmp_path, echo, *flags, "--secret", f"token={SECRET}")
    first, _, mail = echo.requests
    assert first.target.startswith(f"/echo/{quote(SECRET, safe='/&')}?q={quote_plus(SECRET)}")
    assert json.loads(mail.body) == {"t": SECRET}
    for form in FORMS:
        assert form not in everything
    for other in ("key-of-the-house", "cookie-value-1"):
        assert other not in everything
    assert "***" in everything


def test_a_captured_secret(tmp_path, echo):
    text = """
    steps:
    - get: /json?token=captured-secret-1
      capture: {t: {from: $.token, secret: true}}
    - get: /x
      headers: {X-A: "${t}"}
      expect: {status: 500}
    """
    write(tmp_path, text, "a.yaml")
    everything = outputs(tmp_path, echo)
    after = everything.replace("/json?token=captured-secret-1", "")
    assert echo.requests[1].header("x-a") == "captured-secret-1"
    assert "captured-secret-1" not in after


def test_a_default_written_in_the_file_is_no_secret(tmp_path, echo):
    text = (
        "secrets: {t: '${env.NONE:-demo-token}'}\nsteps:\n- get: /${t}\n  expect: {status: 500}\n"
    )
    write(tmp_path, text, "a.yaml")
    assert "demo-token" in outputs(tmp_path, echo)


def test_terminal_output_has_no_control_sequences_of_the_server(tmp_path, echo):
    text = (
        'steps:\n- get: /text\n  params: {say: "a\\e[31mred\\e]0;title\\a"}\n  expect: {text: b}\n'
    )
    write(tmp_path, text, "a.yaml")
    command = called("run", "a.yaml", "--base", echo.url, cwd=tmp_path)
    assert command.status == 1
    assert "\x1b" not in command.out
    assert "\x07" not in command.out
