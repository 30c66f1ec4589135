"""Literals that no run could use are refused at load, in the kind that the run would end in."""

from __future__ import annotations

import subprocess
import sys

import pytest

from runner.scenario.loader import load
from runner.scenario.problems import ProblemError
from tests.harness import PROJECT, problems, run, write

OPENED = "- session:\n- connect: http://127.0.0.1:9\n"

REFUSED = {
    "session header": ('- session:\n  headers: {X: «"a\\nb"»}\n', "invalid-header"),
    "header name": ('- session:\n  headers: {«"X Y"»: a}\n', "invalid-header"),
    "one line of several": ('- get: /\n  headers: {X: [a, «"b\\r"»]}\n', "invalid-header"),
    "blank at the edge": ('- get: /\n  headers: {X: «" b"»}\n', "invalid-header"),
    "user agent": ('- session:\n  user-agent: «"a\\nb"»\n', "invalid-header"),
    "referer": ('- get: /\n  referer: «"a\\nb"»\n', "invalid-header"),
    "accept": ('- get: /\n  accept: [a, «"a\\nb"»]\n', "invalid-header"),
    "content type": ('- post: /\n  text: x\n  content-type: «"a\\r\\nb"»\n', "invalid-header"),
    "part header": (
        '- post: /\n  multipart: {a: {file: here.txt, headers: {«"b c"»: d}}}\n',
        "invalid-header",
    ),
    "part type": (
        '- post: /\n  multipart: {a: [x, {file: here.txt, type: «"b\\nc"»}]}\n',
        "invalid-header",
    ),
    "bearer": ('- get: /\n  auth: {bearer: «"a\\nb"»}\n', "invalid-header"),
    "basic": ('- get: /\n  auth: {basic: «["a:b", c]»}\n', "invalid-scenario"),
    "scheme of get": ("- get: «ftp://h/»\n", "unsupported-scheme"),
    "no host": ("- get: «http:///x»\n", "invalid-url"),
    "port of get": ("- get: «http://h:99999/»\n", "invalid-url"),
    "line break": ('- get: «"/a\\nb"»\n', "invalid-url"),
    "connect": ("- session:\n- connect: «http://»\n", "invalid-url"),
    "open": (OPENED + "- open: «GET ftp://h/»\n", "unsupported-scheme"),
    "method": (OPENED + "- open: «GE(T /»\n", "invalid-method"),
    "add-headers": (OPENED + '- open: GET /\n- add-headers: {X: «"a\\0"»}\n', "invalid-header"),
    "at": ("- get: http://a/\n  at: «a:b:c»\n", "invalid-url"),
    "source address": (
        "- session:\n- connect: http://127.0.0.1:9\n  source-address: «nope»\n",
        "invalid-url",
    ),
    "proxy": ("- session:\n  proxy: «gopher://h»\n", "proxy-failed"),
    "ca": ("- session:\n  tls: {ca: «nope.pem»}\n", "file-not-found"),
    "absolute certificate": (
        "- session:\n  tls: {client-cert: «/nope/c.pem»}\n",
        "file-not-found",
    ),
    "ca of connect": (
        "- session:\n- connect: https://127.0.0.1:9\n  tls: {ca: «../a.pem»}\n",
        "file-outside-root",
    ),
    "body file": ("- post: /\n  file: «nope»\n", "file-not-found"),
    "part file": ("- post: /\n  multipart: {a: [{file: «nope»}]}\n", "file-not-found"),
    "file filter": ("- post: /\n  text: «${'nope' | file}»\n", "file-not-found"),
    "other filter": ("- post: /\n  text: «${'x' | int}»\n", "invalid-scenario"),
    "json": ("- post: /\n  json: {a: [1, «1e999»]}\n", "invalid-scenario"),
    "json beside a template": (
        '- post: /\n  json: {a: [1, «1e999»], b: "${env.X:-1}"}\n',
        "invalid-scenario",
    ),
    "base64": ("- post: /\n  base64: «abc»\n", "invalid-scenario"),
    "nothing to hold back": ("- post: /\n  expect-continue: «true»\n", "invalid-scenario"),
}


def parted(text):
    """The text without the marks, and the line and column of what they enclose."""
    before = text.partition("«")[0]
    line = before.count("\n") + 2
    return text.replace("«", "").replace("»", ""), (line, len(before.rpartition("\n")[2]) + 1)


@pytest.mark.parametrize("name", REFUSED)
def test_a_literal_is_refused_where_it_stands(tmp_path, name):
    marked, kind = REFUSED[name]
    write(tmp_path, "x", "here.txt")
    text, at = parted(marked)
    (problem,) = problems(tmp_path, f"steps:\n{text}")
    assert problem.kind == kind
    assert (problem.at.line, problem.at.column) == at


@pytest.mark.parametrize("name", sorted(REFUSED.keys() - {"nothing to hold back"}))
def test_the_run_ends_in_the_same_kind(tmp_path, echo, name):
    """It gets there when a step wants the error: that is then no problem of the file."""
    marked, kind = REFUSED[name]
    write(tmp_path, "x", "here.txt")
    text = parted(marked)[0].replace("http://127.0.0.1:9", echo.url)
    wanted = f"steps:\n{text.rstrip()}\n  expect: {{error: {kind}}}\n"
    if name == "ca of connect":
        wanted = wanted.replace("http://", "https://")
    assert problems(tmp_path, wanted) == ()
    result = run(tmp_path, wanted, base=echo.url)
    assert result.outcome == "passed", result.message


