"""``send``: every kind of body, byte for byte."""

from __future__ import annotations

import base64
import gzip
import json
import re

import pytest

from tests.harness import fails, passes, problems, run

JSON, TEXT = "application/json", "text/plain; charset=utf-8"
FORM = "application/x-www-form-urlencoded"
FLOW = """
vars: {{word: lämp, list: [a, b], tree: {{n: 1, t: true, none: null}}}}
steps:
- session:
- connect:
- open: POST /
- send:
{body}
"""


def sent(tmp_path, echo, *rows, method="POST", **settings):
    """The request with this body, as the server saw it."""
    text = FLOW.format(body="\n".join(f"  {row}" for row in rows)).replace("POST", method)
    passes(tmp_path, text, base=echo.url, **settings)
    return echo.requests[-1]


def test_no_body(tmp_path, echo):
    request = sent(tmp_path, echo)
    assert request.body == b""
    assert request.headers("content-length") == ["0"]
    assert request.header("content-type") is None
    assert sent(tmp_path, echo, method="GET").header("content-length") is None


@pytest.mark.parametrize(
    ("row", "body", "kind"),
    [
        ("json: {a: [1, 2.50, {b: null}], 'ü': true}", '{"a":[1,2.5,{"b":null}],"ü":true}', JSON),
        ("json: null", "null", JSON),
        ("json: ${tree}", '{"n":1,"t":true,"none":null}', JSON),
        ("json: {word: 'a ${word}', list: '${list}'}", '{"word":"a lämp","list":["a","b"]}', JSON),
        ("json: []", "[]", JSON),
        (
            "form: {a: b c, tag: ['${word}', '&='], n: 1.10, '${word}': x}",
            "a=b+c&tag=l%C3%A4mp&tag=%26%3D&n=1.10&l%C3%A4mp=x",
            FORM,
        ),
        ("text: 'Grüße, ${word}'", "Grüße, lämp", TEXT),
        ("text: 1.10", "1.10", TEXT),
        (
            'graphql: {query: "{ items { id } }", variables: {id: 1}}',
            '{"query":"{ items { id } }","variables":{"id":1}}',
            JSON,
        ),
        ('graphql: {query: "{ a }"}', '{"query":"{ a }"}', JSON),
    ],
)
def test_bodies_of_plain_data(tmp_path, echo, row, body, kind):
    request = sent(tmp_path, echo, row)
    assert request.body == body.encode()
    assert request.headers("content-type") == [kind]
    assert request.headers("content-length") == [str(len(body.encode()))]
    assert request.header("transfer-encoding") is None


def test_base64(tmp_path, echo):
    data = bytes(range(256))
    request = sent(tmp_path, echo, f"base64: {base64.b64encode(data).decode()}")
    assert request.body == data
    assert request.headers("content-type") == ["application/octet-stream"]


def test_a_file_is_sent_with_its_length_and_type(tmp_path, echo):
    data = bytes(range(256)) * 2000
    (tmp_path / "lamp.png").write_bytes(data)
    request = sent(tmp_path, echo, "file: lamp.png")
    assert request.body == data
    assert request.headers("content-type") == ["image/png"]
    assert request.headers("content-length") == [str(len(data))]


def test_a_file_that_is_not_there(tmp_path, echo):
    text = FLOW.format(body="  file: none.png")
    if not problems(tmp_path, text):
        assert run(tmp_path, text, base=echo.url).kind == "file-not-found"
    assert echo.requests == []


def test_multipart_keeps_order_and_types(tmp_path, echo):
    (tmp_path / "lamp.png").write_bytes(b"\x89PNG\r\n")
    request = sent(
        tmp_path,
        echo,
        "multipart:",
        "  title: ${word}",
        "  tag: [a, 2.50]",
        "  picture: {file: lamp.png, filename: other.png, type: image/x, headers: {X-A: b}}",
        "  plain: {file: lamp.png}",
    )
    kind = request.header("content-type")
    boundary = re.fullmatch(r"multipart/form-data; boundary=([0-9a-f]{32})", kind)[1]
    parts = [
        'Content-Disposition: form-data; name="title"\r\n\r\nlämp'.encode(),
        b'Content-Disposition: form-data; name="tag"\r\n\r\na',
        b'Content-Disposition: form-data; name="tag"\r\n\r\n2.50',
        b'Content-Disposition: form-data; name="picture"; filename="other.png"\r\n'
        b"Content-Type: image/x\r\nX-A: b\r\n\r\n\x89PNG\r\n",
        b'Content-Disposition: form-data; name="plain"; filename="lamp.png"\r\n'
        b"Content-Type: image/png\r\n\r\n\x89PNG\r\n",
    ]
    line = f"--{boundary}".encode()
    assert (
        request.body
        == b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"
    )
    assert request.header("content-length") == str(len(request.body))


def test_content_type(tmp_path, echo):
    request = sent(tmp_path, echo, "text: hello", "content-type: text/x-greeting")
    assert request.headers("content-type") == ["text/x-greeting"]


def test_a_content_type_set_by_hand_wins(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - post: /
          headers: {content-type: application/vnd.lamp+json}
          json: {}
        """,
        base=echo.url,
    )
    assert echo.requests[0].headers("content-type") == ["application/vnd.lamp+json"]


def test_compress(tmp_path, echo):
    request = sent(tmp_path, echo, f"text: {'lamp ' * 100}", "compress: gzip")
    assert gzip.decompress(request.body) == ("lamp " * 100).strip().encode()
    assert request.headers("content-encoding") == ["gzip"]
    assert request.headers("content-length") == [str(len(request.body))]


def test_a_compressed_file_is_streamed(tmp_path, echo):
    data = b"lamp " * 100_000
    (tmp_path / "big.txt").write_bytes(data)
    request = sent(tmp_path, echo, "file: big.txt", "compress: gzip")
    assert gzip.decompress(request.body) == data
    assert request.headers("transfer-encoding") == ["chunked"]
    assert request.header("content-length") is None


def test_facts_of_what_was_sent(tmp_path, echo):
    text = FLOW.format(body="  json: {a: 1}\n  expect: {request.header.content-length: '7'}")
    result = passes(tmp_path, text, base=echo.url)
    assert result.steps[-1].facts["request.size"] == len(echo.requests[0].raw)
    assert echo.requests[0].body == b'{"a":1}'


def test_not_found_fails_by_default_and_keeps_the_answer(tmp_path, echo):
    step = fails(
        tmp_path,
        "steps:\n- session:\n- connect:\n- open: GET /status/404\n- send:\n",
        "unexpected-status",
        base=echo.url,
    )
    assert (step.verb, step.phase, step.outcome) == ("send", "send", "failed")
    assert step.facts["status"] == 404
    assert step.facts["body"] == "status 404"
    assert json.loads(json.dumps(step.facts["header"]))["content-length"] == "10"
    assert "404" in step.message
    assert step.curl.startswith("curl ")
