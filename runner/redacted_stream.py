"""A text stream behind which nothing secret is seen, however it is cut into writes."""

from __future__ import annotations

import io
import threading
from typing import TextIO

from runner.redact import Redactor


class RedactedStream(io.TextIOBase):
    """A text stream that masks what is written to it on its way to another.

    It keeps back what may be the beginning of a secret, until more is written or it is closed.
    Closing it closes the other stream. Threads may share it.
    """

    def __init__(self, stream: TextIO, redactor: Redactor) -> None:
        super().__init__()
        self._stream = stream
        self._redactor = redactor
        self._kept = ""
        self._lock = threading.RLock()

    def write(self, text: str, /) -> int:
        """Writes the text masked; gives its length, as streams do."""
        with self._lock:
            waiting = self._kept + text
            safe = self._redactor.safe_length(waiting)
            self._kept = waiting[safe:]
            self._stream.write(self._redactor.text(waiting[:safe]))
        return len(text)

    def flush(self) -> None:
        """Flushes what can be let go."""
        if not self._stream.closed:
            self._stream.flush()

    def release(self) -> None:
        """Writes what was kept back; to be called where the text is known to end."""
        with self._lock:
            kept, self._kept = self._kept, ""
            if kept:
                self._stream.write(self._redactor.text(kept))
            self._stream.flush()

    def close(self) -> None:
        """Writes what was kept back and closes the stream below."""
        if not self.closed and not self._stream.closed:
            self.release()
            self._stream.close()
        super().close()

    def writable(self) -> bool:
        """True: it is for writing."""
        return True

    def isatty(self) -> bool:
        """Whether the stream below is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The descriptor of the stream below. What is written to it directly is not masked."""
        return self._stream.fileno()