@pytest.mark.parametrize(
    "wanted",
    [
        "invalid-header",
        "{one-of: [invalid-header]}",
        "'${env.KIND}'",
        "{exists: true}",
    ],
)
@pytest.mark.parametrize("around", ["", "- block:\n  "])
def test_an_error_that_is_wanted_is_none(tmp_path, wanted, around):
    pad = "  " if around else ""
    step = f'{around}- get: /\n{pad}  headers: {{X: "a\\nb"}}\n'
    assert [each.kind for each in problems(tmp_path, f"steps:\n{step}")] == ["invalid-header"]
    text = f"steps:\n{step}  expect: {{error: {wanted}}}\n"
    assert problems(tmp_path, text) == ()


def test_another_error_than_the_wanted_one_is_told(tmp_path):
    text = "steps:\n- get: ftp://h\n  expect: {error: invalid-header}\n"
    (problem,) = problems(tmp_path, text)
    assert problem.kind == "unsupported-scheme"


def test_what_a_use_step_wants_is_wanted_there_only(tmp_path):
    write(tmp_path, "steps:\n- get: ftp://h\n", "_inner.yaml")
    uses = "steps:\n- use: _inner.yaml\n"
    wants = uses + "  expect: {error: unsupported-scheme}\n"
    for _ in range(2):
        assert problems(tmp_path, wants) == ()
        (problem,) = problems(tmp_path, uses)
        assert problem.at.file.endswith("_inner.yaml")


def test_going_on_after_it_changes_nothing(tmp_path):
    text = "steps:\n- get: ftp://h\n  on-failure: continue\n"
    assert [each.kind for each in problems(tmp_path, text)] == ["unsupported-scheme"]


def test_a_file_of_a_step_that_may_be_left_out_may_be_missing(tmp_path):
    step = "- post: /\n  file: nope\n"
    condition = "  if: {env.HAS: {exists: true}}\n"
    assert problems(tmp_path, f"steps:\n{step}")
    assert problems(tmp_path, f"steps:\n{step}{condition}") == ()
    assert problems(tmp_path, f"skip: not now\nsteps:\n{step}") == ()
    url = f"steps:\n- get: ftp://h\n{condition}"
    assert [each.kind for each in problems(tmp_path, url)] == ["unsupported-scheme"]


def test_what_holds_a_template_is_left_for_the_run(tmp_path):
    text = """
        vars: {x: a, file: nope, json: 1}
        base: ftp://${x}
        steps:
        - session:
          headers: {X: "${x}\\nb", Y: ["${x}"]}
          proxy: gopher://${x}
          tls: {ca: "${file}"}
          auth: {basic: ["a:b", "${x}"]}
        - get: ftp://${x}
        - post: /
          file: ${file}
        - post: /
          json: ${json}
    """
    assert problems(tmp_path, text) == ()


def test_a_base_without_a_scheme(tmp_path):
    (problem,) = problems(tmp_path, "base: localhost:99\nsteps:\n- get: /\n")
    assert problem.kind == "invalid-url"
    assert problem.hint == "write http://localhost:99"
    assert (problem.at.line, problem.at.column) == (1, 7)


def test_where_there_is_no_other_word_for_it(tmp_path):
    """TLS is spoken and text is read later than these stand; both can never be."""
    versions = "- session:\n  tls: {min-version: TLSv1.3, max-version: TLSv1.2}\n"
    rest = "- open: GET /\n- send:\n- read:\n"
    for step, kind in (
        (versions, "tls-not-offered"),
        (f"{OPENED}{rest}  charset: nope\n", "bad-encoding"),
        (f"{OPENED}{rest}  save: a/../../x\n", "file-outside-root"),
        ('- session:\n  cookies: {a: "b\\nc"}\n', "invalid-header"),
        (
            "- get: /\n  auth: {oauth2: {token-url: ftp://h, client-id: a, client-secret: b}}\n",
            "unsupported-scheme",
        ),
    ):
        assert [each.kind for each in problems(tmp_path, f"steps:\n{step}")] == [kind]


def test_a_file_is_looked_for_each_time_and_its_literals_once(tmp_path, monkeypatch):
    path = write(tmp_path, "steps:\n- post: /\n  file: here.txt\n")
    body = write(tmp_path, "x", "here.txt")
    load(path, root=tmp_path)
    for name in ("jsonschema", "runner.scenario.literals", "runner.scenario.validate"):
        monkeypatch.setitem(sys.modules, name, None)
    load(path, root=tmp_path)
    body.unlink()
    with pytest.raises(ProblemError) as caught:
        load(path, root=tmp_path)
    assert caught.value.problems[0].kind == "file-not-found"


def test_a_refused_file_is_not_remembered_as_right(tmp_path):
    text = "steps:\n- get: ftp://h\n"
    assert len(problems(tmp_path, text)) == len(problems(tmp_path, text)) == 1


def test_no_http_library_is_imported_for_it(tmp_path):
    path = write(
        tmp_path,
        "base: http://127.0.0.1:9\nsteps:\n- get: http://localhost/x\n  headers: {A: b}\n"
        "- post: /\n  json: {a: 1}\n  auth: {basic: [a, b]}\n",
    )
    code = (
        "import sys; from pathlib import Path; from runner.scenario.loader import load; "
        f"load(Path({str(path)!r}), root=Path({str(tmp_path)!r})); "
        "print(*(name in sys.modules for name in ('requests', 'urllib3', 'runner.wire.lines')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False", "True"]
