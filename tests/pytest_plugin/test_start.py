"""What it costs to have the plugin installed: next to nothing, until a scenario is met."""

from __future__ import annotations

import subprocess
import sys

import pytest

import runner

# What takes time to import, and what of ours is for scenarios alone.
HEAVY = ("requests", "urllib3", "yaml", "jsonschema", "lxml", "jinja2", "runner.execution")


def imported(code):
    """The modules there are after this code, in a Python of its own."""
    told = "import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{told}"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_package_imports_nothing_of_itself():
    assert {name for name in imported("import runner") if name.startswith("runner.")} == set()


def test_the_names_of_the_package_are_where_it_says():
    for name in runner.__all__:
        assert getattr(runner, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'laod'"):
        _ = runner.laod


def test_the_plugin_imports_nothing_but_pytest():
    ours = imported("import runner.pytest_plugin") - imported("import pytest")
    assert {name for name in ours if not name.startswith("_")} == {"runner", "runner.pytest_plugin"}


def test_a_run_without_scenarios_imports_nothing_heavy(project):
    project.write("mkdocs.yml", "site_name: x\n")
    project.write("test_it.py", f"""
        import sys

        def test_it():
            heavy = {HEAVY!r}
            assert [name for name in heavy if name in sys.modules] == []
    """)  # fmt: skip
    result = project.process("-p", "no:hypothesispytest", "-p", "no:xdist", ".")
    result.assert_outcomes(passed=1)


def test_the_plugin_uses_no_private_module_of_pytest():
    from pathlib import Path

    folder = Path(runner.__file__).parent / "pytest_plugin"
    assert [path.name for path in folder.glob("*.py") if "_pytest." in path.read_text()] == []
