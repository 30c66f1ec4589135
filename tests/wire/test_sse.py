"""Server-sent events, by the examples of the standard."""

from __future__ import annotations

import pytest

from runner.wire.framing import Framing
from runner.wire.sse import Event

from .exchanging import body_over


def events(data: bytes, size: int = 10_000) -> list[Event]:
    pieces = [data[n : n + size] for n in range(0, len(data), size)]
    body, _ = body_over(pieces, Framing("close"))
    found = []
    while True:
        try:
            found += body.events(1)
        except Exception:
            return found


def event(data: str, **other: object) -> Event:
    return {"event": "message", "data": data, "id": None, "retry": None} | other


CASES = [
    (b"data: YHOO\ndata: +2\ndata: 10\n\n", [event("YHOO\n+2\n10")]),
    (
        b": test\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        [event("first event", id="1"), event("second event", id=""), event(" third event", id="")],
    ),
    (b"data\n\ndata\ndata\n\ndata:", [event(""), event("\n")]),
    (b"data:test\n\ndata: test\n\n", [event("test"), event("test")]),
    (b"event: tick\ndata: 1\n\ndata: 2\n\n", [event("1", event="tick"), event("2")]),
    (b"id: 7\ndata: 1\n\ndata: 2\n\n", [event("1", id="7"), event("2", id="7")]),
    (b"retry: 250\ndata: 1\n\ndata: 2\n\n", [event("1", retry=250), event("2")]),
    (b"retry: 2x\nid: a\0b\nstrange: 1\ndata: 1\n\n", [event("1")]),
    (b"\xef\xbb\xbfdata: bom\n\n", [event("bom")]),
    (b"data: \xc3\xa4\xff\n\n", [event("ä\ufffd")]),
    (b"data: a\r\rdata: b\r\n\r\ndata: c\n\r\ndata: d\r\n\r", [event(x) for x in "abcd"]),
    (b"data: a\r\ndata: b\r\n\r\n", [event("a\nb")]),
    (b"event: lost\n\ndata: kept\n\n", [event("kept")]),
    (b"data: a:b\n\n", [event("a:b")]),
    (b"data: unfinished\n", []),
]


@pytest.mark.parametrize("size", [1, 2, 3, 10_000])
@pytest.mark.parametrize(("data", "expected"), CASES)
def test_events(data: bytes, expected: list[Event], size: int) -> None:
    assert events(data, size) == expected


def test_bytes_after_the_last_event_stay() -> None:
    body, _ = body_over([b"data: 1\r\n\r\ndata: 2\n\nrest"], Framing("length", 24))
    assert [found["data"] for found in body.events(2)] == ["1", "2"]
    assert body.rest() == b"rest"


def test_a_very_long_line_is_searched_once() -> None:
    data = b"data: " + b"x" * 20_000_000 + b"\n\n"
    body, _ = body_over([data[n : n + 5000] for n in range(0, len(data), 5000)], Framing("close"))
    assert len(str(body.events(1)[0]["data"])) == 20_000_000


def test_an_event_does_not_wait_for_the_lf_after_its_cr() -> None:
    body, wire = body_over([b"data: 1\r\r"], Framing("length", 100))
    assert body.events(1) == [event("1")]
    assert wire.ended == []
