"""Values for scenarios: fixtures, options, settings; and the base URL they talk to."""

from __future__ import annotations

import pytest

from tests.lab import EchoServer

LAMP = "vars: {n: 0}\nsteps: [{get: '/items/${n}', expect: {$.name: Lamp}}]\n"


def fixture(name, value, arguments="", scope="function"):
    """The text of a fixture that gives a value."""
    return (
        "import pytest\n"
        f"@pytest.fixture(scope='{scope}')\ndef {name}({arguments}):\n    return {value}\n"
    )


@pytest.mark.parametrize("scope", ["function", "module", "session"])
def test_a_fixture_gives_variables(project, shop, scope):
    project.write("scenarios/a.yaml", LAMP)
    given = fixture("httpsteps_vars", "{'n': 1, 'unknown': [1]}", scope=scope)
    project.write("conftest.py", given + fixture("httpsteps_base_url", repr(shop), scope=scope))
    project.pytest().assert_outcomes(passed=1)


def test_the_nearest_fixture_counts(project, shop):
    project.write("conftest.py", fixture("httpsteps_vars", "{'n': 2}"))
    project.write("scenarios/a.yaml", LAMP)
    project.write("scenarios/near/a.yaml", LAMP)
    project.write("scenarios/near/conftest.py", fixture("httpsteps_vars", "{'n': 1}"))
    project.pytest(f"--httpsteps-base={shop}").assert_outcomes(passed=1, failed=1)


def test_an_option_wins_over_a_fixture(project, lab):
    one, two = lab(EchoServer()), lab(EchoServer())
    project.write("scenarios/a.yaml", "vars: {n: 0}\nsteps: [get: '/${n}']\n")
    project.write(
        "conftest.py",
        fixture("httpsteps_vars", "{'n': 1}") + fixture("httpsteps_base_url", repr(one.url)),
    )
    project.pytest().assert_outcomes(passed=1)
    project.pytest("--httpsteps-var=n=2", f"--httpsteps-base={two.url}").assert_outcomes(passed=1)
    assert [each.target for each in one.requests] == ["/1"]
    assert [each.target for each in two.requests] == ["/2"]


@pytest.mark.parametrize(
    "server", ["type('Live', (), {'url': URL})()", "type('Live', (), {'__str__': lambda s: URL})()"]
)
def test_a_live_server_gives_the_base(project, shop, server):
    project.write("scenarios/a.yaml", "base: http://127.0.0.1:9\nsteps: [get: /health]\n")
    project.write(
        "conftest.py",
        f"URL = {shop!r}\n"
        + fixture("live_server", server, scope="session")
        + fixture("httpsteps_base_url", "live_server", "live_server"),
    )
    project.pytest().assert_outcomes(passed=1)


def test_the_base_of_pytest_base_url_is_used(project, shop):
    project.write("scenarios/a.yaml", "steps: [get: /health]\n")
    project.write("theirs.py", fixture("base_url", repr(shop), scope="session"))
    project.write(
        "conftest.py",
        "import theirs\ndef pytest_configure(config):\n"
        "    config.pluginmanager.register(theirs, 'base_url')\n",
    )
    project.process("-p", "no:cacheprovider").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("httpsteps_vars", "{'n': 'Torch'}", 'httpsteps_vars: "Torch" is no integer*'),
        ("httpsteps_vars", "{'c': 1}", "*httpsteps_vars: `c` is a variable of the cases of *"),
        ("httpsteps_vars", "{'n': open}", "httpsteps_vars: the value of `n` holds a builtin*"),
        ("httpsteps_vars", "{'n': {1: 2}}", "httpsteps_vars: the value of `n` holds a key that*"),
        ("httpsteps_vars", "{'a-b': 1}", "httpsteps_vars: `a-b` is no name of a variable*"),
        ("httpsteps_vars", "[1]", "httpsteps_vars: expected a mapping*found a list"),
        ("httpsteps_secrets", "None", "httpsteps_secrets: expected a mapping*found a NoneType"),
        ("httpsteps_base_url", "'shop.example'", "httpsteps_base_url: 'shop.example' is no URL*"),
    ],
)
def test_a_value_that_cannot_be_meant_is_told_at_the_test(project, name, value, told):
    project.write("scenarios/a.yaml", f"cases: [{{c: 1}}]\n{LAMP}")
    project.write("conftest.py", fixture(name, value))
    result = project.pytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ERROR at setup of a[[]1[]]*", told])
    result.stdout.no_fnmatch_line("*runner*")


