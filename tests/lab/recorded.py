"""A request as a server of the lab saw it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recorded:
    """One request as it came in: ``raw`` is every byte of it, head and body with its framing."""

    raw: bytes
    body: bytes  # without chunk framing
    connection: int  # number of the connection, from 1
    peer: object  # the client's address

    @property
    def head(self) -> bytes:
        """The bytes up to and with the blank line."""
        return self.raw[: self.raw.index(b"\r\n\r\n") + 4]

    @property
    def request_line(self) -> str:
        return self.head.split(b"\r\n")[0].decode("latin-1")

    @property
    def method(self) -> str:
        return self.request_line.split(" ")[0]

    @property
    def target(self) -> str:
        return self.request_line.split(" ")[1]

    @property
    def path(self) -> str:
        return self.target.split("?")[0]

    @property
    def version(self) -> str:
        return self.request_line.split(" ")[-1]

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Header lines in order, duplicates kept, values without the blanks around them."""
        return parse_lines(self.head)

    def headers(self, name: str) -> list[str]:
        """Every value sent under ``name``."""
        return [value for key, value in self.lines if key.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """The lines of ``name`` joined by ``, ``, or None."""
        return ", ".join(self.headers(name)) if self.headers(name) else None


def parse_lines(head: bytes) -> list[tuple[str, str]]:
    """Header lines of a request head as (name, value)."""
    rows = head.decode("latin-1").split("\r\n")[1:]
    pairs = (row.partition(":") for row in rows if row)
    return [(name, value.strip(" \t")) for name, _, value in pairs]
