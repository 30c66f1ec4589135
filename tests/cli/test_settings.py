"""``[tool.httpsteps]`` in pyproject.toml: defaults for the command line, and their mistakes."""

from __future__ import annotations

import pytest

from tests.harness import called, write
from tests.lab import EchoServer


def settings(folder, text):
    (folder / "pyproject.toml").write_text(f"[tool.httpsteps]\n{text}\n", encoding="utf-8")


def test_base_and_exclude(tmp_path, lab):
    one, two = lab(EchoServer()), lab(EchoServer())
    settings(tmp_path, f'base = "{one.url}"\nexclude = ["scenarios/broken"]')
    (tmp_path / "scenarios" / "broken").mkdir(parents=True)
    write(tmp_path / "scenarios", "steps: [get: /a]\n", "a.yaml")
    write(tmp_path / "scenarios" / "broken", "steps: [got: /a]\n", "b.yaml")
    assert called("run", cwd=tmp_path).status == 0
    assert called("run", "--base", two.url, cwd=tmp_path).status == 0
    assert (len(one.requests), len(two.requests)) == (1, 1)
    assert called("check", cwd=tmp_path).status == 0
    assert called("check", "scenarios/broken", cwd=tmp_path).status == 2


def test_the_nearest_file_above_counts(tmp_path, echo):
    settings(tmp_path, f'base = "{echo.url}"')
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    write(deep, "steps: [get: /x]\n", "a.yaml")
    assert called("run", "a.yaml", cwd=deep).status == 0
    assert len(echo.requests) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('bas = "x"', ["`bas`", "`base`"]),
        ("base = 7", ["`base`", "text"]),
        ("base = ", ["pyproject.toml"]),
        ("exclude = 7", ["`exclude`"]),
        ("[tool.httpsteps]", ["pyproject.toml"]),
    ],
)
@pytest.mark.parametrize("command", ["run", "check", "list"])
def test_mistakes(tmp_path, echo, text, words, command):
    settings(tmp_path, text)
    write(tmp_path, "steps: [get: /]\n", "a.yaml")
    done = called(command, "a.yaml", cwd=tmp_path)
    assert done.status == 2
    for word in words:
        assert word in done.err
    assert "Traceback" not in done.err
