"""Names of variables: which a variable may have, and which stand for something else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from runner.scenario.expression import Expression

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED: Final = ("env", "new", "serve", "outputs")
PARTS: Final = {"new": ("uuid", "now", "int", "hex"), "serve": ("url",)}
"""What may follow the reserved names that stand for a few values."""

_HINT: Final = "a name begins with a letter or _ and goes on with letters, digits and _"


def wrong_name(name: str) -> tuple[str, str] | None:
    """What is wrong with a variable's name, and the remedy; None when it may be one."""
    if name in RESERVED:
        return f"`{name}` is reserved: no variable can have this name", "give it another name"
    if not name:
        return "a variable's name is missing", _HINT
    if not NAME.fullmatch(name):
        blank = name.strip() != name and NAME.fullmatch(name.strip())
        hint = f"take the blanks out: `{name.strip()}`" if blank else _HINT
        return f"`{name}` is no name of a variable", hint
    return None


def is_reserved(use: Expression) -> bool:
    """Whether an expression names what needs no definition: ``env.NAME``, ``new.uuid``."""
    assert use.reference is not None
    name, path = use.reference.name, use.reference.path
    return bool(path) and (name == "env" or path[0] in PARTS.get(name, ()))
