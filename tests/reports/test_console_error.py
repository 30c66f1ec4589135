"""A scenario that could not be carried out is called so, once and by one word."""

from __future__ import annotations

from tests.harness import called, write


def test_a_value_that_does_not_convert_is_an_error_and_no_failure(tmp_path):
    write(tmp_path, 'vars: {count: "${env.SOME_COUNT | int}"}\nsteps:\n- get: /x\n', "a.yaml")
    base, environ = "http://127.0.0.1:1", {"SOME_COUNT": "many"}
    ended = called("run", "a.yaml", "--base", base, cwd=tmp_path, environ=environ)
    assert ended.status == 3
    assert "  error: a.yaml:1:16: `${env.SOME_COUNT | int}`" in ended.out
    assert "failed: " not in ended.out
