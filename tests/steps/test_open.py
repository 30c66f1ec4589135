"""``open``: what the request is to be. Nothing is sent yet."""

from __future__ import annotations

import pytest

from tests.harness import fails, passes, problems

SEND = """
steps:
- session:
- connect:
- open: {line}
{more}
- send:
  expect: {{status: any}}
"""


def sent(tmp_path, echo, line, *more, **settings):
    """The request that an ``open`` step becomes, as the server saw it."""
    text = SEND.format(line=line, more="\n".join(f"  {row}" for row in more))
    passes(tmp_path, text, **{"base": echo.url, **settings})
    return echo.requests[-1]


def test_open_sends_nothing_and_tells_what_it_would(tmp_path, echo):
    passes(
        tmp_path,
        f"""
        steps:
        - session:
        - connect:
        - open: GET /items
          params: {{a: b}}
          headers: {{X: y}}
          expect:
            method: GET
            request.url: {echo.url}/items?a=b
            request.header.x: y
            request.header.host: {{starts-with: "127.0.0.1:"}}
            request.header.accept: "*/*"
        """,
        base=echo.url,
    )
    assert echo.requests == []


@pytest.mark.parametrize("method", ["get", "Get", "PURGE", "M-SEARCH", "delete", "x"])
def test_the_method_is_sent_as_written(tmp_path, echo, method):
    assert sent(tmp_path, echo, f"{method} /").request_line == f"{method} / HTTP/1.1"


def test_a_method_that_is_no_token_is_refused(tmp_path, echo):
    text = "vars: {m: 'G(T'}\nsteps:\n- session:\n- connect:\n- open: ${m} /\n- send:\n"
    step = fails(tmp_path, text, "invalid-method", base=echo.url)
    assert (step.verb, step.phase, step.outcome) == ("open", "open", "error")
    assert echo.requests == []


def test_referer_and_accept(tmp_path, echo):
    request = sent(tmp_path, echo, "GET /", "referer: /cart", "accept: [text/html, '*/*;q=0.1']")
    assert request.headers("referer") == ["/cart"]
    assert request.headers("accept") == ["text/html, */*;q=0.1"]


def test_one_accepted_type(tmp_path, echo):
    assert sent(tmp_path, echo, "GET /", "accept: text/html").headers("accept") == ["text/html"]


def test_headers_keep_order_case_and_duplicates(tmp_path, echo):
    request = sent(
        tmp_path, echo, "GET /", "headers: {x-B: 1, X-a: [2, 3], hOST: shop.lab, Number: 1.10}"
    )
    assert request.lines[-5:] == [
        ("x-B", "1"),
        ("X-a", "2"),
        ("X-a", "3"),
        ("hOST", "shop.lab"),
        ("Number", "1.10"),
    ]
    assert request.headers("host") == ["shop.lab"]


