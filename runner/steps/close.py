"""``close``: ends a connection or a session before the scenario does."""

from __future__ import annotations

from runner.steps.base import Run
from runner.steps.handles import ConnectionHandle, RequestHandle, SessionHandle


def run(run: Run) -> None:
    """Closes the named handle, or the newest connection."""
    name = run.subject if isinstance(run.subject, str) else run.step.on
    handles = run.handles
    handle = handles.connection(None) if name is None else handles.get(name)
    if isinstance(handle, SessionHandle):
        for connection in reversed(handle.connections):
            connection.connection().close()
        handle.session().close()
    elif isinstance(handle, ConnectionHandle):
        handle.connection().close()
    elif isinstance(handle, RequestHandle):
        handle.answered().close()
    run.phases.tell("closed")
