"""From what was typed, or given as JSON, to the FEEL value of a field. What cannot be read is refused in words."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from engine.feel import Environment, from_python
from engine.feel.patterns import Pattern
from engine.feel.temporal import Date, DateTime, Time, from_value, make_date, make_time, parse_date_time, with_zone
from engine.form_schema import messages
from engine.form_schema.expressions import plain
from engine.form_schema.messages import Message
from engine.form_schema.model import Field, Kind, Option
from engine.form_schema.parts import MAX_OPTIONS, as_option

MAX_DIGITS = 34
LONGEST_LINE = 1_000
LONGEST_TEXT = 20_000
YEARS = range(1900, 2300)

_GROUPED = Pattern(r"^[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)?(\.[0-9]+)?$")
_DATE = Pattern(r"^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?$")
_TIME = Pattern(r"^([0-9]{1,2})[:时点]([0-9]{2})分?(?::([0-9]{2})(?:\.0+)?)?$")


class Refused(Exception):
    """The value cannot be taken; `message` says what to do."""

    def __init__(self, template: str, **params: object) -> None:
        super().__init__(template)
        self.message = Message(template, params)


def read_texts(field: Field, texts: Sequence[str], options: tuple[Option, ...], environment: Environment) -> object:
    """The value of posted texts (those of one name); empty is None, [] or False. Raises Refused."""
    if field.kind is Kind.CHECKBOX:
        return any(clean(text) not in ("", "false", "off", "0") for text in texts)
    if field.kind.is_multiple_choice:
        return _chosen_of([clean(text) for text in texts if clean(text)], options)
    text = clean(texts[0]) if texts else ""
    if not text:
        return None
    return _read_text(field, text, options, environment)


def _read_text(field: Field, text: str, options: tuple[Option, ...], environment: Environment) -> object:
    if field.kind is Kind.NUMBER:
        return read_number(field, text)
    if field.kind.is_single_choice:
        return _chosen(text, options)
    if field.kind.is_temporal:
        return _read_temporal(field.kind, text, environment)
    longest = LONGEST_TEXT if field.kind is Kind.TEXTAREA else LONGEST_LINE
    if len(text) > longest:
        raise Refused(messages.SHORTEN, max=longest, length=len(text))
    return text if field.kind is Kind.TEXTAREA else " ".join(text.split("\n"))


def read_value(field: Field, value: object, options: tuple[Option, ...], environment: Environment) -> object:
    """The value of JSON data or of a variable: typed values as they are, texts read as if typed. Raises Refused."""
    if isinstance(value, datetime) and value.tzinfo is None:
        value = value.isoformat()
    value = _from_python(value)
    if value is None or value == "":
        return [] if field.kind.is_multiple_choice else False if field.kind is Kind.CHECKBOX else None
    if field.kind is Kind.CHECKBOX:
        return _expect(isinstance(value, bool), value, messages.YES_NO)
    if field.kind.is_multiple_choice:
        if not isinstance(value, list):
            raise Refused(messages.CHOOSE_SOME)
        return _chosen_of([plain(item) for item in cast(list[object], value)], options)
    if field.kind.is_single_choice:
        return _chosen(plain(value), options)
    if isinstance(value, str):
        text = clean(value)
        return _read_text(field, text, options, environment) if text else None
    if field.kind is Kind.NUMBER:
        return _expect(isinstance(value, Decimal), value, messages.NUMBER, example=number_example(field))
    if field.kind.is_temporal:
        return _typed_temporal(field.kind, value, environment)
    raise Refused(messages.TEXT)


def _from_python(value: object) -> object:
    """The FEEL value of plain data; what has none is refused."""
    try:
        return from_python(value)
    except (TypeError, ValueError, RecursionError):
        raise Refused(messages.TEXT) from None


def _expect(right: bool, value: object, template: str, **params: object) -> object:
    if not right:
        raise Refused(template, **params)
    return value


def clean(text: str) -> str:
    """The text without what no one types: control characters, lone surrogates, spaces at the ends; lines end in \\n."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    if not text.isprintable():
        text = "".join(char for char in text if char == "\n" or unicodedata.category(char) not in ("Cc", "Cs"))
    return text.strip()


def read_number(field: Field, text: str) -> Decimal:
    """A number as people write it: 1,860.00, full-width digits, a currency sign or the field's unit beside it."""
    plain_text = unicodedata.normalize("NFKC", text).replace("−", "-").replace("–", "-")
    for unit in (*(unicodedata.normalize("NFKC", part) for part in _units(field)), "¥"):
        plain_text = plain_text.strip().removesuffix(unit).removeprefix(unit)
    digits = "".join(plain_text.split())
    if not _GROUPED.found_in(digits) or not any(map(str.isdigit, digits)) or len(digits) > MAX_DIGITS + 12:
        raise Refused(messages.NUMBER, example=number_example(field))
    number = Decimal(digits.replace(",", ""))
    if len(number.as_tuple().digits) > MAX_DIGITS:
        raise Refused(messages.NUMBER, example=number_example(field))
    return number


