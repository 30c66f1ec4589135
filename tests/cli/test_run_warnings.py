"""A run says loudly, in every report, what it did that is a risk."""

from __future__ import annotations

import json

import jsonschema
import pytest

from runner.result_json import suite_from_json
from tests.harness import PROJECT, called, passes, write

OFF = """\
steps:
- session:
  tls: {verify: false}
- get: /
- get: /
"""
TOLD = "TLS certificates are not verified (shop.yaml:2:3)"


@pytest.mark.parametrize("words", [[], ["-q"], ["-v"]])
def test_certificates_that_are_not_verified(tmp_path, secure_echo, words):
    write(tmp_path, OFF, "shop.yaml")
    forms = ("json", "junit", "markdown", "html")
    reports = [f"--report={form}=out.{form}" for form in forms]
    ended = called("run", "shop.yaml", *words, *reports, "--base", secure_echo.url, cwd=tmp_path)
    assert ended.status == 0, ended.out + ended.err
    assert f"warning: {TOLD}" in " ".join(ended.out.split())
    assert ended.out.count("not verified") == 1
    result = json.loads((tmp_path / "out.json").read_text())
    assert result["scenarios"][0]["warnings"] == [TOLD]
    schema = json.loads((PROJECT / "runner" / "reports" / "result.schema.json").read_text())
    jsonschema.validate(result, schema)
    for form in forms[1:]:
        assert "TLS certificates are not verified" in (tmp_path / f"out.{form}").read_text(), form
    assert suite_from_json(result).scenarios[0].warnings == (TOLD,)


def test_on_one_connection_too(tmp_path, secure_echo):
    result = passes(
        tmp_path,
        """
        steps:
        - session:
        - connect:
          tls: {verify: false}
        """,
        base=secure_echo.url,
    )
    assert ["not verified" in warning for warning in result.warnings] == [True]


def test_a_short_secret(tmp_path, echo):
    text = """
        secrets: {pin: "${env.PIN}", long: "${env.LONG}", written: "${env.NONE:-1}"}
        steps:
        - get: /
        """
    result = passes(tmp_path, text, base=echo.url, environ={"PIN": "1234", "LONG": "123456"})
    assert result.warnings == (
        "the secret `pin` has fewer than 6 characters: it is masked only where it is a whole value",
    )


def test_nothing_to_warn_of(tmp_path, echo):
    assert passes(tmp_path, "steps:\n- get: /\n", base=echo.url).warnings == ()
