from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.scenario.model import Address
from runner.scenario.problems import (
    Problem,
    ProblemError,
    as_github,
    as_json,
    did_you_mean,
    render,
)

MISSPELT = Problem(
    "invalid-scenario",
    "unknown key `expct` in a `get` step",
    Address("scenarios/shop.yaml", 12, 5, 5),
    expected="expected one of: accept, as, at",
    hint="did you mean `expect`?",
    line="    expct: {status: 200}",
)


def test_a_problem_shows_its_place_the_line_a_caret_and_the_remedy() -> None:
    assert render(MISSPELT) == (
        "error: unknown key `expct` in a `get` step  [invalid-scenario]\n"
        "  --> scenarios/shop.yaml:12:5\n"
        "   |\n"
        "12 |     expct: {status: 200}\n"
        "   |     ^^^^^ expected one of: accept, as, at\n"
        "   |\n"
        "   = hint: did you mean `expect`?"
    )


def test_colour_changes_nothing_but_the_colour() -> None:
    coloured = render(MISSPELT, colour=True)
    assert "\x1b[1;31m^^^^^" in coloured
    for code in ("1;31", "1;34", "34", "1", "0"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == render(MISSPELT)


def test_a_second_place_is_shown_in_its_own_line() -> None:
    problem = Problem(
        "invalid-yaml",
        "the key `get` stands twice",
        Address("a.yaml", 112, 5, 3),
        expected="and again here",
        line="    get: /carts",
        also=(
            (Address("a.yaml", 9, 5, 3), "first here"),
            (Address("b.yaml", 2, 1, 2), "and there"),
        ),
        also_lines=("  - get: /items", "id: x"),
    )
    assert render(problem).splitlines() == [
        "error: the key `get` stands twice  [invalid-yaml]",
        "   --> a.yaml:112:5",
        "    |",
        "  9 |   - get: /items",
        "    |     --- first here",
        "...",
        "112 |     get: /carts",
        "    |     ^^^ and again here",
        "    |",
        "   ::: b.yaml:2:1",
        "    |",
        "  2 | id: x",
        "    | -- and there",
    ]


def test_places_without_their_source_lines_are_named() -> None:
    problem = Problem(
        "invalid-scenario",
        "twice",
        Address("a.yaml", 2, 1),
        expected="expected one",
        also=((Address("b.yaml", 3, 4), "first"),),
    )
    assert render(problem).splitlines() == [
        "error: twice  [invalid-scenario]",
        " --> a.yaml:2:1",
        "  = expected: one",
        "  = also: first (b.yaml:3:4)",
    ]


def test_a_problem_without_an_address_is_its_sentence() -> None:
    assert render(Problem("file-not-found", "no x")) == "error: no x  [file-not-found]"


def test_the_caret_counts_columns_of_wide_attached_and_tab_characters() -> None:
    line = "日本e\u0301\tkey: 1"
    at = Address("a.yaml", 1, line.index("key") + 1, 3)
    shown = render(Problem("invalid-yaml", "m", at, line=line)).splitlines()
    source, caret = shown[3], shown[4]
    columns = sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) == "W" else 1
        for c in source[: source.index("key")]
    )
    assert "\t" not in source
    assert caret.index("^") == columns
    assert caret.count("^") == 3


def test_a_long_line_is_cut_around_the_caret() -> None:
    line = "x" * 500 + "HERE" + "y" * 500
    shown = render(Problem("invalid-yaml", "m", Address("a", 1, 501, 4), line=line)).splitlines()
    assert len(shown[3]) == 100
    assert shown[3].count("…") == 2
    at = shown[4].index("^")
    assert shown[3][at : at + 4] == "HERE"
    assert shown[4].count("^") == 4


def test_a_label_without_room_beside_the_caret_moves_below() -> None:
    at = Address("a", 1, 71, 4)
    label = "expected a number, a duration, a size or a version"
    shown = render(Problem("invalid-yaml", "m", at, expected=label, line="x" * 74)).splitlines()
    assert shown[-1] == "  = expected: a number, a duration, a size or a version"


