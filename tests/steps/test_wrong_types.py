"""Values that come through templates with a type the step cannot use: told, never a crash."""

from __future__ import annotations

import pytest

from tests.harness import problems, run

START = "steps:\n- session:\n- connect:\n- open: GET /\n- send:\n"
VALUES = {"text": "lamp", "number": "1.5", "items": "[1, a]", "tree": "{a: {b: c}}"}

SESSION = (
    "user-agent", "headers", "timeout", "deadline-per-request", "connect-retries", "proxy",
    "no-proxy", "auth", "tls", "cookies", "redirects", "max-body",
)  # fmt: skip
CONNECT = ("at", "auth", "source-address", "reconnect", "tls")
OPEN = ("params", "headers", "referer", "accept", "redirects", "auth", "path-as-is", "http")
SEND = (
    "json", "form", "text", "file", "multipart", "base64", "graphql", "chunks", "content-type",
    "compress", "expect-continue",
)  # fmt: skip
READ = ("lines", "until", "events", "decode", "charset", "save", "max")
STEPS = (
    *(f"session:\n  {key}: @\n- get: /" for key in SESSION),
    *(f"connect:\n  {key}: @" for key in CONNECT),
    *(f"get: /\n  {key}: @" for key in OPEN),
    *(f"post: /\n  {key}: @" for key in SEND),
    *(f"get: /\n  {key}: @" for key in READ),
    *(f"get: /\n  {key}: @" for key in ("as", "at", "deadline", "name")),
    *(f"get: /\n  retry: {{{key}: @}}" for key in ("attempts", "every", "backoff", "within")),
    "get: @",
    "connect: @",
    "open: GET @",
    "open: '@ /'",
    "add-headers: @",
    "add-headers: {X: @}",
    "read: @",
    "close: @",
    "wait: @",
    "wait: 1ms\n  for-each: {each: @}",
    "wait: 1ms\n  repeat: {times: @}",
    "set: {a: @}",
    "get: /\n  params: {a: @}",
    "get: /\n  headers: {A: @}",
    "post: /\n  form: {a: @}",
    "post: /\n  multipart: {a: @}",
    "post: /\n  chunks: {pieces: @}",
    "post: /\n  chunks: {pieces: [@]}",
    "post: /\n  chunks: {pieces: [a], every: @}",
    "session:\n  timeout: {read: @}\n- get: /",
    "session:\n  tls: {ca: @}\n- get: /",
    "session:\n  auth: {basic: @}\n- get: /",
    "session:\n  auth: {bearer: @}\n- get: /",
    "get: /\n  expect: {status: @}",
    "get: /\n  expect: {$.size: {above: @}}",
    "get: /\n  expect: {text: {matches: @}}",
    "get: /\n  expect: {text: {contains: @}}",
    "get: /\n  expect: {$.headers: {each: @}}",
    "get: /\n  expect: {'$[?@.a == ${text}]': 1}",
    "get: /\n  if: {text: {one-of: @}}",
)


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("step", STEPS)
def test_no_value_is_a_crash(tmp_path, echo, step, name):
    text = f"vars: {{{', '.join(f'{key}: {value}' for key, value in VALUES.items())}}}\n"
    quoted = f"'${{{name}}}'"
    made = step.replace("'@ /'", f"'${{{name}}} /'").replace("GET @", f"GET ${{{name}}}")
    text += f"deadline: 2s\n{START}- {made.replace('@}}', quoted + '}}').replace('@', quoted)}\n"
    if problems(tmp_path, text):
        return
    result = run(tmp_path, text, base=echo.url, output=tmp_path / "out")
    assert result.kind != "internal-error", result.message


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "redirects: ${text}",
            "`redirects` needs a whole number from 0; text becomes one with `| int`; "
            'found the text "lamp"',
        ),
        ("headers: ${text}", '`headers` needs a mapping; found the text "lamp"'),
        ("http: ${text}", '`http` needs 1.0 or 1.1; found the text "lamp"'),
        ("path-as-is: ${number}", "`path-as-is` needs true or false; found number 1.5"),
    ],
)
def test_the_message_says_what_was_needed_and_where(tmp_path, echo, line, message):
    variables = ", ".join(f"{key}: {value}" for key, value in VALUES.items())
    result = run(tmp_path, f"vars: {{{variables}}}\nsteps:\n- get: /\n  {line}\n", base=echo.url)
    (step,) = result.steps
    assert (step.kind, step.outcome, step.message) == ("invalid-scenario", "error", message)
    assert step.snippet.mark[:2] == (4, 3 + line.index("$"))
    assert echo.requests == []


def test_text_from_outside_becomes_a_number_with_a_filter(tmp_path, echo):
    result = run(
        tmp_path,
        "steps:\n- get: /redirect/1\n  redirects: ${env.HOPS | int}\n",
        base=echo.url,
        environ={"HOPS": "1"},
    )
    assert result.outcome == "passed"
