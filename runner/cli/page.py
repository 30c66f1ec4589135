"""A page of help on a terminal: 80 columns, headings, paragraphs, tables, examples."""

from __future__ import annotations

from collections.abc import Iterable

from runner.columns import display_width, wrap

WIDTH = 80
_MARGIN = "  "
_NAMES = 20


class Page:
    """Lines as they are written; ``text`` is the page."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    @property
    def text(self) -> str:
        """The whole page, ending in one newline."""
        return "\n".join(self._lines).strip("\n") + "\n"

    @property
    def empty(self) -> bool:
        """Whether nothing is on it yet."""
        return not self._lines

    def title(self, left: str, right: str = "") -> None:
        """The first line: what the page is about, and what that is."""
        gap = max(2, WIDTH - display_width(left) - display_width(right))
        self._lines += ["", (left + " " * gap + right).rstrip(), ""]

    def heading(self, text: str) -> None:
        """The line above a part."""
        if self._lines[-1:] != [""]:
            self._lines.append("")
        self._lines.append(text)

    def say(self, text: str) -> None:
        """Paragraphs; an empty line in the text begins a new one."""
        for paragraph in text.strip().split("\n\n"):
            flat = " ".join(paragraph.split())
            self._lines += [_MARGIN + line for line in wrap(flat, WIDTH - len(_MARGIN))]
            self._lines.append("")

    def show(self, lines: Iterable[str]) -> None:
        """Lines that stand as they are: an example."""
        self._lines += [(_MARGIN * 2 + line).rstrip() for line in lines]
        self._lines.append("")

    def table(self, rows: Iterable[tuple[str, str]]) -> None:
        """Names and what each of them is."""
        listed = list(rows)
        column = min(_NAMES, max((display_width(name) for name, _ in listed), default=0))
        for name, text in listed:
            head = _MARGIN + name
            room = WIDTH - len(_MARGIN) - column - 2
            if display_width(name) > column:
                self._lines.append(head)
                head = ""
            for line in wrap(text, room):
                self._lines.append(f"{head:<{len(_MARGIN) + column}}  {line}".rstrip())
                head = ""
        self._lines.append("")
