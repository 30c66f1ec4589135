"""``--help`` of every command: it fits a terminal, and its examples are commands there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from runner.cli.main import COMMANDS, parser
from runner.columns import display_width
from tests.harness import called

HERE = Path(__file__).parent


def help_of(*words: str) -> str:
    told = called(*words, "--help", cwd=HERE, environ={"COLUMNS": "80"})
    assert told.status == 0
    return told.out


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_80_columns_and_shows_examples(command: str) -> None:
    text = help_of(command)
    assert "examples:" in text
    assert max(map(display_width, text.splitlines())) <= 80


def test_the_help_of_all_names_each_command() -> None:
    text = help_of()
    assert max(map(display_width, text.splitlines())) <= 80
    assert all(re.search(rf"^    {command}  ", text, re.MULTILINE) for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_examples_can_be_typed(command: str) -> None:
    text = help_of(command).replace("\\\n", " ")
    shown = re.findall(rf"^  (httpsteps {command}\b.*?)(?: {{2,}}\S.*)?$", text, re.MULTILINE)
    assert shown
    for line in shown:
        words = shlex.split(line)[1:]
        assert parser(command).parse_args(words).command == command, line
