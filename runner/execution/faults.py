"""An exception that ended a step, as the fault to tell."""

from __future__ import annotations

import errno
from pathlib import Path

from runner.kinds import Fault
from runner.wire.errors import MORE_DESCRIPTORS, NO_DESCRIPTORS
from runner.wire.phases import Phases
from runner.wire.route import Route


def fault_for(error: Exception, phases: Phases, route: Route | None) -> Fault:
    """The fault that ``error`` amounts to; ``phases`` say what was being done, ``route`` where."""
    try:
        from runner.wire.failures import explain
    except OSError as lack:
        # A process that can open no file cannot import either what knows all errors.
        if lack.errno not in (errno.EMFILE, errno.ENFILE):
            raise
        causes = (f"{type(error).__name__}: {error}",)
        return Fault("connection-aborted", phases.where, NO_DESCRIPTORS, MORE_DESCRIPTORS, causes)
    return _with_place(explain(error, phases, route), error)


def _with_place(fault: Fault, error: Exception) -> Fault:
    """A bug of ours says where it is: the report needs that more than the user does."""
    if fault.kind != "internal-error":
        return fault
    import traceback

    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = [f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames]
    return fault._replace(causes=(*fault.causes, " < ".join(reversed(places))))
