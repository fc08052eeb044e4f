"""What the operators do to values. Each gives null, with a reason, for operands it is not defined on.

Source: DMN 1.5, 10.3.2.11 and tables 50 to 57.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from engine.errors import N_
from engine.feel import number, values
from engine.feel.environment import Environment
from engine.feel.temporal import (
    DAY,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    add_months,
    civil_from_days,
    from_local,
    from_value,
    make_date,
    make_days,
    make_months,
    time_of_day,
)
from engine.feel.values import Range, kind

# Powers, roots and logarithms take as long as so many steps.
DEAR = 50

Operation = Callable[[Any, Any, Environment], Any]


def add(left: Any, right: Any, environment: Environment) -> Any:
    """`left + right`."""
    if type(left) is Decimal and type(right) is Decimal:
        return _calculate(number.add, left, right, environment)
    if isinstance(left, str) and isinstance(right, str):
        environment.check_text(len(left) + len(right))
        return left + right
    if isinstance(left, DaysDuration | MonthsDuration) and not isinstance(right, DaysDuration | MonthsDuration):
        left, right = right, left
    if isinstance(right, DaysDuration | MonthsDuration):
        return _known(_shift(left, right, 1, environment), "+", left, right, environment)
    return _undefined("+", left, right, environment)


def subtract(left: Any, right: Any, environment: Environment) -> Any:
    """`left - right`."""
    if type(left) is Decimal and type(right) is Decimal:
        return _calculate(number.subtract, left, right, environment)
    if isinstance(right, DaysDuration | MonthsDuration):
        return _known(_shift(left, right, -1, environment), "-", left, right, environment)
    return _known(_difference(left, right), "-", left, right, environment)


def multiply(left: Any, right: Any, environment: Environment) -> Any:
    """`left * right`."""
    if type(left) is Decimal and type(right) is Decimal:
        return _calculate(number.multiply, left, right, environment)
    if isinstance(right, DaysDuration | MonthsDuration):
        left, right = right, left
    if isinstance(right, Decimal) and isinstance(left, DaysDuration | MonthsDuration):
        return _known(_scale(left, right, number.multiply), "*", left, right, environment)
    return _undefined("*", left, right, environment)


def divide(left: Any, right: Any, environment: Environment) -> Any:
    """`left / right`."""
    if type(left) is Decimal and type(right) is Decimal:
        if not right:
            return environment.null(N_("Division by zero."))
        return _calculate(number.divide, left, right, environment)
    if isinstance(left, DaysDuration | MonthsDuration):
        if isinstance(right, Decimal) and right:
            return _known(_scale(left, right, number.divide), "/", left, right, environment)
        if isinstance(right, DaysDuration | MonthsDuration) and type(right) is type(left) and _amount(right):
            return _calculate(number.divide, Decimal(_amount(left)), Decimal(_amount(right)), environment)
    return _undefined("/", left, right, environment)


def power(left: Any, right: Any, environment: Environment) -> Any:
    """`left ** right`."""
    if type(left) is Decimal and type(right) is Decimal:
        environment.charge(2 if number.is_whole(right) else DEAR)
        return _known(number.power(left, right), "**", left, right, environment)
    return _undefined("**", left, right, environment)


def negate(operand: Any, environment: Environment) -> Any:
    """`-operand`."""
    if isinstance(operand, Decimal):
        return number.negative(operand)
    if isinstance(operand, DaysDuration):
        return DaysDuration(-operand.nanoseconds)
    if isinstance(operand, MonthsDuration):
        return MonthsDuration(-operand.months)
    return environment.null(N_("“-” is not defined for {kind}."), kind=kind(operand))


ARITHMETIC: dict[str, Operation] = {"+": add, "-": subtract, "*": multiply, "/": divide, "**": power}


def equals(left: Any, right: Any, environment: Environment) -> bool | None:
    """`left = right`."""
    result = values.equal(left, right, environment)
    return _incomparable("=", left, right, environment) if result is None else result


def differs(left: Any, right: Any, environment: Environment) -> bool | None:
    """`left != right`."""
    result = values.equal(left, right, environment)
    return _incomparable("!=", left, right, environment) if result is None else not result


def less(left: Any, right: Any, environment: Environment) -> bool | None:
    """`left < right`."""
    order = values.compare(left, right)
    return _incomparable("<", left, right, environment) if order is None else order < 0


def less_or_equal(left: Any, right: Any, environment: Environment) -> bool | None:
    """`left <= right`."""
    order = values.compare(left, right)
    return _incomparable("<=", left, right, environment) if order is None else order <= 0


def greater(left: Any, right: Any, environment: Environment) -> bool | None:
    """`left > right`."""
    order = values.compare(left, right)
    return _incomparable(">", left, right, environment) if order is None else order > 0


def greater_or_equal(left: Any, right: Any, environment: Environment) -> bool | None:
    """`left >= right`."""
    order = values.compare(left, right)
    return _incomparable(">=", left, right, environment) if order is None else order >= 0


COMPARISONS: dict[str, Operation] = {
    "=": equals,
    "!=": differs,
    "<": less,
    "<=": less_or_equal,
    ">": greater,
    ">=": greater_or_equal,
}


def make_range(start: Any, end: Any, start_included: bool, end_included: bool, environment: Environment) -> Any:
    """A range of two ends; null unless they are of one ordered kind and in order."""
    order = values.compare(start, end)
    if order is None:
        return environment.null(
            N_("A range cannot go from {left} to {right}: the ends need one ordered type."),
            left=kind(start),
            right=kind(end),
        )
    if order > 0:
        return environment.null(N_("A range must not end before it starts."))
    return Range(start, end, start_included, end_included)


def unary_range(operator: str, end: Any, environment: Environment) -> Any:
    """`< 5` as a value."""
    if values.compare(end, end) is None or operator == "!=":
        return environment.null(N_("“{operator}” cannot make a range of {kind}."), operator=operator, kind=kind(end))
    if operator == "=":
        return Range(end, end, True, True)
    if operator in ("<", "<="):
        return Range(None, end, False, operator == "<=")
    return Range(end, None, operator == ">=", False)


def is_in(value: Any, test: Any, environment: Environment) -> bool | None:
    """Whether the value passes a test: lies in a range, is one of a list (or in a range of it), or equals it."""
    if isinstance(test, Range):
        verdict = values.contains(test, value)
        return _incomparable("in", value, test, environment) if verdict is None else verdict
    if isinstance(test, list):
        if isinstance(value, list) and values.same(value, test, environment):
            return True
        verdict: bool | None = False
        for item in test:  # pyright: ignore[reportUnknownVariableType]
            environment.charge()
            one: bool | None = (
                values.contains(item, value) if isinstance(item, Range) else values.same(value, item, environment)
            )
            if one:
                return True
            verdict = None if one is None else verdict
        return verdict
    return values.same(value, test, environment)


def _calculate(
    operation: Callable[[Decimal, Decimal], Decimal], left: Decimal, right: Decimal, environment: Environment
) -> Decimal | None:
    try:
        return operation(left, right)
    except DecimalException:
        return environment.null(N_("The result is too large for a number."))


def _known(result: Any, operator: str, left: Any, right: Any, environment: Environment) -> Any:
    return _undefined(operator, left, right, environment) if result is None else result


def _undefined(operator: str, left: Any, right: Any, environment: Environment) -> None:
    environment.null(
        N_("“{operator}” is not defined for {left} and {right}."), operator=operator, left=kind(left), right=kind(right)
    )


def _incomparable(operator: str, left: Any, right: Any, environment: Environment) -> None:
    environment.null(
        N_("{left} and {right} cannot be compared with “{operator}”."),
        operator=operator,
        left=kind(left),
        right=kind(right),
    )


def _amount(duration: DaysDuration | MonthsDuration) -> int:
    return duration.nanoseconds if isinstance(duration, DaysDuration) else duration.months


def _scale(
    duration: DaysDuration | MonthsDuration, factor: Decimal, operation: Callable[[Decimal, Decimal], Decimal]
) -> DaysDuration | MonthsDuration | None:
    try:
        scaled = operation(Decimal(_amount(duration)), factor)
    except DecimalException:
        return None
    if scaled.adjusted() > 30:
        return None
    return make_days(int(scaled)) if isinstance(duration, DaysDuration) else make_months(int(scaled))


def _shift(value: Any, duration: DaysDuration | MonthsDuration, sign: int, environment: Environment) -> Any:
    environment.charge(5 if isinstance(value, DateTime) else 2)
    if isinstance(duration, DaysDuration):
        return _shift_days(value, sign * duration.nanoseconds)
    return _shift_months(value, sign * duration.months)


def _shift_days(value: Any, nanoseconds: int) -> Any:
    if isinstance(value, DateTime):
        zone = value.time.zone
        return (
            from_local(value.local + nanoseconds, None) if zone is None else from_value(value.value + nanoseconds, zone)
        )
    if isinstance(value, Date):
        days = (value.ordinal * DAY + nanoseconds) // DAY
        shifted = civil_from_days(days)
        return make_date(shifted.year, shifted.month, shifted.day)
    if isinstance(value, Time):
        return time_of_day(value.of_day + nanoseconds, value.zone)
    if isinstance(value, DaysDuration):
        return make_days(value.nanoseconds + nanoseconds)
    return None


def _shift_months(value: Any, months: int) -> Any:
    if isinstance(value, DateTime):
        date = add_months(value.date, months)
        return None if date is None else DateTime(date, value.time)
    if isinstance(value, Date):
        return add_months(value, months)
    if isinstance(value, MonthsDuration):
        return make_months(value.months + months)
    return None


def _difference(left: Any, right: Any) -> DaysDuration | None:
    if isinstance(left, Time) and isinstance(right, Time):
        return None if (left.offset is None) != (right.offset is None) else DaysDuration(left.value - right.value)
    if isinstance(left, Date) and isinstance(right, Date):
        return make_days((left.ordinal - right.ordinal) * DAY)
    start, end = as_date_time(right), as_date_time(left)
    if start is None or end is None or (start.offset is None) != (end.offset is None):
        return None
    return make_days(end.value - start.value)


def as_date_time(value: Any) -> DateTime | None:
    """A date time as it is, a date as its midnight in UTC, None for anything else."""
    if isinstance(value, DateTime):
        return value
    return DateTime(value, Time(0, 0, 0, zone=0)) if isinstance(value, Date) else None
