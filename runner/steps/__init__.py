"""One file per verb: what it does, and which facts it leaves."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from runner.steps.base import Run

_MODULES = {
    "session": "session", "connect": "connect", "open": "open", "add-headers": "add_headers",
    "send": "send", "read": "read", "close": "close",
    "get": "request", "post": "request", "put": "request", "patch": "request",
    "delete": "request", "head": "request", "options": "request",
    "block": "block", "parallel": "parallel", "use": "use", "set": "set", "wait": "wait",
}  # fmt: skip


def verb(name: str) -> Callable[[Run], None]:
    """What carries out a verb, imported when a step first needs it."""
    run: Callable[[Run], None] = import_module(f"runner.steps.{_MODULES[name]}").run
    return run
