"""TLS versions in their order, and the ranges they make."""

from __future__ import annotations

from typing import Final

from runner.kinds import Fault, StepFault

TLS_VERSIONS: Final = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")


def check_range(low: str | None, high: str | None) -> None:
    """Raises StepFault ``tls-not-offered`` for a range with no version in it; None is open."""
    if low is None or high is None:
        return
    if TLS_VERSIONS.index(low) > TLS_VERSIONS.index(high):
        message = f"no TLS version is at least {low} and at most {high}"
        raise StepFault(Fault("tls-not-offered", "tls", message))
