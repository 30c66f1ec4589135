"""What the README shows is true: its scenarios load, its comparisons run and are no longer."""

from __future__ import annotations

import re

import pytest

from tests.harness import PROJECT, called, problems, run

README = (PROJECT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
SCENARIOS = [text for language, text in BLOCKS if language == "yaml" and "\nsteps:" in f"\n{text}"]
PAIRS = re.findall(
    r"<tr><td>\n\n```\n(.*?)```\n\n</td><td>\n\n```yaml\n(.*?)```", README, re.DOTALL
)


@pytest.mark.parametrize("text", SCENARIOS)
def test_every_scenario_is_valid(tmp_path, text):
    assert problems(tmp_path, text) == ()


def test_there_are_five_comparisons():
    assert len(PAIRS) == 5


@pytest.mark.parametrize(("hurl", "ours"), PAIRS)
def test_a_comparison_passes_and_is_no_longer(tmp_path, demo, hurl, ours):
    result = run(tmp_path, ours, base=demo)
    assert result.outcome == "passed", result
    assert len(ours.strip().splitlines()) <= len(hurl.strip().splitlines())


def test_the_checks_shown_are_valid(tmp_path):
    shown = [text for language, text in BLOCKS if language == "yaml" and text.startswith("expect:")]
    assert len(shown) == 1
    step = "".join(f"    {line}\n" for line in shown[0].splitlines())
    assert problems(tmp_path, f"steps:\n  - get: https://127.0.0.1/\n{step}") == ()


def test_links_lead_somewhere():
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    local = [target for target in targets if "://" not in target]
    assert len(local) > 20
    assert [target for target in local if not (PROJECT / target).exists()] == []


def test_the_message_for_a_misspelt_key_is_the_one_shown(tmp_path):
    (tmp_path / "shop.yaml").write_text(
        "steps:\n  - get: /items\n    name: all\n    expct: {status: 200}\n", encoding="utf-8"
    )
    done = called("check", "shop.yaml", cwd=tmp_path)
    assert done.status == 2
    shown = "error: unknown key `expct` in a `get` step  [invalid-scenario]"
    assert done.out.startswith(shown)
    assert shown in README
