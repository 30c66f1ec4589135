"""What ``check`` warns of, in each format, and when that changes the exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness import called, write

SLIPPED = """\
vars: {used: 1, unused: 2}
secrets: {pin: "${env.PIN:-}"}
steps:
- session:
  tls: {verify: false}
- get: /${used}/${pin}
"""


def test_warnings_are_shown_and_pass(tmp_path: Path) -> None:
    write(tmp_path, SLIPPED, "a.yaml")
    command = called("check", "a.yaml", cwd=tmp_path, environ={"PIN": "1234"})
    assert command.status == 0
    assert "warning: the variable `unused` is never used  [unused-variable]" in command.out
    assert "--> a.yaml:1:17" in command.out
    assert "^^^^^^" in command.out
    assert "warning: the secret `pin` has fewer than 6 characters" in command.out
    assert "CERTIFICATES ARE NOT VERIFIED" in command.out
    assert "3 warnings" in command.out
    assert "1 file, 1 scenario: no problems" in command.out
    assert "1234" not in command.out


@pytest.mark.parametrize("way", ["word", "setting"])
def test_strict_makes_them_count(tmp_path: Path, way: str) -> None:
    write(tmp_path, SLIPPED, "a.yaml")
    words = ["--strict"] if way == "word" else []
    if way == "setting":
        (tmp_path / "pyproject.toml").write_text("[tool.httpsteps]\nstrict = true\n")
    assert called("check", "a.yaml", *words, cwd=tmp_path).status == 2
    write(tmp_path, "steps:\n- get: /\n", "a.yaml")
    assert called("check", "a.yaml", *words, cwd=tmp_path).status == 0


def test_as_json(tmp_path: Path) -> None:
    write(tmp_path, SLIPPED, "a.yaml")
    write(tmp_path, "steps:\n- got: /\n", "b.yaml")
    command = called("check", ".", "--format", "json", cwd=tmp_path)
    assert command.status == 2
    document = json.loads(command.out)
    assert [each["severity"] for each in document["problems"]] == ["error"]
    told = [(each["kind"], each["severity"], each["line"]) for each in document["warnings"]]
    assert told == [("unused-variable", "warning", 1), ("tls-off", "warning", 5)]


def test_as_github_annotations(tmp_path: Path) -> None:
    write(tmp_path, SLIPPED, "a.yaml")
    command = called("check", "a.yaml", "--format", "github", cwd=tmp_path)
    first, second = command.out.splitlines()
    assert first.startswith("::warning file=a.yaml,line=1,col=17,endColumn=22,title=unused-var")
    assert second.startswith("::warning file=a.yaml,line=5,col=17,endColumn=21,title=tls-off")


def test_environments_are_checked_too(tmp_path: Path) -> None:
    write(tmp_path, "vars: {item: 1}\nsteps:\n- get: /${item}\n", "a.yaml")
    (tmp_path / "environments").mkdir()
    write(tmp_path / "environments", "vars: {itme: 2}\n", "staging.yaml")
    command = called("check", ".", cwd=tmp_path)
    assert command.status == 0
    assert "environments/staging.yaml:1:8" in command.out
    assert "did you mean `item`?" in command.out
    write(tmp_path / "environments", "bsae: http://a\n", "broken.yaml")
    command = called("check", ".", cwd=tmp_path)
    assert command.status == 2
    assert "environments/broken.yaml:1:1" in command.out
    assert "did you mean `base`?" in command.out
