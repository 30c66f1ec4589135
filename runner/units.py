"""Durations and sizes as a scenario writes them: ``250ms``, ``1m30s``, ``10kB``, ``4MiB``."""

from __future__ import annotations

import re
from typing import Final

DURATION: Final = re.compile(
    r"(?=\d)(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?", re.ASCII
)
SIZE: Final = r"(\d+)(B|kB|MB|GB|KiB|MiB|GiB)?"

_BYTES: Final = {
    None: 1, "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30,
}  # fmt: skip


def duration(text: object) -> float:
    """Seconds of a duration such as ``250ms``, ``2s``, ``1m30s`` or ``1h``.

    Raises ValueError with a sentence for the user when it is none.
    """
    if not isinstance(text, str):
        raise ValueError(f"a duration carries a unit, like 250ms or 2s; found {text!r}")  # noqa: TRY004
    found = DURATION.fullmatch(text)
    if not found or not text:
        raise ValueError(f'"{text}" is no duration: write it like 250ms, 2s, 1m30s or 1h')
    hours, minutes, seconds, millis = found.groups()
    return (
        int(hours or 0) * 3600
        + int(minutes or 0) * 60
        + float(seconds or 0)
        + float(millis or 0) / 1000
    )


def size(value: object) -> int:
    """Bytes of a size: a whole number, or text such as ``10kB`` (10,000) or ``4MiB``.

    Raises ValueError with a sentence for the user when it is none.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    found = re.fullmatch(SIZE, value, re.ASCII) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"a size is a whole number or like 10kB or 4MiB; found {value!r}")
    return int(found[1]) * _BYTES[found[2]]


def show_seconds(seconds: float) -> str:
    """A time for a person: ``0.4 ms``, ``35 ms``, ``1.24 s``, ``2 min 5 s``."""
    if seconds < 0.01:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.2f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def show_bytes(count: int) -> str:
    """A size for a person: ``512 B``, ``10.5 kB``, ``64.0 MB``."""
    if count < 1000:
        return f"{count} B"
    for unit, factor in (("kB", 10**3), ("MB", 10**6)):
        if count < factor * 1000:
            return f"{count / factor:.1f} {unit}"
    return f"{count / 10**9:.1f} GB"
