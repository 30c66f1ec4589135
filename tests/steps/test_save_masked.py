"""A saved body holds no secret; its facts are those of what the server sent."""

from __future__ import annotations

import hashlib
import signal
import threading
from time import sleep

import pytest

from tests.harness import fails, passes, run, why, write
from tests.lab import Server, response, scripted
from tests.lab.scripted import request, send

SECRET = "hunter2-hunter2"
FLOW = """
secrets: {{token: "${{env.TOKEN}}"}}
steps:
- session:
- connect:
- open: GET /
- send:
- read:{subject}
  save: a.json
  expect: {{sha256: {digest}, size: {size}}}
  {more}
"""


def saved(tmp_path, lab, body, subject="", more=""):
    server = lab(scripted(request(), send(response(body=body))))
    digest = hashlib.sha256(body).hexdigest()
    passes(
        tmp_path,
        FLOW.format(subject=subject, more=more, digest=f"'{digest}'", size=len(body)),
        base=server.url,
        output=tmp_path / "out",
        environ={"TOKEN": SECRET},
    )
    return (tmp_path / "out" / "a.json").read_bytes()


@pytest.mark.parametrize("subject", ["", " json", " text", " 1MiB"])
def test_a_secret_of_the_scenario(tmp_path, lab, subject):
    body = b'{"token": "hunter2-hunter2", "other": "lamp"}'
    made = saved(tmp_path, lab, body, subject)
    assert made == b'{"token": "***", "other": "lamp"}'


@pytest.mark.parametrize("subject", [" json", " text"])
def test_a_secret_that_the_step_itself_captures(tmp_path, lab, subject):
    body = b'{"token": "another-secret", "other": "lamp"}'
    more = "capture: {fresh: {from: $.token, secret: true}}"
    assert saved(tmp_path, lab, body, subject, more) == b'{"token": "***", "other": "lamp"}'


def test_bytes_without_a_secret_are_those_of_the_server(tmp_path, lab):
    body = bytes(range(256)) * 3000
    assert saved(tmp_path, lab, body) == body


def seen(folder, body):
    """A server, and what stood in the folder when each answer was begun."""
    found = []

    def serve(peer):
        while peer.recv_request() is not None:
            found.append({each.name: each.read_bytes() for each in folder.glob("[a-z]*")})
            peer.send(response(body=body))

    return Server(serve), found


def test_a_file_has_its_name_when_the_last_is_over_that_may_make_a_secret(tmp_path, lab):
    body = b'{"token": "another-secret"}'
    server, found = seen(tmp_path / "out", body)
    lab(server)
    text = """
    steps:
    - session:
    - connect:
    - block:
      - open: GET /
      - send:
      - {read: json, save: a.json}
      - open: GET /
      - send:
      - {read: json, save: b.json}
      capture: {fresh: {from: $.token, secret: true}}
    - {get: /}
    """
    passes(tmp_path, text, base=server.url, output=tmp_path / "out")
    masked = b'{"token": "***"}'
    assert found == [{}, {}, {"a.json": masked, "b.json": masked}]


def test_in_a_block_that_makes_none_it_has_its_name_at_once(tmp_path, lab):
    server, found = seen(tmp_path / "out", b'{"token": "another-secret"}')
    lab(server)
    text = """
    steps:
    - session:
    - connect:
    - block:
      - open: GET /
      - send:
      - read: json
        save: a.json
        capture: {fresh: {from: $.token, secret: true}}
      - get: /
    """
    passes(tmp_path, text, base=server.url, output=tmp_path / "out")
    assert found == [{}, {"a.json": b'{"token": "***"}'}]


def test_a_step_that_fails_leaves_its_file_masked(tmp_path, lab):
    server = lab(scripted(request(), send(response(body=b'{"token": "another-secret"}'))))
    text = """
    steps:
    - session:
    - connect:
    - open: GET /
    - send:
    - read: json
      save: a.json
      capture: {fresh: {from: $.token, secret: true}}
      expect: {$.other: 1}
    """
    fails(tmp_path, text, "expectation-failed", base=server.url, output=tmp_path / "out")
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["a.json"]
    assert (tmp_path / "out" / "a.json").read_bytes() == b'{"token": "***"}'


@pytest.mark.parametrize("subject", ["", "text"])
def test_ctrl_c_leaves_nothing(tmp_path, lab, subject):
    def serve(peer):
        peer.recv_request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + bytes(100_000))
        sleep(0.1)  # until what came is read
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        peer.recv()

    server = lab(Server(serve))
    (tmp_path / "out").mkdir()
    text = f"steps: [session: , connect: , open: GET /, send: , {{read: {subject}, save: a.json}}]"
    result = run(tmp_path, text, base=server.url, output=tmp_path / "out")
    assert result.kind == "interrupted"
    assert list((tmp_path / "out").iterdir()) == []


def test_a_name_that_is_a_folder_is_told(tmp_path, echo):
    (tmp_path / "out" / "a").mkdir(parents=True)
    text = "steps: [session: , connect: , open: GET /, send: , {read: , save: a}]"
    step = fails(tmp_path, text, "file-not-found", base=echo.url, output=tmp_path / "out")
    assert step.message.endswith("out/a cannot be saved: Is a directory")
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["a"]


def test_a_name_below_a_file_is_told(tmp_path, echo):
    (tmp_path / "a").touch()
    text = "steps: [session: , connect: , open: GET /, send: , {read: , save: a/b}]"
    step = fails(tmp_path, text, "file-not-found", base=echo.url, output=tmp_path)
    assert "a/b cannot be saved" in step.message


def test_a_used_scenario_that_lacks_an_output_keeps_its_file(tmp_path, lab):
    server = lab(scripted(request(), send(response(body=b"{}"))))
    write(tmp_path, """
    vars: {never: false}
    outputs: {token: "${token}"}
    steps:
    - session:
    - connect:
    - open: GET /
    - send:
    - {read: , save: a.json}
    - get: /
      if: {"${never}": true}
      capture: {token: {from: $.token, secret: true}}
    """, "used.yaml")  # fmt: skip
    text = """
    steps:
    - use: used.yaml
      capture: {fresh: {from: outputs.token, secret: true}}
    """
    result = run(tmp_path, text, base=server.url, output=tmp_path / "out")
    assert [each.outcome for each in result.steps] == ["skipped"], why(result)
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["a.json"]
