"""The spellings under which a secret can leave the process.

A form is a row of slots, a slot the texts that may stand there; the form's texts are all choices
of one per slot. So one secret may be escaped in part, or by any rule for what to escape.
"""

from __future__ import annotations

import contextlib
import re
from base64 import b64encode
from html.entities import codepoint2name
from typing import Final, NamedTuple

Slots = tuple[tuple[str, ...], ...]


class Form(NamedTuple):
    """One form; when ``shared``, its first slot also holds bits of what stands before it."""

    slots: Slots
    shared: bool = False


# Backslashes in a row are escaped alike; each for itself, they would fit a longer row in too many
# ways.
_PARTS: Final = re.compile(r"\\+|[^\\]", re.DOTALL)
_SHORT_ESCAPES: Final = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_ANY_OR_NONE: Final = (*_ALPHABET, "")
_TELLING: Final = 3
"""Characters of a text that is seldom in another by chance."""

_PADDING: Final = ("==", "=", "%3D%3D", "%3d%3d", "%3D", "%3d", "")
_PATTERNS: Final = {
    _ANY_OR_NONE: "[A-Za-z0-9+/_-]?",
    _PADDING: "(?:==?|%3[Dd](?:%3[Dd])?)?",
}


def forms(secret: str, *, plain: bool = False) -> list[Form]:
    """All forms of a secret: as it is, or escaped for URLs, JSON, HTML, XML and shells, and its
    base64 (RFC 4648, both alphabets), also where it is a part of what was encoded; ``plain``: not
    its base64.
    """
    encoded = [secret.encode("utf-8", "surrogatepass")]
    texts = [secret]
    if not secret.isascii():
        # HTTP libraries read header bytes as Latin-1, and write passwords so.
        texts.append(encoded[0].decode("latin-1"))
        with contextlib.suppress(UnicodeEncodeError):
            encoded.append(secret.encode("latin-1"))
    found = [Form(_joined([_spellings(part) for part in _PARTS.findall(text)])) for text in texts]
    for data in () if plain else encoded:
        found += [Form(_base64(data, before), before > 0) for before in range(3)]
    return found


def pattern(slots: Slots) -> str:
    """A regular expression for the texts of some slots."""
    return "".join(
        re.escape(slot[0])
        if len(slot) == 1
        else _PATTERNS.get(slot) or f"(?:{'|'.join(map(re.escape, slot))})"
        for slot in slots
    )


def landmark(slots: Slots) -> tuple[str, ...]:
    """Texts of which each text of these slots holds one: as long, else as few, as there are."""
    sure = [slot for slot in slots if "" not in slot]
    text = max((slot[0] for slot in sure if len(slot) == 1), key=len, default="")
    if len(text) >= _TELLING:
        return (text,)
    rows = [_shortest(slot) for slot in sure]
    return min(rows, key=lambda row: (min(map(len, row)) < _TELLING, len(row), -len(row[0])))


def _shortest(slot: tuple[str, ...]) -> tuple[str, ...]:
    """The texts of a slot that hold none of the others."""
    return tuple(text for text in slot if not any(one != text and one in text for one in slot))


def beginnings(form: Form, length: int) -> set[str]:
    """All texts of up to ``length`` characters with which the form's texts begin."""
    found: set[str] = set()
    waiting = [("", 0)]
    while waiting:
        text, slot = waiting.pop()
        found.update(text[:size] for size in range(1, length + 1))
        if len(text) < length and slot < len(form.slots):
            waiting += [(text + choice, slot + 1) for choice in form.slots[slot]]
    return found - {""}


def may_go_on(form: Form, text: str, start: int) -> bool:
    """Whether ``text`` from ``start`` to its end may be the beginning of one of the form's texts.

    The whole of one counts where more could follow.
    """
    waiting = [(0, start)]
    seen = set(waiting)
    while waiting:
        slot, place = waiting.pop()
        if slot == len(form.slots):
            continue
        if place == len(text):
            return True
        for choice in form.slots[slot]:
            state = (slot + 1, place + len(choice))
            if text.startswith(choice, place):
                if state not in seen:
                    seen.add(state)
                    waiting.append(state)
            elif state[1] > len(text) and choice.startswith(text[place:]):
                return True
    return False


def longest(form: Form) -> int:
    """The length of a form's longest text, in characters."""
    return sum(max(map(len, slot)) for slot in form.slots)


def _joined(form: list[tuple[str, ...]]) -> Slots:
    """The same slots with neighbouring slots of one text made one."""
    slots: list[tuple[str, ...]] = []
    for slot in form:
        if slots and len(slot) == len(slots[-1]) == 1:
            slots[-1] = (slots[-1][0] + slot[0],)
        else:
            slots.append(slot)
    return tuple(slots)


def _spellings(part: str) -> tuple[str, ...]:
    character = part[0]
    if character.isascii() and character.isalnum():
        return (character,)
    code = ord(character)
    units = character.encode("utf-16-be", "surrogatepass").hex()
    escape = "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
    found = [
        character,
        f"\\{character}",
        f"\\\\\\{character}",
        escape,
        escape.replace("\\", "\\\\"),
    ]
    found += [found[-2].upper().replace("\\U", "\\u"), found[-1].upper().replace("\\U", "\\u")]
    if code < 256:
        found += [f"\\x{code:02x}", f"\\x{code:02X}", f"%{code:02x}", f"%{code:02X}"]
        found += [f"%25{code:02x}", f"%25{code:02X}"]
    percent = "".join(f"%{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))
    for twice in (percent, percent.replace("%", "%25")):
        found += [twice, twice.upper()]
    names = [f"#{code}", f"#0{code}", f"#x{code:x}", f"#x{code:X}", f"#X{code:X}"]
    names += [codepoint2name[code]] if code in codepoint2name else []
    names += ["apos"] if character == "'" else []
    found += [f"&{amp}{name};" for amp in ("", "amp;") for name in names]
    if character in _SHORT_ESCAPES:
        found += [f"\\{_SHORT_ESCAPES[character]}", f"\\\\{_SHORT_ESCAPES[character]}"]
    if character == "\\":
        found.append("\\\\")
    if character == "'":
        found += ["'\\''", "'\"'\"'", "'\\\\''", "'\\\"'\\\"'"]
    if character == " ":
        found.append("+")
    found = [text * len(part) for text in found]
    return tuple(sorted(set(found), key=lambda text: (-len(text), text)))


def _base64(data: bytes, before: int) -> Slots:
    """The base64 of ``data`` with ``before`` unknown bytes (0 to 2) in front of it.

    Characters that hold bits of the secret and of what stands beside it are part of the form.
    """
    first = (0, 1, 2)[before]
    options = {0: 1, 1: 4, 2: 16}[before]
    texts = [
        b64encode(bytes(before - 1) + bytes([low]) + data if before else data).decode()
        for low in range(options)
    ]
    whole, shared = divmod((before + len(data)) * 8, 6)
    slots = [_base64_slot("".join(sorted({text[first] for text in texts})))]
    slots += [_base64_slot(character) for character in texts[0][first + 1 : whole]]
    if shared:
        slots += [_ANY_OR_NONE, _PADDING]
    return _joined(slots)


def _base64_slot(characters: str) -> tuple[str, ...]:
    found = list(characters)
    for character in characters:
        if character == "+":
            found += ["-", "%2B", "%2b", "\\u002b", "\\u002B", "&#43;", "&#x2B;", "&#x2b;"]
        if character == "/":
            found += ["_", "%2F", "%2f", "\\/", "\\\\\\/", "&#47;", "&#x2F;", "&#x2f;", "\\_"]
    return tuple(found)
