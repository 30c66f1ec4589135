"""``--dry-run``: every request told, nothing sent, no socket made."""

# ruff: noqa: RUF001

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import PROJECT, Command, called, write
from tests.scenario.table import good

BASE = "http://shop.example:8000"


def rehearsed(folder: Path, text: str, *words: str | Path, status: int = 0) -> str:
    write(folder, text, "a.yaml")
    command = called("run", "a.yaml", "--dry-run", "--base", BASE, *words, cwd=folder)
    assert command.status == status, command.out + command.err
    assert "xunknown" not in command.out
    return command.out


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def test_a_request_as_it_would_be_sent(tmp_path: Path) -> None:
    out = rehearsed(
        tmp_path,
        """\
        vars: {size: 2, item: {name: Lamp}}
        steps:
        - put: /items/a b
          params: {size: "${size}"}
          headers: {X-Two: [a, b], Accept: text/html}
          json: ${item}
        """,
    )
    told = lines(out)
    start = told.index(f"PUT {BASE}/items/a%20b?size=2 HTTP/1.1")
    assert told[start + 1] == "Host: shop.example:8000"
    assert {"X-Two: a", "X-Two: b", "Accept: text/html", "Content-Length: 15"} <= {*told}
    assert told[told.index("") :]
    assert '{"name":"Lamp"}' in told
    assert told[-1] == "1 request of 1 scenario; nothing was sent"


def test_what_depends_on_a_response_is_marked(tmp_path: Path) -> None:
    out = rehearsed(
        tmp_path,
        """\
        steps:
        - get: /items
          id: first
          capture: {item: $.id, next: location, tags: $.tags}
        - post: /items/${item}/stock?of=${item | upper}
          headers: {If-Match: "${first.header.etag}"}
          json: {item: "${item}", text: "nr ${item}", tags: "${tags}"}
        - get: ${next}
        - set: {path: "/x/${item}"}
        - get: ${path}
        """,
    )
    told = lines(out)
    post = f"POST {BASE}/items/‹item: from step 1›/stock?of=‹item | upper: from step 1› HTTP/1.1"
    assert post in told
    assert "If-Match: ‹first.header.etag: from step 1›" in told
    body = '{"item":‹item: from step 1›,"text":"nr ‹item: from step 1›","tags":‹tags: from step 1›}'
    assert body in told
    assert "Content-Length: ‹depends on the body›" in told
    assert "GET ‹next: from step 1› HTTP/1.1" in told
    assert f"GET {BASE}/x/‹item: from step 1› HTTP/1.1" in told


def test_conditions_and_loops_are_said_in_words(tmp_path: Path) -> None:
    out = rehearsed(
        tmp_path,
        """\
        vars: {known: false, cursor: start}
        steps:
        - get: /a
          capture: {count: $.count, ids: $.ids}
        - get: /b
          if: {count: {above: 0}}
        - get: /never
          if: {known: true}
        - get: /c
          retry: {attempts: 3, within: 5s}
        - get: /d?${cursor}
          repeat: {while: {cursor: {is: text}}, at-most: 4}
        - get: /e/${n}
          for-each: {n: [1, 2]}
        - get: /f/${id}
          for-each: {id: "${ids}"}
        - parallel:
          - - get: /g
          - - get: /h
        - block:
          - wait: 1s
          - get: /i
        teardown:
        - delete: /j
        """,
    )
    told = lines(out)
    for line in (
        "- only if count: above 0",
        "- skipped, for `if` does not hold: known: true",
        "- until it passes, up to 3 attempts, within 5s",
        "- again while cursor: text; at most 4 times",
        "- for each n of [1, 2]",
        f"GET {BASE}/e/1 HTTP/1.1",
        f"GET {BASE}/e/2 HTTP/1.1",
        "- for each id of ‹ids: from step 1›",
        f"GET {BASE}/f/‹id: each in turn› HTTP/1.1",
        "- at the same time",
        f"GET {BASE}/g HTTP/1.1",
        f"GET {BASE}/h HTTP/1.1",
        f"GET {BASE}/i HTTP/1.1",
        "teardown",
        f"DELETE {BASE}/j HTTP/1.1",
    ):
        assert line in told, line
    assert "/never HTTP" not in out
    assert told.index("teardown") < told.index(f"DELETE {BASE}/j HTTP/1.1")


def test_primitive_steps(tmp_path: Path) -> None:
    out = rehearsed(
        tmp_path,
        """\
        steps:
        - session:
          user-agent: smoke/1.0
          cookies: {who: ada}
        - connect: http://other.example
          at: 127.0.0.1:81
        - open: OPTIONS *
        - add-headers: {X-A: [b, c], Accept: null}
        - send:
          text: hello
          compress: gzip
        - read: text
        - close:
        """,
    )
    told = lines(out)
    assert "- to http://other.example, at 127.0.0.1:81" in told
    assert "User-Agent: smoke/1.0" in told
    assert told.count("X-A: b") == told.count("X-A: c") == 1
    assert "Cookie: ***" in told
    assert "hello" in told
    assert not any(line.startswith("Accept:") for line in told)


def test_a_used_scenario_is_told_with_its_own_values(tmp_path: Path) -> None:
    write(
        tmp_path,
        "base: http://nowhere.example\nvars: {user: ada}\nsteps:\n- post: /login/${user}\n"
        "  capture: {token: $.t}\nteardown:\n- post: /logout\noutputs: {token: '${token}'}\n",
        "_used.yaml",
    )
    out = rehearsed(
        tmp_path,
        """\
        steps:
        - use: _used.yaml
          with: {user: grace}
          capture: {token: outputs.token}
        - get: /me?t=${token}
        """,
    )
    told = lines(out)
    assert f"POST {BASE}/login/grace HTTP/1.1" in told
    assert f"GET {BASE}/me?t=‹token: from step 1› HTTP/1.1" in told
    assert f"POST {BASE}/logout HTTP/1.1" in told


