"""Scenarios against a service that nobody here wrote: httpbin, from its package."""

from __future__ import annotations

import re

import httpbin  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException

from tests.harness import PROJECT, httpsteps
from tests.scenarios.wsgi import WsgiServer


def endpoints(seen: list[tuple[str, str]]) -> set[str]:
    """The routes of httpbin that these requests, method and path, came to."""
    routes = httpbin.app.url_map.bind("127.0.0.1")
    found = set()
    for method, path in seen:
        try:
            found.add(routes.match(path, method, return_rule=True)[0].rule)
        except HTTPException:
            continue
    return found


def test_all_pass() -> None:
    with WsgiServer(httpbin.app) as server:
        environ = {"HTTPBIN_URL": server.url}
        done = httpsteps("run", "scenarios/httpbin", cwd=PROJECT, environ=environ)
    assert done.status == 0, done.out + done.err
    files = len(list((PROJECT / "scenarios/httpbin").glob("*.yaml")))
    counts = rf"{files} passed, 0 failed, 0 errors, 0 skipped in [\d.]+ m?s"
    assert re.fullmatch(counts, done.out.rstrip().rpartition("\n")[2])
    found = endpoints(server.seen)
    assert len(found) >= 50, sorted(found)
    # a connection a scenario, and one more where it asks for one or gives an answer up
    assert server.connections <= files + 4
