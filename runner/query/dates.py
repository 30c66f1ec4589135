"""Dates as text: ISO 8601, the three forms of RFC 9110, or a format; always with a time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from runner.query.show import show

_ISO: Final = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?"
_DAYS: Final = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_TIME: Final = r"(?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)"
_HTTP: Final = (
    rf"(?:{_DAYS}), (?P<day>\d\d) (?P<month>\w{{3}}) (?P<year>\d{{4}}) {_TIME} GMT",
    rf"\w+day, (?P<day>\d\d)-(?P<month>\w{{3}})-(?P<year>\d\d) {_TIME} GMT",
    rf"(?:{_DAYS}) (?P<month>\w{{3}}) (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})",
    # Cookies and mail dates are laxer: RFC 5322 zones, dashes, one-digit days.
    rf"(?:{_DAYS}), (?P<day>\d\d?)[ -](?P<month>\w{{3}})[ -](?P<year>\d{{4}}) {_TIME}"
    rf" (?P<zone>GMT|UTC|[+-]\d{{4}})",
)


def parse_date(text: str, form: str | None = None) -> datetime:
    """The moment a text names, with its time zone; UTC where the text names none.

    ``form`` is a format as ``strptime`` has it. Without one the text is ISO 8601 (RFC 3339) or a
    date of RFC 9110 5.6.7. Raises ValueError with a sentence.
    """
    text = text.strip()
    if form is not None:
        try:
            return _aware(datetime.strptime(text, form))
        except (ValueError, OverflowError):
            raise ValueError(f'{show(text, 60)} is no date of the form "{form}"') from None
    try:
        if re.fullmatch(_ISO, text, re.IGNORECASE):
            return _aware(datetime.fromisoformat(_trimmed(text)))
        for pattern in _HTTP:
            found = re.fullmatch(pattern, text)
            if found:
                return _http(found)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{show(text, 60)} is no date: it names a day or a time there is not"
        ) from None
    raise ValueError(
        f"{show(text, 60)} is no date of ISO 8601 (2026-01-31T12:00:00Z)"
        " or HTTP (Sat, 31 Jan 2026 12:00:00 GMT)"
    )


def _trimmed(text: str) -> str:
    """Fractions longer than microseconds are cut, which ``fromisoformat`` takes to be wrong."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text.upper())


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _http(found: re.Match[str]) -> datetime:
    parts = found.groupdict()
    month = _MONTHS.index(parts["month"].title()) + 1
    year = int(parts["year"])
    zone = parts.get("zone") or "+0000"
    clock = f"{parts['h']}:{parts['m']}:{min(int(parts['s']), 59):02}"
    zone = zone if zone[0] in "+-" else "+0000"
    if year < 100:
        # RFC 9110 5.6.7: a year of two digits more than 50 years ahead is of the past century.
        now = datetime.now(UTC).year
        year += now - now % 100
        year -= 100 if year > now + 50 else 0
    return datetime.fromisoformat(f"{year:04}-{month:02}-{int(parts['day']):02}T{clock}{zone}")
