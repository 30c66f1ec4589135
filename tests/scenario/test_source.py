from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.query.values import WrittenFloat, WrittenInt, as_text
from runner.scenario.problems import Problem, ProblemError, render
from runner.scenario.source import Source, read_source


def read(text: str) -> Source:
    return read_source(text.encode(), "a.yaml")


def problems(text: str | bytes) -> tuple[Problem, ...]:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(ProblemError) as caught:
        read_source(data, "a.yaml")
    return caught.value.problems


def only(text: str | bytes) -> Problem:
    found = problems(text)
    assert len(found) == 1, found
    return found[0]


def under(problem: Problem) -> str:
    """What the caret points at."""
    assert problem.at is not None
    assert problem.line is not None
    start = problem.at.column - 1
    return problem.line[start : start + problem.at.width]


# values


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("N", "N"),
        ("12:30", "12:30"), ("1:2:3", "1:2:3"), ("2024-01-31", "2024-01-31"),
        ("2024-01-31T10:00:00Z", "2024-01-31T10:00:00Z"), ("0o17", "0o17"), ("0b1", "0b1"),
        ("1_000", "1_000"), ("=", "="), ("+", "+"), ("-x", "-x"), (".", "."), ("1.2.3", "1.2.3"),
        ("250ms", "250ms"), ("trUE", "trUE"), ("nil", "nil"), ("0x", "0x"), ("1e", "1e"),
        ("-0x1", "-0x1"),
        ("null", None), ("Null", None), ("~", None), ("true", True), ("TRUE", True),
        ("False", False), ("'true'", "true"), ('"1"', "1"), ("'~'", "~"), ("1", 1), ("-12", -12),
        ("0", 0), ("1.5", 1.5), ("-0.5", -0.5), ("1e+20", 1e20), ("$.a | b", "$.a | b"),
    ],
)  # fmt: skip
def test_scalars_are_read_by_the_core_schema(written: str, value: object) -> None:
    found = read(f"a: {written}\n").value
    assert found == {"a": value}
    assert type(found["a"]) is type(value)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("007", 7), ("017", 17), ("+5", 5), ("-0", 0), ("0x1F", 31), ("1.10", 1.1), ("1.", 1.0),
        (".5", 0.5), ("1e3", 1000.0), ("1E3", 1000.0), ("+1.5", 1.5), ("1e400", float("inf")),
        ("-1e400", float("-inf")), ("10e-1", 1.0),
    ],
)  # fmt: skip
def test_a_number_keeps_its_spelling(written: str, value: float) -> None:
    found = read(f"a: {written}\n").value["a"]
    assert found == value
    assert type(found) is (WrittenFloat if isinstance(value, float) else WrittenInt)
    assert as_text(found) == written


@pytest.mark.parametrize("written", [".inf", "-.Inf", "+.INF", ".nan", ".NaN"])
def test_what_json_has_no_number_for_is_a_problem(written: str) -> None:
    problem = only(f"a: {written}\n")
    assert under(problem) == written
    assert problem.hint is not None
    assert f'"{written}"' in problem.hint


def test_a_number_of_thousands_of_digits_is_a_problem() -> None:
    assert "4,000 digits" in only("a: " + "9" * 5000).message
    assert read("a: '" + "9" * 5000 + "'").value == {"a": "9" * 5000}


def test_keys_are_text_as_written() -> None:
    text = "200: a\n1.50: b\ntrue: c\n~: d\n2024-01-01: e\n'x': f\n"
    assert list(read(text).value) == ["200", "1.50", "true", "~", "2024-01-01", "x"]


def test_empty_is_not_null() -> None:
    source = read("a:\nb: null\nc: ~\nd: ''\ne: [x, ]\nf: &n\ng: {h: , i}\nj: |\nk: []\n")
    empty = [key for key in source.value if source.is_empty((key,))]
    assert empty == ["a", "f"]
    assert source.is_empty(("g", "h"))
    assert source.is_empty(("g", "i"))
    assert source.value["a"] is source.value["b"] is None
    assert not source.is_empty(("nowhere",))
    assert not source.is_empty(())


