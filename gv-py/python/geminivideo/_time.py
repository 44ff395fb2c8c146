"""Moments on their way to and from the core: naive local datetimes, as `datetime.now` gives them."""

from __future__ import annotations

from datetime import datetime


def to_milliseconds(moment: datetime) -> int:
    """Return milliseconds since 1970; a moment without a zone is local time."""
    return round(moment.timestamp() * 1000)


def to_datetime(milliseconds: int) -> datetime:
    """Return the moment as local time without a zone."""
    return datetime.fromtimestamp(milliseconds / 1000)
