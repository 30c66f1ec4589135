"""``${new.…}``: its own in each case, scenario, round and branch; the same again under a seed."""

from __future__ import annotations

import json

from runner.execution.scenario_run import Settings, run_scenario
from runner.scenario.loader import load
from tests.harness import called, passes, write


def facts(tmp_path, text, seed):
    return [step.facts for step in passes(tmp_path, text, seed=seed).steps]


def test_branches_at_the_same_time_repeat_under_a_seed(tmp_path):
    branch = "".join(f"    - set: {{v{number}: '${{new.hex}}'}}\n" for number in range(20))
    branches = "".join("  -\n" + branch.replace("{v", f"{{b{name}_v") for name in range(4))
    text = f"steps:\n- parallel:\n{branches}- parallel:\n{branches.replace('_v', '_w')}"

    def made(seed):
        result = passes(tmp_path, text, seed=seed)
        parts = [part for step in result.steps for part in step.steps]
        return [each for part in parts for each in part.facts.values() if isinstance(each, str)]

    first = made(3)
    assert len(first) >= 160
    assert len(set(first)) == len(first)
    assert made(3) == first
    assert made(4) != first


def test_vars_keep_theirs_and_steps_make_new_ones(tmp_path, echo):
    text = """
    vars: {id: "${new.int}"}
    steps:
    - set: {list: [1, 2, 3]}
    - get: /status/500
      params: {id: "${id}", n: "${new.int}"}
      retry: {attempts: 3, every: 1ms}
      on-failure: continue
      expect: {status: 201}
    - get: /
      params: {id: "${id}", n: "${new.int}"}
      for-each: {each: "${list}"}
    - parallel:
      - - get: /?id=${id}&n=${new.int}
      - - get: /?id=${id}&n=${new.int}
    """

    def sent():
        echo.requests.clear()
        path = write(tmp_path, text)
        scenario = load(path, root=tmp_path)
        settings = Settings(environ={}, base=echo.url, seed=5)
        run_scenario(scenario, scenario.cases[0], settings)
        queries = sorted(each.target.partition("?")[2] for each in echo.requests[-8:])
        ids, numbers = zip(*(each.split("&") for each in queries), strict=True)
        return ids, numbers

    ids, numbers = sent()
    assert len(set(ids)) == 1
    assert len(numbers) == len(set(numbers)) == 8
    assert sent() == (ids, numbers)


def test_files_do_not_share_values_and_the_folder_called_from_does_not_matter(tmp_path, echo):
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    folder = tmp_path / "inner"
    folder.mkdir()
    text = "name: same\nsteps:\n- post: /echo\n  json: {v: '${new.uuid}'}\n"
    write(folder, text, "a.yaml")
    write(folder, text, "b.yaml")

    def sent(cwd, *paths):
        echo.requests.clear()
        command = called("run", *paths, "--base", echo.url, "--seed", "1", cwd=cwd)
        assert command.status == 0, command.out + command.err
        return [json.loads(each.body)["v"] for each in echo.requests]

    both = sent(tmp_path, "inner/a.yaml", "inner/b.yaml")
    assert both[0] != both[1]
    assert sent(folder, "b.yaml", "a.yaml") == both[::-1]


def test_a_run_whose_cases_make_values_tells_its_seed(tmp_path, echo):
    write(tmp_path, "a\n${new.uuid}\n", "c.csv")
    write(tmp_path, "cases: c.csv\nsteps:\n- post: /echo\n  json: {v: '${a}'}\n", "a.yaml")
    words = ("run", "a.yaml", "--base", echo.url, "--report", "json=r.json")
    assert called(*words, cwd=tmp_path).status == 0
    seed = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["seed"]
    assert called(*words, "--seed", str(seed), cwd=tmp_path).status == 0
    first, second = (json.loads(each.body)["v"] for each in echo.requests)
    assert first == second
