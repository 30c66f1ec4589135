"""`${serve.url}` in a run that starts no service is found before anything is sent."""

from __future__ import annotations

import pytest

from tests.harness import called, write


@pytest.mark.parametrize(
    "text",
    [
        "steps:\n- get: ${serve.url}/x\n",
        "base: ${serve.url}\nsteps:\n- get: /\n",
        "steps:\n- block:\n  - get: /\n    expect: {url: '${serve.url}'}\n",
        "steps:\n- get: /\nteardown:\n- get: ${serve.url}\n",
    ],
)
def test_it_is_a_problem_of_the_file(tmp_path, echo, text):
    write(tmp_path, text, "a.yaml")
    ended = called("run", "a.yaml", "--base", echo.url, cwd=tmp_path)
    assert ended.status == 2
    assert "`serve.url` is there only when the run starts the service" in ended.err
    assert "a.yaml:" in ended.err
    assert "--serve" in ended.err
    assert echo.requests == []


def test_a_scenario_that_asks_for_it_first(tmp_path, echo):
    text = "steps:\n- if: {serve.url: {exists: true}}\n  get: ${serve.url}/x\n- get: /\n"
    write(tmp_path, text, "a.yaml")
    ended = called("run", "a.yaml", "--base", echo.url, cwd=tmp_path)
    assert ended.status == 0, ended.out + ended.err
