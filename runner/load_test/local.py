"""A load of this process alone."""

from __future__ import annotations

import gevent
from locust.env import Environment

from runner.load_test.user import user_class
from runner.load_test.work import Options, Work


class Local:
    """A load whose users are all in this process."""

    expected = 0
    lost = 0
    wrong: str | None = None

    def __init__(self, work: Work, options: Options) -> None:
        self._options = options
        self._work = work
        work.tickets.limit(options.iterations)
        work.period = options.period
        self.environment = Environment(
            user_classes=[user_class(work, lambda: None)], stop_timeout=options.grace
        )
        self.environment.events.test_stopping.add_listener(  # type: ignore[no-untyped-call]
            work.stop
        )
        self.runner = self.environment.create_local_runner()

    ready = True
    alive = True

    def watch(self) -> list[str]:
        """What there is to say: nothing."""
        return []

    def begin(self) -> None:
        """Starts the users."""
        self.runner.start(self._options.users, self._options.spawn_rate)

    @property
    def spent(self) -> bool:
        """Whether all iterations asked for are over."""
        return self._work.tickets.spent

    @property
    def running(self) -> int:
        """How many iterations run."""
        return self._work.tickets.open

    def finish(self) -> None:
        """Begins no more iterations, and waits for those that run."""
        self.runner.stop()

    def close(self) -> None:
        """Ends everything at once."""
        self.runner.greenlet.kill(block=False)
        gevent.sleep(0)