def test_block_and_folded_texts() -> None:
    assert read("a: |\n  x\n   y\nb: >-\n  x\n  y\n").value == {"a": "x\n y\n", "b": "x y"}


# aliases and merges


def test_aliases_share_what_they_stand_for() -> None:
    value = read("x-a: &a {n: 1}\nb: *a\nc: [*a, &s text, *s]\n*s : d\n").value
    assert value == {"x-a": {"n": 1}, "b": {"n": 1}, "c": [{"n": 1}, "text", "text"], "text": "d"}
    assert value["x-a"] is value["b"]


def test_merges_own_keys_win_then_the_earlier_mapping() -> None:
    text = """
one: &one {a: 1, b: 1}
two: &two {b: 2, c: 2}
own: {<<: *one, b: own}
late: {b: own, <<: *one}
both: {<<: [*one, *two, {d: 3}]}
deep: &deep {<<: *two, e: 5}
chain: {<<: *deep}
quoted: {"<<": 1}
"""
    value = read(text).value
    assert value["own"] == value["late"] == {"a": 1, "b": "own"}
    assert value["both"] == {"a": 1, "b": 1, "c": 2, "d": 3}
    assert value["chain"] == {"b": 2, "c": 2, "e": 5}
    assert value["quoted"] == {"<<": 1}
    assert value["one"] == {"a": 1, "b": 1}


def test_what_is_merged_has_the_address_of_its_definition() -> None:
    source = read("a: &a\n  x: 1\nb:\n  <<: *a\n  y: 2\nc: *a\n")
    assert str(source.mark(("b", "x"))) == "a.yaml:2:6"
    assert str(source.key_mark(("b", "x"))) == "a.yaml:2:3"
    assert str(source.key_mark(("b", "y"))) == "a.yaml:5:3"
    assert str(source.mark(("c",))) == "a.yaml:6:4"
    assert source.mark(("c",)).width == 2
    assert str(source.mark(("c", "x"))) == "a.yaml:2:6"


@pytest.mark.parametrize("merged", ["3", "[1]", "text", "", "[*a, x]"])
def test_only_mappings_can_be_merged(merged: str) -> None:
    problem = only(f"a: &a {{b: 1}}\nc:\n  <<: {merged}\n")
    assert (problem.at and problem.at.line, under(problem)) == (3, "<<")


def test_two_merges_name_the_list() -> None:
    assert "[*a, *b]" in (only("a: &a {}\nb: {<<: *a, <<: *a}\n").hint or "")


def test_aliases_expand_to_ten_thousand_nodes() -> None:
    head = "a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\nb: ["
    assert len(read(head + "*a," * 1000 + "]").value["b"]) == 1000
    problem = only(head + "*a," * 1001 + "]")
    assert problem.kind == "alias-bomb"
    assert under(problem) == "*a"


def test_a_bomb_of_aliases_of_aliases() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert only("\n".join(lines)).kind == "alias-bomb"
    lines = ["a0: &a0 {k: x}"]
    lines += [f"a{n}: &a{n} {{<<: *a{n - 1}, l: *a{n - 1}}}" for n in range(1, 40)]
    assert only("\n".join(lines)).kind == "alias-bomb"


@pytest.mark.parametrize(
    "text", ["a: &a [*a]", "&a a: *a", "a: &a {b: {<<: *a}}", "a: &a\n- b: *a"]
)
def test_an_alias_inside_itself(text: str) -> None:
    if text == "&a a: *a":
        assert read(text).value == {"a": "a"}
        return
    problem = only(text)
    assert problem.kind == "alias-bomb"
    assert under(problem) == "*a"


def test_depth_is_bounded_also_through_aliases() -> None:
    assert read("a: " + "[" * 99 + "]" * 99)
    problem = only("a: " + "[" * 100 + "]" * 100)
    assert problem.kind == "invalid-yaml"
    assert problem.at is not None
    assert problem.at.column == 103
    deep = "[" * 60 + "]" * 60
    assert only(f"a: &a {deep}\nb: {'[' * 50}*a{']' * 50}").kind == "alias-bomb"


