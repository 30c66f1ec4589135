"""A scenario that could not be carried out is called so, once and by one word."""

from __future__ import annotations

from tests.harness import called, write


def test_a_missing_environment_variable_is_an_error_and_no_failure(tmp_path):
    write(tmp_path, 'secrets: {token: "${env.NO_SUCH_TOKEN}"}\nsteps:\n- get: /x\n', "a.yaml")
    ended = called("run", "a.yaml", "--base", "http://127.0.0.1:1", cwd=tmp_path)
    assert ended.status == 3
    assert "  error: a.yaml:1:19: the environment variable NO_SUCH_TOKEN" in ended.out
    assert "failed: " not in ended.out
