"""A path in, a scenario out; or everything that is wrong with it, and never anything else."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest

from runner.scenario.loader import load
from runner.scenario.problems import ProblemError, render
from tests.harness import PROJECT, problems, write

GOOD = (Path(__file__).parent / "good.txt").read_text(encoding="utf-8")


def test_what_the_top_of_a_file_gives(tmp_path):
    path = write(
        tmp_path,
        """
        description: about lamps
        tags: [smoke, shop]
        base: http://a.example/api
        deadline: 1m30s
        x-anchors: {any: thing}
        vars: {a: 1}
        steps:
        - get: /
        teardown:
        - delete: /
        """,
        "shop.yaml",
    )
    scenario = load(path, root=tmp_path)
    assert (scenario.name, scenario.tags, scenario.base) == (
        "shop",
        ("smoke", "shop"),
        "http://a.example/api",
    )
    assert (scenario.deadline, scenario.description) == (90.0, "about lamps")
    assert [step.verb for step in (*scenario.steps, *scenario.teardown)] == ["get", "delete"]
    assert load(write(tmp_path, "name: N\nsteps: [get: /]\n"), root=tmp_path).name == "N"


def test_a_request_verb_is_made_of_primitive_steps(tmp_path):
    scenario = load(write(tmp_path, "steps: [get: /]\n"), root=tmp_path)
    (step,) = scenario.steps
    assert [part.verb for part in step.steps] == ["session", "connect", "open", "send", "read"]


def test_the_name_messages_call_the_file_by(tmp_path):
    path = write(tmp_path, "steps: [git: /]\n")
    with pytest.raises(ProblemError) as caught:
        load(path, root=tmp_path, shown="scenarios/shop.yaml")
    assert str(caught.value.problems[0].at).startswith("scenarios/shop.yaml:1:")


def test_all_problems_of_a_file_are_found_at_once(tmp_path):
    found = problems(
        tmp_path,
        """
        steps:
        - get: /
          expect: {$.a: {abov: 1}, staus: 200}
        - got: /
        - get: /
          capture: {a b: $.x}
          retry: {attempts: 0}
        """,
    )
    assert len(found) >= 4
    assert {each.at.line for each in found} >= {4, 5, 7, 8}


def test_queries_templates_and_matchers_are_all_judged(tmp_path):
    found = problems(
        tmp_path,
        """
        steps:
        - get: /${a
          expect:
            $.[: 1
            status | upcase: 1
            $.x: {matches: "("}
            time.total: {below: 5}
            tls.nothing: 1
        """,
    )
    assert [each.at.line for each in found] == [3, 5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"",
        b"\x00",
        b"steps:\n\t- get: /",
        b"\xef\xbb\xbfsteps: [got: /]",
        b"- \r- ",
    ],
)
def test_bytes_that_are_no_scenario(tmp_path, content):
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    with pytest.raises(ProblemError) as caught:
        load(path, root=tmp_path)
    assert all(each.message for each in caught.value.problems)


def test_a_mark_at_the_start_is_no_content(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfsteps: [get: /]\n")
    assert load(path, root=tmp_path).steps


def test_files_that_cannot_be_read(tmp_path):
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(ProblemError) as caught:
            load(path, root=tmp_path)
        assert caught.value.problems[0].kind == "file-not-found"


def mangled(text, source):
    """The text with a few small changes."""
    for _ in range(source.randint(1, 4)):
        at = source.randrange(len(text))
        change = source.randrange(4)
        if change == 0:
            text = text[:at] + text[at + source.randint(1, 6) :]
        elif change == 1:
            text = text[:at] + source.choice("${}[]:'\"\t#|&*!%@- \n0é") + text[at:]
        elif change == 2:
            other = source.randrange(len(text))
            text = text[:at] + text[other : other + 20] + text[at:]
        else:
            text = (
                text[:at] + source.choice(["null", "${x}", "- ", "{}", "[]", "1e999"]) + text[at:]
            )
        text = text or " "
    return text


@pytest.mark.parametrize("seed", range(4))
def test_nothing_but_problems_comes_of_mangled_files(tmp_path, seed):
    source = random.Random(seed)
    texts = [part.partition("\n")[2] for part in GOOD.split("=== ")[1:]]
    shipped = sorted((PROJECT / "scenarios").glob("**/*.yaml"))
    texts += [path.read_text(encoding="utf-8") for path in shipped]
    path = tmp_path / "a.yaml"
    for _ in range(60):
        path.write_text(mangled(source.choice(texts), source), encoding="utf-8")
        with suppress(ProblemError):
            try:
                load(path, root=tmp_path)
            except ProblemError as error:
                for problem in error.problems:
                    assert problem.message
                    assert render(problem)
                raise
