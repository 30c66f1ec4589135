"""``read``: the body, in parts or whole; reads go on where the last stopped."""

from __future__ import annotations

import hashlib

import pytest

from tests.harness import fails, passes
from tests.lab import EchoServer, scripted
from tests.lab.scripted import close, request, send


def answered(tmp_path, server, path, *reads, **settings):
    """The results of these ``read`` steps after a GET."""
    text = f"steps:\n- session:\n- connect:\n- open: GET {path}\n- send:\n"
    text += "\n".join(reads)
    return passes(tmp_path, text, base=server.url, **settings).steps[4:]


def broken(tmp_path, server, path, kind, *reads):
    """The ``read`` step that ends in this kind."""
    text = f"steps:\n- session:\n- connect:\n- open: GET {path}\n- send:\n"
    text += "\n".join(reads)
    return fails(tmp_path, text, kind, base=server.url)


def test_n_bytes_then_the_rest(tmp_path, echo):
    answered(
        tmp_path,
        echo,
        "/text?say=0123456789",
        "- read: 4\n  expect: {text: '0123', bytes: 4, received: 4, eof: false}",
        "- read: 4\n  expect: {text: '4567', bytes: 4, received: 8, size: 8, eof: false}",
        "- read:\n  expect: {text: '89', bytes: 2, received: 10, eof: true}",
    )


def test_with_a_length_the_last_byte_is_the_end(tmp_path, echo):
    answered(tmp_path, echo, "/text?say=abcd", "- read: 4\n  expect: {eof: true, text: abcd}")


def test_of_a_chunked_body_only_the_read_that_met_the_last_chunk_knows_the_end(tmp_path, echo):
    answered(
        tmp_path,
        echo,
        "/stream?pieces=1",
        '- read: 8\n  expect: {text: "piece 1\\n", eof: false}',
        "- read: 8\n  expect: {text: '', bytes: 0, eof: true, received: 8}",
    )


def test_n_at_a_clean_end_gives_what_is_left(tmp_path, echo):
    answered(tmp_path, echo, "/text?say=abc", "- read: 100\n  expect: {text: abc, eof: true}")


def test_sizes_have_units(tmp_path, echo):
    answered(
        tmp_path,
        echo,
        "/bytes/3000",
        "- read: 1KiB\n  expect: {bytes: 1024}",
        "- read: 1kB\n  expect: {bytes: 1kB, received: 2024}",
    )


def test_lines(tmp_path, echo):
    answered(
        tmp_path,
        echo,
        "/lines/5",
        '- read:\n  lines: 2\n  expect: {text: "line 1\\nline 2\\n", eof: false}',
        '- read:\n  lines: 3\n  expect: {text: {ends-with: "line 5\\n"}}',
    )
    step = broken(tmp_path, echo, "/lines/2", "truncated-body", "- read:\n  lines: 3\n")
    assert "2 of 3 lines" in step.message
    assert step.phase == "read"


def test_until(tmp_path, echo):
    answered(
        tmp_path,
        echo,
        "/text?say=head|body|",
        "- read:\n  until: '|'\n  expect: {text: head|}",
        "- read:\n  until: '|'\n  expect: {text: body|, eof: true}",
    )
    broken(tmp_path, echo, "/text?say=head", "truncated-body", "- read:\n  until: '|'\n")


def test_events(tmp_path, echo):
    steps = answered(
        tmp_path,
        echo,
        "/sse?count=3",
        """- read:
  events: 2
  expect:
    events:
      equals:
      - {event: tick, data: '{"n": 1}', id: "1", retry: null}
      - {event: tick, data: '{"n": 2}', id: "2", retry: null}
  capture: {first: "events | first", second: "events | nth 1"}
""",
        "- read:\n  events: 1\n  expect: {events: {contains: {event: tick, data: '{\"n\": 3}', id: '3', retry: null}}}",  # noqa: E501
    )
    assert steps[0].captured["first"]["id"] == "1"
    step = broken(tmp_path, echo, "/sse?count=1", "truncated-body", "- read:\n  events: 2\n")
    assert "1 of 2 events" in step.message


def test_the_rest_and_its_facts(tmp_path, echo):
    data = (bytes(range(256)) * 12)[:3000]
    steps = answered(
        tmp_path,
        echo,
        "/bytes/3000",
        f"- read:\n  expect: {{size: 3000, wire-size: 3000, eof: true, sha256: {hashlib.sha256(data).hexdigest()}}}",  # noqa: E501
    )
    assert steps[0].times["read"] >= 0


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw-deflate", "br", "zstd", "stacked"])
def test_codings_are_undone(tmp_path, echo, coding):
    answered(
        tmp_path,
        echo,
        f"/{coding}?say=hello%20lamp",
        "- read: 5\n  expect: {text: hello}",
        "- read:\n  expect: {text: ' lamp', size: 10, eof: true}",
    )


