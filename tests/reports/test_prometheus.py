"""Metrics, parsed by the client library of Prometheus, under the names of blackbox_exporter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from runner.redact import Redactor
from runner.reports.prometheus import chunks, write_prometheus
from runner.result import SuiteResult
from tests.reports import results
from tests.reports.runs import SECRET, SHOP, demo, hostile_suite, run_all, secure


def parsed(data: bytes) -> list[Sample]:
    """The samples. Fails where a metric comes twice, or a sample does."""
    assert data.endswith(b"\n")
    families = list(text_string_to_metric_families(data.decode()))
    names = [family.name for family in families]
    assert len(set(names)) == len(names)
    assert all(family.documentation and family.type == "gauge" for family in families)
    samples = [sample for family in families for sample in family.samples]
    keys = [(one.name, *sorted(one.labels.items())) for one in samples]
    assert len(set(keys)) == len(keys)
    return samples


def metrics(suite: SuiteResult, redactor: Redactor | None = None) -> list[Sample]:
    return parsed(b"".join(chunks(suite, redactor.value if redactor else None)))


def value(samples: list[Sample], name: str, **labels: str) -> float:
    """The one sample of this name with these labels, perhaps among others."""
    found = [
        one.value
        for one in samples
        if one.name == name and labels.items() <= Mapping.items(one.labels)
    ]
    assert len(found) == 1, (name, labels, found)
    return found[0]


def test_scenarios_are_probes(tmp_path: Path) -> None:
    with demo() as base:
        suite, redactor = run_all(tmp_path, SHOP, base)
    write_prometheus(suite, tmp_path / "steps.prom", redactor.value)
    made = parsed((tmp_path / "steps.prom").read_bytes())
    usd = {"scenario": "It fails", "file": "shop/fails.yaml", "case": "USD"}
    good = {"file": "shop/passes.yaml", "case": ""}
    assert value(made, "probe_success", **good) == 1
    assert value(made, "probe_success", **usd) == 0
    assert value(made, "probe_http_status_code", **usd) == 200
    assert value(made, "probe_http_status_code", file="shop/down.yaml") == 0
    assert value(made, "probe_http_redirects", file="shop/redirects.yaml") == 2
    assert value(made, "probe_http_ssl", **good) == 0
    assert value(made, "probe_http_version", **good) == 1.1
    assert value(made, "probe_ip_protocol", **good) == 4
    total = value(made, "probe_duration_seconds", **good)
    phases = {
        one.labels["phase"]: one.value
        for one in made
        if one.name == "probe_http_duration_seconds" and one.labels["file"] == good["file"]
    }
    assert set(phases) == {"resolve", "connect", "tls", "processing", "transfer"}
    assert 0 < sum(phases.values()) < total
    assert min(phases["connect"], phases["processing"], phases["transfer"]) > 0
    assert not [one for one in made if one.name.startswith("probe_ssl")]
    assert value(made, "httpsteps_scenarios", outcome="passed") == 5
    assert value(made, "httpsteps_scenario_info", kind="connection-refused") == 1
    skipped = [one.name for one in made if one.labels.get("file") == "shop/skipped.yaml"]
    assert skipped == ["httpsteps_scenario_info"]
    moment = datetime.fromisoformat(suite.started).timestamp()
    assert abs(value(made, "httpsteps_run_timestamp_seconds") - moment) < 0.01


def test_certificates_have_their_last_day(tmp_path: Path) -> None:
    with secure(tmp_path) as (base, ca):
        text = f"steps:\n  - session:\n    tls: {{ca: {ca}}}\n  - connect:\n  - get: /\n"
        suite, redactor = run_all(tmp_path, {"a.yaml": text}, base)
    assert suite.outcome == "passed"
    made = metrics(suite, redactor)
    end = datetime.fromisoformat(str(suite.scenarios[0].steps[1].facts["tls.not-after"]))
    assert value(made, "probe_ssl_earliest_cert_expiry") == end.timestamp()
    left = (end - datetime.now(UTC)).total_seconds() / 86400
    assert abs(value(made, "httpsteps_certificate_days_left") - left) < 1.1
    assert value(made, "probe_http_ssl") == 1
    assert value(made, "probe_tls_version_info", version="TLS 1.3") == 1
    assert value(made, "probe_http_duration_seconds", phase="tls") > 0


def test_a_scenario_that_ran_twice_is_told_of_once_at_its_worst() -> None:
    good = results.scenario(results.step("get"))
    bad = results.scenario(results.step("get", outcome="failed"), outcome="failed", duration=7.0)
    for order in ((good, bad), (bad, good)):
        made = metrics(results.suite(*order))
        assert value(made, "probe_success") == 0
        assert value(made, "probe_duration_seconds") == 7.0


def test_nothing_hostile_comes_through() -> None:
    redactor = Redactor()
    redactor.add(SECRET)
    made = metrics(hostile_suite(), redactor)
    assert value(made, "probe_success") == 0
    labels = next(one.labels for one in made if one.name == "probe_success")
    assert SECRET not in str(labels)
    assert '\U0001f4a9 ]]> <b onclick="x">' in labels["scenario"]
    assert "\\ % ::" in labels["scenario"]
    assert labels["scenario"].endswith("line\nnot ok 9 - forged\n# end \\ ***")
    assert not [c for c in labels["scenario"] if c in "\x00\x08\x1b\u202e"]


def test_a_run_of_nothing_has_its_counts() -> None:
    assert value(metrics(results.suite()), "httpsteps_scenarios", outcome="failed") == 0


def test_a_run_that_was_stopped_is_seen() -> None:
    text = b"".join(chunks(results.suite(interrupted=True, not_run=2))).decode()
    assert "\nhttpsteps_scenarios_not_run 2\n" in text
    assert "\nhttpsteps_run_interrupted 1\n" in text
