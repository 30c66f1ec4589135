"""Secrets that are lists and mappings: each part that the file does not write is hidden."""

from __future__ import annotations

from runner.redact import Redactor
from tests.harness import run

TEXT = """
secrets:
  many: ["${env.ONE}", written-in-the-file, {deep: "user:${env.TWO}"}]
steps:
- set: {shown: "${many}"}
"""


def test_the_parts_of_a_list_and_a_mapping_are_hidden(tmp_path):
    redactor = Redactor()
    environ = {"ONE": "listy-secret-1", "TWO": "mappy-secret-2"}
    result = run(tmp_path, TEXT, environ=environ, secret=redactor.add)
    assert result.outcome == "passed"
    assert redactor.value(["listy-secret-1", "written-in-the-file", "user:mappy-secret-2"]) == [
        "***",
        "written-in-the-file",
        "***",
    ]
