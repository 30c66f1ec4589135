"""Where values come from: words, files, environments, cases, defaults; and which of them wins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness import Command, called, write
from tests.lab import EchoServer

SCENARIO = """\
vars: {a: default, n: 1}
secrets: {token: "${env.TOKEN:-}"}
steps:
- post: /echo
  json: {a: "${a}", n: "${n}", token: "${token}"}
"""


def environment(folder: Path, text: str, name: str = "staging") -> None:
    (folder / "environments").mkdir(exist_ok=True)
    (folder / "environments" / f"{name}.yaml").write_text(text, encoding="utf-8")


def sent(folder: Path, echo: EchoServer, *words: str | Path) -> dict[str, object]:
    """What the scenario sent, run with these words."""
    command = called("run", "a.yaml", "--base", echo.url, *words, cwd=folder)
    assert command.status == 0, command.out + command.err
    return dict(json.loads(echo.requests[-1].body))


def refused(folder: Path, *words: str | Path) -> Command:
    command = called("run", "a.yaml", "--base", "http://127.0.0.1:9", *words, cwd=folder)
    assert command.status == 2, command.out
    assert "Traceback" not in command.err
    return command


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("v.yaml", "a: 007\nn: 5\n"),
        ("v.yml", "a: '007'\nn: '5'\n"),
        ("v.json", '{\n\t"a": "007", "n": 5}'),
        ("v.env", "# who\n\nexport a=007\nn='5'\n"),
        (".env", '\ufeffa = "007"\nn=5'),
    ],
)
def test_a_file_of_variables(tmp_path: Path, echo: EchoServer, name: str, text: str) -> None:
    write(tmp_path, SCENARIO, "a.yaml")
    (tmp_path / name).write_text(text, encoding="utf-8")
    made = sent(tmp_path, echo, "--vars", name)
    assert (made["a"], made["n"]) == ("007", 5)


def test_a_file_holds_data_and_no_templates(tmp_path: Path, echo: EchoServer) -> None:
    write(tmp_path, SCENARIO, "a.yaml")
    write(tmp_path, "a: ${env.HOME}\n", "v.yaml")
    assert sent(tmp_path, echo, "--vars", "v.yaml")["a"] == "${env.HOME}"


def test_the_order_of_precedence(tmp_path: Path, echo: EchoServer) -> None:
    write(tmp_path, SCENARIO, "a.yaml")
    assert sent(tmp_path, echo)["a"] == "default"
    environment(tmp_path, "vars: {a: environment}\n")
    words: list[str | Path] = ["--environment", "staging"]
    assert sent(tmp_path, echo, *words)["a"] == "environment"
    write(tmp_path, "a: file\n", "v.yaml")
    words += ["--vars", "v.yaml"]
    assert sent(tmp_path, echo, *words)["a"] == "file"
    write(tmp_path, "a: later file\n", "w.yaml")
    words += ["--vars", "w.yaml"]
    assert sent(tmp_path, echo, *words)["a"] == "later file"
    words = ["--var", "a=word", *words]
    assert sent(tmp_path, echo, *words)["a"] == "word"


def test_a_case_wins_over_the_environment(tmp_path: Path, echo: EchoServer) -> None:
    write(tmp_path, "cases: [{a: case}]\n" + SCENARIO, "a.yaml")
    environment(tmp_path, "vars: {a: environment, n: 3}\n")
    made = sent(tmp_path, echo, "--environment", "staging")
    assert (made["a"], made["n"]) == ("case", 3)


def test_values_of_a_case_reach_other_variables(tmp_path: Path, echo: EchoServer) -> None:
    write(tmp_path, "cases: [{n: 7}]\n" + SCENARIO.replace("default", "'n${n}'"), "a.yaml")
    assert sent(tmp_path, echo)["a"] == "n7"


def test_an_environment_has_a_base_and_templates(tmp_path: Path, echo: EchoServer) -> None:
    write(tmp_path, SCENARIO, "a.yaml")
    environment(
        tmp_path,
        f"base: http://${{host}}\nvars: {{host: '{echo.host}:{echo.port}', a: '${{env.WHO}}'}}\n",
    )
    command = called(
        "run", "a.yaml", "--environment", "staging", cwd=tmp_path, environ={"WHO": "ada"}
    )
    assert command.status == 0, command.out + command.err
    assert json.loads(echo.requests[0].body)["a"] == "ada"


def test_a_base_from_outside_holds_for_used_scenarios(tmp_path: Path, echo: EchoServer) -> None:
    write(tmp_path, "base: http://127.0.0.1:9\nsteps:\n- get: /used\n", "_used.yaml")
    write(tmp_path, "steps:\n- use: _used.yaml\n", "a.yaml")
    assert called("run", "a.yaml", "--base", echo.url, cwd=tmp_path).status == 0
    assert [each.path for each in echo.requests] == ["/used"]


def test_an_environment_stands_beside_the_scenario_or_above(
    tmp_path: Path, echo: EchoServer
) -> None:
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    deep = tmp_path / "scenarios" / "shop"
    deep.mkdir(parents=True)
    write(deep, SCENARIO, "a.yaml")
    words = ("run", "scenarios", "--base", echo.url, "--environment", "staging")
    for number, folder in enumerate((tmp_path, tmp_path / "scenarios", deep)):
        environment(folder, f"vars: {{n: {number}}}\n")
        assert called(*words, cwd=tmp_path).status == 0
        assert json.loads(echo.requests[-1].body)["n"] == number


def test_an_environment_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, SCENARIO, "a.yaml")
    assert "environments/prod.yaml" in refused(tmp_path, "--environment", "prod").err
    environment(tmp_path, "vars: {a: x}\n")
    told = refused(tmp_path, "--environment", "stagin").err
    assert "did you mean `staging`?" in told
    assert "named by the file" in refused(tmp_path, "--environment", "../a").err


def test_an_environment_is_checked_before_anything_is_sent(tmp_path: Path) -> None:
    write(tmp_path, SCENARIO, "a.yaml")
    environment(tmp_path, "vars: {n: many}\nsecrets: {token: '${env.NOT_SET_AT_ALL}'}\n")
    told = refused(tmp_path, "--environment", "staging").err
    assert "environments/staging.yaml:1:8" in told
    assert "is no integer" in told
    environment(tmp_path, "secrets: {token: '${env.NOT_SET_AT_ALL}'}\n")
    told = refused(tmp_path, "--environment", "staging").err
    assert "environments/staging.yaml:1:19" in told
    assert "NOT_SET_AT_ALL is not set" in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("n: many\n", ["v.yaml:1:1", "is no integer"]),
        ("n: [1]\n", ["v.yaml:1:1", "a list is no integer"]),
        ("- a\n", ["--vars v.yaml", "found a list"]),
        ("a-b: 1\n", ["v.yaml:1:1", "no name of a variable"]),
        ("a: {\n", ["v.yaml:"]),
    ],
)
def test_mistakes_in_a_file_have_their_place(tmp_path: Path, text: str, words: list[str]) -> None:
    write(tmp_path, SCENARIO, "a.yaml")
    write(tmp_path, text, "v.yaml")
    told = refused(tmp_path, "--vars", "v.yaml").err
    for word in words:
        assert word in told


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a\n", "v.env:1:1"),
        ("a=1\nb=2\na=3\n", "v.env:3:1"),
        ("a b=1\n", "v.env:1:1"),
        ("export env=1\n", "v.env:1:8"),
        ("a='it\n", "v.env:1:3"),
        ("a='x' y\n", "v.env:1:6"),
        (b"a=1\nb=\xff\n", "v.env:2:3"),
    ],
)
def test_mistakes_in_lines_have_their_place(tmp_path: Path, text: str | bytes, word: str) -> None:
    write(tmp_path, SCENARIO, "a.yaml")
    (tmp_path / "v.env").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert word in refused(tmp_path, "--vars", "v.env").err


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("a=x # who", "x"),
        ("a=x#y", "x#y"),
        ("a=", ""),
        ("a= # nothing", ""),
        ("a='x # y' # z", "x # y"),
        (r'a="\"x\"\n\\ \$HOME"', '"x"\n\\ $HOME'),
        (r"a='\n$HOME'", r"\n$HOME"),
        ("a=it's", "it's"),
        ("  export\ta = x ", "x"),
        ("a=x=y", "x=y"),
        ("a=1\x0c2\u20283", "1\x0c2\u20283"),
    ],
)
def test_values_in_lines(tmp_path: Path, echo: EchoServer, line: str, value: str) -> None:
    write(tmp_path, SCENARIO, "a.yaml")
    (tmp_path / "v.env").write_text(f"{line}\n", encoding="utf-8")
    assert sent(tmp_path, echo, "--vars", "v.env")["a"] == value


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"n": 1,\n "n": 2}', "v.json:2:2"),
        ("[1]", "v.json"),
        ('{"a": ', "v.json:1:7"),
        ("\\", "v.json:1:1"),
        ('{"a": 1,\n "n": "many"}', "v.json:2:2"),
        ('{"a b": 1}', "v.json:1:2"),
        ("[" * 100_000, "v.json:1:101"),
    ],
)
def test_mistakes_in_json(tmp_path: Path, text: str, place: str) -> None:
    write(tmp_path, SCENARIO, "a.yaml")
    write(tmp_path, text, "v.json")
    assert place in refused(tmp_path, "--vars", "v.json").err


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, SCENARIO, "a.yaml")
    assert "--vars nope.yaml" in refused(tmp_path, "--vars", "nope.yaml").err


@pytest.mark.parametrize("option", ["--var", "--vars"])
def test_a_variable_of_the_cases_is_refused(tmp_path: Path, option: str) -> None:
    write(tmp_path, "cases: [{a: 1}, {a: 2}]\nsteps:\n- get: /${a}\n", "a.yaml")
    write(tmp_path, "a: 3\n", "v.yaml")
    told = refused(tmp_path, option, "a=3" if option == "--var" else "v.yaml").err
    assert "is a variable of the cases of a.yaml" in told


def test_a_misspelt_name_in_a_file_is_warned_of(tmp_path: Path, echo: EchoServer) -> None:
    write(tmp_path, SCENARIO, "a.yaml")
    write(tmp_path, "tokn: x\nother_team: 1\nn: 1\n", "v.yaml")
    environment(tmp_path, "vars: {toke: 1}\n")
    words = ("--vars", "v.yaml", "--environment", "staging")
    command = called("run", "a.yaml", "--base", echo.url, *words, cwd=tmp_path)
    assert command.status == 0
    assert "warning: no scenario of this run declares `tokn`" in command.err
    assert "v.yaml:1:1" in command.err
    assert "environments/staging.yaml:1:8" in command.err
    assert command.err.count("did you mean `token`?") == 2
    assert "other_team" not in command.err


def test_a_file_that_fits_nothing_is_warned_of(tmp_path: Path, echo: EchoServer) -> None:
    write(tmp_path, SCENARIO, "a.yaml")
    write(tmp_path, "completely_else: 1\n", "v.yaml")
    command = called("run", "a.yaml", "--base", echo.url, "--vars", "v.yaml", cwd=tmp_path)
    assert "declares any of the variables in v.yaml" in command.err


@pytest.mark.parametrize("quiet", ["-v", "-q"])
@pytest.mark.parametrize("way", ["file", "environment", "dotenv"])
def test_secrets_from_files_are_never_shown(
    tmp_path: Path, echo: EchoServer, way: str, quiet: str
) -> None:
    write(tmp_path, SCENARIO + "  expect: {$.nope: 1}\n", "a.yaml")
    write(tmp_path, "token: hunter2xyz\n", "s.yaml")
    write(tmp_path, "token=hunter2xyz\n", "s.env")
    environment(tmp_path, "secrets: {token: hunter2xyz}\n")
    words = {
        "file": ("--secrets", "s.yaml"),
        "dotenv": ("--secrets", "s.env"),
        "environment": ("--environment", "staging"),
    }[way]
    report = ("--report", "json=r.json", quiet)
    command = called("run", "a.yaml", "--base", echo.url, *words, *report, cwd=tmp_path)
    assert command.status == 1
    assert json.loads(echo.requests[0].body)["token"] == "hunter2xyz"
    shown = command.out + command.err + (tmp_path / "r.json").read_text(encoding="utf-8")
    assert "hunter2xyz" not in shown


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("s.yaml", "n: hunter2xyz\n"),
        ("s.yaml", "token: hunter2xyz: a\n"),
        ("s.yaml", "hunter2xyz\n"),
        ("s.json", '{"n": "hunter2xyz"}'),
        ("s.json", '{"token": "hunter2xyz'),
        ("s.env", "n=hunter2xyz\n"),
        ("s.env", "token=hunter2xyz\ntoken=hunter2xyz\n"),
        ("s.yaml", "tokn: hunter2xyz\nn: x\n"),
    ],
)
def test_mistakes_in_secrets_do_not_show_them(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path, SCENARIO, "a.yaml")
    (tmp_path / name).write_text(text, encoding="utf-8")
    told = refused(tmp_path, "--secrets", name)
    assert name in told.err
    assert "hunter2" not in told.out + told.err


@pytest.mark.parametrize("word", ["hunter2xyz", "n=hunter2xyz"])
def test_a_secret_word_that_makes_no_sense_is_not_repeated(tmp_path: Path, word: str) -> None:
    write(tmp_path, SCENARIO, "a.yaml")
    told = refused(tmp_path, "--secret", word)
    assert "--secret" in told.err
    assert "hunter2" not in told.out + told.err


def test_types_are_those_of_each_scenario(tmp_path: Path, echo: EchoServer) -> None:
    write(tmp_path, "vars: {n: 1}\nsteps:\n- post: /\n  json: {n: '${n}'}\n", "a.yaml")
    write(tmp_path, "vars: {n: one}\nsteps:\n- post: /\n  json: {n: '${n}'}\n", "b.yaml")
    command = called("run", ".", "--base", echo.url, "--var", "n=7", cwd=tmp_path)
    assert command.status == 0, command.out + command.err
    assert [json.loads(each.body)["n"] for each in echo.requests] == [7, "7"]
