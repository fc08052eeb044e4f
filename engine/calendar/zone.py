"""Wall-clock time to moments, so that the order of wall times is kept through changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def moment(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The UTC moment at which the clocks of `zone` show `wall` on `day`.

    A time the clocks skip is the moment of the jump (the skipped hour is not worked); of a time they show twice it
    is the first. A later wall time never gives an earlier moment.
    """
    local = datetime.combine(day, wall, tzinfo=zone)
    found = local.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return found
    return _jump(local.replace(fold=1).astimezone(UTC), found, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the offset changes between two moments on either side of one change."""
    offset = before.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        same = (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset
        low, high = (middle, high) if same else (low, middle)
    return before + timedelta(seconds=high)
