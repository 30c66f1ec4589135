"""Which files are scenarios, what their items are called, and the marks they have."""

from __future__ import annotations

import pytest

PASSES = "steps: [set: {a: 1}]\n"
NOT_OURS = "services: {web: {image: shop}}\nsteps: oh\n"


def collected(project, *words):
    """The node ids that pytest finds."""
    result = project.pytest("--collect-only", "-q", *words)
    return [line for line in result.outlines if "::" in line]


def test_each_case_is_an_item_named_by_scenario_and_case(project):
    project.write(
        "scenarios/shop.yaml",
        "name: Catalogue smoke test\ncases: [{case: EUR, c: 1}, {c: 2}]\nsteps: [set: {a: 1}]\n",
    )
    project.write("scenarios/deep/plain.yml", PASSES)
    # Whether files or folders come first depends on the version of pytest.
    assert sorted(collected(project, "scenarios/")) == [
        "scenarios/deep/plain.yml::plain",
        "scenarios/shop.yaml::Catalogue smoke test[2]",
        "scenarios/shop.yaml::Catalogue smoke test[EUR]",
    ]


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("Shop [EU] / a", "Shop [EU] / a"),
        ("IPv6 ::1 answers", "IPv6 :1 answers"),
        ("two\\nlines", "two lines"),
        ("Grüße", "Grüße"),
    ],
)
def test_a_node_id_selects_its_scenario(project, name, item):
    project.write("scenarios/a.yaml", f'name: "{name}"\n{PASSES}')
    assert collected(project) == [f"scenarios/a.yaml::{item}"]
    project.pytest(f"scenarios/a.yaml::{item}").assert_outcomes(passed=1)


def test_other_yaml_files_are_left_alone(project):
    others = ("docker-compose.yml", ".github/workflows/ci.yml", "mkdocs.yml", "k8s/app.yaml")
    for name in (*others, "tests/data/answers.yaml", "other/scenarios/play.yml"):
        project.write(name, NOT_OURS)
    project.write("test_it.py", "def test_it(): pass\n")
    project.write("scenarios/a.yaml", PASSES)
    assert sorted(collected(project)) == ["scenarios/a.yaml::a", "test_it.py::test_it"]
    assert collected(project, "k8s", ".github", "tests", "other") == []


def test_a_file_that_is_named_is_taken_wherever_it_stands(project):
    project.write("smoke/_one.yaml", PASSES)
    assert collected(project, "smoke/_one.yaml") == ["smoke/_one.yaml::_one"]
    assert collected(project, "smoke") == []


def test_a_file_that_is_named_for_another_plugin_is_not(project):
    project.write("test_x.tavern.yaml", "test_name: x\nstages:\n  - steps: {}\n")
    project.write("conftest.py", """
        import pytest
        class File(pytest.File):
            def collect(self):
                yield Item.from_parent(self, name="theirs")
        class Item(pytest.Item):
            def runtest(self): pass
        def pytest_collect_file(file_path, parent):
            if file_path.name.endswith(".tavern.yaml"):
                return File.from_parent(parent, path=file_path)
    """)  # fmt: skip
    assert collected(project, "test_x.tavern.yaml") == ["test_x.tavern.yaml::theirs"]


def test_what_the_command_leaves_out_is_left_out(project):
    project.write("pyproject.toml", '[tool.httpsteps]\nexclude = ["scenarios/failing"]\n')
    left_out = ("_part.yaml", ".hidden.yaml", "environments/dev.yaml", "snapshots/a.yaml", "b.json")
    for name in (*left_out, "failing/a.yaml"):
        project.write(f"scenarios/{name}", NOT_OURS)
    project.write("scenarios/a.yaml", PASSES)
    assert collected(project) == ["scenarios/a.yaml::a"]
    project.write("scenarios/failing/a.yaml", PASSES)
    assert collected(project, "scenarios/failing") == ["scenarios/failing/a.yaml::a"]


def test_the_folders_may_be_others(project):
    for name in ("scenarios", "smoke", "checks"):
        project.write(f"{name}/a.yaml", PASSES)
    project.write("pyproject.toml", '[tool.httpsteps]\npaths = ["smoke"]\n')
    assert collected(project) == ["smoke/a.yaml::a"]
    project.write("pytest.ini", "[pytest]\nhttpsteps_paths = checks scenarios/a.yaml\n")
    assert sorted(collected(project)) == ["checks/a.yaml::a", "scenarios/a.yaml::a"]


def test_what_is_wrong_with_a_file_is_told_without_a_traceback(project):
    project.write("scenarios/a.yaml", "steps:\n  - get: /x\n    expct: {status: 200}\n")
    project.write("scenarios/b.yaml", PASSES)
    result = project.pytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([
        "*ERROR collecting scenarios/a.yaml*",
        "error: unknown key `expct` in a `get` step  [[]invalid-scenario]",
        " --> scenarios/a.yaml:3:5",
        "3 |     expct: {status: 200}",
        "  |     ^^^^^*",
        "  = hint: did you mean `expect`?",
    ])  # fmt: skip
    result.stdout.no_fnmatch_line("*runner*")


def test_wrong_settings_are_told(project):
    project.write("pyproject.toml", '[tool.httpsteps]\nexclde = ["x"]\n')
    project.write("mkdocs.yml", NOT_OURS)
    project.write("test_it.py", "def test_it(): pass\n")
    project.pytest().assert_outcomes(passed=1)
    project.write("scenarios/a.yaml", PASSES)
    result = project.pytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["error: unknown setting `exclde`*", " --> pyproject.toml:2:1"])
    result.stdout.no_fnmatch_line("*runner*")


def test_nothing_is_collected_without_the_plugin(project):
    project.write("scenarios/a.yaml", PASSES)
    assert project.pytest("-p", "no:httpsteps").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_tags_are_marks(project):
    project.write("pytest.ini", "[pytest]\naddopts = --strict-markers\nmarkers = smoke: quick\n")
    project.write("scenarios/a.yaml", f"tags: [smoke, needs-db, 'v1.2(beta):x', __new]\n{PASSES}")
    project.write("scenarios/b.yaml", f"tags: [slow]\n{PASSES}")
    for chosen in ("smoke", "needs-db", "v1.2_beta_x", "new", "smoke and not slow"):
        assert collected(project, "-m", chosen) == ["scenarios/a.yaml::a"], chosen
    assert collected(project, "-k", "needs-db") == ["scenarios/a.yaml::a"]
    project.pytest("-W", "error", "-m", "slow").assert_outcomes(passed=1, deselected=1)


def test_a_tag_with_the_name_of_a_mark_of_pytest_does_nothing(project):
    project.write("scenarios/a.yaml", f"tags: [skip, xfail, parametrize, usefixtures]\n{PASSES}")
    project.pytest("-k", "xfail").assert_outcomes(passed=1)


def test_a_scenario_to_skip_is_skipped_with_its_reason(project):
    project.write("scenarios/a.yaml", f"skip: no stock in winter\n{PASSES}")
    result = project.pytest("-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*scenarios/a.yaml*: no stock in winter"])
