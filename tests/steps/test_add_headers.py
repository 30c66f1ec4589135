"""``add-headers``: the lines of an open request, changed byte for byte."""

from __future__ import annotations

import pytest

from tests.harness import fails, passes, problems

FLOW = """
steps:
- session:
  headers: {{X-Session: s}}
- connect:
- open: GET /
  headers: {{X-Open: o, X-Twice: [a, b]}}
{adding}
- send:
"""


def sent(tmp_path, echo, *adding):
    """The request after these ``add-headers`` steps."""
    rows = [f"- add-headers: {row}" if row[0] in "{$" else f"  {row}" for row in adding]
    passes(tmp_path, FLOW.format(adding="\n".join(rows)), base=echo.url)
    return echo.requests[0]


def own(request):
    """The lines that are no defaults."""
    return [line for line in request.lines if line[0].lower().startswith("x-")]


def test_the_exact_bytes(tmp_path, echo):
    request = sent(
        tmp_path,
        echo,
        "{x-lower: a, X-UPPER: B, X-Number: 1.10, X-True: true, X-List: [1, b]}",
        "{Accept-Encoding: null}",
    )
    assert (
        request.raw
        == (
            f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{echo.port}\r\n"
            f"User-Agent: {request.header('user-agent')}\r\nAccept: */*\r\nX-Session: s\r\n"
            "X-Open: o\r\nX-Twice: a\r\nX-Twice: b\r\nx-lower: a\r\nX-UPPER: B\r\n"
            "X-Number: 1.10\r\nX-True: true\r\nX-List: 1\r\nX-List: b\r\n\r\n"
        ).encode()
    )


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("replace", [("X-Session", "s"), ("X-Open", "o"), ("x-twice", "c")]),
        (
            "add",
            [
                ("X-Session", "s"),
                ("X-Open", "o"),
                ("X-Twice", "a"),
                ("X-Twice", "b"),
                ("x-twice", "c"),
            ],
        ),
        ("coalesce", [("X-Session", "s"), ("X-Open", "o"), ("x-twice", "a, b, c")]),
    ],
)
def test_if_exists(tmp_path, echo, rule, expected):
    assert own(sent(tmp_path, echo, "{x-twice: c}", f"if-exists: {rule}")) == expected


def test_replace_is_the_default(tmp_path, echo):
    request = sent(tmp_path, echo, "{X-Open: new, X-Session: own}")
    assert request.headers("x-open") == ["new"]
    assert request.headers("x-session") == ["own"]


def test_a_list_replaces_by_as_many_lines(tmp_path, echo):
    assert sent(tmp_path, echo, "{X-Open: [1, 2, 3]}").headers("x-open") == ["1", "2", "3"]


def test_coalesce_with_a_list_and_with_nothing_there(tmp_path, echo):
    request = sent(tmp_path, echo, "{X-Twice: [c, d], X-New: [e, f]}", "if-exists: coalesce")
    assert request.headers("x-twice") == ["a, b, c, d"]
    assert request.header("x-new") == "e, f"


def test_defaults_and_lines_of_the_session_are_there_too(tmp_path, echo):
    request = sent(tmp_path, echo, "{Accept: text/html, X-Session: t}", "if-exists: coalesce")
    assert request.headers("accept") == ["*/*, text/html"]
    assert request.headers("x-session") == ["s, t"]


def test_add_beside_a_default(tmp_path, echo):
    request = sent(tmp_path, echo, "{Accept: text/html}", "if-exists: add")
    assert request.headers("accept") == ["*/*", "text/html"]


@pytest.mark.parametrize("name", ["x-open", "Accept", "HOST", "X-Session"])
def test_fail_finds_what_is_there(tmp_path, echo, name):
    text = FLOW.format(adding=f"- add-headers: {{{name}: b}}\n  if-exists: fail")
    step = fails(tmp_path, text, "header-exists", base=echo.url)
    assert (step.verb, step.phase, step.outcome) == ("add-headers", "open", "error")
    assert name in step.message
    assert echo.requests == []


def test_fail_lets_new_ones_pass(tmp_path, echo):
    request = sent(tmp_path, echo, "{X-New: [a, b]}", "if-exists: fail")
    assert request.headers("x-new") == ["a", "b"]


def test_null_removes_what_is_there(tmp_path, echo):
    request = sent(
        tmp_path, echo, "{X-Twice: null, User-Agent: null, Accept: null, X-Session: null}"
    )
    assert [name for name, _ in request.lines] == ["Host", "Accept-Encoding", "X-Open"]


def test_what_was_removed_can_be_set_again(tmp_path, echo):
    request = sent(tmp_path, echo, "{User-Agent: null}", "{User-Agent: me}")
    assert request.headers("user-agent") == ["me"]


def test_removing_what_is_not_there_is_an_error(tmp_path, echo):
    step = fails(
        tmp_path, FLOW.format(adding="- add-headers: {X-None: null}"), "wrong-state", base=echo.url
    )
    assert "X-None" in step.message
    assert echo.requests == []


def test_a_whole_mapping_from_a_variable(tmp_path, echo):
    text = "vars: {more: {X-A: 1, X-B: [c, d]}}" + FLOW.format(adding="- add-headers: ${more}")
    passes(tmp_path, text, base=echo.url)
    assert echo.requests[0].headers("x-b") == ["c", "d"]


def test_the_facts_show_the_header_as_it_is_now(tmp_path, echo):
    text = FLOW.format(
        adding="- add-headers: {X-Open: p}\n  if-exists: coalesce\n"
        "- add-headers: {X-Open: q}\n  if-exists: coalesce"
    )
    passes(tmp_path, text, base=echo.url)
    assert echo.requests[0].headers("x-open") == ["o, p, q"]


@pytest.mark.parametrize("value", ['"a\\r\\nEvil: 1"', '"a\\nb"', '"a\\0b"'])
@pytest.mark.parametrize("through", ["literal", "variable"])
def test_injection_is_refused_before_anything_is_sent(tmp_path, echo, value, through):
    spec = value if through == "literal" else "'${evil}'"
    text = f"vars: {{evil: {value}}}" + FLOW.format(adding=f"- add-headers: {{X-A: {spec}}}")
    if not problems(tmp_path, text):
        step = fails(tmp_path, text, "invalid-header", base=echo.url)
        assert step.verb == "add-headers"
        assert "X-A" in step.message
    assert echo.requests == []


def test_a_name_that_is_no_token(tmp_path, echo):
    text = FLOW.format(adding='- add-headers: {"X A": b}')
    if not problems(tmp_path, text):
        fails(tmp_path, text, "invalid-header", base=echo.url)
    assert echo.requests == []


def test_text_beyond_ascii_is_sent_in_utf_8(tmp_path, echo):
    assert "X-City: Köln\r\n".encode() in sent(tmp_path, echo, "{X-City: Köln}").raw
