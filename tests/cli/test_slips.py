"""What a new user mistypes on the command line, and what the command says to it."""

from __future__ import annotations

import os
import time

import pytest

from tests.harness import PROJECT, called, httpsteps, write

PATH = "tags: [smoke]\nsteps:\n- get: /\n"


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("htp://127.0.0.1:8", ["`htp` is no scheme", "write http:// or https://"]),
        ("http://127.0.0.1:87654", ["port 87654 is above 65535"]),
        ("http://", ["no host"]),
        ("127.0.0.1:8", ["write --base http://127.0.0.1:8"]),
    ],
)
def test_a_base_that_is_no_url_is_refused_before_the_run(tmp_path, base, said):
    write(tmp_path, PATH, "a.yaml")
    ended = called("run", "a.yaml", "--base", base, cwd=tmp_path)
    assert ended.status == 2
    assert all(each in ended.err for each in said), ended.err
    assert "http://htp" not in ended.err


def test_a_password_in_a_wrong_base_is_not_shown(tmp_path):
    write(tmp_path, PATH, "a.yaml")
    ended = called("run", "a.yaml", "--base", "http://me:pa55word@h:99999", cwd=tmp_path)
    assert ended.status == 2
    assert "pa55word" not in ended.err


@pytest.mark.parametrize("words", [[], ["--dry-run"]])
def test_paths_without_a_base_are_one_problem(tmp_path, words):
    write(tmp_path, PATH, "a.yaml")
    write(tmp_path, "steps:\n- get: /x\n- get: /y\n", "c.yaml")
    write(tmp_path, "steps:\n- get: http://127.0.0.1:1/\n", "d.yaml")
    ended = called("run", ".", *words, cwd=tmp_path)
    assert ended.status == 2
    assert ended.err.count("error:") == 1
    assert "no base URL; the same in c.yaml" in ended.err.replace("\n      ", "")
    assert "a.yaml:3:3" in ended.err
    assert "d.yaml" not in ended.err


@pytest.mark.parametrize(
    "text",
    [
        "steps:\n- session:\n- connect: {url}\n- get: /x\n",
        "steps:\n- get: /x\n  if: {{env.NOPE_NOT_SET: {{exists: true}}}}\n- get: '{url}/'\n",
        "base: '{url}'\nsteps:\n- get: /x\n",
    ],
)
def test_what_needs_no_base_runs_without_one(tmp_path, echo, text):
    write(tmp_path, text.format(url=echo.url), "a.yaml")
    ended = called("run", "a.yaml", cwd=tmp_path)
    assert ended.status == 0, ended.out + ended.err


@pytest.mark.parametrize("words", [[], ["--dry-run"]])
def test_environment_variables_that_are_not_set_are_told_before_the_run(tmp_path, echo, words):
    text = """\
        secrets: {token: "${env.NOT_SET_A}"}
        vars: {home: "${env.IS_SET:-${env.NOT_SET_B}}", other: "${env.NOT_SET_C:-x}"}
        steps:
        - get: /
        - get: /${env.NOT_SET_D}
        - get: /${env.NOT_SET_E}
          if: {env.NOT_SET_E: {exists: true}}
        """
    write(tmp_path, text, "a.yaml")
    environ = {"IS_SET": "x"}
    given = ["run", "a.yaml", "--base", echo.url, *words]
    ended = called(*given, cwd=tmp_path, environ=environ)
    assert ended.status == 2
    assert echo.connections == 0
    for said in ("a.yaml:1:19", "NOT_SET_A is not set (or is empty)", "--secret token=…", "^^^^"):
        assert said in ended.err
    assert "${env.NOT_SET_A:-…}" in ended.err
    assert "a.yaml:5:9" in ended.err
    assert not any(f"NOT_SET_{letter} is" in ended.err for letter in "BCE")
    environ = {"IS_SET": "x", "NOT_SET_D": "d"}
    ended = called(*given, "--secret", "token=abcdefgh", cwd=tmp_path, environ=environ)
    assert ended.status == 0, ended.err


