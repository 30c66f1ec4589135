"""How long a wire call may take: each socket call gets what is left of the step's time."""

# Each is named for what happened.
# ruff: noqa: N818

from __future__ import annotations

from time import perf_counter


class DeadlineExceeded(Exception):
    """The step's deadline passed. No OSError, so that no layer between takes it for one of its own.

    ``seconds`` is the deadline as asked for; ``received`` and ``first`` are those of the limits.
    """

    def __init__(self, seconds: float | None, received: int = 0, *, first: bool = False) -> None:
        super().__init__("the deadline passed")
        self.seconds = seconds
        self.received = received
        self.first = first


class Silence(Exception):
    """The peer was silent for too long: for ``seconds``. No OSError, as above."""

    def __init__(self, seconds: float | None, received: int = 0, *, first: bool = False) -> None:
        super().__init__("the peer was silent")
        self.seconds = seconds
        self.received = received
        self.first = first


class Limits:
    """The time bounds of one exchange, and what was received under them.

    ``silence``: seconds the peer may be silent; ``until``: an instant on ``time.perf_counter()``'s
    clock; ``seconds``: the deadline's original length, for messages. None means no bound.
    """

    __slots__ = ("first", "received", "seconds", "silence", "until")

    def __init__(
        self,
        silence: float | None = None,
        until: float | None = None,
        seconds: float | None = None,
    ) -> None:
        self.silence = silence
        self.until = until
        self.seconds = seconds
        self.received = 0
        self.first: float | None = None

    def mark(self) -> None:
        """From here on ``first`` is the instant of the next byte."""
        self.first = None

    def saw(self, count: int) -> None:
        """Count ``count`` bytes that just came."""
        if count:
            self.received += count
            if self.first is None:
                self.first = perf_counter()

    def left(self) -> float | None:
        """Seconds the next call may take, None for no bound. Raises DeadlineExceeded when none."""
        if self.until is None:
            return self.silence
        left = self.until - perf_counter()
        if left <= 0:
            raise self.ran_out()
        return left if self.silence is None or left < self.silence else self.silence

    def ran_out(self) -> DeadlineExceeded | Silence:
        """The exception for a call that timed out, by which of the two bounds it was."""
        if self.until is not None and perf_counter() >= self.until:
            return DeadlineExceeded(self.seconds, self.received, first=self.first is not None)
        return Silence(self.silence, self.received, first=self.first is not None)


class ConnectLimits(Limits):
    """Limits for making a connection: all of it within ``timeout`` seconds, and by ``until``.

    What runs out at the timeout is Silence, what runs out at ``until`` is DeadlineExceeded.
    """

    __slots__ = ("end", "timeout")

    def __init__(self, timeout: float | None, limits: Limits) -> None:
        super().__init__(None, limits.until, limits.seconds)
        self.timeout = timeout
        self.end = None if timeout is None else perf_counter() + timeout

    def left(self) -> float | None:
        """Seconds until the earlier bound. Raises DeadlineExceeded or Silence when none."""
        end = self.end
        if end is None or (self.until is not None and self.until < end):
            end = self.until
        if end is None:
            return None
        left = end - perf_counter()
        if left <= 0:
            raise self.ran_out()
        return left

    def ran_out(self) -> DeadlineExceeded | Silence:
        """DeadlineExceeded when ``until`` is past, else Silence of the connect timeout."""
        if self.until is not None and perf_counter() >= self.until:
            return DeadlineExceeded(self.seconds)
        return Silence(self.timeout)