@pytest.mark.parametrize("opener", ["[", "{a: ", "- ", "? ", "[[", "{", "a:\n", "- - "])
def test_a_very_deep_file_is_refused_without_harm(opener: str) -> None:
    assert problems((opener * 400_000).encode()[: 4 * 2**20])[0].at is not None


# the file as a whole


def test_duplicate_keys_name_both_lines_and_all_are_told() -> None:
    found = problems("a: 1\nb: {c: 1, 'c': 2}\na: 2\n")
    assert [problem.at and problem.at.line for problem in found] == [2, 3]
    assert "line 1 and line 3" in found[1].message
    assert [str(place) for place, _ in found[1].also] == ["a.yaml:1:1"]
    assert "1 | a: 1" in render(found[1])
    assert "3 | a: 2" in render(found[1])


def test_numbers_as_keys_can_be_duplicates_of_text() -> None:
    assert "twice" in only("1: a\n'1': b\n").message


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n", "--- # x\n...\n"])
def test_an_empty_file(text: str) -> None:
    problem = only(text)
    assert problem.message == "the file is empty"
    assert problem.at is not None


def test_one_document() -> None:
    assert read("---\na: 1\n...\n").value == {"a": 1}
    problem = only("a: 1\n---\nb: 2\n")
    assert (str(problem.at), under(problem)) == ("a.yaml:2:1", "---")


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("a: !x 1", "!x"), ("a: !!str 1", "!!str"), ("a: ! x", "!"),
        ("a: !!binary eA==", "!!binary"),
        ("!x a: 1", "!x"), ("a: !x {b: 1}", "!x"), ("a: &b !x [1]", "!x"), ("a: !<x> 1", "!<x>"),
        ("a: !!python/object:os.system {}", "!!python/object:os.system"), ("a: !x!y 1", "!x!y"),
        ("a: !important", "!important"),
    ],
)  # fmt: skip
def test_any_tag_is_a_problem(text: str, tag: str) -> None:
    problem = only(text)
    assert problem.kind == "invalid-yaml"
    assert "is a tag" in problem.message
    assert under(problem) == tag


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    source = read_source(b"\xef\xbb\xbfa: 1\n", "a.yaml")
    assert source.value == {"a": 1}
    assert str(source.mark(("a",))) == "a.yaml:1:4"


def test_bytes_that_are_not_utf8() -> None:
    for mark in (b"", b"\xef\xbb\xbf"):
        problem = only(mark + "a: 1\né: ".encode() + b"\xe9t\xe9\n")
        assert str(problem.at) == "a.yaml:2:4"
        assert "0xE9" in problem.message
    assert "UTF-16" in only("a: 1".encode("utf-16")).message


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x7f", "\x9f", "\ufffe"])
def test_characters_yaml_forbids(character: str) -> None:
    problem = only(f"a: 1\nb: x{character}\n")
    assert str(problem.at) == "a.yaml:2:5"
    assert ("NUL" in problem.message) == (character == "\0")


def test_a_file_has_at_most_four_mebibytes() -> None:
    most = 4 * 2**20
    assert read_source(b"a: 1 #".ljust(most, b"x"), "a.yaml").value == {"a": 1}
    assert "4 MiB" in only(b"a: 1 #".ljust(most + 1, b"x")).message


def test_problems_are_bounded() -> None:
    assert len(problems("a: {" + "b: [c], " * 100_000 + "}")) == 50


# slips


TEMPLATE = "inside `{ }` or `[ ]`, a template stands in quotes"
BRACKET = "inside `{ }` or `[ ]`, a text with a bracket in it stands in quotes"
COMMENT = "` #` begins a comment and cuts the text before it short"
COLON = "a blank is missing after a colon"
TAB = "a tab cannot indent a line in YAML"


