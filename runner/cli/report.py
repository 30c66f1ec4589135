"""``httpsteps report``: reports again, from a result that was saved as JSON."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from runner.cli.main import BAD_USAGE, PASSED
from runner.cli.output import complain
from runner.redact import Redactor
from runner.reports.formats import FORMATS, Format, FormatError, options_of, parse_report
from runner.result import SuiteResult, worst

_EPILOG = """\
formats:
{formats}

examples:
  httpsteps report result.json                       what the run showed
  httpsteps report junit=junit.xml har=run.har result.json
  httpsteps report markdown=- result.json            to the standard output
  httpsteps report junit=all.xml shard-1.json shard-2.json
"""


def add_parser(commands: Any) -> None:
    """Adds the command's parser."""
    listed = "\n".join(f"  {one.name:<12}{one.description}" for one in FORMATS.values())
    parser = commands.add_parser(
        "report",
        help="make reports again from a saved result",
        description="Makes reports from results that `httpsteps run --report json=PATH` wrote.",
        epilog=_EPILOG.format(formats=listed),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "words",
        nargs="+",
        metavar="FORMAT=PATH | RESULT.json",
        help="what to write, and the result; several results become one. No format: the console",
    )
    parser.add_argument(
        "--junit-steps", action="store_true", help="junit: a test case for each step"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="only what did not pass")
    parser.add_argument("--no-color", action="store_true", help="no colours")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when all reports are written, 2 when a word or a result makes no sense."""
    from runner.reports.json_report import read_json
    from runner.result_json import ResultError

    try:
        reports, files = _sorted(arguments.words)
        suite = merged([read_json(file) for file in files])
    except FormatError as error:
        complain(str(error), error.hint)
        return BAD_USAGE
    except ResultError as error:
        complain(str(error))
        return BAD_USAGE
    except OSError as error:
        complain(f"cannot read {error.filename}: {error.strerror}")
        return BAD_USAGE
    clean = Redactor().value
    if not reports:
        _show(suite, arguments)
    for form, path in reports:
        try:
            form.write(suite, path, clean, **options_of(form, {"steps": arguments.junit_steps}))
        except BrokenPipeError:
            raise
        except OSError as error:
            complain(f"cannot write {error.filename or path}: {error.strerror}")
            return BAD_USAGE
    return PASSED


def merged(suites: Sequence[SuiteResult]) -> SuiteResult:
    """Several runs, as the shards of one, as if they had been one run. There is at least one.

    They count as having run at the same time: it lasts from the first start to the last end.
    """
    from datetime import datetime

    if len(suites) == 1:
        return suites[0]
    moments = [datetime.fromisoformat(suite.started) for suite in suites]
    first = min(range(len(suites)), key=moments.__getitem__)
    later = [(moment - moments[first]).total_seconds() for moment in moments]
    scenarios = tuple(
        one._replace(started=None if one.started is None else one.started + wait)
        for suite, wait in zip(suites, later, strict=True)
        for one in suite.scenarios
    )
    return suites[first]._replace(
        duration=max(suite.duration + wait for suite, wait in zip(suites, later, strict=True)),
        outcome=worst([suite.outcome for suite in suites]),
        interrupted=any(suite.interrupted for suite in suites),
        not_run=sum(suite.not_run for suite in suites),
        scenarios=scenarios,
    )


def _sorted(words: Sequence[str]) -> tuple[list[tuple[Format, Path]], list[Path]]:
    """Reports to write, and results to read. Raises FormatError."""
    reports, files = [], []
    for word in words:
        if "=" in word and not Path(word).exists():
            reports.append(parse_report(word))
        else:
            files.append(Path(word))
    if not files:
        raise FormatError(
            "there is no result to report on",
            "name the file that `httpsteps run --report json=PATH` wrote",
        )
    return reports, files


def _show(suite: SuiteResult, arguments: argparse.Namespace) -> None:
    from runner.reports.console import render_suite
    from runner.reports.style import Style

    style = Style.of(sys.stdout, os.environ, colour=not arguments.no_color)
    text = render_suite(suite, style, Redactor().value, quiet=arguments.quiet)
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
