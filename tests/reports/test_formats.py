"""The registry of formats: every one can be written from a result, and from a saved one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import runner.reports
from runner.reports.formats import FORMATS, FormatError, options_of, parse_report
from runner.reports.json_report import write_json
from tests.harness import PROJECT, called, httpsteps
from tests.reports import results

SUITE = results.suite(results.CHECKS, results.REFUSED, results.RETRIED, results.EXPIRED)


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_is_written(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    form = FORMATS[name]
    path = tmp_path / "new" / name
    form.write(SUITE, path)
    assert path.read_bytes() == b"".join(form.chunks(SUITE))
    assert b"nothing listens" in path.read_bytes() or name in ("har", "prometheus")


def test_no_format_is_loaded_before_it_is_used() -> None:
    code = (
        "import sys, runner.reports.formats as f\n"
        "late = [m for m in sys.modules if m.startswith('runner.reports.')]\n"
        "print(*sorted(late), 'yaml' in sys.modules, 'requests' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [
        "runner.reports.cleaning", "runner.reports.files", "runner.reports.formats", "False",
        "False",
    ]  # fmt: skip


def test_words_name_a_format_and_a_path() -> None:
    form, path = parse_report("junit=out/a=b.xml")
    assert (form.name, path) == ("junit", Path("out/a=b.xml"))
    assert options_of(form, {"steps": True, "other": 1}) == {"steps": True}
    with pytest.raises(TypeError, match="takes no option `steps`"):
        list(FORMATS["tap"].chunks(SUITE, steps=True))


@pytest.mark.parametrize(
    ("word", "message", "hint"),
    [
        ("junit", "--report junit: write --report FORMAT=PATH", "formats: json, "),
        ("junit=", "--report junit=: write --report FORMAT=PATH", "formats: json, "),
        ("juint=x", "--report juint=x: unknown format `juint`", "did you mean `junit`?"),
        ("zzz=x", "--report zzz=x: unknown format `zzz`", "formats: json, "),
    ],
)
def test_words_that_name_none_are_a_sentence(word: str, message: str, hint: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse_report(word, "--report")
    assert str(caught.value) == message
    assert caught.value.hint.startswith(hint)


def test_lines_told_again_fit_the_schema() -> None:
    schema = Path(runner.reports.__file__).parent / "event.schema.json"
    valid = Draft202012Validator(json.loads(schema.read_text()))
    lines = [json.loads(line) for line in FORMATS["jsonl"].chunks(SUITE)]
    for line in lines:
        valid.validate(line)
    assert [line["event"] for line in lines if line["event"].startswith("run")] == [
        "run-started", "run-finished",
    ]  # fmt: skip
    assert sum(line["event"] == "scenario-finished" for line in lines) == 4


def test_the_command_makes_each_report_again(tmp_path: Path) -> None:
    write_json(SUITE, tmp_path / "result.json")
    names = [name for name in FORMATS if name != "github"]
    words = [f"{name}=again/{name}" for name in names]
    done = called("report", *words, "result.json", cwd=tmp_path)
    assert (done.status, done.out, done.err) == (0, "", "")
    for name in names:
        assert (tmp_path / "again" / name).stat().st_size > 100
    assert (tmp_path / "again/json").read_bytes() == (tmp_path / "result.json").read_bytes()


def test_without_a_format_the_console_is_shown_again(tmp_path: Path) -> None:
    write_json(SUITE, tmp_path / "result.json")
    done = called("report", "result.json", cwd=tmp_path)
    assert done.status == 0
    assert done.out.splitlines()[-1].startswith("1 passed, 1 failed, 2 errors, 0 skipped in ")
    assert "scenarios/shop.yaml:6:15" in done.out


def test_the_standard_output_and_the_summary(tmp_path: Path) -> None:
    write_json(SUITE, tmp_path / "result.json")
    environ = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    done = httpsteps("report", "github=-", "result.json", cwd=tmp_path, environ=environ)
    assert done.out.startswith("::error file=scenarios/shop.yaml,line=6,")
    assert (tmp_path / "summary.md").read_text().startswith("### ")


def test_steps_as_test_cases(tmp_path: Path) -> None:
    write_json(SUITE, tmp_path / "r.json")
    done = called("report", "--junit-steps", "junit=-", "tap=t", "r.json", cwd=tmp_path)
    assert done.out.count("<testcase") == 10


def test_the_shards_of_a_run_become_one(tmp_path: Path) -> None:
    write_json(results.suite(results.RETRIED), tmp_path / "1.json")
    write_json(results.suite(results.CHECKS), tmp_path / "2.json")
    done = called("report", "json=all.json", "1.json", "2.json", cwd=tmp_path)
    assert done.status == 0
    made = json.loads((tmp_path / "all.json").read_bytes())
    assert made["counts"] == {"passed": 1, "failed": 1, "error": 0, "skipped": 0}
    assert made["duration"] == 1.24


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["junit=x.xml"], "there is no result to report on"),
        (["missing.json"], "cannot read missing.json: No such file"),
        (["bad.json"], "bad.json is no result"),
        (["juint=x", "result.json"], "unknown format `juint`"),
        (["junit=result.json/x", "result.json"], "cannot write "),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    words: list[str], message: str, tmp_path: Path
) -> None:
    write_json(SUITE, tmp_path / "result.json")
    (tmp_path / "bad.json").write_text("{")
    done = called("report", *words, cwd=tmp_path)
    assert done.status == 2
    assert message in done.err
    assert "Traceback" not in done.err
