"""environments/NAME.yaml: what it may say, and that its secrets are in no message."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.query.values import Deferred
from runner.scenario.environment import read_environment
from runner.scenario.problems import ProblemError, render


def read(folder: Path, text: str):
    path = folder / "staging.yaml"
    path.write_text(text, encoding="utf-8")
    return read_environment(path, folder, "staging.yaml")


def told(folder: Path, text: str) -> list[str]:
    with pytest.raises(ProblemError) as caught:
        read(folder, text)
    return [str(problem) for problem in caught.value.problems]


def test_all_of_it(tmp_path: Path) -> None:
    made = read(
        tmp_path,
        "base: http://${host}/\nvars: {host: a.example, n: 1}\n"
        "secrets: {token: '${env.TOKEN}'}\nx-team: shop\n",
    )
    assert made.variables == {"host": "a.example", "n": 1}
    assert isinstance(made.base, Deferred)
    assert isinstance(made.secrets["token"], Deferred)
    assert set(made.values) == {"host", "n", "token"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1:1: an environment is a mapping with `base`, `vars` or `secrets`"),
        ("- a\n", "1:1: an environment is a mapping with `base`, `vars` or `secrets`"),
        ("bsae: http://a\n", "1:1: unknown key `bsae` in an environment"),
        ("base: [a]\n", "1:7: `base`: expected a URL"),
        ("vars: [a]\n", "1:1: `vars`: expected a mapping of variable to value, found a list"),
        ("vars:\n", "1:1: `vars`: expected a mapping of variable to value, found nothing"),
        ("vars: {a-b: 1}\n", "1:8: `a-b` is no name of a variable"),
        ("vars: {a: 1}\nsecrets: {a: x}\n", "1:8: `a` stands in `vars` and in `secrets`"),
        ("vars: {a: '${b}', b: 1}\n", "1:12: `b` is not defined here"),
        ("base: ${new.uid}\n", "1:7: `new.uid` is not defined here"),
        ("vars: {a: '${x'}\n", "1:12: `${` is never closed"),
    ],
)
def test_a_mistake_is_told_where_it_stands(tmp_path: Path, text: str, expected: str) -> None:
    assert told(tmp_path, text) == [f"staging.yaml:{expected}"]


@pytest.mark.parametrize(
    "text",
    [
        "secrets: {token: hunter2xyz, token: hunter2xyz}\n",
        "secrets: {token: 'hunter2xyz}\n",
        "secrets: {token: hunter2xyz: }\n",
        "secrets: hunter2xyz\n",
        "secrets: {token: 'hunter2xyz${'}\n",
        "secrets:\n  token: 'hunter2xyz ${nope}'\n",
        "secrets: {to-ken: hunter2xyz}\n",
    ],
)
def test_a_secret_is_in_no_message(tmp_path: Path, text: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read(tmp_path, text)
    shown = "\n".join(map(render, caught.value.problems))
    assert "staging.yaml:" in shown
    assert "hunter2" not in shown