def test_a_name_in_a_fixture_that_looks_like_a_slip_is_warned_of(project, shop):
    project.write("scenarios/a.yaml", "vars: {currency: EUR}\nsteps: [get: /health]\n")
    project.write("conftest.py", fixture("httpsteps_vars", "{'curency': 'USD'}"))
    result = project.pytest(f"--httpsteps-base={shop}")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*HttpstepsWarning*`curency`; did you mean `currency`[?]*"])


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("--httpsteps-var=m=1", "ERROR: --httpsteps-var m: no scenario of this run declares `m`"),
        ("--httpsteps-base=shop", "ERROR: --httpsteps-base: 'shop' is no URL*"),
        ("--httpsteps-vars=none.env", "ERROR: --httpsteps-vars none.env: there is no such file*"),
        ("--httpsteps-environment=dev", 'ERROR: environment = "dev": there is no file *'),
    ],
)
def test_an_option_that_cannot_be_meant_ends_the_run_before_it_begins(project, word, told):
    project.write("scenarios/a.yaml", LAMP)
    project.write("test_it.py", "def test_it(): pass\n")
    result = project.pytest(word)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([told])
    project.pytest(word, "test_it.py").assert_outcomes(passed=1)


def test_values_come_from_files_and_environments(project, shop):
    project.write("scenarios/a.yaml", "secrets: {t: ''}\n" + LAMP)
    project.write("scenarios/environments/dev.yaml", f"base: {shop}\nvars: {{n: 1}}\n")
    project.write("more.env", "n=2\n")
    project.pytest("--httpsteps-environment=dev").assert_outcomes(passed=1)
    words = ("--httpsteps-environment=dev", "--httpsteps-vars=more.env")
    project.pytest(*words).assert_outcomes(failed=1)
    project.write("pyproject.toml", '[tool.httpsteps]\nenvironment = "dev"\n')
    project.pytest().assert_outcomes(passed=1)


def test_secrets_are_masked_wherever_they_are_shown(project, shop):
    project.write(
        "scenarios/a.yaml",
        "secrets: {word: ''}\nvars: {other: ''}\n"
        "steps: [{name: 'ask', get: '/${word}/${other}', expect: {status: 200}}]\n",
    )
    project.write(
        "conftest.py",
        "print('early')\n"
        + fixture("httpsteps_secrets", "print('fixture tr0mbone-1') or {'word': 'tr0mbone-1'}")
        + fixture("httpsteps_vars", "{'other': 'harps1chord'}"),
    )
    words = (f"--httpsteps-base={shop}", "--httpsteps-secret=other=harps1chord", "--junitxml=j.xml")
    result = project.pytest(*words, "-vv", "-rA", "--showlocals")
    result.assert_outcomes(failed=1)
    written = result.stdout.str() + (project.path / "j.xml").read_text()
    assert "tr0mbone" not in written
    assert "harps1chord" not in written
    result.stdout.fnmatch_lines(["*/[*][*][*]/[*][*][*]*", "*fixture [*][*][*]"])


def test_a_traceback_of_another_exception_is_masked_too(project, shop):
    project.write("scenarios/a.yaml", "secrets: {word: ''}\nsteps: [get: /health]\n")
    project.write("conftest.py", fixture("httpsteps_secrets", "{'word': 'tr0mbone-1'}") + """
@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    raise RuntimeError("broken by tr0mbone-1")
""")  # fmt: skip
    result = project.pytest(f"--httpsteps-base={shop}")
    result.stdout.fnmatch_lines(["*RuntimeError: broken by [*][*][*]"])
    result.stdout.no_fnmatch_line("*tr0mbone*")