@pytest.mark.parametrize(
    ("text", "message", "pointed", "hint"),
    [
        ("a: {b: ${x}}", TEMPLATE, "${x}", '"${x}"'),
        ("h: {A: Bearer ${t}, b: 1}", TEMPLATE, "Bearer ${t}", '"Bearer ${t}"'),
        ("a: [1, ${x}/y]", TEMPLATE, "${x}/y", '"${x}/y"'),
        ("{${x}: 1}", TEMPLATE, "${x}", '"${x}"'),
        ("a: {b: x,\n  c: ${y} }", TEMPLATE, "${y}", '"${y}"'),
        ("e: {$.items[0].id: 3}", BRACKET, "$.items[0].id", '"$.items[0].id"'),
        ("e: {$.a[?@.x == 1]: 3}", BRACKET, "$.a[?@.x == 1]", '"$.a[?@.x == 1]"'),
        ("a: [$.a[*].b]", BRACKET, "$.a[*].b", '"$.a[*].b"'),
        ("a: @b", "a text cannot begin with `@`", "@b", '"@b"'),
        ("a: {b: @c, d: 1}", "a text cannot begin with `@`", "@c", '"@c"'),
        ("a: %b", "a text cannot begin with `%`", "%b", '"%b"'),
        ("a: {b: %41}", "a text cannot begin with `%`", "%41", '"%41"'),
        ("a: `b`", "a text cannot begin with ```", "`b`", '"`b`"'),
        ("a: */*", "a text cannot begin with `*`", "*/*", '"*/*"'),
        ("a: {b: *, c: 1}", "a text cannot begin with `*`", "*", '"*"'),
        ("a: *b", "`*b` calls up the anchor `&b`", "*b", '"*b"'),
        ("a: *b c", "`*b` calls up the anchor `&b`", "*b", '"*b c"'),
        ("a: &b/c", "a text cannot begin with `&`", "&b/c", '"&b/c"'),
        ("a: | upper", "a text cannot begin with `|`", "| upper", '"| upper"'),
        ("a: > 5", "a text cannot begin with `>`", "> 5", '"> 5"'),
        ("a: - b", "a text cannot begin with `-`", "- b", '"- b"'),
        ("a: ? b", "a text cannot begin with `?`", "? b", '"? b"'),
        ("m: [0-9]+", "a value that begins with `[` is a list", "[0-9]+", '"[0-9]+"'),
        ("- m: [a-z]x # c", "a value that begins with `[` is a list", "[a-z]x # c", None),
        ("a: {x}/y", "a value that begins with `{` is a mapping", "{x}/y", '"{x}/y"'),
        ('a: "x" y', "the text goes on behind its closing quote", "y", '"x y"'),
        ("a: 'it's'", "the text goes on behind its closing quote", "s'", None),
        ('a: "v(\\d+)"', "in double quotes `\\d` is no escape", "\\d", "'v(\\d+)'"),
        ('a: "C:\\user"', "in double quotes `\\u` is no escape", "\\u", "'C:\\user'"),
        ('a: {b: "\\w"}', "in double quotes `\\w` is no escape", "\\w", "'\\w'"),
        ("a: text | regex 'x #(y)'", COMMENT, "#(y)'", "\"text | regex 'x #(y)'\""),
        ("a: css:div #main > a", COMMENT, "#main > a", '"css:div #main > a"'),
        ("a: css:a[title='x #y']", COMMENT, "#y']", "\"css:a[title='x #y']\""),
        ("a: {q: css:div #main, b: 1}", COMMENT, "#main, b: 1}", None),
        ("a: text | split #", COMMENT, "#", '"text | split #"'),
        ("a: $['b #c']", COMMENT, "#c']", "\"$['b #c']\""),
        ("a: ${'x #y' | sha256}", COMMENT, "#y' | sha256}", None),
        ("e:\n  css:a #b: 3\n  x: 1", COMMENT, "#b: 3", '"css:a #b"'),
        ("e:\n  x: 1\n  $.a #b: 3\n  y: 1", COMMENT, "#b: 3", '"$.a #b"'),
        ("a: {b: c #d}\nx: 1", COMMENT, "#d}", None),
        ("a:1", COLON, ":", None),
        ("{a:1}", COLON, ":", None),
        ("x: {b: 2, a:1}", COLON, ":", None),
        ("a:1\nb: 2", COLON, ":", None),
        ("x: 0\na:1\nb: 2", COLON, ":", None),
        ("- get:/items\n  name: x", COLON, ":", None),
        ('"a":1', COLON, ":", None),
        ("- a\n-b", "a blank is missing after a dash", "-", None),
        ("a:\n\tb: 1", TAB, "\t", None),
        ("a:\n  - b\n\t- c", TAB, "\t", None),
        ("a:\n  \tb: 1", TAB, "\t", None),
        ("a: |\n\tx", TAB, "\t", None),
        ("a: b: c", "a text with `: ` in it stands in quotes", "b: c", '"b: c"'),
        ("a: {b: c: d}", "a text with `: ` in it stands in quotes", "c: d", '"c: d"'),
        ("a: b\n  c: d", "this line is indented as if it were part of the value", "c", None),
        ("a:\n    b: 1\n  c: 2", "this line is not indented like the keys above it", "c: 2", None),
        ("- a\nb: 1", "a list goes on with `- `", "b: 1", None),
        ("a: {b: c\nd: e", "this `{` is never closed", "{", None),
        ("a: [b", "this `[` is never closed", "[", None),
        ('a: "x\nb: c', "this quote is never closed", '"', None),
        ("a: 'x\n---\n", "this quote is never closed", "'", None),
        ("a: {b: 'x' y}", "a `,` or `}` is missing here", "y", None),
        ("a: [b, ,]", "a value is missing here", ",", None),
        ("a: }", "this `}` closes nothing", "}", None),
        ("{a: b}}", "this `}` closes nothing", "}", None),
        ("a: 1\n...\nb: 1", "the file's one value has ended", "b: 1", None),
        ("%YAML 1.3\n---\na: b", "a line that begins with `%`", "%YAML 1.3", None),
        ("%FOO\n---\na: b", "a line that begins with `%`", "%FOO", None),
        ("a: b\nc d\ne: f", "this line should be `key: value`", "c d", None),
        ("x: {{name}}", "a key is text; this one is a mapping", "{", "${name}"),
        ("[a]: b", "a key is text; this one is a list", "[", None),
        ("? [a]\n: b", "a key is text; this one is a list", "[", None),
        (": x", "a key is missing before this colon", ": x", None),
        ("a: 1\n: x", "a key is missing before this colon", ": x", None),
    ],
)  # fmt: skip
def test_a_slip_is_recognised(text: str, message: str, pointed: str, hint: str | None) -> None:
    for ending in ("", "\n", "\r\n"):
        problem = only(text.replace("\n", ending or "\n") + ending)
        assert problem.kind == "invalid-yaml"
        assert problem.message.startswith(message)
        assert under(problem).rstrip() == pointed.rstrip() or under(problem) == pointed
        assert hint is None or hint in (problem.hint or "")


