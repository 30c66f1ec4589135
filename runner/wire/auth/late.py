"""Credentials that are settled only when the request is about to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests import PreparedRequest
from requests.auth import AuthBase

if TYPE_CHECKING:
    from runner.wire.limits import Limits
    from runner.wire.phases import Phases
    from runner.wire.session import Session


class LateAuth(AuthBase):
    """An auth scheme whose proof holds for a moment: a signature with a date, a token that expires.

    Whoever sends calls ``get_ready`` and prepares the request anew after that. Preparing it never
    touches the network.
    """

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        raise NotImplementedError

    def get_ready(self, session: Session, limits: Limits, phases: Phases) -> None:
        """Gets what has to be had from elsewhere, within ``limits``. Raises StepFault."""
