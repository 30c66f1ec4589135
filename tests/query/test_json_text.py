"""JSON text to a value: what RFC 8259 leaves open is refused with a sentence."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.query.json_text import JSONError, read_json

KEYS = st.sampled_from(["a", "b", "a:", 'a":', " :", "é"])
VALUES = st.recursive(
    st.none() | st.integers(-5, 5) | st.sampled_from(["", ":", '":', " : ", '\\":', "http://a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
SEPARATORS = st.sampled_from([None, (",", ":"), (" ,", " : "), (",", "\n:"), (",", "\t:\t")])


@given(VALUES, SEPARATORS, st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_reads_what_json_writes(value: object, separators: tuple[str, str], coding: str) -> None:
    text = json.dumps(value, separators=separators)
    assert read_json(text) == value
    assert read_json(text.encode(coding)) == value


@given(
    st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=4),
    st.integers(0, 3),
    st.sampled_from(["", " ", "\n", "\r\t"]),
    st.lists(VALUES, max_size=2),
)
def test_a_name_that_stands_twice_is_refused_wherever_colons_stand(
    pairs: list[tuple[str, object]], at: int, blank: str, others: list[object]
) -> None:
    twice = [*pairs, pairs[at % len(pairs)]]
    members = (f"{json.dumps(key)}{blank}:{json.dumps(value)}" for key, value in twice)
    text = f"[{{{','.join(members)}}}, {json.dumps(others)}]"
    with pytest.raises(JSONError, match="stands twice in one object"):
        read_json(text)
    with pytest.raises(JSONError, match="stands twice in one object"):
        read_json(text.encode())


def test_the_same_name_in_two_objects_is_no_slip() -> None:
    assert read_json('[{"a": {"a": 1}}, {"a": 2}]') == [{"a": {"a": 1}}, {"a": 2}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"b": {"a" : 1, "a":2}}', 'the key "a" stands twice in one object'),
        ('{"a": 1, "\\u0061": 2}', 'the key "a" stands twice in one object'),
        ("", "expecting value at line 1, column 1"),
        ('{"a":\n nope}', "expecting value at line 2, column 2"),
        (b'"\x80"', "byte 1 is not UTF-8"),
        ("[NaN]", "NaN is no JSON value"),
        ("[-Infinity]", "-Infinity is no JSON value"),
        ("[" * 201 + "]" * 201, "it is nested more than 200 levels deep"),
        ("[" * 100_000, "it is nested more than 200 levels deep"),
        ('{"a":' * 201 + "1" + "}" * 201, "it is nested more than 200 levels deep"),
        (f'{{"n": {"9" * 5000}}}', "an integer of 5000 digits; more than 4300 cannot be read"),
    ],
)
def test_refuses(text: str | bytes, said: str) -> None:
    with pytest.raises(JSONError) as caught:
        read_json(text)
    assert said in str(caught.value)
    assert "sys." not in str(caught.value)


def test_as_deep_and_as_long_as_can_be() -> None:
    assert read_json("[" * 200 + "]" * 200)
    assert read_json("9" * 4300) == 10**4300 - 1
