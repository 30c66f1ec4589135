"""Server-sent events (WHATWG HTML, section 9.2): bytes become events, piece by piece."""

from __future__ import annotations

import re
from typing import Final

_END: Final = re.compile(rb"\r\n|\n|\r")
_BOM: Final = b"\xef\xbb\xbf"

Event = dict[str, object]
"""``event`` (text, ``message`` by default), ``data`` (text), ``id`` (text, or None while the stream
has given none; it stays until another comes), ``retry`` (milliseconds, or None)."""


class EventParser:
    """Takes bytes from the front of a buffer and gives the events they complete."""

    def __init__(self) -> None:
        self._begun = False
        self._after_cr = False
        self._id: str | None = None
        self._reset()

    def _reset(self) -> None:
        self._event = ""
        self._data: list[str] = []
        self._retry: int | None = None

    def take(self, buffer: bytearray, seen: int = 0) -> tuple[int, Event | None]:
        """How many bytes at the front of ``buffer`` are used up, and the event that they end.

        Without an event the rest of the buffer is an unfinished line; ``seen`` is how much of it
        stood there at the last call, so that a long line is not searched again and again. A line
        ends with its CR: the LF after it is taken with the next call, so that no event waits for a
        byte it does not need.
        """
        at = 0
        if not self._begun:
            if _BOM.startswith(bytes(buffer[:3])) and len(buffer) < 3:
                return 0, None
            self._begun = True
            at = 3 if buffer.startswith(_BOM) else 0
        if self._after_cr and len(buffer) > at:
            self._after_cr = False
            at += buffer[at] == 10
        while found := _END.search(buffer, max(at, seen)):
            line = buffer[at : found.start()].decode("utf-8", "replace")
            at = found.end()
            self._after_cr = found[0] == b"\r" and at == len(buffer)
            event = self._line(line)
            if event is not None:
                return at, event
        return at, None

    def _line(self, line: str) -> Event | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._event = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self._retry = int(value)
        return None

    def _dispatch(self) -> Event | None:
        event: Event | None = None
        if self._data:
            event = {
                "event": self._event or "message",
                "data": "\n".join(self._data),
                "id": self._id,
                "retry": self._retry,
            }
        self._reset()
        return event
