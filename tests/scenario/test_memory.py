"""What was read once is not read again, and never believed where it may be another's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from runner.scenario.loader import load
from runner.scenario.model import Scenario
from runner.scenario.problems import ProblemError
from runner.scenario.valid import Memory
from tests.harness import PROJECT, write
from tests.lab import EchoServer

TEXT = """\
name: Memory
base: http://127.0.0.1:9
vars: {item: 1, many: [1, 2.5, true, null, "ä"]}
steps:
  - get: /items/${item}
    id: first
    if: {item: {exists: true}}
    expect:
      status: {one-of: [200, 404]}
      "$.name ":
        equals: Lamp
    capture: {etag: header.etag}
  - post: /items
    json: {deep: [{"${item}": "${first.status}"}]}
    retry: {attempts: 2, every: 1s, stop-if: {status: 500}}
"""


def loaded(folder: Path, text: str | None = None, name: str = "memory.yaml") -> Scenario:
    if text is not None:
        write(folder, text, name)
    return load(folder / name, root=folder, shown=name)


def kept(folder: Path) -> Path:
    (found,) = (folder / ".httpsteps_cache" / "read").iterdir()
    return found


def tell(folder: Path, change: object) -> None:
    """Changes the value that is remembered: `change` is called with the whole scenario."""
    head, _, rest = kept(folder).read_text().rpartition("\n")
    parts = json.loads(rest)
    change(parts[1])  # type: ignore[operator]
    kept(folder).write_text(f"{head}\n{json.dumps(parts)}")


def test_a_scenario_is_the_same_read_or_remembered(tmp_path: Path) -> None:
    first = loaded(tmp_path, TEXT)
    again = loaded(tmp_path)
    places = [(step.at, step.last, [check.at for check in step.expect]) for step in first.steps]
    assert places == [
        (step.at, step.last, [check.at for check in step.expect]) for step in again.steps
    ]
    assert [use.at for step in first.steps for use in step.uses] == [
        use.at for step in again.steps for use in step.uses
    ]
    assert [c.at for s in first.steps for c in (*s.capture, *s.condition)] == [
        c.at for s in again.steps for c in (*s.capture, *s.condition)
    ]
    assert first.variables == again.variables
    assert first.text == again.text


def test_what_is_remembered_is_what_is_used(tmp_path: Path) -> None:
    loaded(tmp_path, TEXT)
    tell(tmp_path, lambda value: value.update(name="Told"))
    assert loaded(tmp_path).name == "Told"


@pytest.mark.parametrize("way", ["written again", "copied", "moved", "linked"])
def test_the_memory_of_another_file_is_not_believed(tmp_path: Path, way: str) -> None:
    """A cache that comes with a repository cannot say what its files do not."""
    loaded(tmp_path, TEXT)
    tell(tmp_path, lambda value: value.update(name="Told"))
    path = tmp_path / "memory.yaml"
    other = tmp_path / "other.yaml"
    if way == "written again":
        stamp = path.stat()
        path.write_text(TEXT)
        os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    elif way == "copied":
        shutil.copy2(path, other)
        other.replace(path)
    elif way == "moved":
        clone = tmp_path / "clone"
        shutil.copytree(tmp_path, clone)
        assert loaded(clone).name == "Memory"
        return
    else:
        path.rename(other)
        other.rename(path)
    assert loaded(tmp_path).name == "Memory"


@pytest.mark.parametrize(
    "text",
    ["", "x", "\n\n", "1\n2\n[0, {}, []]", "\xff", "[" * 5000, '\n\n[2, {"steps": 1}, [[1]]]'],
)
def test_a_memory_that_is_broken_costs_nothing_but_time(tmp_path: Path, text: str) -> None:
    loaded(tmp_path, TEXT)
    path = kept(tmp_path)
    head = "\n".join(path.read_text().split("\n")[:2])
    for broken in (text, f"{head}\n{text}"):
        path.write_text(broken, encoding="utf-8")
        assert loaded(tmp_path).name == "Memory"


@pytest.mark.parametrize(
    ("spelt", "value"),
    [("0x10", None), ("1.50", "1.50"), ("1e3", "1e3"), ("1_000", "1_000"), ('"1.50"', "1.50")],
)
def test_a_number_keeps_its_spelling(tmp_path: Path, spelt: str, value: str | None) -> None:
    text = f"base: http://127.0.0.1:9\nsteps: [{{get: /, params: {{n: {spelt}}}}}]\n"
    if value is None:
        with pytest.raises(ProblemError):
            loaded(tmp_path, text)
        return
    for scenario in (loaded(tmp_path, text), loaded(tmp_path), loaded(tmp_path)):
        opened = next(part for part in scenario.steps[0].steps if part.verb == "open")
        params = opened.options["params"]
        assert isinstance(params, dict)
        assert getattr(params["n"], "written", str(params["n"])) == value


def test_problems_are_told_each_time(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ProblemError):
            loaded(tmp_path, "base: http://127.0.0.1:9\nsteps: [{get: '/${nobody}'}]\n")
    assert not (tmp_path / ".httpsteps_cache").exists()


def test_a_used_file_that_changes_is_seen(tmp_path: Path) -> None:
    write(tmp_path, "steps: [{get: /}]\noutputs: {token: x}\n", "_login.yaml")
    text = """\
        base: http://127.0.0.1:9
        steps:
          - use: _login.yaml
            capture: {token: outputs.token}
          - get: /${token}
        """
    loaded(tmp_path, text)
    loaded(tmp_path)
    write(tmp_path, "steps: [{get: /}]\noutputs: {other: x}\n", "_login.yaml")
    with pytest.raises(ProblemError):
        loaded(tmp_path)


def test_what_is_right_only_as_a_part_is_not_right_alone(tmp_path: Path) -> None:
    write(tmp_path, "steps: [{open: GET /}, {send: }, {read: }]\n", "_part.yaml")
    loaded(
        tmp_path,
        "base: http://127.0.0.1:9\nsteps: [{session: }, {connect: }, {use: _part.yaml}]\n",
    )
    for _ in range(2):
        with pytest.raises(ProblemError) as told:
            loaded(tmp_path, name="_part.yaml")
        assert told.value.problems[0].kind == "wrong-order"


def test_a_case_file_that_changes_is_seen(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("item\n1\n")
    loaded(tmp_path, "base: http://127.0.0.1:9\ncases: rows.csv\nsteps: [{get: '/${item}'}]\n")
    (tmp_path / "rows.csv").write_text("other\n1\n")
    with pytest.raises(ProblemError):
        loaded(tmp_path)


def test_a_file_that_is_remembered_is_run_without_yaml_and_its_schema(
    tmp_path: Path, echo: EchoServer
) -> None:
    write(tmp_path, f"base: {echo.url}\nsteps: [{{get: /}}]\n", "plain.yaml")
    command = [sys.executable, "-X", "importtime", "-m", "runner", "run", "plain.yaml"]
    environ = {**os.environ, "PYTHONPATH": str(PROJECT)}
    for _ in range(2):
        ran = subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout
    imported = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}
    assert "requests" in imported
    late = {"yaml", "jsonschema", "lxml", "jinja2"}
    assert not imported & late


def test_what_only_its_cases_give_is_missing_where_it_is_used(tmp_path: Path) -> None:
    inner = "base: http://127.0.0.1:9\ncases: [{case: a, q: 1}]\nsteps: [{get: '/${q}'}]\n"
    loaded(tmp_path, inner, "inner.yaml")
    loaded(tmp_path, name="inner.yaml")
    with pytest.raises(ProblemError) as told:
        loaded(tmp_path, "base: http://127.0.0.1:9\nsteps: [{use: inner.yaml}]\n", "outer.yaml")
    assert told.value.problems[0].kind == "undefined-variable"


def test_a_file_is_not_right_because_a_memory_says_so(tmp_path: Path) -> None:
    """Not even when it names the content and the rules: whoever wrote it had not this file."""
    wrong = TEXT.replace("expect:", "expct:")
    loaded(tmp_path, TEXT)
    path = kept(tmp_path)
    stated, identity, rest = path.read_text().split("\n")
    write(tmp_path, wrong, "memory.yaml")
    memory = Memory("memory.yaml", tmp_path / "memory.yaml", wrong.encode(), tmp_path)
    forged = memory._stated
    assert forged != stated
    for lines in ((forged, identity, rest), (forged, identity), (forged,)):
        path.write_text("\n".join(lines))
        with pytest.raises(ProblemError, match="expct"):
            loaded(tmp_path)


def test_the_memory_is_for_its_owner_alone(tmp_path: Path) -> None:
    loaded(tmp_path, TEXT)
    assert (tmp_path / ".httpsteps_cache").stat().st_mode & 0o777 == 0o700
    assert kept(tmp_path).stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_a_link_is_not_written_to(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    root = tmp_path / "root"
    root.mkdir()
    (root / ".httpsteps_cache").symlink_to(victim)
    loaded(root, TEXT)
    assert list(victim.iterdir()) == []
