"""Reports of a load: our JSON, and Locust's own CSV and HTML."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from locust.env import Environment
from locust.html import get_html_report
from locust.stats import PERCENTILES_TO_REPORT, StatsCSV

import runner
from runner.load_test.outcome import Counts, Failed, Row, Threshold
from runner.redact import Redactor

LOAD_VERSION: Final = 1
# A tuple has methods of its own by the name that is short and clear in a document.
_NAMES: Final = {"requests": "count", "times": "count"}
_TIMES: Final = ("p50", "p95", "p99", "max", "mean")


def document_of(
    head: dict[str, object],
    rows: Sequence[Row],
    failures: Sequence[Failed],
    counts: Counts,
    thresholds: Sequence[Threshold],
) -> dict[str, object]:
    """The JSON document of a load; ``head`` stands first in it. Times are seconds."""
    return {
        "httpsteps": {"load": LOAD_VERSION, "version": runner.__version__},
        **head,
        "iterations": counts._asdict(),
        "entries": [
            {
                _NAMES.get(name, name): value / 1000 if name in _TIMES else value
                for name, value in row._asdict().items()
            }
            for row in rows
        ],
        "failures": [
            {_NAMES.get(name, name): value for name, value in each._asdict().items()}
            for each in failures
        ],
        "thresholds": [each._asdict() for each in thresholds],
    }


def write_report(
    form: str, path: Path, document: object, environment: Environment, redactor: Redactor
) -> None:
    """Writes ``json``, ``csv`` (Locust's statistics of requests) or ``html`` (Locust's page).

    Raises OSError.
    """
    if form == "json":
        text = json.dumps(redactor.value(document), ensure_ascii=False, indent=1) + "\n"
    elif form == "csv":
        table = io.StringIO()
        StatsCSV(environment, PERCENTILES_TO_REPORT).requests_csv(csv.writer(table))
        text = redactor.text(table.getvalue())
    else:
        text = redactor.text(_page(environment))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _page(environment: Environment) -> str:
    return str(get_html_report(environment, show_download_link=False))  # type: ignore[no-untyped-call]
