"""JSONPath: our own plain paths agree with the library, which does the others."""

from __future__ import annotations

import builtins
import sys

import jsonpath_rfc9535
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.query.errors import FilterError, QueryError
from runner.query.jsonpath import compile_jsonpath, compile_locations, plain_steps
from runner.query.values import MISSING

DOCUMENT = {
    "a": {"b": [10, {"c d": 1, "☺": 2}]},
    "it's": 1, '"': 2, "\\": 3, "/": 4, "\n": 5, "𝄞": 6, "_x1": 7, "": 8,
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("$", ()),
        ("$.a", ("a",)),
        ("$.a.b[0]", ("a", "b", 0)),
        ("$.a .b\t[ -1 ]\n['c d']", ("a", "b", -1, "c d")),
        ('$["it\'s"]', ("it's",)),
        ("$['it\\'s']", ("it's",)),
        ("$['\"']", ('"',)),
        ('$["\\""]', ('"',)),
        ("$['\\\\']", ("\\",)),
        ("$['\\/']", ("/",)),
        ("$['\\n']", ("\n",)),
        ("$['\\uD834\\uDD1E']", ("𝄞",)),
        ("$.☺", ("☺",)),
        ("$._x1", ("_x1",)),
        ("$['']", ("",)),
        ("$[0]", (0,)),
        ("$[-1]", (-1,)),
    ],
)
def test_plain_paths(path: str, steps: tuple[object, ...]) -> None:
    assert plain_steps(path) == steps
    nodes = jsonpath_rfc9535.find(path, DOCUMENT)
    type_, select = compile_jsonpath(path)
    assert type_ == "any"
    assert select(DOCUMENT) == (nodes[0].value if nodes else MISSING)
    assert compile_locations(path)(DOCUMENT) == [node.location for node in nodes]


@pytest.mark.parametrize(
    "path",
    [
        " $", "$ ", "$.1", "$.&", "$.a-b", "$.", "$..", "$[]", "$[01]", "$[-0]", "$[1.0]", "$[--1]",
        "$['a", "$['\\q']", "$['\\\"']", '$["\\\'"]', "$['\\uD800']", "$['\\uDC00\\uD800']",
        "$['\u0001']", "$[0 2]", "$[9007199254740992]", "$[?@.a==1 and @.b]", "$[?length(@.*)>1]",
        "$[?@.a =~ /x/]", "a", "$a", "$.a b", "$[true]", "$[?#]",
    ],
)  # fmt: skip
def test_what_is_no_jsonpath(path: str) -> None:
    with pytest.raises(QueryError):
        compile_jsonpath(path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.a.b[*]", [10, {"c d": 1, "☺": 2}]),
        ("$..b[0]", [10]),
        ("$..nope", []),
        ("$.a.b[0:1]", [10]),
        ("$.a.b[0,0]", [10, 10]),
        ("$.a.b[?@ > 5]", [10]),
        ("$['a','nope'].b[0]", [10]),
        ("$.a.b[?@['c d'] == 1]['☺']", [2]),
    ],
)
def test_other_paths_give_lists(path: str, expected: list[object]) -> None:
    type_, select = compile_jsonpath(path)
    assert type_ == "list"
    assert select(DOCUMENT) == expected


def test_true_is_no_index_or_number() -> None:
    assert compile_jsonpath("$[?@.n == 1].i")[1]([{"n": True, "i": 1}, {"n": 1, "i": 2}]) == [2]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$[?search(@.t, 'a.c')].i", [1, 2]),
        ("$[?match(@.t, 'a.c')].i", [1]),
        ("$[?match(@.t, 'a[.]c')].i", []),
        ("$[?search(@.t, @.p)].i", [2]),
        ("$[?search(@.t, '(')].i", []),
        ("$[?search(@.i, '1')].i", []),
        ("$[?match(@.t, '\\\\p{L}+')].i", [1]),
    ],
)
def test_regular_expressions(path: str, expected: list[object]) -> None:
    document = [
        {"t": "abc", "i": 1, "p": "z"},
        {"t": "x a-c", "i": 2, "p": "-"},
        {"t": "a\nc", "i": 3},
    ]
    assert compile_jsonpath(path)[1](document) == expected


def test_a_search_is_broken_off() -> None:
    document = [{"t": "a" * 60 + "c", "p": "(a|a|aa)*[bd]"}]
    with pytest.raises(FilterError, match="longer than 1 s"):
        compile_jsonpath("$[?search(@.t, @.p)]")[1](document)


def test_a_deep_document_is_an_error_of_one_sentence() -> None:
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(FilterError, match="could not be evaluated"):
        compile_jsonpath("$..x")[1](deep)


def test_without_the_library_plain_paths_work(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.startswith("jsonpath_rfc9535"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.delitem(sys.modules, "jsonpath_rfc9535")
    monkeypatch.setattr(builtins, "__import__", without)
    assert compile_jsonpath("$.a[0]")[1]({"a": [5]}) == 5
    with pytest.raises(QueryError) as caught:
        compile_jsonpath("$..a", 3)
    assert "pip install 'httpsteps[jsonpath]'" in str(caught.value.hint)
    assert caught.value.offset == 3


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)


@given(st.recursive(st.integers(), lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)))
def test_own_walk_agrees_with_the_library(document: object) -> None:
    for node in jsonpath_rfc9535.find("$..*", document):
        path = node.path()
        assert compile_jsonpath(path)[1](document) is node.value
        assert compile_locations(path)(document) == [node.location]
