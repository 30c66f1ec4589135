"""What came of a load, as plain data: entries, failures, iterations, and what was asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from runner.kinds import KINDS
from runner.load_test.entries import CUT, SCENARIO

if TYPE_CHECKING:
    from locust.env import Environment
    from locust.stats import StatsEntry

Verdict = Literal["passed", "failed", "error", "interrupted", "internal-error"]
_SCENARIO_LAST: Final = {SCENARIO: 1}
ITERATIONS: Final = "--iterations"


class Row(NamedTuple):
    """One entry. Times are milliseconds; percentiles are rounded to two digits from 100 ms on.

    ``rate`` is how many there were in a second, ``size`` the mean of the bodies in bytes.
    """

    type: str
    name: str
    requests: int
    failures: int
    rate: float
    p50: float
    p95: float
    p99: float
    max: float
    mean: float
    size: float


class Failed(NamedTuple):
    """How often one entry failed for one reason."""

    type: str
    name: str
    kind: str
    message: str
    times: int


class Counts(NamedTuple):
    """How iterations ended; ``cut`` were ended before their end, and so did not pass."""

    passed: int
    failed: int
    error: int
    cut: int = 0

    @property
    def whole(self) -> int:
        """How many came to their end."""
        return self.passed + self.failed + self.error

    @property
    def all(self) -> int:
        """How many there were."""
        return self.whole + self.cut


class Threshold(NamedTuple):
    """One thing asked of a load, and a sentence on whether it holds."""

    option: str
    holds: bool
    message: str


class Limits(NamedTuple):
    """What is asked of a load: milliseconds for the 95th percentile of each entry, and how many
    iterations may not pass: a number of them, or else ``share`` of 100. ``iterations`` must be
    there in all, where that is known.
    """

    p95: float | None = None
    share: float = 0.0
    number: int | None = None
    iterations: int | None = None


def rows_of(environment: Environment) -> list[Row]:
    """The entries: first steps and requests as they came, then scenarios."""
    entries = list(environment.stats.entries.values())
    rows = [_row(entry) for entry in entries if entry.num_requests]
    return sorted(rows, key=lambda row: _SCENARIO_LAST.get(row.type, 0))


def _row(entry: StatsEntry) -> Row:
    # The percentiles are rounded, so one may come out above the greatest time there was.
    p50, p95, p99 = (
        min(float(entry.get_response_time_percentile(share)), entry.max_response_time)
        for share in (0.5, 0.95, 0.99)
    )
    return Row(
        entry.method, entry.name, entry.num_requests, entry.num_failures, entry.total_rps,
        p50, p95, p99, entry.max_response_time, entry.avg_response_time,
        entry.avg_content_length,
    )  # fmt: skip


def failures_of(environment: Environment) -> list[Failed]:
    """The reasons entries failed for, the most frequent first."""
    found = []
    for error in environment.stats.errors.values():
        kind, _, message = str(error.error).partition(": ")
        found.append(Failed(error.method, error.name, kind, message, error.occurrences))
    return sorted(found, key=lambda each: (-each.times, each.type, each.name, each.kind))


def counts_of(rows: Iterable[Row], failures: Iterable[Failed]) -> Counts:
    """How the iterations ended."""
    every = sum(row.requests for row in rows if row.type == SCENARIO)
    found = {"failed": 0, "error": 0, "cut": 0}
    for each in failures:
        if each.type == SCENARIO:
            how = "cut" if each.kind == CUT else KINDS[each.kind].outcome
            found[how] += each.times
    return Counts(every - sum(found.values()), **found)


def unfinished(rows: Iterable[Row], failures: Iterable[Failed]) -> list[str]:
    """The names of the scenarios whose iterations were all cut short."""
    cut = {each.name: each.times for each in failures if (each.type, each.kind) == (SCENARIO, CUT)}
    return [
        row.name for row in rows if row.type == SCENARIO and cut.get(row.name, 0) >= row.requests
    ]


def judge(
    limits: Limits, rows: Iterable[Row], counts: Counts, hanging: Sequence[str] = ()
) -> list[Threshold]:
    """Whether each thing that was asked for holds. Where nothing came to its end, nothing does;
    nor where nothing of a scenario did: ``hanging`` are their names.
    """
    made = []
    bad = counts.failed + counts.error + counts.cut
    if counts.whole == 0:
        made.append(Threshold("--max-failures", False, "no iteration came to its end"))
    elif hanging:
        more = f", nor of {len(hanging) - 1} more" if len(hanging) > 1 else ""
        told = f"no iteration of {hanging[0]} came to its end{more}"
        made.append(Threshold("--max-failures", False, told))
    else:
        share = 100 * bad / counts.all
        told = f"{bad} of {counts.all} iterations did not pass ({share:.2f}%); allowed: "
        if limits.number is not None:
            made.append(Threshold("--max-failures", bad <= limits.number, f"{told}{limits.number}"))
        else:
            most = f"{told}{limits.share:.4g}%"
            made.append(Threshold("--max-failures", share <= limits.share, most))
    if limits.p95 is not None:
        made.append(_judge_p95(limits.p95, [row for row in rows if row.type != SCENARIO]))
    if limits.iterations is not None and counts.all < limits.iterations:
        lost = f"{counts.all} of {limits.iterations} were counted; a worker was lost with the rest"
        made.append(Threshold(ITERATIONS, False, lost))
    return made


def _judge_p95(limit: float, rows: list[Row]) -> Threshold:
    if not rows:
        return Threshold("--max-p95", False, "there was no request to time")
    over = sorted((row for row in rows if row.p95 > limit), key=lambda row: -row.p95)
    worst = over[0] if over else max(rows, key=lambda row: row.p95)
    told = f"p95 of {worst.type} {worst.name} is {worst.p95:.0f} ms; allowed: {limit:.4g} ms"
    if len(over) > 1:
        told += f"; {len(over) - 1} more above it"
    return Threshold("--max-p95", not over, told)


def verdict(
    counts: Counts, failures: Iterable[Failed], thresholds: Iterable[Threshold], *, cut_off: bool
) -> Verdict:
    """The outcome of the whole. ``cut_off``: Ctrl-C ended it.

    ``error`` when no iteration could be carried out at all and none was found wrong, or when all
    is well with those that were and some are missing.
    """
    if cut_off:
        return "interrupted"
    if any(each.kind == "internal-error" for each in failures):
        return "internal-error"
    broken = {each.option for each in thresholds if not each.holds}
    if not broken:
        return "passed"
    if broken == {ITERATIONS} or (counts.error and counts.error == counts.all):
        return "error"
    return "failed"
