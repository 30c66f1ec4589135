"""GraphQL: errors under a status of 200, and answers that are none."""

from __future__ import annotations

import pytest

from tests.harness import fails, passes
from tests.lab import scripted
from tests.lab.scripted import again, answer, request

WRONG = b'{"data": null, "errors": [{"message": "no such item"}]}'


@pytest.fixture
def served(lab):
    """A function that starts a server with this one answer."""
    return lambda body, status=200: lab(scripted(again(request(), answer(status, body)))).url


def post(more="", graphql='{query: "{ a }"}'):
    return f"steps:\n- post: /\n  graphql: {graphql}\n  {more}"


@pytest.mark.parametrize(
    "query", ["$.errorsTotal", "$.errors_", "$['errors ']", "$.data.errors", "$.errors\u00e9"]
)
def test_a_check_of_another_name_hides_no_errors(tmp_path, served, query):
    text = post(f'expect: {{"{query}": {{exists: false}}}}')
    step = fails(tmp_path, text, "graphql-errors", base=served(WRONG))
    assert "no such item" in step.message


@pytest.mark.parametrize(
    "query", ["$.errors", "$.errors[0].message", "$['errors']", "$['errors'][0].message"]
)
def test_a_check_of_the_errors_takes_them_over(tmp_path, served, query):
    passes(tmp_path, post(f'expect: {{"{query}": {{exists: true}}}}'), base=served(WRONG))


@pytest.mark.parametrize("body", [b"<html>login</html>", b""])
def test_an_answer_that_is_no_json(tmp_path, served, body):
    fails(tmp_path, post(), "invalid-json", base=served(body))


def test_a_wrong_status_is_told_before_its_body(tmp_path, served):
    fails(tmp_path, post(), "unexpected-status", base=served(b"<h1>Oops</h1>", 500))


def test_a_body_read_in_parts_is_not_looked_at(tmp_path, served):
    passes(
        tmp_path,
        """
        steps:
        - session:
        - connect:
        - open: POST /
        - send:
          graphql: {query: "{ a }"}
        - read: 5
        - read:
        """,
        base=served(b'{"data": {"a": 1}}'),
    )
