"""A variable that holds text where a number was meant: the message says what to do."""

from __future__ import annotations

import pytest

from runner.query.errors import MatcherError
from runner.query.matchers import parse_matcher
from runner.query.values import Deferred, Scope


class Given(Deferred):
    """Stands for ``${n}`` with this value."""

    def __init__(self, value: object) -> None:
        self.value = value

    def render(self, _scope: Scope) -> object:
        return self.value

    def __repr__(self) -> str:
        return "${n}"


class Empty(Scope):
    def lookup(self, name: str) -> object:
        raise KeyError(name)


REMEDY = "give the variable a number as its default in `vars`"


@pytest.mark.parametrize("spec", [Given("5"), {"equals": Given("5")}, {"above": Given("5")}])
def test_an_operand_that_is_text(spec: object) -> None:
    (wrong,) = parse_matcher(spec, subject="$.n").check(5, Empty())
    assert REMEDY in wrong.message
    assert "${n} is text" in wrong.message
    assert not parse_matcher(Given("5")).check("5", Empty())
    assert REMEDY not in parse_matcher(Given("x")).check(5, Empty())[0].message
    assert REMEDY not in parse_matcher(Given("5")).check("6", Empty())[0].message
    assert REMEDY not in parse_matcher("5").check(5)[0].message


def test_a_value_that_is_text() -> None:
    (wrong,) = parse_matcher({"above": 5}, subject="n").check("42")
    assert wrong.message.endswith(f": add ` | float`, or {REMEDY}")
    (wrong,) = parse_matcher({"above": 5}, subject="$.n").check("42")
    assert wrong.message.endswith(": add ` | float` to the query")
    assert "float" not in parse_matcher({"above": 5}, subject="n").check("many")[0].message


@pytest.mark.parametrize("name", ["any-of", "all-of", "none-of", "one-of"])
def test_a_list_known_only_at_run_time(name: str) -> None:
    if name == "one-of":
        assert not parse_matcher({name: Given([1, 2])}).check(2, Empty())
        return
    with pytest.raises(MatcherError, match=r"takes a list; found the template \$\{n\}") as caught:
        parse_matcher({name: Given([1, 2])})
    assert "`one-of: ${n}`" in str(caught.value.hint)
