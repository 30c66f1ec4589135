"""The run as an HTTP Archive 1.2, as browsers' developer tools open it.

A page for each scenario, an entry for each exchange: the hops of redirects too, and the rounds an
auth scheme makes. What HAR has no word for stands under ``_httpsteps``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from textwrap import indent
from typing import Any

from runner.reports import har_parts as parts
from runner.reports.cleaning import Clean, clean_scenario
from runner.reports.files import write_whole
from runner.reports.har_exchanges import Exchange, exchanges
from runner.reports.json_report import dumps
from runner.reports.told import label
from runner.result import ScenarioResult, SuiteResult

Json = dict[str, Any]


def write_har(suite: SuiteResult, path: Path, clean: Clean | None = None) -> None:
    """Writes the archive of a run, whole or not at all. Raises OSError."""
    write_whole(path, chunks(suite, clean))


def chunks(suite: SuiteResult, clean: Clean | None = None) -> Iterator[bytes]:
    """The archive in UTF-8, one scenario after the other.

    Bodies are those the result keeps: the beginnings of those of steps that did not pass, of all
    where the run was asked to keep them.
    """
    creator = dumps({"name": "httpsteps", "version": suite.version})
    yield b'{"log": {\n "version": "1.2",\n "creator": ' + creator + b',\n "entries": ['
    pages: list[bytes] = []
    entries = 0
    moment = datetime.fromisoformat(suite.started)
    for number, scenario in enumerate(suite.scenarios, 1):
        shown = clean_scenario(scenario, clean or _same)
        if scenario.started is not None:
            moment = datetime.fromisoformat(suite.started) + timedelta(seconds=scenario.started)
        page = f"page_{number}"
        pages.append(dumps(_page(shown, page, moment)))
        for exchange in exchanges(shown):
            text = dumps(_entry(exchange, shown, page, moment), 1).decode()
            yield (",\n" if entries else "\n").encode() + indent(text, "  ").encode()
            entries += 1
        moment += timedelta(seconds=scenario.duration)
    listed = b",".join(b"\n  " + page for page in pages)
    yield b'\n ],\n "pages": [' + listed + b"\n ]\n}}\n"


def _page(scenario: ScenarioResult, page: str, moment: datetime) -> Json:
    return {
        "startedDateTime": _iso(moment),
        "id": page,
        "title": label(scenario),
        "pageTimings": {"onContentLoad": -1, "onLoad": _ms(scenario.duration)},
        "_httpsteps": {
            "file": scenario.file,
            "case": scenario.case,
            "tags": list(scenario.tags),
            "outcome": scenario.outcome,
            "kind": scenario.kind,
            "message": scenario.message,
        },
    }


def _entry(exchange: Exchange, scenario: ScenarioResult, page: str, moment: datetime) -> Json:
    timings = _timings(exchange)
    before = sum(max(0, timings[name]) for name in ("dns", "connect"))
    began = moment + timedelta(seconds=exchange.sent, milliseconds=-before)
    total = sum(value for name, value in timings.items() if name != "ssl" and value > 0)
    step = exchange.owner
    made: Json = {
        "pageref": page,
        "startedDateTime": _iso(began),
        "time": round(total, 3),
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": timings,
        "_httpsteps": {
            "scenario": label(scenario),
            "step": step.name,
            "at": step.at,
            "outcome": step.outcome,
            "kind": step.kind,
            "message": step.message,
            "connection.reused": exchange.facts.get("connection.reused"),
        },
    }
    address = exchange.peer.get("address")
    if isinstance(address, str) and "/" not in address:
        made["serverIPAddress"] = address
    if exchange.connection is not None:
        made["connection"] = str(exchange.connection)
    return made


def _request(exchange: Exchange) -> Json:
    facts = exchange.facts
    header = parts.mapping(facts.get("request.header"))
    size, length = facts.get("request.size"), parts.length_of(header)
    body = length if "transfer-encoding" not in header else -1
    made: Json = {
        "method": str(facts.get("method", "GET")),
        "url": exchange.url,
        "httpVersion": "HTTP/1.1",
        "cookies": parts.cookies_of_request(facts),
        "headers": parts.headers(header),
        "queryString": parts.query_string(exchange.url),
        "headersSize": size - body if isinstance(size, int) and 0 <= body <= size else -1,
        "bodySize": body,
    }
    if body:
        made["postData"] = parts.post_data(header, exchange.request_body)
    return made


def _response(exchange: Exchange) -> Json:
    facts = exchange.facts
    header = parts.mapping(facts.get("header"))
    error = {} if "status" in facts else {"_error": exchange.step.message or "no answer"}
    return {
        "status": facts.get("status", 0),
        "statusText": str(facts.get("reason") or ""),
        "httpVersion": str(facts.get("http-version", "unknown")),
        "cookies": parts.cookies_of_answer(facts),
        "headers": parts.headers(header),
        "content": parts.content(header, exchange.received, exchange.on_wire, exchange.body),
        "redirectURL": parts.redirect_url(exchange.url, header),
        "headersSize": -1,
        "bodySize": -1 if exchange.on_wire is None else exchange.on_wire,
        **error,
    }


def _timings(exchange: Exchange) -> dict[str, float]:
    """Milliseconds of the phases; -1 for those that did not happen. ``connect`` includes ``ssl``,
    and of a proxy the tunnel.
    """
    times = exchange.times
    linked = [times[name] for name in ("tcp", "proxy", "tls") if name in times]
    return {
        "blocked": -1,
        "dns": _ms(times["dns"]) if "dns" in times else -1,
        "connect": _ms(sum(linked)) if linked else -1,
        "send": _ms(times.get("send", 0.0)),
        "wait": _ms(times.get("wait", 0.0)),
        "receive": _ms(times.get("read", 0.0)),
        "ssl": _ms(times["tls"]) if "tls" in times else -1,
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _same(tree: Any) -> Any:
    return tree