@pytest.mark.parametrize(
    "line",
    [
        "a: text # a comment", "a: it's fine # comment", "a: $.items | count # how many",
        "a: css:h1 # the title", "a: css:h1 | trim #the title", "a: $5 # (five",
        "a: 'css:div #main'", "a: text | regex 'v(\\d+)' # it's", "a: bob's | x # a 'b",
        "a: ${x} # b}", "a: http://x/#top", "a: 1 # [", "a: {b: 1} # {c",
        "a: [x, # y\n  z]", "a: | # comment\n  x #y", "a: 'b' #c", "a: Bearer ${t}",
        "a: css:a[href='x'] # it's", "a: $.a[?@.b == 'c d'] # e", "a: 50% @ *",
        "a: x\t# tab before a comment", "a: {\n\tb: 1}", "a:\t1",
        "- localhost:8080", "a: [b:c, http://x]", '{"a":1,"b":[2]}', "a: '*/*'", "a: x${y}[0]",
    ],
)  # fmt: skip
def test_no_false_alarm(line: str) -> None:
    assert read(line).value


@pytest.mark.parametrize(
    ("text", "value"),
    [("a: $.b[0]", "$.b[0]"), ("a: ${x}", "${x}"), ("a: text | split ','", "text | split ','")],
)
def test_queries_and_templates_need_no_quotes_outside_brackets(text: str, value: str) -> None:
    assert read(text).value == {"a": value}