def _units(field: Field) -> list[str]:
    texts = (wording.fixed for wording in (field.unit, field.prefix))
    return [part for text in texts for part in (text.zh, text.en) if part]


def number_example(field: Field) -> str:
    """A number that would do."""
    if field.example:
        return field.example
    low, high, above = (limit if isinstance(limit, Decimal) else None for limit in _limits(field))
    smallest = Decimal(1).scaleb(-(field.decimals or 0))
    if above is not None:
        return f"{above + smallest:f}"
    if low is not None:
        return f"{low:f}"
    return f"{high:f}" if high is not None else "12.5" if field.decimals != 0 else "12"


def _limits(field: Field) -> tuple[object, object, object]:
    return field.checks.min, field.checks.max, field.checks.above


# --- choices


def _chosen(text: str, options: tuple[Option, ...]) -> object:
    for option in options:
        if option.text == text:
            return option.value
    raise Refused(messages.NOT_OFFERED, value=text[:60])


def _chosen_of(texts: Sequence[str], options: tuple[Option, ...]) -> list[object]:
    """The values of several options, in the order they are offered, each once."""
    for text in texts:
        _chosen(text, options)
    wanted = set(texts)
    return [option.value for option in options if option.text in wanted]


# --- dates and times


def _read_temporal(kind: Kind, text: str, environment: Environment) -> object:
    text = unicodedata.normalize("NFKC", text)
    if kind is Kind.DATE:
        found: object = _date(text)
    elif kind is Kind.TIME:
        found = _time(text)
    else:
        found = _date_time(text, environment)
    if found is None:
        raise _no_time(kind, environment)
    return found


def _date(text: str) -> Date | None:
    match = _DATE.groups(text)
    day = make_date(*(int(part or 0) for part in match[1:4])) if match else None
    return day if day is not None and day.year in YEARS else None


def _time(text: str) -> Time | None:
    match = _TIME.groups(text)
    return make_time(*(int(part or 0) for part in match[1:4])) if match else None


def _date_time(text: str, environment: Environment) -> DateTime | None:
    """A local date and time on the organisation's clocks, or one with its own offset."""
    day, _, clock = text.replace("T", " ").partition(" ")
    date_part, time_part = _date(day), _time(clock.strip())
    if date_part is not None and time_part is not None:
        return anchored(DateTime(date_part, time_part), environment)
    whole = parse_date_time(text) if "T" in text else None
    return anchored(whole, environment) if whole is not None and whole.date.year in YEARS else None


def anchored(value: DateTime, environment: Environment) -> DateTime:
    """With its offset from UTC; without one it is meant in the organisation's zone."""
    zoned = with_zone(value, environment.zone) if value.time.zone is None else value
    return with_zone(zoned, zoned.offset or 0)


def _typed_temporal(kind: Kind, value: object, environment: Environment) -> object:
    if isinstance(value, DateTime) and value.date.year in YEARS:
        local = on_local_clocks(value, environment)
        return {Kind.DATE: local.date, Kind.TIME: Time(local.time.hour, local.time.minute, local.time.second)}.get(
            kind, anchored(value, environment)
        )
    if (kind is Kind.DATE and isinstance(value, Date) and value.year in YEARS) or (
        kind is Kind.TIME and isinstance(value, Time)
    ):
        return value
    raise _no_time(kind, environment)


def on_local_clocks(value: DateTime, environment: Environment) -> DateTime:
    """The same moment as the organisation's clocks show it."""
    if value.time.zone is None:
        return value
    return from_value(value.value, environment.zone) or value


def _no_time(kind: Kind, environment: Environment) -> Refused:
    template = {Kind.DATE: messages.DATE, Kind.TIME: messages.TIME}.get(kind, messages.DATE_TIME)
    return Refused(template, example=temporal_example(kind, environment))


def temporal_example(kind: Kind, environment: Environment) -> str:
    """Today, or now, as it is to be written."""
    now = local_now(environment)
    if kind is Kind.DATE:
        return str(now.date)
    clock = f"{now.time.hour:02d}:{now.time.minute:02d}"
    return clock if kind is Kind.TIME else f"{now.date} {clock}"


def local_now(environment: Environment) -> DateTime:
    """The present moment on the organisation's clocks."""
    now = from_python(environment.now())
    assert isinstance(now, DateTime)
    return on_local_clocks(now, environment)


def options_from(value: object, properties: Mapping[str, str]) -> tuple[Option, ...]:
    """The options of a FEEL list; entries that can be none are left out."""
    entries = cast(list[Any], value) if isinstance(value, list) else []
    found: dict[str, Option] = {}
    for entry in entries[:MAX_OPTIONS]:
        option = as_option(entry, properties)
        if option is not None:
            found.setdefault(option.text, option)
    return tuple(found.values())