def test_decode_false_leaves_the_bytes(tmp_path, echo):
    answered(
        tmp_path,
        echo,
        "/gzip?say=hello",
        "- read:\n  decode: false\n  expect: {body | gunzip: hello, wire-size: {above: 5}}",
    )


def test_charset(tmp_path, lab):
    body = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=latin-1\r\nContent-Length: 4\r\n\r\n"
    )
    server = lab(scripted(request(), send(body + "lämp".encode("latin-1"))))
    answered(tmp_path, server, "/", "- read:\n  expect: {text: lämp}")


def test_a_charset_of_the_step_wins(tmp_path, lab):
    body = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 4\r\n\r\n"
    )
    server = lab(scripted(request(), send(body + "lämp".encode("cp1252"))))
    answered(tmp_path, server, "/", "- read:\n  charset: cp1252\n  expect: {text: lämp}")


def test_bytes_that_do_not_fit_their_charset(tmp_path, lab):
    body = (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    server = lab(scripted(request(), send(body + b"\xff\xfe")))
    step = broken(tmp_path, server, "/", "bad-encoding", "- read: text\n")
    assert "byte 0" in step.message


def test_max(tmp_path, echo):
    answered(tmp_path, echo, "/bytes/100", "- read:\n  max: 100\n  expect: {size: 100}")
    step = broken(tmp_path, echo, "/bytes/100", "body-too-large", "- read:\n  max: 99\n")
    assert (step.outcome, step.phase) == ("failed", "read")


@pytest.mark.parametrize(
    ("path", "subject", "kind"),
    [
        ("/text?say=hello", "json", "invalid-json"),
        ("/text?say=NaN", "json", "invalid-json"),
        ("/text?say=", "json", "invalid-json"),
        ("/text?say=<a><b>", "xml", "invalid-xml"),
        ("/text?say=hello", "html", "invalid-xml"),
        ("/nothing", "xml", "invalid-xml"),
    ],
)
def test_what_must_parse(tmp_path, echo, path, subject, kind):
    step = broken(tmp_path, echo, f'"{path}"'.replace('"', ""), kind, f"- read: {subject}\n")
    assert (step.outcome, step.phase) == ("failed", "read")


def test_what_parses(tmp_path, echo):
    answered(
        tmp_path, echo, "/json?a=b", "- read: json\n  expect: {$.a: b, body: {includes: {a: b}}}"
    )
    answered(tmp_path, echo, "/xml", "- read: xml\n  expect: {'xpath:/items/item[2]': Desk}")
    answered(tmp_path, echo, "/html", "- read: html\n  expect: {'css:a::attr(href)': /items/1}")
    answered(tmp_path, echo, "/text?say=x", "- read: text\n  expect: {text: x, body: x}")


def test_an_error_page_in_place_of_json_is_recognised(tmp_path, echo):
    step = broken(tmp_path, echo, "/html", "invalid-json", "- read: json\n")
    assert "HTML" in step.hint


def test_json_is_parsed_only_when_a_query_asks(tmp_path, echo):
    passes(tmp_path, "steps:\n- get: /text?say=hello\n  expect: {text: hello}\n", base=echo.url)
    step = fails(
        tmp_path,
        "steps:\n- get: /text?say=hello\n  expect: {$.a: 1}\n",
        "invalid-json",
        base=echo.url,
    )
    assert step.outcome == "failed"


def test_a_read_after_the_end(tmp_path, echo):
    answered(
        tmp_path,
        echo,
        "/text?say=abc",
        "- read:",
        "- read: 5\n  expect: {bytes: 0, eof: true, received: 3}",
        "- read:\n  expect: {text: '', received: 3}",
    )


def test_a_body_cut_short_keeps_what_came(tmp_path, lab):
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
    server = lab(scripted(request(), send(half), close()))
    step = broken(tmp_path, server, "/", "truncated-body", "- read:\n")
    assert step.facts["received"] == 4
    assert step.facts["body"] == "half"
    assert step.facts["eof"] is False


def test_an_unknown_length_ends_with_the_connection(tmp_path, lab):
    server = lab(EchoServer())
    answered(
        tmp_path,
        server,
        "/until-close?say=abc",
        "- read: 3\n  expect: {text: abc, eof: false}",
        "- read:\n  expect: {text: '', eof: true}",
    )
