"""``${…}``: what it puts in, with which type, and where it is an error."""

from __future__ import annotations

import re

import pytest

from tests.harness import fails, passes, problems, run

VARS = """
vars:
  name: lamp
  number: 1.10
  whole: 7
  yes: true
  none: null
  list: [a, {b: c}]
  user: {roles: [admin, buyer], "a.b": dotted, "it's": quoted}
  when: 2024-03-01T09:30:00Z
"""


def value(tmp_path, text, **settings):
    """What a template gives: the value of a variable set to it."""
    quoted = "'" + text.replace("'", "''") + "'"
    result = passes(tmp_path, f"{VARS}steps:\n- set: {{x: {quoted}}}\n", **settings)
    return result.steps[0].facts["x"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${name}", "lamp"),
        ("${whole}", 7),
        ("${yes}", True),
        ("${none}", None),
        ("${list}", ["a", {"b": "c"}]),
        ("${user.roles[0]}", "admin"),
        ("${user.roles[-1]}", "buyer"),
        ("${list[1].b}", "c"),
        ("${user['a.b']}", "dotted"),
        ("${user['it''s']}", "quoted"),
        ('${user["a.b"]}', "dotted"),
        ("${ name }", "lamp"),
        ("a ${name}!", "a lamp!"),
        ("${name}${whole}", "lamp7"),
        ("${number}", 1.1),
        ("n ${number}", "n 1.10"),
        ("b ${yes}", "b true"),
        ("$${name}", "${name}"),
        ("$${name} ${name}", "${name} lamp"),
        ("$name $ {name} $", "$name $ {name} $"),
        ("${name | upper}", "LAMP"),
        ("${user.roles | count}", 2),
        ("${user.roles | nth 1 | upper}", "BUYER"),
        ("${'literal' | upper}", "LITERAL"),
        ("${'it''s' | upper}", "IT'S"),
        ("${'a } b' | upper}", "A } B"),
        ('${when | parse-date | format-date "%Y"}', "2024"),
    ],
)
def test_values(tmp_path, text, expected):
    found = value(tmp_path, text)
    assert found == expected
    assert type(found) is type(expected) or isinstance(found, type(expected))


def test_what_is_put_in_is_never_read_again(tmp_path, echo):
    """Not as a template, not as YAML, not as a query, not as a matcher."""
    passes(
        tmp_path,
        """
        vars: {evil: "${name}", name: lamp, query: "a' || 'b", tree: {above: 1}}
        steps:
        - set: {x: "$${name}"}
        - get: /
          params: {q: "${x}"}
          headers: {X: "${x}: {a: b}"}
          expect:
            $.target: /?q=%24%7Bname%7D
        - post: /
          json: {quoted: "${query}"}
          expect:
            $.body: {contains: "a' || 'b"}
        - set: {y: "${tree}"}
          expect: {y: {equals: "${tree}"}}
        """,
        base=echo.url,
    )
    assert echo.requests[0].header("x") == "${name}: {a: b}"


def test_a_value_in_a_query_is_a_quoted_literal(tmp_path, echo):
    passes(
        tmp_path,
        """
        vars: {wanted: "it's \\"q\\"", number: 2, items: [{id: 2, n: "it's \\"q\\""}]}
        steps:
        - post: /chunked
          json: "${items}"
          expect:
            "$[?@.n == ${wanted}] | count": 1
            "$[?@.id == ${number}] | count": 1
            "$[?@.id == ${number}].n": ["${wanted}"]
        """,
        base=echo.url,
    )


@pytest.mark.parametrize("name", ["none", "list", "user"])
def test_no_null_list_or_mapping_inside_a_longer_text(tmp_path, name):
    step = fails(tmp_path, f"{VARS}steps:\n- set: {{x: 'a ${{{name}}}'}}\n", "invalid-scenario")
    assert f"${{{name}}}" in step.message
    assert step.snippet.mark[1] == 15


def test_keys(tmp_path, echo):
    passes(
        tmp_path,
        VARS
        + """
steps:
- post: /
  params: {'${name}': 1}
  form: {'a${whole}': '${name}'}
  expect: {'$["${name | upper | lower}"]': {exists: false}, $.body: a7=lamp}
""",
        base=echo.url,
    )
    assert echo.requests[0].target == "/?lamp=1"


@pytest.mark.parametrize(
    ("text", "environ", "expected"),
    [
        ("${env.A}", {"A": "set"}, "set"),
        ("${env.A:-other}", {"A": "set"}, "set"),
        ("${env.A:-other}", {}, "other"),
        ("${env.A:-other}", {"A": ""}, "other"),
        ("${env.A:-}", {}, ""),
        ("${env.A:-}", {"A": ""}, ""),
        ("${env.A:-http://h:1/x}", {}, "http://h:1/x"),
        ("${env.A:-7 | int}", {}, 7),
        ("${env.A | int}", {"A": "7"}, 7),
        ("${env.A:-x | upper}", {}, "X"),
        ("${env.A:-x | upper}", {"A": "set"}, "SET"),
        ("${env.A:-${env.B:-x}}", {}, "x"),
        ("${env.A:-${env.B:-x}}", {"B": "b"}, "b"),
        ("${env.A:-${env.B:-x}}", {"A": "a", "B": "b"}, "a"),
        ("${env.A:-${whole}}", {}, 7),
        ("${env.A:-http://${env.B:-h}:${whole}/ | upper}", {}, "HTTP://H:7/"),
        ('${env.A:-{"a": 1}}', {}, '{"a": 1}'),
        ('${env.A:-{"a": 1}}', {"A": "set"}, "set"),
        ('${env.A:-{"a": "}"}}', {}, '{"a": "}"}'),
        ('${env.A:-{"a": {"b": 1}} | json}', {}, {"a": {"b": 1}}),
        ("${env.A:-it's}", {}, "it's"),
        ("${env.A:-it's} and ${env.B:-it's}", {}, "it's and it's"),
        ("${env.A:-' a | } '}", {}, " a | } "),
        ("${env.A:-'it''s'}", {}, "it's"),
        ('${env.A:-"x" | upper}', {}, "X"),
        ("${env.A:-$${x}}", {}, "${x}"),
        ("${env.A:- x }", {}, "x"),
        ("${env['A-B']}", {"A-B": "odd"}, "odd"),
    ],
)
def test_the_environment(tmp_path, text, environ, expected):
    assert value(tmp_path, text, environ=environ) == expected