def test_secrets_are_hidden(tmp_path: Path) -> None:
    out = rehearsed(
        tmp_path,
        """\
        vars: {header: "Bearer ${token}"}
        secrets: {token: "${env.TOKEN:-}"}
        steps:
        - post: /a?t=${token}
          auth: {basic: [me, "${token}"]}
          headers: {X-Mine: "${header}"}
          form: {token: "${token}"}
        """,
        "--secret",
        "token=hunter2xyz",
    )
    assert "hunter2" not in out
    assert "Authorization: ***" in lines(out)
    assert "X-Mine: Bearer ***" in lines(out)


def test_cases_and_skipped_scenarios(tmp_path: Path) -> None:
    write(tmp_path, "skip: not yet\nsteps:\n- get: /never\n", "b.yaml")
    write(tmp_path, "cases: [{case: x, a: 1}, {a: 2}]\nsteps:\n- get: /${a}\n", "a.yaml")
    command = called("run", ".", "--dry-run", "--base", BASE, cwd=tmp_path)
    told = lines(command.out)
    assert "a [x]  a.yaml" in told
    assert "a [2]  a.yaml" in told
    assert "skipped: not yet" in told
    assert told[-1] == "2 requests of 3 scenarios; nothing was sent"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("get: /${env.NOT_SET_AT_ALL}", "NOT_SET_AT_ALL is not set"),
        ('post: /\n  headers: {X-A: "a\\nb"}', "invalid-header"),
        ("post: /\n  file: nope.bin", "nope.bin"),
        ("get: http://[", "invalid-url"),
    ],
)
def test_what_cannot_be_made_is_told_and_ends_in_2(tmp_path: Path, step: str, words: str) -> None:
    write(tmp_path, f"steps:\n- {step}\n- get: /after\n", "a.yaml")
    command = called("run", "a.yaml", "--dry-run", "--base", BASE, cwd=tmp_path)
    assert command.status == 2
    assert words in command.out + command.err


def test_what_is_only_not_known_yet_ends_in_0(tmp_path: Path) -> None:
    out = rehearsed(
        tmp_path,
        """\
        steps:
        - get: /
          capture: {name: $.name, hop: $.hops, port: $.port, all: $.headers}
        - post: /a
          file: ${name}
          redirects: ${hop}
        - get: /b
          headers: ${all}
        - get: http://127.0.0.1:${port}/c
        """,
    )
    told = lines(out)
    assert "- file: ‹name: from step 1›" in told
    assert "- headers: ‹all: from step 1›" in told
    assert "GET http://127.0.0.1:‹port: from step 1›/c HTTP/1.1" in told


def test_an_error_that_is_expected_is_none(tmp_path: Path) -> None:
    text = "steps:\n- get: ftp://a\n  expect: {error: unsupported-scheme}\n"
    assert "expected to end in an error" in rehearsed(tmp_path, text)


def test_a_service_is_not_started(tmp_path: Path) -> None:
    write(tmp_path, "steps:\n- get: ${serve.url}/a\n- get: /b\n", "a.yaml")
    command = called("run", "a.yaml", "--dry-run", "--serve", "touch started {port}", cwd=tmp_path)
    assert command.status == 0
    assert {"GET ‹serve.url›/a HTTP/1.1", "GET ‹serve.url›/b HTTP/1.1"} <= {*lines(command.out)}
    assert not (tmp_path / "started").exists()


def test_snapshots_are_not_written_by_it(tmp_path: Path) -> None:
    write(tmp_path, "steps:\n- get: /\n", "a.yaml")
    words = ("run", "a.yaml", "--dry-run", "--update-snapshots", "--base", BASE)
    assert called(*words, cwd=tmp_path).status == 2


def test_random_values_are_those_of_the_run(tmp_path: Path) -> None:
    text = "vars: {a: '${new.uuid}'}\nsteps:\n- get: /${a}/${new.int}\n"
    first = rehearsed(tmp_path, text, "--seed", "7")
    assert rehearsed(tmp_path, text, "--seed", "7") == first
    assert rehearsed(tmp_path, text, "--seed", "8") != first


@pytest.mark.parametrize("name", good())
def test_every_construct_can_be_rehearsed(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.yaml").write_bytes(good()[name])
    command = called("run", "a.yaml", "--dry-run", "--base", BASE, cwd=tmp_path)
    assert command.status in (0, 2), command.err
    assert "xunknown" not in command.out


_WATCH = """\
import sys
import requests  # urllib3 tries once, on import, whether there is IPv6
def watch(event, arguments):
    if event.startswith("socket.") or event.startswith("subprocess."):
        print("WATCHED", event, arguments, file=sys.stderr)
sys.addaudithook(watch)
from runner.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def watched(*words: str) -> Command:
    done = subprocess.run(
        [sys.executable, "-c", _WATCH, *words],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    return Command(done.returncode, done.stdout, done.stderr)


def test_no_socket_is_made_and_no_process_for_any_shipped_scenario() -> None:
    done = watched("run", "--dry-run", "scenarios", "scenarios/httpbin", "scenarios/failing")
    assert done.status == 0, done.out + done.err
    assert "WATCHED" not in done.err
    assert "xunknown" not in done.out
    # The watch itself works.
    assert "WATCHED socket" in watched("run", "scenarios/failing/service-down.yaml").err
