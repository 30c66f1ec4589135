"""A bug of ours, or a file that cannot be written, is told without what must stay secret."""

from __future__ import annotations

from unittest import mock

import pytest

from runner.cli import run as command
from runner.reports.console import Console
from tests.harness import called, write

SECRET = "hunter2-hunter2"
SCENARIO = """
secrets: {token: "${env.TOKEN:-}"}
steps:
- get: /
"""


def broken(tmp_path, echo, error):
    carry_out = command.run_suite

    def run_suite(*jobs, **options):
        carry_out(*jobs, **options)
        raise error

    write(tmp_path, SCENARIO, "a.yaml")
    with mock.patch.object(command, "run_suite", run_suite):
        return called("run", "a.yaml", "--base", echo.url, cwd=tmp_path, environ={"TOKEN": SECRET})


def test_a_bug_of_ours_is_told_masked(tmp_path, echo):
    ended = broken(tmp_path, echo, ValueError(f"cannot handle {SECRET} here"))
    assert ended.status == 70
    assert SECRET not in ended.err
    assert "internal error: ValueError: cannot handle *** here" in ended.err


def test_a_file_that_cannot_be_written_is_told_masked(tmp_path, echo):
    ended = broken(tmp_path, echo, OSError(28, "No space left on device", f"/srv/{SECRET}"))
    assert ended.status == 3
    assert "cannot read or write /srv/***: No space left on device" in ended.err


@pytest.mark.parametrize("event", ["step-finished", "scenario-finished"])
def test_a_listener_that_breaks_is_told_masked(tmp_path, echo, event):
    tell = Console.__call__

    def told(console, name, detail):
        if name == event:
            raise ValueError(f"cannot show {SECRET}")
        tell(console, name, detail)

    write(tmp_path, SCENARIO, "a.yaml")
    with mock.patch.object(Console, "__call__", told):
        ended = called(
            "run", "a.yaml", "-v", "--base", echo.url, cwd=tmp_path, environ={"TOKEN": SECRET}
        )
    assert ended.status == 70
    assert SECRET not in ended.out + ended.err


def test_a_report_that_cannot_be_written_in_the_end_costs_no_verdict(tmp_path, echo):
    write(tmp_path, "teardown:\n- get: /x\nsteps:\n- get: /\n", "a.yaml")
    (tmp_path / "out").mkdir()
    words = ("run", "a.yaml", "--base", echo.url, "--report", "json=out/r.json")
    with mock.patch.object(command, "run_suite", _without(tmp_path / "out", command.run_suite)):
        ended = called(*words, cwd=tmp_path)
    assert ended.status == 3
    assert "out" in ended.err
    assert "1 passed" in ended.out


def _without(folder, carry_out):
    def run_suite(*jobs, **options):
        suite = carry_out(*jobs, **options)
        folder.rmdir()
        folder.write_text("a file where the folder was")
        return suite

    return run_suite
