"""Auth schemes whose extra is not installed say so at load, and when they are made."""

from __future__ import annotations

import pytest

from runner import extras
from runner.kinds import StepFault
from runner.wire.auth import make_auth

from ..harness import problems

SPECS = {
    "oauth2": "{token-url: http://127.0.0.1:9/t, client-id: a, client-secret: b}",
    "aws-sigv4": "{region: a, service: b, access-key: c, secret-key: d}",
    "ntlm": "[a, b]",
}
EXTRA = {"oauth2": "oauth2", "aws-sigv4": "aws", "ntlm": "ntlm"}


@pytest.fixture
def bare(monkeypatch):
    """An installation without the extras."""
    monkeypatch.setattr(extras, "find_spec", lambda _name: None)


@pytest.mark.parametrize("scheme", SPECS)
def test_check_sees_it(tmp_path, bare, scheme):
    text = f"steps:\n  - get: http://127.0.0.1:9/\n    auth: {{{scheme}: {SPECS[scheme]}}}\n"
    (problem,) = problems(tmp_path, text)
    assert problem.message == (
        f"`auth.{scheme}` needs the extra {EXTRA[scheme]}, which is not installed: "
        f"pip install 'httpsteps[{EXTRA[scheme]}]'"
    )
    assert problem.at is not None
    assert (problem.at.line, problem.at.column) == (3, 12)


@pytest.mark.parametrize("scheme", SPECS)
def test_making_the_credentials_says_it_too(bare, scheme):
    with pytest.raises(StepFault) as caught:
        make_auth({scheme: ["a", "b"]})
    assert caught.value.fault.kind == "invalid-scenario"
    assert f"pip install 'httpsteps[{EXTRA[scheme]}]'" in caught.value.fault.message


def test_schemes_without_extras_need_nothing(tmp_path, bare):
    text = "steps:\n  - session:\n    auth: {basic: [a, b]}\n"
    assert problems(tmp_path, text) == ()