def test_a_slip_tells_the_bracket_of_an_earlier_line() -> None:
    problem = only("headers: {\n  a: 1,\n  b: x[0]\n}\n")
    assert (str(problem.at), problem.message) == ("a.yaml:3:6", BRACKET)


# places


TEXT = """\
name: "é日本"   # wide
steps:
  - get: /items/1
    expect:
      status: 200
      $.name: Lamp

  - post: &p
      a: 1
    text: |
      one
      two

    flow: {a: [1,
      2], b: x}
after:
# the end
"""


@pytest.mark.parametrize(
    ("path", "at", "width"),
    [
        ((), "1:1", 1),
        (("name",), "1:7", 5),
        (("steps",), "3:3", 1),
        (("steps", 0), "3:5", 1),
        (("steps", 0, "get"), "3:10", 8),
        (("steps", 0, "expect"), "5:7", 1),
        (("steps", 0, "expect", "$.name"), "6:15", 4),
        (("steps", 0, "nowhere", "at", 1), "3:5", 1),
        (("steps", 7), "3:3", 1),
        (("steps", "get"), "3:3", 1),
        (("steps", 0, "get", "x"), "3:10", 8),
        (("steps", 1, "post"), "9:7", 1),
        (("steps", 1, "text"), "10:11", 1),
        (("steps", 1, "flow"), "14:11", 7),
        (("steps", 1, "flow", "a", 1), "15:7", 1),
        (("after",), "16:7", 1),
    ],
)
def test_marks(path: tuple[str | int, ...], at: str, width: int) -> None:
    mark = read(TEXT).mark(path)
    assert str(mark) == f"a.yaml:{at}"
    assert mark.width == width


@pytest.mark.parametrize(
    ("path", "at", "width"),
    [
        (("steps",), "2:1", 5),
        (("steps", 0, "expect", "$.name"), "6:7", 6),
        (("steps", 1, "flow", "b"), "15:11", 1),
        (("steps", 0), "3:5", 1),
        (("steps", 0, "nowhere"), "3:5", 1),
        ((), "1:1", 1),
    ],
)
def test_key_marks(path: tuple[str | int, ...], at: str, width: int) -> None:
    mark = read(TEXT).key_mark(path)
    assert str(mark) == f"a.yaml:{at}"
    assert mark.width == width


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 16), (("name",), 1), (("steps",), 15), (("steps", 0), 6), (("steps", 0, "get"), 3),
        (("steps", 1), 15), (("steps", 1, "text"), 12), (("steps", 1, "post"), 9), (("after",), 16),
    ],
)  # fmt: skip
def test_last_lines(path: tuple[str | int, ...], line: int) -> None:
    assert read(TEXT).last_line(path) == line


def test_the_last_line_of_a_mapping_may_be_a_merge() -> None:
    source = read("a: &a {x: 1}\nb:\n  y: 2\n  <<: *a\n\nc: 1\n")
    assert source.last_line(("b",)) == 4


def test_raw_is_the_spelling() -> None:
    source = read("a: '007'\nb: 0x1F\nc: &x \"q\"\nd: [1]\ne: *x\n")
    assert [source.raw((key,)) for key in "abcd"] == ["'007'", "0x1F", '"q"', None]
    assert source.raw(("e",)) == '"q"'
    assert source.raw(("a", "b")) is None
    assert source.raw(()) is None


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\u2028", "\x85"])
def test_lines_are_counted_as_the_parser_counts_them(newline: str) -> None:
    source = read(newline.join(["a: 1", "b: '😀'", "c: {d: 2}"]))
    assert str(source.mark(("c", "d"))) == "a.yaml:3:8"
    assert source.line(2) == "b: '😀'"
    assert source.line(9) == ""


