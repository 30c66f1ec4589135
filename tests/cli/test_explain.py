from __future__ import annotations

import io
from pathlib import Path

import pytest

from runner.cli.explain import explain
from runner.cli.main import main
from runner.cli.schema import SCHEMAS, schema
from runner.cli.topics import key_names
from runner.columns import display_width
from runner.kinds import KINDS
from runner.query.facts import FACTS
from runner.query.filters import FILTERS
from runner.query.matchers.themes import MATCHERS
from runner.scenario.grammar import keys_of, verb_node, verbs
from tests.scenario.table import good

LISTS = ("verbs", "keys", "facts", "matchers", "filters", "kinds")
WORDS = sorted({*verbs(), *key_names(), *FACTS, *MATCHERS, *FILTERS, *KINDS})


def page(topic: str | None) -> str:
    out = io.StringIO()
    assert explain(topic, out) == 0
    return out.getvalue()


@pytest.mark.parametrize("topic", [None, *LISTS, *WORDS])
def test_a_page_fits_80_columns_and_says_something(topic: str | None) -> None:
    text = page(topic)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\n\n\n\n" not in text
    for line in text.splitlines():
        assert display_width(line) <= 80, line
        assert line == line.rstrip()
    assert len(text.split()) > 5


def test_the_overview_fits_a_screen_and_names_every_verb_matcher_and_filter() -> None:
    text = page(None)
    assert len(text.splitlines()) <= 44
    assert {*verbs(), *MATCHERS, *FILTERS} <= set(text.split())
    assert all(name in text.split("More")[1] for name in LISTS)


@pytest.mark.parametrize("verb", verbs())
def test_the_page_of_a_verb_lists_its_keys(verb: str) -> None:
    words = page(verb).replace(",", " ").split()
    assert set(keys_of(verb)) <= set(words)
    first = " ".join(verb_node(verb)["description"].split()[:3])
    assert first in page(verb)


def test_the_page_of_a_primitive_verb() -> None:
    assert page("close") == (
        "close ID                                                          primitive verb\n"
        "\n"
        "  Closes a connection, or what an `id` names. What is left is closed at the end\n"
        "  anyway.\n"
        "\n"
        "    - close:\n"
        "    - close: user_a\n"
        "\n"
        "Subject\n"
        "  The `id` of a session, connection or request. Default: the newest connection.\n"
        "\n"
        "Common keys\n"
        "  name, id, in, if, expect, capture, on-failure, deadline, for-each\n"
        "\n"
        "Facts\n"
        "  time.total  how long the whole step took (duration)\n"
        "  attempts    how many tries the step took; 1 without retry (integer)\n"
        "  error       the failure kind the step ended in (kind)\n"
        "  jar.NAME    a cookie the session holds now (text)\n"
    )


@pytest.mark.parametrize(
    ("topic", "lines"),
    [
        ("timeout", ["key of session", "connect  Bound on a connect", "timeout: 5s"]),
        ("retry", ["attempts  How often", "retry: {within: 30s, every: 1s}"]),
        ("header.etag", ["header.NAME", "fact: text", "Left by `send`"]),
        ("status", ["fact: status", "expect: {status: 200}"]),
        ("near", ["matcher", "operand  {value, within}", "near: {value: 9.99, within: 0.01}"]),
        ("nth", ["nth INDEX", "filter", "takes  a list"]),
        ("read-timeout", ["failure kind", "phase    send", "outcome  error"]),
        ("wrong-order", ["phase    load"]),
    ],
)
def test_a_page_tells(topic: str, lines: list[str]) -> None:
    text = page(topic)
    for line in lines:
        assert line in text


def test_a_word_of_several_meanings_has_them_all() -> None:
    text = page("text")
    assert "key of send, requests" in text
    assert "fact: text" in text
    assert "  filter" in text
    assert page("headers").count("key of") == 2


@pytest.mark.parametrize(
    ("topic", "hint"),
    [
        ("gett", "did you mean `get`?"),
        ("mtachers", "did you mean `matchers`?"),
        ("startswith", "did you mean `starts-with`?"),
        ("conection-refused", "did you mean `connection-refused`?"),
        ("quux", "`httpsteps explain` shows what there is"),
    ],
)
def test_an_unknown_word_is_bad_usage(
    topic: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = io.StringIO()
    assert explain(topic, out) == 2
    assert out.getvalue() == ""
    told = capsys.readouterr().err
    assert told == f"httpsteps: there is nothing called `{topic}` to explain\n  hint: {hint}\n"


@pytest.mark.parametrize("name", good())
def test_a_scenario_is_explained_step_by_step(name: str, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_bytes(good()[name])
    text = page(str(file))
    assert "Steps\n" in text
    assert all(display_width(line) <= 80 for line in text.splitlines())


def test_the_outline_names_lines_subjects_and_checks(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(
        "name: Shop\nsteps:\n- block:\n  - get: /x\n    expect: {status: 200}\n"
        "  retry: {attempts: 2}\n"
    )
    assert page(str(file)) == (
        "Shop\n\nSteps\n     3  block, retry {attempts: 2}\n     4    get /x\n"
        "            check status: 200\n"
    )


def test_a_broken_scenario_is_not_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text("steps:\n- gett: /x\n")
    assert explain(str(file), io.StringIO()) == 2
    assert "shop.yaml:2:3" in capsys.readouterr().err
    assert explain(str(tmp_path / "none.yaml"), io.StringIO()) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("which", SCHEMAS)
def test_a_schema_is_printed_or_pointed_at(which: str) -> None:
    out = io.StringIO()
    assert schema(which, True, out) == 0
    path = Path(out.getvalue().rstrip("\n"))
    printed = io.StringIO()
    assert schema(which, False, printed) == 0
    assert printed.getvalue() == path.read_text(encoding="utf-8")
    assert '"$schema"' in printed.getvalue()


def test_the_command_explains_and_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "wait"]) == 0
    assert "wait DURATION" in capsys.readouterr().out
    assert main(["schema", "--path"]) == 0
    assert capsys.readouterr().out == f"{SCHEMAS['scenario']}\n"
    assert main(["explain", "quux"]) == 2


def test_an_aborted_connection_may_be_one_that_could_not_be_made() -> None:
    out = io.StringIO()
    assert explain("connection-aborted", out) == 0
    assert "no file descriptor left" in " ".join(out.getvalue().split())
