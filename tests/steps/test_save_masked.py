"""A saved body holds no secret; its facts are those of what the server sent."""

from __future__ import annotations

import hashlib

import pytest

from tests.harness import passes
from tests.lab import response, scripted
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
