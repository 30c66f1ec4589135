"""Header lines that may be sent, and changes to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from runner.kinds import Fault, StepFault

Line = tuple[str, str]

TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"(?![ \t])[^\r\n\0]*(?<![ \t])")


def check_lines(lines: Iterable[Line]) -> frozenset[str]:
    """The lower-case names of header lines that may be sent (RFC 9110, section 5).

    Raises StepFault ``invalid-header`` for a name that is no token, and for a value that holds CR,
    LF or NUL or has a blank at its edge.
    """
    names: list[str] = []
    for name, value in lines:
        if not TOKEN.fullmatch(name):
            plain = re.sub(r"\s+", "-", name.strip())
            if plain != name and TOKEN.fullmatch(plain):
                raise _fault(f"the header name {name!r} has a blank in it", f"write `{plain}`")
            raise _fault(f"the header name {name!r} is not a token")
        if not _VALUE.fullmatch(value):
            found = "a blank at its edge" if value.strip(" \t") != value else "a CR, LF or NUL"
            raise _fault(f"the value of the header {name} holds {found}")
        names.append(name.lower())
    return frozenset(names)


def check_method(method: str) -> None:
    """Raises StepFault ``invalid-method`` for a method that is no token (RFC 9110, section 9.1)."""
    if not TOKEN.fullmatch(method):
        message = f"the method {method!r} is not a token"
        raise StepFault(Fault("invalid-method", "open", message))


def merge_lines(
    lines: Iterable[Line], before: Mapping[str, str], after: Mapping[str, str]
) -> list[Line]:
    """``lines`` with the changes that lead from the headers ``before`` to those ``after``.

    Content-Length and Transfer-Encoding stay as they are. Raises StepFault ``invalid-header``.
    """
    kept = frozenset(("content-length", "transfer-encoding"))
    new = {
        name.lower(): (name, value.decode("latin-1") if isinstance(value, bytes) else value)
        for name, value in after.items()
        if before.get(name) != value and name.lower() not in kept
    }
    check_lines(new.values())
    there = {name.lower() for name in after} | kept
    merged: list[Line] = []
    for name, value in lines:
        low = name.lower()
        if low in new:
            if new[low] not in merged:
                merged.append(new[low])
        elif low in there:
            merged.append((name, value))
    present = {name.lower() for name, _ in merged}
    return merged + [line for low, line in new.items() if low not in present]


def _fault(message: str, hint: str | None = None) -> StepFault:
    return StepFault(Fault("invalid-header", "open", message, hint))
