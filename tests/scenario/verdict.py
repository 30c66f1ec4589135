"""What others than our loader say of a scenario."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from runner.scenario.grammar import schema


def plain_verdict(value: object) -> bool:
    """Whether JSON Schema alone takes the value for a scenario."""
    return bool(Draft202012Validator(schema()).is_valid(value))