def test_http_1_0(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
        - connect:
        - open: GET /
          http: 1.0
        - send:
        - read:
        - open: GET /
          http: "1.1"
        - send:
          expect: {connection.reused: false, http-version: HTTP/1.1}
        """,
        base=echo.url,
    )
    assert [each.version for each in echo.requests] == ["HTTP/1.0", "HTTP/1.1"]
    assert echo.connections == 2


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("params: {a: b}", "/x?q=1&a=b"),
        ("params: {tag: [a, b], n: 1.10}", "/x?q=1&tag=a&tag=b&n=1.10"),
        ("params: {'a b': 'c&d=é'}", "/x?q=1&a+b=c%26d%3D%C3%A9"),
        ("params: {empty: '', yes: true}", "/x?q=1&empty=&yes=true"),
        ("params: {'${key}': '${value}'}", "/x?q=1&k=v"),
    ],
)
def test_params(tmp_path, echo, line, target):
    text = "vars: {key: k, value: v}\n" + SEND.format(line="GET /x?q=1", more=f"  {line}")
    passes(tmp_path, text, base=echo.url)
    assert echo.requests[0].target == target


@pytest.mark.parametrize(
    ("path", "prepared"),
    [
        ("/a/../b", "/b"),
        ("/a b", "/a%20b"),
        ("/%7euser", "/~user"),
        ("/ü", "/%C3%BC"),
        ("/x#part", "/x"),
        ("/a//b/", "/a//b/"),
    ],
)
def test_paths_are_prepared(tmp_path, echo, path, prepared):
    assert sent(tmp_path, echo, f'"GET {path}"').target == prepared


@pytest.mark.parametrize("path", ["/a/../b", "/%7euser", "/%zz", "/[x]", "//x", "/a/./b?c=%41"])
def test_path_as_is(tmp_path, echo, path):
    assert sent(tmp_path, echo, f'"GET {path}"', "path-as-is: true").target == path


def test_a_target_is_split_before_templates_are_filled_in(tmp_path, echo):
    text = """
    vars: {name: a b/c?d}
    steps:
    - session:
    - connect:
    - open: GET /items/${name} /x
    - send:
    """
    passes(tmp_path, text, base=echo.url)
    assert echo.requests[0].request_line == "GET /items/a%20b/c?d%20/x HTTP/1.1"


def test_an_absolute_url_of_the_same_origin(tmp_path, echo):
    assert sent(tmp_path, echo, f"GET {echo.url}/x").target == "/x"


def test_a_url_of_another_origin_does_not_go_astray(tmp_path, echo):
    """The connection leads elsewhere: the request is refused, not sent to the wrong server."""
    step = fails(
        tmp_path,
        "steps:\n- session:\n- connect:\n- open: GET http://other.example/x\n- send:\n",
        "invalid-url",
        base=echo.url,
    )
    assert step.verb == "open"
    assert echo.requests == []


def test_credentials_of_a_request_go_before_the_others(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - session:
          auth: {bearer: of-the-session}
        - connect:
          auth: {bearer: of-the-connection}
        - open: GET /bearer
          auth: {bearer: lamp-token}
        - send:
        - read:
        - open: GET /
        - send:
        """,
        base=echo.url,
    )
    assert [each.header("authorization") for each in echo.requests] == [
        "Bearer lamp-token",
        "Bearer of-the-connection",
    ]


def test_an_authorization_set_by_hand_wins(tmp_path, echo):
    request = sent(
        tmp_path, echo, "GET /", "headers: {Authorization: mine}", "auth: {bearer: theirs}"
    )
    assert request.headers("authorization") == ["mine"]


@pytest.mark.parametrize(
    "line",
    [
        'headers: {X: "a\\r\\nEvil: 1"}',
        'headers: {X: "a\\nEvil: 1"}',
        'headers: {X: "a\\0"}',
        'headers: {"X Y": a}',
        'headers: {"X:": a}',
        'headers: {"Évil": a}',
        'referer: "/\\r\\nEvil: 1"',
        'accept: "a\\r\\nb"',
    ],
)
def test_header_injection_is_refused_before_anything_is_sent(tmp_path, echo, line):
    """Where the file alone shows it that is earlier still."""
    text = SEND.format(line="GET /", more=f"  {line}")
    if not problems(tmp_path, text):
        step = fails(tmp_path, text, "invalid-header", base=echo.url)
        assert (step.verb, step.phase, step.outcome) == ("open", "open", "error")
    assert echo.requests == []


def test_header_injection_through_a_variable(tmp_path, echo):
    text = 'vars: {evil: "a\\r\\nEvil: 1"}\n' + SEND.format(
        line="GET /", more="  headers: {X: '${evil}'}"
    )
    fails(tmp_path, text, "invalid-header", base=echo.url)
    assert echo.requests == []


def test_a_line_break_in_the_target_is_refused(tmp_path, echo):
    text = 'vars: {evil: "x HTTP/1.1\\r\\nEvil: 1"}\n' + SEND.format(line="GET /${evil}", more="")
    fails(tmp_path, text, "invalid-url", base=echo.url)
    assert echo.requests == []