@pytest.mark.parametrize("environ", [{}, {"A": ""}])
def test_an_environment_variable_that_is_not_set(tmp_path, environ):
    step = fails(
        tmp_path, "steps:\n- set: {x: 'a ${env.A}'}\n", "undefined-variable", environ=environ
    )
    assert step.outcome == "error"
    assert "A is not set" in step.message
    assert "${env.A:-" in step.hint
    assert step.snippet.mark[:2] == (2, 15)


def test_new_values(tmp_path):
    text = "vars: {a: '${new.%s}'}\nsteps:\n- set: {b: '${a}', c: '${new.%s}'}\n"
    shapes = {
        "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        "int": r"\d+",
        "hex": r"[0-9a-f]{16}",
        "now": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00",
    }
    for name, shape in shapes.items():
        facts = passes(tmp_path, text % (name, name)).steps[0].facts
        assert re.fullmatch(shape, str(facts["b"]))
        if name != "now":
            assert facts["b"] != facts["c"]
    assert isinstance(passes(tmp_path, text % ("int", "int")).steps[0].facts["b"], int)


def test_new_values_in_vars_are_made_once(tmp_path):
    passes(
        tmp_path,
        """
        vars: {id: "${new.uuid}"}
        steps:
        - set: {a: "${id}", b: "${id}"}
          expect: {a: "${id}", b: "${id}"}
        """,
    )


def test_a_seed_makes_them_repeat(tmp_path):
    text = "steps:\n- set: {a: '${new.uuid}', b: '${new.int}', c: '${new.hex}'}\n"

    def made(seed):
        return {name: run(tmp_path, text, seed=seed).steps[0].facts[name] for name in "abc"}

    assert made(1) == made(1)
    assert made(1) != made(2)
    assert made(None) != made(None)


def test_facts_of_a_step_by_its_id(tmp_path, echo):
    passes(
        tmp_path,
        """
        steps:
        - get: /etag
          id: first
        - get: /x
          headers: {If-None-Match: "${first.header.etag}"}
          params: {s: "${first.status}", n: "${first.$.lamp}"}
          if: {first.time.total: {below: 10s}}
        - set: {reused: "${first.connection.reused}", total: "${first.time.total}"}
          expect: {reused: false, total: {below: 10s}}
        """.replace(', n: "${first.$.lamp}"', ""),
        base=echo.url,
    )
    assert echo.requests[1].header("if-none-match") == '"lamp-1"'


def test_serve_url(tmp_path, echo):
    passes(
        tmp_path,
        "steps:\n- get: ${serve.url}/x\n- get: /default-base\n",
        serve_url=echo.url,
    )
    assert [each.target for each in echo.requests] == ["/x", "/default-base"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("${env.A:-{}", "never closed"),
        ("${env.A:-'x' y}", "`y` stands behind a default in quotes"),
        ("${env.A.B}", "an environment variable is text: `.B` leads nowhere"),
        ("${env.A-x}", "`-` in the name of an environment variable"),
        ("${new.uuid.x}", "`new.uuid` is one value"),
        ("${env.A:-${x y}}", "cannot read `y` in `${x y}`"),
        ("${env.A:-" * 30 + "}" * 30, "more than 20 templates"),
        ("${ }", "names no variable"),
        ("${{name}}", "names no variable"),
        ("${name + 1}", "cannot read `+ 1` in `${name + 1}`"),
        ("${list[}", "brackets hold an index or a quoted name"),
        ("${list.0}", "`.0` is no name"),
        ("${name | nth}", "nth"),
        ("${name | }", "name is missing"),
        ('${name | replace "a}', "never closed"),
        ("${name", "never closed"),
        ("${}", "names no variable"),
        ("${1}", "names no variable"),
        ("${name | nosuch}", "nosuch"),
        ("${name upper}", "cannot read"),
        ("${name:-x}", "`env.NAME` only"),
        ("${name | upper |}", ""),
        ("${user.}", "a name is missing behind `.`"),
    ],
)
def test_templates_that_cannot_be_compiled(tmp_path, text, words):
    quoted = text.replace("'", "''")
    found = problems(tmp_path, f"{VARS}steps:\n- set: {{x: 'a {quoted}'}}\n")
    assert len(found) == 1
    assert words in found[0].message
    assert (found[0].kind, found[0].at.line) == ("invalid-scenario", 12)
    assert found[0].at.column > 10
    assert found[0].at.column <= len(found[0].line)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("${user.nothing}", "`user.nothing` is not there"),
        ("${user.roles[9]}", "`user.roles[9]` is not there"),
        ("${list.a}", "`list.a` is not there"),
    ],
)
def test_paths_that_lead_nowhere(tmp_path, text, words):
    step = fails(tmp_path, f"{VARS}steps:\n- set: {{x: '{text}'}}\n", "undefined-variable")
    assert words in step.message