def test_a_problem_of_a_path() -> None:
    problem = read(TEXT).problem(
        "invalid-scenario", "m", ("steps", 0, "get"), key=True, also=((("name",), "n"),)
    )
    assert under(problem) == "get"
    assert problem.also_lines == ('name: "é日本"   # wide',)


# properties


def spell(text: str) -> str:
    """A text in double quotes, as YAML 1.2 has them."""
    shown = "".join(f"\\U{ord(c):08x}" if c in '"\\' or not c.isprintable() else c for c in text)
    return f'"{shown}"'


def write(
    tree: Any, indent: str, path: tuple[str | int, ...], seen: dict[Any, Any]
) -> Iterator[str]:
    """The tree as block YAML; ``seen`` gathers the spelling of each scalar by its path."""
    if isinstance(tree, dict) and tree:
        for key, item in tree.items():
            yield f"\n{indent}{spell(key)}:"
            yield from write(item, indent + "  ", (*path, key), seen)
    elif isinstance(tree, list) and tree:
        for number, item in enumerate(tree):
            yield f"\n{indent}-"
            yield from write(item, indent + "  ", (*path, number), seen)
    else:
        plain = {None: "null", True: "true", False: "false"}
        if isinstance(tree, str):
            shown = spell(tree)
        elif isinstance(tree, bool) or tree is None:
            shown = plain[tree]
        else:
            shown = repr(tree) if not isinstance(tree, dict | list) else str(tree)
        if not isinstance(tree, dict | list):
            seen[path] = shown
        yield f" {shown}"


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = (
    st.none() | st.booleans() | st.integers() | TEXTS
    | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def strict(tree: object) -> object:
    """The tree in a form that tells True from 1 and 1 from 1.0."""
    if isinstance(tree, dict):
        return {key: strict(item) for key, item in tree.items()}
    if isinstance(tree, list):
        return [strict(item) for item in tree]
    kind = next(base for base in (bool, int, float, str, type(None)) if isinstance(tree, base))
    return (kind, tree)


@given(TREES)
def test_any_tree_comes_back_and_every_scalar_knows_its_place(tree: Any) -> None:
    seen: dict[Any, str] = {}
    text = "# top\n---" + "".join(write(tree, "", (), seen)) + "\n"
    source = read(text)
    assert strict(source.value) == strict(tree)
    lines = text.split("\n")
    for path, shown in seen.items():
        mark = source.mark(path)
        assert lines[mark.line - 1][mark.column - 1 :][: mark.width] == shown
        assert source.raw(path) == shown
        assert source.last_line(path) == mark.line


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_are_a_problem_with_an_address(data: bytes) -> None:
    check(data)


PIECES = st.sampled_from(
    ["a", "b: ", ": ", ":", "- ", "-", "\n", "\n  ", "\n    ", "\t", "{", "}", "[", "]", ",", '"',
     "'", "#", " #", "&a ", "*a", "!x ", "|", ">", "%", "@", "`", "${x}", "$.a", "<<: ",
     "? ", "---\n",
     "...\n", "\\", "é", "日", "1", "0x1", "~", " ", "css:", " | split", "\r\n", "\u2028", "\x85"]
)  # fmt: skip


@settings(max_examples=600)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_text_is_read_or_is_a_problem_with_an_address(text: str) -> None:
    check(text.encode())


def check(data: bytes) -> None:
    try:
        source = read_source(data, "a.yaml")
    except ProblemError as error:
        found = error.problems
    else:
        assert source.mark(()).line <= source.last_line(())
        return
    assert found
    for problem in found:
        assert problem.kind in ("invalid-yaml", "alias-bomb")
        assert problem.at is not None
        assert problem.at.line >= 1
        assert problem.at.column <= len(problem.line or "") + 1
        assert "libyaml" not in render(problem)
