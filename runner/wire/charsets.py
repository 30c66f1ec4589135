"""The charsets that text may be in, by the names HTTP and XML give them."""

from __future__ import annotations

import codecs
from typing import Final

from runner.kinds import Fault, StepFault

_NO_CHARSETS: Final = frozenset(
    ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape")
)


def codec_of(charset: str) -> str | None:
    """The name of the codec for a charset; None for an unknown one.

    Python knows more codecs than charsets: ``base64``, ``zlib``, ``idna``, …
    """
    try:
        name = codecs.lookup(charset).name
        b".".decode(name, "replace")
    except (LookupError, ValueError):
        return None
    return None if name in _NO_CHARSETS else name


def known_codec(charset: str) -> str:
    """The same; raises ``StepFault`` (bad-encoding) for an unknown charset."""
    codec = codec_of(charset)
    if codec is None:
        raise StepFault(Fault("bad-encoding", "read", f'the charset "{charset}" is unknown'))
    return codec
