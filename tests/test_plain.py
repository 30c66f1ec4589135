"""Values as JSON can hold them."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime

import pytest

from runner.plain import DEEPEST, plain
from runner.values import WrittenFloat, WrittenInt


@pytest.mark.parametrize(
    ("value", "made"),
    [
        (WrittenInt(7, "007"), 7),
        (WrittenFloat(1.1, "1.10"), 1.1),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (math.nan, "NaN"),
        (b"text", "text"),
        (b"\xff", {"base64": "/w=="}),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        ({1: (True, None)}, {"1": [True, None]}),
        ({"b", "a"}, ["a", "b"]),
        (frozenset({2, 1}), [1, 2]),
    ],
)
def test_values(value, made):
    assert plain(value) == made
    assert type(plain(value)) is type(made)


def test_what_has_no_end_is_cut():
    value = []
    value.append({"again": value})
    shown = json.dumps(plain(value), ensure_ascii=False)
    assert shown.count("[") + shown.count("{") == DEEPEST
    assert "…" in shown