def test_the_service_of_the_settings_runs_once(project):
    project.write("service.py", """
        import pathlib, sys
        from runner.demo.service import DemoServer
        with pathlib.Path("started").open("a") as file: file.write("x")
        with DemoServer(int(sys.argv[1])) as server: server.serve_forever()
    """)  # fmt: skip
    project.write(
        "pyproject.toml",
        '[tool.httpsteps]\nserve = "{python} service.py {port}"\nready = "/health"\n',
    )
    for name in "ab":
        project.write(f"scenarios/{name}.yaml", "steps: [get: /health, get: '${serve.url}/items']")
    project.pytest().assert_outcomes(passed=2)
    assert (project.path / "started").read_text() == "x"
    base = "http://127.0.0.1:9"
    project.pytest(f"--httpsteps-base={base}").assert_outcomes(failed=2)
    assert (project.path / "started").read_text() == "x"


def test_a_service_that_does_not_come_up_is_told(project):
    serve = "{python} -c 'raise SystemExit(3)'"
    project.write("pyproject.toml", f'[tool.httpsteps]\nserve = "{serve}"\n')
    project.write("scenarios/a.yaml", "steps: [get: /health]\n")
    result = project.pytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ended with status 3 before it answered; it printed nothing"])
    result.stdout.no_fnmatch_line("*ServiceError*")


def test_snapshots_are_written(project, shop):
    project.write("scenarios/a.yaml", "steps: [{get: /items/1, expect: {$: {same-as: a.json}}}]\n")
    words = ("--httpsteps-base", shop)
    assert project.pytest(*words).ret != 0
    project.pytest(*words, "--httpsteps-update-snapshots").assert_outcomes(passed=1)
    project.pytest(*words).assert_outcomes(passed=1)


def test_secrets_of_every_test_are_masked_in_its_files(project, echo):
    steps = (
        "vars: {word: ''}\nsteps: [session: , connect: , open: 'GET /?word=${word}', "
        "send: , {read: , save: %s.json}]\n"
    )
    for name in ("a", "b"):
        project.write(f"scenarios/{name}.yaml", steps % name)
    project.write("conftest.py", """
        import itertools, pytest
        WORDS = itertools.count(1)

        @pytest.fixture
        def httpsteps_secrets():
            return {"word": f"tr0mbone-{next(WORDS)}"}
    """)  # fmt: skip
    words = (f"--httpsteps-base={echo.url}", "--httpsteps-output=out", "-p", "no:randomly")
    project.pytest(*words).assert_outcomes(passed=2)
    for name in ("a", "b"):
        saved = (project.path / "out" / f"{name}.json").read_text()
        assert "***" in saved
        assert "tr0mbone" not in saved


def test_a_test_elsewhere_finds_its_files_and_makes_them(project, echo):
    project.write(
        "scenarios/a.yaml",
        "steps: [session: , connect: , open: POST /, {send: , file: body.txt}, "
        "{read: , save: a.json, expect: {bytes: {same-as: s}}}]\n",
    )
    project.write("scenarios/b.yaml", "steps: [use: c/d.yaml]\n")
    project.write("scenarios/c/d.yaml", "steps: [{post: /, file: near.txt}]\n")
    project.write("scenarios/body.txt", "light")
    project.write("scenarios/c/near.txt", "light")
    project.write("conftest.py", """
        import pytest

        @pytest.fixture(autouse=True)
        def elsewhere(tmp_path, monkeypatch):
            monkeypatch.chdir(tmp_path)
    """)  # fmt: skip
    words = (f"--httpsteps-base={echo.url}", "--httpsteps-output=out", "-k", "a or b")
    project.pytest(*words, "--httpsteps-update-snapshots").assert_outcomes(passed=3)
    assert (project.path / "scenarios/snapshots/s").exists()
    assert (project.path / "out/a.json").exists()
