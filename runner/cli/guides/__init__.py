"""Pages of ``explain`` that are written rather than declared: one Markdown file each."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from runner.cli.page import Page

_FOLDER: Final = Path(__file__).parent
_ALSO: Final = {
    "env": "templates", "new": "templates", "serve": "templates", "template": "templates",
    "environment": "environments", "environment-file": "environments", "setting": "settings",
    "pyproject.toml": "settings", "report": "reports", "secret": "secrets", "outcome": "outcomes",
    "exit-status": "outcomes", "yaml": "files", "root": "files", "jobs": "runs", "shard": "runs",
    "parallel-runs": "runs", "junit": "reports", "console": "reports",
}  # fmt: skip
"""Other words for them, where no verb, key, fact, matcher, filter or kind bears the word."""


def guides() -> list[tuple[str, str]]:
    """Their names, and what each is about."""
    heads = [(path.stem, _read(path.stem)[0]) for path in sorted(_FOLDER.glob("*.md"))]
    return [(name, head.partition(": ")[2]) for name, head in heads]


def guide_of(word: str) -> str | None:
    """The guide a word means; None when it means none."""
    name = _ALSO.get(word, word)
    return name if (_FOLDER / f"{name}.md").is_file() else None


def write_guide(page: Page, word: str) -> None:
    """Puts the guide a word means on the page. Raises KeyError when it means none."""
    name = guide_of(word)
    if name is None:
        raise KeyError(word)
    head, rest = _read(name)
    page.title(head, "guide")
    for number, part in enumerate(rest.split("```")):
        if number % 2:
            page.show(part.strip("\n").split("\n"))
        elif part.strip():
            page.say(part)


def _read(name: str) -> tuple[str, str]:
    text = (_FOLDER / f"{name}.md").read_text(encoding="utf-8")
    head, _, rest = text.partition("\n")
    return head.removeprefix("# "), rest
