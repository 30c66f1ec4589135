"""The hint below a query that found nothing: what there is instead."""

from __future__ import annotations

import json

import pytest

from tests.harness import fails

BODY = {"id": 1, "name": "Lamp", "tags": ["a", "b"], "price": {"eur": 5}}


def ended(folder, echo, key, lines, kind):
    step = {"get": f"{echo.url}/text", "params": {"say": json.dumps(BODY)}, key: lines}
    return fails(folder, json.dumps({"steps": [step]}), kind)


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("$.nmae", "did you mean `$.name`?"),
        ("$.price.euro", "did you mean `$.price.eur`?"),
        ("$.zzzz | upper", "there is: id, name, tags, price"),
        ("$.tags[5]", "the list `$.tags` has 2 elements"),
        ("$.tags.first", "`$.tags` is a list"),
        ("$.name.first", "`$.name` is text and has no parts"),
        ("header.contnet-type", "did you mean `header.content-type`?"),
        ("header.x-nowhere", "the headers there are: "),
        ("cookie.sid", "there are no cookies"),
    ],
)
def test_what_is_missing_has_a_hint(tmp_path, echo, query, hint):
    step = ended(tmp_path, echo, "expect", {query: {"exists": True}}, "expectation-failed")
    assert step.hint is not None
    assert hint in step.hint
    (failure,) = step.failures
    text = (tmp_path / "scenario.yaml").read_text()
    column = int(failure.at.rsplit(":", 1)[1])
    assert text[column - 1 :].startswith(f'"{query}')


def test_a_capture_too(tmp_path, echo):
    step = ended(tmp_path, echo, "capture", {"owner": "$.owner"}, "capture-failed")
    assert step.hint == "there is: id, name, tags, price"


def test_what_is_there_and_wrong_has_none(tmp_path, echo):
    step = ended(tmp_path, echo, "expect", {"$.name": "Desk"}, "expectation-failed")
    assert step.hint is None
