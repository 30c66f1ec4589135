"""``send``: bodies in pieces, and those held back until the server wants them."""

from __future__ import annotations

import gzip
from time import monotonic

import pytest

from tests.harness import fails, passes
from tests.lab import EchoServer, scripted
from tests.lab.scripted import answer, head, pause, request

FLOW = """
steps:
- session:
- connect:
- open: POST /
- send:
  {body}
  expect: {{status: any}}
"""


def sent(tmp_path, server, *rows):
    """The step that sends this body."""
    return passes(tmp_path, FLOW.format(body="\n  ".join(rows)), base=server.url).steps[-1]


def test_chunks_are_written_piece_by_piece(tmp_path, echo):
    sent(tmp_path, echo, "chunks: {pieces: [a, bcd, 1.10]}")
    (seen,) = echo.requests
    assert seen.raw.partition(b"\r\n\r\n")[2] == b"1\r\na\r\n3\r\nbcd\r\n4\r\n1.10\r\n0\r\n\r\n"
    assert seen.headers("transfer-encoding") == ["chunked"]
    assert seen.header("content-length") is None
    assert seen.body == b"abcd1.10"


def test_an_empty_piece_does_not_end_the_body(tmp_path, echo):
    sent(tmp_path, echo, "chunks: {pieces: [a, '', b]}")
    assert echo.requests[0].raw.endswith(b"\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n")


def test_pieces_leave_when_they_are_due(tmp_path, lab):
    """The server sees the first piece long before the last is written."""
    moments = []

    def watch(peer):
        for marker in (b"one\r\n", b"three\r\n", b"0\r\n\r\n"):
            peer.until(marker)
            moments.append(monotonic())
        peer.send(b"HTTP/1.1 204 No Content\r\n\r\n")

    server = lab(EchoServer(watch))
    step = sent(tmp_path, server, "chunks: {pieces: [one, two, three], every: 80ms}")
    assert moments[1] - moments[0] >= 0.15
    assert step.duration >= 0.16


def test_compressed_chunks(tmp_path, echo):
    sent(tmp_path, echo, "chunks: {pieces: [one, two]}", "compress: gzip")
    (seen,) = echo.requests
    assert gzip.decompress(seen.body) == b"onetwo"
    assert seen.headers("content-encoding") == ["gzip"]
    assert seen.headers("transfer-encoding") == ["chunked"]


def test_a_deadline_ends_the_pauses(tmp_path, echo):
    text = FLOW.format(body="chunks: {pieces: [a, b], every: 5s}\n  deadline: 150ms")
    step = fails(tmp_path, text, "deadline-exceeded", base=echo.url)
    assert step.duration < 2
    assert step.phase == "send"


def test_http_1_0_has_no_chunks(tmp_path, echo):
    text = FLOW.format(body="chunks: {pieces: [a]}").replace("POST /", "POST /\n  http: 1.0")
    step = fails(tmp_path, text, "wrong-state", base=echo.url)
    assert "http: 1.1" in step.message
    assert echo.requests == []


def test_expect_continue_waits_for_the_servers_word(tmp_path, lab):
    server = lab(EchoServer(continues=True))
    step = sent(tmp_path, server, "text: hello", "expect-continue: true")
    assert server.requests[0].headers("expect") == ["100-continue"]
    assert server.requests[0].body == b"hello"
    assert [each["status"] for each in step.facts["early"]] == [100]


def test_a_body_the_server_refuses_is_not_sent(tmp_path, lab):
    server = lab(scripted(head(), answer(417, b"no")))
    step = sent(tmp_path, server, "text: hello", "expect-continue: true")
    assert step.facts["status"] == 417
    assert server.wait_closed()
    assert b"hello" not in server.received[1]


def test_a_server_that_says_nothing_gets_the_body_anyway(tmp_path, lab):
    server = lab(EchoServer(continues=False))
    step = sent(tmp_path, server, "text: hello", "expect-continue: true")
    assert server.requests[0].body == b"hello"
    assert step.facts["status"] == 200
    assert step.facts["early"] == []


def test_early_answers_are_kept_beside_the_final_one(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - get: /early
          expect:
            status: 200
            text: after the hints
            early: {equals: [{status: 103, header: {link: "</lamp.css>; rel=preload"}}]}
        """,
        base=echo.url,
    )


@pytest.mark.parametrize("body", ["text: hello", "chunks: {pieces: [hello]}"])
def test_an_answer_before_the_body_is_read_counts(tmp_path, lab, body):
    """A 413 while the body is still on its way is what the server said."""
    server = lab(scripted(head(), answer(413, b"too big"), pause(0.1)))
    step = sent(tmp_path, server, body)
    assert step.facts["status"] == 413


def test_send_waits_for_the_first_byte(tmp_path, lab):
    server = lab(scripted(request(), pause(0.3), answer(200, b"ok")))
    step = sent(tmp_path, server, "text: a")
    assert step.times["wait"] >= 0.29
    assert step.times["send"] < 0.29
