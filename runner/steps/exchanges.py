"""What is kept of each exchange of a ``send``, for reports that show every one: redirects too."""

from __future__ import annotations

from contextlib import suppress
from time import perf_counter
from typing import Any

from runner.kinds import StepFault
from runner.query.values import Lazy
from runner.steps.base import Run
from runner.steps.cookies import cookies_set
from runner.steps.open import joined
from runner.wire.connection import Connection
from runner.wire.exchange import Exchange
from runner.wire.request import Prepared
from runner.wire.target import hide_secrets

BODY_KEPT = 64 * 1024


class Exchanges:
    """The exchanges of one send step, in order.

    Leaves as facts, beside those a query knows: ``method`` and ``request.url`` of the first
    request, ``request.sent`` and ``connection.opened`` (moments on ``perf_counter``'s clock; they
    tell which read and which connect belong to a send), ``request.body``, and ``exchanges`` once
    there is more than one.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._all: list[dict[str, Any]] = []

    def begin(self, prepared: Prepared, connection: Connection) -> float:
        """A request is about to go out, its ``request.header`` a fact. Gives ``request.sent``."""
        facts = self._run.facts
        made: dict[str, Any] = {
            "method": prepared.method,
            "url": hide_secrets(prepared.url) if "@" in prepared.url else prepared.url,
            "request.header": facts["request.header"],
            "request.sent": perf_counter(),
            "connection.opened": connection.opened,
            "request.body": Lazy(lambda: body_of(prepared)),
        }
        if not self._all:
            facts["method"], facts["request.url"] = made["method"], made["url"]
        facts["request.sent"] = made["request.sent"]
        facts["connection.opened"] = made["connection.opened"]
        facts["request.body"] = made["request.body"]
        self._all.append(made)
        self._show()
        return float(made["request.sent"])

    def answered(self, exchange: Exchange) -> None:
        """The head of its answer is here, perhaps after rounds that an auth scheme made."""
        made = self._all.pop()
        for one in exchange.auth_rounds:
            self._all.append({**made, "request.header": joined(one.prepared.lines), **_answer(one)})
        facts = self._run.facts
        made["request.header"] = facts["request.header"]
        made["connection.opened"] = facts["connection.opened"] = exchange.connection.opened
        self._all.append({**made, **_answer(exchange)})
        self._show()

    def _show(self) -> None:
        if len(self._all) > 1:
            self._run.facts["exchanges"] = self._all


def _answer(exchange: Exchange) -> dict[str, Any]:
    cookies = cookies_set(exchange.lines)
    return {
        "status": exchange.status,
        "reason": exchange.reason,
        "http-version": exchange.version,
        "header": joined(exchange.lines),
        "request.size": exchange.request_size,
        "connection.reused": exchange.reused,
        "times": exchange.times,
        **({"cookie": cookies} if cookies else {}),
    }


def body_of(prepared: Prepared) -> bytes | None:
    """The beginning of a request's body, up to 64 KiB; None where there is no body."""
    if prepared.payload is None:
        return None
    made = bytearray()
    with suppress(StepFault):
        for piece in prepared.payload.pieces():
            made += piece[: BODY_KEPT - len(made)]
            if len(made) >= BODY_KEPT:
                break
    return bytes(made)