def test_the_deadline_bounds_the_start_of_the_service(tmp_path):
    write(tmp_path, PATH, "a.yaml")
    (tmp_path / "silent.py").write_text("import time\ntime.sleep(60)\n")
    began = time.monotonic()
    ended = called(
        "run", "a.yaml", "--serve", "{python} silent.py {port}", "--deadline", "700ms", cwd=tmp_path
    )
    assert ended.status == 3
    assert "within 0.7 s" in ended.err
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["run", "a.yaml", "--tag", "nope"], 5, ["no scenario has the tag `nope`", "tags: smoke"]),
        (["run", "a.yaml", "--name", "zz"], 5, ["has a name like `zz`", "names: a"]),
        (["run", "a.yaml", "--case", "zz"], 5, ["has the case `zz`", "there are no cases"]),
        (["run"], 2, ["no file or folder scenarios", "`httpsteps new` writes a first"]),
        (["report", "r.html"], 2, ["is no result", "`run --report json=PATH` wrote"]),
        (["run", "--basee", "x"], 2, ["`--base`", "try: httpsteps run --help"]),
        (["rnu"], 2, ["no command `rnu`", "did you mean `run`?"]),
        (["run", "a.yaml", "--vars", "nope.yaml"], 2, ["httpsteps: --vars nope.yaml: there is no"]),
        (["run", "a.yaml", "--vars", "b.yaml"], 2, ["did you mean `a.yaml`?"]),
        (["explain", "load"], 2, ["`httpsteps load --help`"]),
    ],
)
def test_a_slip_is_met_with_what_to_write(tmp_path, words, status, said):
    write(tmp_path, PATH, "a.yaml")
    (tmp_path / "r.html").write_text("<html>")
    ended = called(*words, cwd=tmp_path)
    assert ended.status == status
    assert all(each in ended.err for each in said), ended.err


@pytest.mark.parametrize(("words", "usage"), [(["help"], ""), (["help", "run"], " run")])
def test_help_is_a_word_too(tmp_path, words, usage):
    ended = called(*words, cwd=tmp_path)
    assert ended.status == 0
    assert ended.out.startswith(f"usage: httpsteps{usage} [-h]")


@pytest.mark.parametrize(
    ("word", "page"),
    [
        ("variables", "vars"),
        ("ssl", "tls"),
        ("basic", "auth"),
        ("jobs", "runs"),
        ("header", "header.NAME"),
        ("steps", "steps"),
    ],
)
def test_explain_knows_other_words(tmp_path, word, page):
    ended = called("explain", word, cwd=tmp_path)
    assert ended.status == 0
    assert ended.out.startswith(page)


def test_new_writes_only_the_job_where_the_scenario_is(tmp_path):
    assert called("new", cwd=tmp_path).status == 0
    before = (tmp_path / "scenarios" / "smoke.yaml").read_bytes()
    again = called("new", cwd=tmp_path)
    assert again.status == 2
    assert "--ci github" in again.err
    ended = called("new", "--ci", "github", cwd=tmp_path)
    assert ended.status == 0
    assert "is there already and is left as it is" in ended.out
    assert "wrote .github/workflows/smoke.yml" in ended.out
    assert (tmp_path / "scenarios" / "smoke.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("lines", "hint"),
    [
        ("headers: {Content Type: a}", "write `Content-Type`"),
        ("expect: {.name: Lamp}", "did you mean `$.name`?"),
        ("expect: {'$.tags[0': a}", "write `$.tags[0]`"),
    ],
)
def test_check_knows_what_was_meant(tmp_path, lines, hint):
    write(tmp_path, f"steps:\n- get: http://127.0.0.1:1/\n  {lines}\n", "a.yaml")
    ended = called("check", "a.yaml", cwd=tmp_path)
    assert ended.status == 2
    assert f"= hint: {hint}" in ended.out


def test_ctrl_c_counts_no_more_once_the_status_stands(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import atexit, os, signal\natexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))\n"
    )
    write(tmp_path, PATH, "a.yaml")
    environ = {"PYTHONPATH": os.pathsep.join((str(tmp_path), str(PROJECT)))}
    ended = httpsteps("check", "a.yaml", cwd=tmp_path, environ=environ)
    assert (ended.status, ended.err) == (0, "")
