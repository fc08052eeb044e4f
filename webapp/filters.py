"""How times, amounts and durations read on a page: short dates, words for what is due, thousands separated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from flask import Flask, g

from webapp.i18n import DEFAULT_ZONE, explain_finding, explain_message, fill, gettext, in_language
from webapp.services import services

SOON = timedelta(hours=2)
COUNTED = timedelta(hours=6)
"""Up to here a due time counts down; beyond it is the day and hour."""
_MINUS = "−"
_DASH = "–"


@dataclass(frozen=True, slots=True)
class Due:
    """A due time as the page shows it: the words, the state class (``late``, ``soon`` or empty), the icon before the
    words (empty where there is no state) and the exact time.
    """

    text: str
    state: str
    icon: str
    title: str
    iso: str


def init_filters(app: Flask) -> None:
    """Give templates the filters."""
    app.jinja_env.filters.update(
        due=due, moment=moment, full_time=full_time, iso=iso, day=day, clock_time=clock_time, duration=duration,
        amount=amount, number=number, percent=percent, file_size=file_size, fill=fill, finding=explain_finding,
        said=explain_message,
    )  # fmt: skip
    app.jinja_env.globals.update(in_language=in_language, now=lambda: services().clock.now())


def due(at: datetime, left: timedelta | None = None, severity: str = "") -> Due:
    """A due time in words. `left` is the working time until then (negative: since then) where a calendar counts.

    Where the document only says "in principle" (severity ``warning``), late is amber and no violation.
    """
    now = services().clock.now()
    remaining = at - now if left is None else left
    if at <= now:
        text = gettext("%(time)s late", time=duration(-remaining))
        title = gettext("Was due %(time)s", time=full_time(at))
        if severity == "warning":
            return Due(text, "soon", "alert", title + gettext(" (in principle)"), iso(at))
        return Due(text, "late", "alert", title, iso(at))
    counted = remaining <= COUNTED and at - now <= timedelta(days=1)
    text = gettext("%(time)s left", time=duration(remaining)) if counted else moment(at)
    state, icon = ("soon", "clock") if remaining <= SOON else ("", "")
    return Due(text, state, icon, gettext("Due %(time)s", time=full_time(at)), iso(at))


def moment(at: datetime) -> str:
    """A time, short: Today 10:26, Yesterday, Tomorrow, 11-24 10:26, or with the year when it is another one."""
    local, today = _local(at), _local(services().clock.now()).date()
    hour = local.strftime("%H:%M")
    match (local.date() - today).days:
        case 0:
            return gettext("Today %(time)s", time=hour)
        case -1:
            return gettext("Yesterday %(time)s", time=hour)
        case 1:
            return gettext("Tomorrow %(time)s", time=hour)
        case _:
            return local.strftime("%m-%d %H:%M" if local.year == today.year else "%Y-%m-%d %H:%M")


def full_time(at: datetime) -> str:
    """A time with its date, in the organisation's zone: 2026-11-24 10:26."""
    return _local(at).strftime("%Y-%m-%d %H:%M")


def clock_time(at: datetime) -> str:
    """The hour only, in the organisation's zone: 10:26."""
    return _local(at).strftime("%H:%M")


def iso(at: datetime) -> str:
    """A time for the ``datetime`` attribute, with its offset."""
    return _local(at).isoformat(timespec="seconds")


def day(at: date | datetime) -> str:
    """A day, short: 11-24, or with the year when it is another one."""
    on = _local(at).date() if isinstance(at, datetime) else at
    return on.strftime("%m-%d" if on.year == _local(services().clock.now()).year else "%Y-%m-%d")


def duration(length: timedelta) -> str:
    """A length in words, two units at most: 42 min, 1 h 12 min, 3 d 4 h."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:
        return gettext("%(minutes)s min", minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        if not minutes:
            return gettext("%(hours)s h", hours=hours)
        return gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)
    days, hours = divmod(hours, 24)
    return gettext("%(days)s d %(hours)s h", days=days, hours=hours) if hours else gettext("%(days)s d", days=days)


def amount(value: Decimal | int | None, digits: int = 2) -> str:
    """Money or a quantity with thousands separated: 8,668.00; a dash where there is none."""
    if value is None:
        return _DASH
    exact = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{exact:,f}".replace("-", _MINUS)


def number(value: Decimal | int | None) -> str:
    """A number with its own digits, thousands separated, without trailing zeros."""
    if value is None:
        return _DASH
    text = f"{Decimal(value):,f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", _MINUS)


def percent(ratio: Decimal | float | None, digits: int = 1) -> str:
    """A ratio as a percentage, with a space: 0.12 is 12.0 %."""
    return _DASH if ratio is None else f"{amount(Decimal(str(ratio)) * 100, digits)} %"


def file_size(size: int) -> str:
    """A size in bytes for people: 840 B, 12 kB, 3.4 MB."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def _local(at: datetime) -> datetime:
    """In the zone of the actor's organisation."""
    account = g.get("account")
    moment = at if at.tzinfo else at.replace(tzinfo=UTC)
    return moment.astimezone(ZoneInfo(account.zone if account else DEFAULT_ZONE))
