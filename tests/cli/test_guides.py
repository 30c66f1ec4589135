"""The written pages of ``explain``: they keep up with what they tell of."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from runner.cli.guides import guides
from runner.cli.settings import FileSettings, read_settings
from runner.columns import display_width
from runner.reports.formats import FORMATS
from tests.harness import Command, called

HERE = Path(__file__).parent


def explain(*words: str) -> Command:
    return called("explain", *words, cwd=HERE)


@pytest.mark.parametrize("name", [name for name, _ in guides()])
def test_each_guide_is_a_page_of_80_columns(name: str) -> None:
    page = explain(name)
    assert page.status == 0
    assert f"{name}: " in page.out
    assert max(map(display_width, page.out.splitlines())) <= 80
    assert "```" not in page.out
    assert name in explain("guides").out


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("env", "${env.NAME:-default}"),
        ("new", "new.uuid"),
        ("serve", "${serve.url}"),
        ("environment", "environments/staging.yaml"),
        ("exit-status", "130"),
        ("secrets", "base64"),
    ],
)
def test_other_words_for_them(word: str, line: str) -> None:
    assert line in explain(word).out


def test_the_settings_guide_names_every_setting_and_can_be_read(tmp_path: Path) -> None:
    page = explain("settings").out
    block = "\n".join(line[4:] for line in page.splitlines() if line.startswith("    "))
    told = tomllib.loads(block)["tool"]["httpsteps"]
    names = {name.replace("_", "-") for name in FileSettings._fields} - {"folder"}
    assert told.keys() == names
    (tmp_path / "pyproject.toml").write_text(block, encoding="utf-8")
    assert read_settings(tmp_path).seed == 7


def test_the_reports_guide_names_every_format() -> None:
    assert set(re.findall(r"^    (\w+)  ", explain("reports").out, re.MULTILINE)) == set(FORMATS)


def test_the_outcomes_guide_names_the_statuses_of_the_command() -> None:
    statuses = set(re.findall(r"^    (\d+) ", explain("outcomes").out, re.MULTILINE))
    assert statuses == {"0", "1", "2", "3", "5", "70", "130"}
