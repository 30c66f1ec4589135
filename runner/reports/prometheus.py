"""The run as Prometheus text, under the names that users of blackbox_exporter know.

For the textfile collector of node_exporter, or a push gateway.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from runner.reports.cleaning import Clean, for_terminal
from runner.reports.files import write_whole
from runner.reports.told import every
from runner.result import ScenarioResult, StepResult, SuiteResult

_PHASES: Final[Mapping[str, tuple[str, ...]]] = {
    "resolve": ("dns",),
    "connect": ("tcp",),
    "tls": ("tls",),
    "processing": ("send", "wait"),
    "transfer": ("read",),
}
_HELP: Final[Mapping[str, str]] = {
    "probe_success": "Whether the scenario passed",
    "probe_duration_seconds": "How long the scenario took, in seconds",
    "probe_http_status_code": "Status code of the last answer, 0 when there was none",
    "probe_http_duration_seconds": "Seconds of the scenario's requests by phase, summed up",
    "probe_http_redirects": "How many redirects were followed",
    "probe_http_ssl": "Whether the last answer came over TLS",
    "probe_http_version": "HTTP version of the last answer",
    "probe_http_content_length": "Content-Length of the last answer, -1 when it had none",
    "probe_http_uncompressed_body_length": "Bytes read of the last body, decoded",
    "probe_ip_protocol": "Whether the last connection was over IPv4 or IPv6",
    "probe_dns_lookup_time_seconds": "Seconds spent on resolving names",
    "probe_ssl_earliest_cert_expiry": "The first moment a certificate seen expires, as Unix time",
    "probe_tls_version_info": "The TLS version of the last connection",
    "httpsteps_certificate_days_left": "Days until the first certificate seen expires",
    "httpsteps_scenario_info": "How the scenario ended, and its failure kind",
    "httpsteps_scenarios": "How many scenarios ended so",
    "httpsteps_scenarios_not_run": "How many scenarios were to run and did not begin",
    "httpsteps_run_interrupted": "Whether Ctrl-C ended the run",
    "httpsteps_run_duration_seconds": "How long the whole run took, in seconds",
    "httpsteps_run_timestamp_seconds": "When the run began, as Unix time",
}
_RANK: Final = {"skipped": 0, "passed": 1, "failed": 2, "error": 3}
Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Probe:
    """What is kept of a scenario: its samples, by metric and further labels."""

    outcome: str
    samples: dict[str, list[tuple[Labels, float]]] = field(default_factory=dict)

    def add(self, metric: str, value: float | None, **labels: str) -> None:
        if value is not None:
            self.samples.setdefault(metric, []).append((tuple(labels.items()), value))


def write_prometheus(suite: SuiteResult, path: Path, clean: Clean | None = None) -> None:
    """Writes the metrics of a run, whole or not at all. Raises OSError."""
    write_whole(path, chunks(suite, clean))


def chunks(suite: SuiteResult, clean: Clean | None = None) -> Iterator[bytes]:
    """The metrics in UTF-8, one metric after the other.

    A scenario that ran several times is told of once: as it was when it was worst.
    """
    shown = for_terminal(clean)
    probes: dict[Labels, _Probe] = {}
    for scenario in suite.scenarios:
        labels = (
            ("scenario", shown(scenario.name)),
            ("file", shown(scenario.file)),
            ("case", shown(scenario.case or "")),
        )
        before = probes.get(labels)
        if before is None or _RANK[scenario.outcome] >= _RANK[before.outcome]:
            probes[labels] = _probe(scenario)
    for metric in _HELP:
        lines = [
            _line(metric, (*labels, *more), value)
            for labels, probe in probes.items()
            for more, value in probe.samples.get(metric, ())
        ]
        if metric == "httpsteps_scenarios":
            counts = suite.counts().items()
            lines = [_line(metric, (("outcome", name),), count) for name, count in counts]
        elif metric == "httpsteps_scenarios_not_run":
            lines = [_line(metric, (), suite.not_run)]
        elif metric == "httpsteps_run_interrupted":
            lines = [_line(metric, (), suite.interrupted)]
        elif metric == "httpsteps_run_duration_seconds":
            lines = [_line(metric, (), suite.duration)]
        elif metric == "httpsteps_run_timestamp_seconds":
            began = _unix(suite.started)
            lines = [] if began is None else [_line(metric, (), began)]
        if lines:
            head = f"# HELP {metric} {_HELP[metric]}\n# TYPE {metric} gauge\n"
            yield (head + "".join(lines)).encode("utf-8", "replace")


def _probe(scenario: ScenarioResult) -> _Probe:
    probe = _Probe(scenario.outcome)
    probe.add("httpsteps_scenario_info", 1, outcome=scenario.outcome, kind=scenario.kind or "")
    if scenario.outcome == "skipped":
        return probe
    probe.add("probe_success", scenario.outcome == "passed")
    probe.add("probe_duration_seconds", scenario.duration)
    times: dict[str, float] = {}
    for step in (*scenario.steps, *scenario.teardown):
        for name, value in step.times.items():
            times[name] = times.get(name, 0.0) + value
    for phase, names in _PHASES.items():
        spent = sum(times.get(name, 0.0) for name in names)
        probe.add("probe_http_duration_seconds", spent, phase=phase)
    if "proxy" in times:
        probe.add("probe_http_duration_seconds", times["proxy"], phase="proxy")
    probe.add("probe_dns_lookup_time_seconds", times.get("dns", 0.0))
    _answer(probe, list(every(scenario.steps)))
    return probe


def _answer(probe: _Probe, steps: list[StepResult]) -> None:
    # Composites come before their parts, so the last of a kind is a primitive.
    last: Mapping[str, Any] = next((s.facts for s in reversed(steps) if "status" in s.facts), {})
    status = last.get("status")
    probe.add("probe_http_status_code", status if isinstance(status, int) else 0)
    hops = [one.facts.get("redirects") for one in steps if one.verb == "send"]
    probe.add("probe_http_redirects", sum(len(one) for one in hops if isinstance(one, list)))
    if last:
        probe.add("probe_http_ssl", str(last.get("url", "")).startswith("https:"))
        probe.add("probe_http_version", _number(str(last.get("http-version", ""))[5:]))
        header = last.get("header")
        length = header.get("content-length") if isinstance(header, Mapping) else None
        probe.add("probe_http_content_length", _number(length, -1))
    none: Mapping[str, Any] = {}
    read = next((s.facts for s in reversed(steps) if "received" in s.facts), none)
    probe.add("probe_http_uncompressed_body_length", _number(read.get("received")))
    link = next((s.facts for s in reversed(steps) if "address" in s.facts), none)
    if link and "/" not in str(link["address"]):
        probe.add("probe_ip_protocol", 6 if ":" in str(link["address"]) else 4)
    if link.get("tls.version"):
        version = str(link["tls.version"]).replace("TLSv", "TLS ")
        probe.add("probe_tls_version_info", 1, version=version)
    ends = [_unix(one.facts["tls.not-after"]) for one in steps if "tls.not-after" in one.facts]
    known = [end for end in ends if end is not None]
    probe.add("probe_ssl_earliest_cert_expiry", min(known, default=None))
    left = [_number(one.facts.get("tls.days-left")) for one in steps]
    days = [one for one in left if one is not None]
    probe.add("httpsteps_certificate_days_left", min(days, default=None))


def _number(value: object, default: float | None = None) -> float | None:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return default


def _unix(moment: object) -> float | None:
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError:
            return None
    return moment.timestamp() if isinstance(moment, datetime) else None


def _line(metric: str, labels: Labels, value: float) -> str:
    told = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels)
    return f"{metric}{{{told}}} {_shown(value)}\n" if told else f"{metric} {_shown(value)}\n"


def _shown(value: float) -> str:
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) else repr(float(value))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
