"""Templates in the keys of mappings: all are filled in, and none takes another's place."""

from __future__ import annotations

import json

import pytest

from tests.harness import called, fails, passes, write

SAME = """
    vars: {{a: size, b: size}}
    steps:
    - post: /
      {0}: {{"${{a}}": 1, "${{b}}": 2}}
    """


@pytest.mark.parametrize("key", ["params", "form", "json", "headers", "multipart"])
def test_keys_that_become_the_same_are_an_error(tmp_path, echo, key):
    step = fails(tmp_path, SAME.format(key), "invalid-scenario", base=echo.url)
    assert step.message == "two keys of this mapping are `size` once their templates are filled in"
    assert step.snippet is not None
    assert step.snippet.mark[0] == 5
    assert echo.requests == []


def test_a_rendered_key_that_stands_there_already(tmp_path, echo):
    text = """
        vars: {a: size}
        steps:
        - get: /
          params: {size: 1, "${a}": 2}
        """
    fails(tmp_path, text, "invalid-scenario", base=echo.url)


def test_a_dry_run_tells_it_too(tmp_path):
    write(tmp_path, SAME.format("params"), "a.yaml")
    ended = called("run", "a.yaml", "--dry-run", "--base", "http://127.0.0.1:9", cwd=tmp_path)
    assert "two keys of this mapping are `size`" in ended.out + ended.err


@pytest.mark.parametrize(("value", "kind"), [("[1]", "list"), ("{a: 1}", "mapping")])
def test_a_key_that_is_no_text(tmp_path, echo, value, kind):
    text = f"""
        vars: {{a: {value}}}
        steps:
        - post: /
          json: {{"${{a}}": 1}}
        """
    step = fails(tmp_path, text, "invalid-scenario", base=echo.url)
    assert step.message == f"the key `${{a}}` is {kind}, and a key is a text"


def test_keys_of_all_mappings_are_filled_in(tmp_path, echo):
    passes(
        tmp_path,
        """
        vars: {a: size, yes: true}
        steps:
        - post: /
          params: {"${a}": 1}
          headers: {"X-${a}": "2"}
          json: {deep: {"${a}": 3, "${yes}": 4, "$${a}": 5}}
        """,
        base=echo.url,
    )
    sent = echo.requests[0]
    assert sent.target == "/?size=1"
    assert sent.header("x-size") == "2"
    assert json.loads(sent.body) == {"deep": {"size": 3, "true": 4, "${a}": 5}}