def test_server_or_file_text_cannot_steer_the_terminal() -> None:
    line = "a: \x1b[31m\u202e\ud800\u2028"
    at = Address("a\x1b.yaml", 1, 4, 3)
    shown = render(Problem("invalid-yaml", "m\r\nn", at, found="\x07", hint="\x9b", line=line))
    assert not set(shown) & set("\x1b\u202e\ud800\u2028\x07\x9b\r")
    shown.encode()


ANY_TEXT = st.text(st.characters(), max_size=300)


@given(ANY_TEXT, ANY_TEXT, st.integers(1, 400), st.integers(0, 400), st.integers(30, 120))
def test_any_problem_renders_within_its_width(
    line: str, label: str, column: int, width: int, columns: int
) -> None:
    problem = Problem(
        "invalid-yaml", "m", Address("a", 7, column, width), expected=label, hint="h", line=line
    )
    shown = render(problem, width=columns).splitlines()
    source = next(text for text in shown if text.startswith("7 |"))
    caret = shown[shown.index(source) + 1]
    assert "^" in caret
    for text in (source, caret[: caret.rindex("^") + 1]):
        wide = sum(
            0 if unicodedata.category(c) in ("Mn", "Me") or c == "\u200d"
            else 2 if unicodedata.east_asian_width(c) in "WF" else 1
            for c in text
        )  # fmt: skip
        assert wide <= columns
    assert not any(text.endswith(" ") for text in shown)


def test_long_sentences_wrap_at_eighty_columns() -> None:
    problem = Problem("invalid-yaml", "word " * 40, hint="other " * 40)
    assert all(len(line) <= 80 for line in render(problem).splitlines())


def test_lines_of_a_hint_stay_lines_and_keep_their_indentation() -> None:
    shown = render(Problem("invalid-yaml", "m", hint="write:\n  - get: /a")).splitlines()
    assert shown[1:] == ["  = hint: write:", "            - get: /a"]


def test_problem_error_says_all_its_problems() -> None:
    error = ProblemError(MISSPELT, Problem("invalid-yaml", "two"))
    assert error.problems[0] is MISSPELT
    told = "scenarios/shop.yaml:12:5: unknown key `expct` in a `get` step"
    expected = f"{told}: did you mean `expect`?\ntwo"
    assert str(error) == expected


def test_as_json_is_plain_data() -> None:
    data = json.loads(json.dumps(as_json(MISSPELT)))
    assert data["file"] == "scenarios/shop.yaml"
    assert (data["line"], data["column"], data["width"]) == (12, 5, 5)
    assert data["hint"] == "did you mean `expect`?"
    assert as_json(Problem("file-not-found", "m"))["line"] is None


def test_as_github_escapes_what_the_runner_would_read() -> None:
    problem = Problem(
        "invalid-yaml", "100%\nsure", Address("a,b:c%.yaml", 3, 4, 2), hint="a, b: c\r"
    )
    assert as_github(problem) == (
        "::error file=a%2Cb%3Ac%25.yaml,line=3,col=4,endColumn=5,title=invalid-yaml"
        "::100%25%0Asure%0Ahint: a, b: c%0D"
    )


def test_as_github_without_an_address() -> None:
    expected = "::error title=file-not-found::no x"
    assert as_github(Problem("file-not-found", "no x")) == expected


KNOWN = ["expect", "headers", "user-agent", "get", "post", "put", "capture", "id", "if", "in"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("expct", "expect"),
        ("exepct", "expect"),
        ("expects", "expect"),
        ("Get", "get"),
        ("ge", "get"),
        ("pst", "post"),
        ("user_agent", "user-agent"),
        ("userAgent", "user-agent"),
        ("cap", "capture"),
        ("header", "headers"),
        ("zebra", None),
        ("xx", None),
        ("", None),
        ("-", None),
    ],
)
def test_did_you_mean(word: str, meant: str | None) -> None:
    assert did_you_mean(word, KNOWN) == meant


def test_did_you_mean_never_offers_the_word_itself() -> None:
    assert did_you_mean("get", ["get"]) is None


def test_a_label_is_told_as_it_is() -> None:
    tab = Problem("invalid-yaml", "m", Address("a", 1, 1), expected="a tab")
    assert as_github(tab).endswith("::m%0Aa tab")
    assert (as_json(tab)["label"], as_json(tab)["expected"]) == ("a tab", None)
    assert as_json(MISSPELT)["expected"] == "one of: accept, as, at"
