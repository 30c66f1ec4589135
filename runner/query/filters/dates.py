"""Filters to and on dates."""

from __future__ import annotations

from datetime import UTC, datetime

from runner.query import dates
from runner.query.errors import FilterError
from runner.query.filters.arguments import Argument
from runner.query.filters.registry import filter_


@filter_("parse-date", ["text", "number", "date"], "date", Argument("FORMAT", optional=True))
def parse_date(value: str | float | datetime, form: str | None = None) -> datetime:
    """The date a text names: ISO 8601, a date of HTTP (RFC 9110), or FORMAT as strptime has it.

    A number is seconds since 1970. A text without a zone is UTC: `header.date | parse-date`.
    """
    if isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str):
            return dates.parse_date(value, form)
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError):
        raise FilterError(f"`parse-date` found {value}, which is no time of the calendar") from None
    except ValueError as error:
        raise FilterError(str(error)) from None


@filter_("format-date", ["date", "text", "number"], "text", Argument("FORMAT"))
def format_date(value: datetime | str | float, form: str) -> str:
    """A date written as FORMAT has it (strftime): `${new.now | format-date '%Y-%m-%d'}`.

    What is no date yet is read as `parse-date` does.
    """
    moment = parse_date(value)
    try:
        return moment.strftime(form)
    except ValueError as error:
        raise FilterError(f'`format-date` cannot use the format "{form}": {error}') from None


@filter_("days-until", ["date", "text", "number"], "number")
def days_until(value: datetime | str | float) -> float:
    """Days from now to the date, with fractions; below 0 when it is past.

    `tls.not-after | days-until`
    """
    return (parse_date(value) - datetime.now(UTC)).total_seconds() / 86400


@filter_("seconds-since", ["date", "text", "number"], "duration")
def seconds_since(value: datetime | str | float) -> float:
    """Seconds from the date to now; below 0 when it is to come: `header.date | seconds-since`."""
    return (datetime.now(UTC) - parse_date(value)).total_seconds()
