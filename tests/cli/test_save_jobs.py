"""``save`` with ``--jobs``: several write the same file, and none of them a secret."""

from __future__ import annotations

import json
from itertools import count

from tests.harness import httpsteps, write
from tests.lab import Server, response

TEXT = """
steps:
- session:
- connect:
- open: GET /
- send:
- read: json
  save: tok.json
  capture: {t: {from: $.t, secret: true}}
"""


def test_the_same_file_of_all(tmp_path, lab):
    tokens = count(10_000_000)

    def serve(peer):
        while peer.recv_request() is not None:
            body = {"t": f"token-{next(tokens)}", "more": "light" * 20_000}
            peer.send(response(body=json.dumps(body).encode()))

    server = lab(Server(serve))
    write(tmp_path, TEXT, "a.yaml")
    words = ("--base", server.url, "--repeat", "60", "--jobs", "6", "--output", "out")
    done = httpsteps("run", "a.yaml", *words, cwd=tmp_path)
    assert done.status == 0, done.out + done.err
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["tok.json"]
    assert (tmp_path / "out" / "tok.json").read_text().startswith('{"t": "***", "more": "light')
