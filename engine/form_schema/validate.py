"""Checking the values of what is shown. Each message says what to do; at most one per field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from engine.feel.patterns import Pattern
from engine.feel.temporal import Date, DateTime
from engine.form_schema import messages
from engine.form_schema.coerce import local_now, number_example, on_local_clocks, temporal_example
from engine.form_schema.expressions import Bound, bound_of
from engine.form_schema.messages import Message
from engine.form_schema.model import Component, Field, Group, Kind, Rows, joined, look_up
from engine.form_schema.settle import Settled
from engine.form_schema.surroundings import Place, Surroundings

_EMAIL = Pattern(r"^[^@\s,;]+@[^@\s,;.]+(\.[^@\s,;.]+)+$")
_PHONE = Pattern(r"^\+?[0-9(][0-9() \-]{3,23}[0-9]( ?(转|ext\.?|x) ?[0-9]{1,6})?$")
_EMAIL_EXAMPLE, _PHONE_EXAMPLE = "name@example.com", "021-5555 0123"


class Validator:
    """Validates one settled form. `errors` come in with what could not be read and leave with all that is wrong;
    `attached` names the file fields that have a file already."""

    def __init__(
        self, settled: Settled, surroundings: Surroundings, errors: dict[str, Message], attached: frozenset[str]
    ) -> None:
        self._settled = settled
        self._around = surroundings
        self._attached = attached
        self._unread = errors
        self.errors: dict[str, Message] = {}

    def run(self, components: tuple[Component, ...]) -> dict[str, Message]:
        """The messages by field name, in the order of the form."""
        self._visit(components, Place(self._settled.values))
        return self.errors

    def _visit(self, components: tuple[Component, ...], place: Place) -> None:
        for component in components:
            if self._settled.hides(component, place.name):
                continue
            if isinstance(component, Field):
                self._field(component, place)
            elif isinstance(component, Group):
                self._visit(component.components, place)
            elif isinstance(component, Rows):
                self._rows(component)

    def _rows(self, rows: Rows) -> None:
        name = joined(rows.path)
        kept = cast(list[dict[str, Any]], look_up(self._settled.values, rows.path))
        if name in self._unread:
            self.errors[name] = self._unread[name]
        elif len(kept) < rows.min_rows:
            few = {"min": rows.min_rows, "rows": len(kept)}
            self.errors[name] = Message(messages.ONE_ROW) if rows.min_rows == 1 else Message(messages.ROWS_FROM, few)
        for index, row in enumerate(kept):
            self._visit(rows.components, Place(self._settled.values, row, index, f"{name}[{index}]"))

    def _field(self, field: Field, place: Place) -> None:
        name = joined(field.path, place.name)
        if field.kind is Kind.COMPUTED or field.disabled or self._around.is_on(field.readonly, place):
            return
        message = self._unread.get(name) or self._message(field, place, name)
        if message is not None:
            self.errors[name] = message

    def _message(self, field: Field, place: Place, name: str) -> Message | None:
        required = self._around.is_on(field.checks.required, place)
        if field.kind is Kind.FILE:
            return Message(messages.ADD_FILE) if required and name not in self._attached else None
        value = look_up(place.inside(), field.path)
        if value is None or value == [] or value is False:
            return _missing(field, self._around) if required else None
        if isinstance(value, Decimal):
            return self._number(field, value, place) if field.kind is Kind.NUMBER else None
        if isinstance(value, str) and not field.kind.is_choice:
            return self._text(field, value, place)
        if isinstance(value, Date | DateTime) and field.checks.not_past:
            return self._not_past(field, value)
        return None

    def _bound(self, bound: Bound, place: Place) -> Decimal | None:
        if not isinstance(bound, Decimal) and bound is not None:
            return bound_of(bound, self._around.seen_from(place), self._around.environment)
        return bound

    def _number(self, field: Field, value: Decimal, place: Place) -> Message | None:
        exponent = value.normalize().as_tuple().exponent
        example = number_example(field)
        if field.decimals is not None and isinstance(exponent, int) and -exponent > field.decimals:
            template = messages.DECIMALS if field.decimals else messages.WHOLE_NUMBER
            return Message(template, {"decimals": field.decimals, "example": example})
        above, low, high = (
            self._bound(bound, place) for bound in (field.checks.above, field.checks.min, field.checks.max)
        )
        if above is not None and value <= above:
            return Message(messages.NUMBER_ABOVE, {"min": f"{above:f}", "example": _fitting(field, above + 1)})
        if low is not None and value < low:
            return Message(messages.NUMBER_FROM, {"min": f"{low:f}", "example": _fitting(field, low)})
        if high is not None and value > high:
            return Message(messages.NUMBER_UP_TO, {"max": f"{high:f}", "example": _fitting(field, high)})
        return None

    def _text(self, field: Field, value: str, place: Place) -> Message | None:
        least, most = (self._bound(bound, place) for bound in (field.checks.min_length, field.checks.max_length))
        if least is not None and len(value) < least:
            return Message(messages.LENGTHEN, {"min": f"{least:f}", "length": len(value)})
        if most is not None and len(value) > most:
            return Message(messages.SHORTEN, {"max": f"{most:f}", "length": len(value)})
        if field.checks.format == "email" and not _EMAIL.found_in(value):
            return Message(messages.EMAIL, {"example": field.example or _EMAIL_EXAMPLE})
        if field.checks.format == "phone" and not _PHONE.found_in(value):
            return Message(messages.PHONE, {"example": field.example or _PHONE_EXAMPLE})
        pattern: Pattern | None = field.checks.pattern
        return None if pattern is None or pattern.found_in(value) else _pattern_message(field)

    def _not_past(self, field: Field, value: Date | DateTime) -> Message | None:
        environment = self._around.environment
        day = on_local_clocks(value, environment).date if isinstance(value, DateTime) else value
        if day.ordinal >= local_now(environment).date.ordinal:
            return None
        return Message(messages.NOT_PAST, {"example": temporal_example(Kind.DATE, environment)})


def _fitting(field: Field, number: Decimal) -> str:
    """The author's example, or a number that satisfies the limit."""
    return field.example or f"{number:f}"


def _pattern_message(field: Field) -> Message:
    if field.checks.pattern_message is not None:
        return Message(messages.AUTHOR, {"text": field.checks.pattern_message})
    return Message(messages.PATTERN_EXAMPLE, {"example": field.example}) if field.example else Message(messages.PATTERN)


def _missing(field: Field, around: Surroundings) -> Message:
    """What to do about a required field that is empty."""
    if field.kind is Kind.CHECKBOX:
        return Message(messages.TICK)
    if field.kind.is_single_choice:
        return Message(messages.CHOOSE_ONE)
    if field.kind.is_multiple_choice:
        return Message(messages.CHOOSE_SOME)
    if field.kind is Kind.NUMBER:
        return Message(messages.NUMBER, {"example": number_example(field)})
    if field.kind.is_temporal:
        template = {Kind.DATE: messages.DATE, Kind.TIME: messages.TIME}.get(field.kind, messages.DATE_TIME)
        return Message(template, {"example": temporal_example(field.kind, around.environment)})
    if field.checks.format == "phone":
        return Message(messages.PHONE, {"example": field.example or _PHONE_EXAMPLE})
    if field.checks.format == "email":
        return Message(messages.EMAIL, {"example": field.example or _EMAIL_EXAMPLE})
    return Message(messages.FILL_IN_EXAMPLE, {"example": field.example}) if field.example else Message(messages.FILL_IN)
