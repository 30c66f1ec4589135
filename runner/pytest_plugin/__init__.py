"""pytest runs scenarios: each case of each is a test, its tags are marks.

Whoever has httpsteps installed imports this file in every run of pytest: it imports nothing more
until a YAML file is met. Nothing of pytest is used that its documentation does not name.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from runner.execution.scenario_run import Settings
    from runner.pytest_plugin.places import Places
    from runner.pytest_plugin.session import Run

PLACES: pytest.StashKey[Places] = pytest.StashKey()
RUN: pytest.StashKey[Run] = pytest.StashKey()
_ENDINGS = (".yaml", ".yml")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of ``httpsteps run`` that pytest has no likeness of, and where scenarios are."""
    parser.addini(
        "httpsteps_paths",
        "folders and files with httpsteps scenarios, relative to this file; default: `paths` of "
        "[tool.httpsteps] in pyproject.toml, else scenarios",
        type="paths",
    )
    add = parser.getgroup("httpsteps", "HTTP scenarios (httpsteps)").addoption
    many: dict[str, Any] = {"action": "append", "default": []}
    add("--httpsteps-base", metavar="URL", help="in place of every scenario's `base`")
    add("--httpsteps-environment", metavar="NAME", help="values from environments/NAME.yaml")
    add("--httpsteps-var", metavar="NAME=VALUE", help="give a variable its value", **many)
    add("--httpsteps-vars", metavar="FILE", help="variables: YAML, JSON or .env", **many)
    add("--httpsteps-secret", metavar="NAME=VALUE", help="the same, never shown", **many)
    add("--httpsteps-secrets", metavar="FILE", help="the same, never shown", **many)
    add("--httpsteps-seed", type=int, metavar="N", help="make ${new.…} values repeat")
    add("--httpsteps-output", metavar="DIR", help="the folder `save` writes below")
    add("--httpsteps-update-snapshots", action="store_true", help="write files of `same-as` anew")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A file of scenarios, or None for all others."""
    if file_path.suffix not in _ENDINGS:
        return None
    from runner.pytest_plugin.places import places_of

    places = places_of(parent.session)
    found = places.find(file_path)
    if found is None:
        return None
    from runner.pytest_plugin.collecting import ScenarioFile

    file: ScenarioFile = ScenarioFile.from_parent(parent, path=file_path)
    file.found = found
    return file


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config) -> None:
    """Settles what all scenarios have in common, before any is left out by its mark or name."""
    if RUN in config.stash:
        config.stash[RUN].settle()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Masks secrets in what is told of a scenario, whoever tells it, and in what was captured."""
    outcome = yield
    if RUN in item.config.stash and "_httpsteps_settings" in getattr(item, "fixturenames", ()):
        report = outcome.get_result()
        mask = item.config.stash[RUN].redactor.text
        report.sections = [(name, mask(text)) for name, text in report.sections]
        if report.failed and mask(report.longreprtext) != report.longreprtext:
            report.longrepr = mask(report.longreprtext)
        elif report.skipped and report.when == "call" and isinstance(report.longrepr, tuple):
            # Where the scenario stands, not the function that carries it out.
            report.longrepr = (str(item.path), 1, mask(report.longrepr[2]))


@pytest.fixture
def httpsteps_vars() -> Mapping[str, object]:
    """Variables for scenarios: override it in ``conftest.py``. Values win over environment files
    and ``vars``, and ``--httpsteps-var`` over them. Names that a scenario does not declare are
    passed over; one that its cases give a value is an error.
    """
    return {}


@pytest.fixture
def httpsteps_secrets() -> Mapping[str, object]:
    """The same for values that must never be shown."""
    return {}


@pytest.fixture
def httpsteps_base_url(request: pytest.FixtureRequest) -> object:
    """The base URL for scenarios, in place of their own ``base``: override it in ``conftest.py``.

    A text, or what has it as ``url``, such as ``live_server`` of pytest-django and pytest-flask;
    None is no base. Here: the ``base_url`` of pytest-base-url, if that is installed.
    """
    # No `live_server` by itself: pytest-django has one in every project, and it makes a database.
    if request.config.pluginmanager.hasplugin("base_url"):
        return request.getfixturevalue("base_url")
    return None


@pytest.fixture(scope="session")
def _httpsteps_service(pytestconfig: pytest.Config) -> Iterator[str]:
    """The URL of the service that `serve` in [tool.httpsteps] starts; one for each worker."""
    with pytestconfig.stash[RUN].service() as url:
        yield url


@pytest.fixture
def _httpsteps_settings(
    request: pytest.FixtureRequest,
    httpsteps_base_url: object,
    httpsteps_vars: Mapping[str, object],
    httpsteps_secrets: Mapping[str, object],
) -> Settings:
    """All that a scenario is given from outside."""
    run = request.config.stash[RUN]
    base = run.base(httpsteps_base_url)
    served = request.getfixturevalue("_httpsteps_service") if run.serves(base) else None
    return run.settings(request.node.scenario, base, httpsteps_vars, httpsteps_secrets, served)
