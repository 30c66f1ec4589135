"""A secret that stands raw in a URL comes apart there; no part of it is told."""

from __future__ import annotations

import pytest

from tests.harness import called, write

PLACES = {
    "host": "- get: http://${s}/x",
    "user": "- get: http://${s}@127.0.0.1:1/x",
    "path": "- get: http://127.0.0.1:1/a/${s}",
    "connect": "- session:\n- connect: http://${s}",
    "at": "- session:\n- connect: http://127.0.0.1:1\n  at: ${s}",
    "proxy": "- session:\n  proxy: http://${s}\n- get: /",
    "referer": "- get: /status/500\n  referer: http://x/${s}",
}
SECRETS = (
    "Alphabeta/gammadelta/epsilon",
    "alphabeta?gammadelta=1",
    "alphabeta#gammadelta",
    "alphabeta@gammadelta",
    "alphabeta:gammadelta@epsilonzeta",
    "alphabeta/gammadelta?epsilonzeta#etatheta@iotakappa",
)
PARTS = ("alphabeta", "gammadelta", "epsilon", "etatheta", "iotakappa")


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("place", PLACES)
def test_no_part_is_told(tmp_path, echo, place, secret):
    write(tmp_path, f'secrets: {{s: "${{env.S}}"}}\nsteps:\n{PLACES[place]}\n', "a.yaml")
    reports = [f"--report={form}=out.{form}" for form in ("json", "jsonl", "junit")]
    ended = called(
        "run", "a.yaml", "-v", "--base", echo.url, *reports,
        cwd=tmp_path, environ={"S": secret},
    )  # fmt: skip
    assert ended.status in (0, 1, 2, 3), ended.err
    written = [path.read_text() for path in tmp_path.glob("out.*")]
    assert written or ended.status == 2
    told = "".join([ended.out, ended.err, *written]).lower()
    assert not [part for part in PARTS if part in told]
