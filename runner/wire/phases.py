"""What a step is doing on the wire right now, how long each phase took, and who is told of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from types import TracebackType
from typing import Any

from runner.kinds import Phase

Listen = Callable[[str, Mapping[str, object]], None]


class Phases:
    """The phases of one step.

    ``times``: seconds spent per key (``dns tcp proxy tls send wait read``), kept when a phase
    fails. ``where`` is the phase a failure now belongs to, ``doing`` the event that began it
    (``resolving connecting tunnelling securing sending waiting reading``); both keep their last
    value. ``peer`` is the address last dialled, as ``127.0.0.1:80``. ``exchange``: seconds of the
    same phases since ``begin_exchange``, for a step that makes several.
    """

    __slots__ = ("doing", "exchange", "listen", "peer", "times", "where")

    def __init__(self, listen: Listen | None = None) -> None:
        self.listen = listen
        self.times: dict[str, float] = {}
        self.exchange: dict[str, float] = {}
        self.where: Phase = "connect"
        self.doing = ""
        self.peer: str | None = None

    def phase(self, starting: str, done: str, key: str, where: Phase, **detail: object) -> Span:
        """A context manager around one phase.

        Tells ``starting`` with ``detail`` on entry and ``done`` with the span's ``detail`` on a
        good exit (an empty one is not told); adds the seconds between to ``times[key]`` on any
        exit.
        """
        return Span(self, starting, done, key, where, detail)

    def begin_exchange(self) -> None:
        """A request is about to go out."""
        self.exchange = {}

    def tell(self, event: str, **detail: object) -> None:
        """Tell the listener, if there is one, of an event."""
        if self.listen is not None:
            self.listen(event, detail)


class Span:
    """One phase while it lasts. What is put into ``detail`` is told with the closing event."""

    __slots__ = ("_done", "_key", "_phases", "_started", "_starting", "_where", "detail")

    def __init__(
        self,
        phases: Phases,
        starting: str,
        done: str,
        key: str,
        where: Phase,
        detail: dict[str, Any],
    ) -> None:
        self._phases = phases
        self._starting = starting
        self._done = done
        self._key = key
        self._where = where
        self.detail = detail

    def __enter__(self) -> Span:
        phases = self._phases
        phases.where = self._where
        phases.doing = self._starting
        if phases.listen is not None:
            phases.listen(self._starting, dict(self.detail))
        self._started = perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        phases = self._phases
        seconds = perf_counter() - self._started
        for times in (phases.times, phases.exchange):
            times[self._key] = times.get(self._key, 0.0) + seconds
        if kind is None and self._done and phases.listen is not None:
            phases.listen(self._done, self.detail)
