"""What the cells of a column let pass, as sets: the ground the checks of tables stand on.

A column's values are cut into atoms at every value its cells mention: the value itself, and what lies between two
neighbours. No cell can tell apart two values of one atom, so a cell is the set of atoms whose sample it lets pass, as
the cell itself says; sets are the bits of a whole number. What is not made of constants is beyond this analysis.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cmp_to_key
from itertools import pairwise
from typing import Any, cast

from engine.feel import UnaryTestsExpression, tree
from engine.feel.compiler import Compiler
from engine.feel.environment import Environment
from engine.feel.scope import Scope
from engine.feel.temporal import (
    DAY,
    HOUR,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    civil_from_days,
    from_value,
    time_of_day,
)
from engine.feel.types import Types
from engine.feel.values import BOOLEAN, NULL, STRING, compare, kind, literal, same

CONSTANT_FUNCTIONS = frozenset({"date", "time", "date and time", "duration", "number"})
OTHER_TEXT = "\N{HORIZONTAL ELLIPSIS}"
"""Stands for any text that no cell mentions."""


class BeyondAnalysis(Exception):
    """A cell or column about which nothing certain can be said."""


@dataclass(frozen=True, slots=True)
class Atom:
    """Values no cell can tell apart. `low` and `high` are the neighbours of an open stretch, None at infinity; a point
    has both equal to `sample`."""

    sample: object
    low: object = None
    high: object = None
    point: bool = True


class Axis:
    """The atoms of a column, null last.

    `everything` is the set of those it may hold, `without_null` leaves out null, and `asked` does unless a cell speaks
    of it: a table that says nothing of null is not blamed for what happens there.
    """

    def __init__(self, title: str, atoms: Sequence[Atom], everything: int, *, asks_null: bool = False) -> None:
        self.title = title
        self.atoms = (*atoms, Atom(None))
        self.everything = everything | 1 << len(atoms)
        self._index = {atom.sample: index for index, atom in enumerate(self.atoms) if atom.point}
        self._discrete = any(_discrete(atom) for atom in self.atoms if atom.sample is not None)
        self.without_null = everything & ~(1 << len(atoms))
        self.asked = self.everything if asks_null else self.without_null

    def mask(self, cell: UnaryTestsExpression | None) -> int:
        """The set of atoms a cell lets pass; None is a cell without a test."""
        if cell is None:
            return self.everything
        environment = Environment()

        def passes(index: int) -> bool:
            return cell.evaluate(self.atoms[index].sample, {}, environment) is True

        mentioned = self._positions(cell)
        mask = sum(1 << index for index in mentioned if passes(index))
        for stretch in self._stretches(mentioned):
            # The cell mentions none of these, so the first speaks for them all.
            if passes(stretch[0]):
                mask |= sum(1 << index for index in stretch)
        return mask & self.everything

    def _positions(self, cell: UnaryTestsExpression) -> list[int]:
        return sorted({self._index[None], *(self._position(value) for value in constants_of(cell.tree))})

    def _position(self, value: object) -> int:
        if value in self._index:
            return self._index[value]
        return next(index for index, atom in enumerate(self.atoms) if atom.point and same(atom.sample, value))

    def _stretches(self, mentioned: list[int]) -> Iterator[Sequence[int]]:
        if self._discrete:
            others = [index for index in range(len(self.atoms)) if index not in mentioned]
            if others:
                yield others
            return
        for start, end in pairwise([-1, *mentioned, len(self.atoms)]):
            if start + 1 < end:
                yield range(start + 1, end)

    def is_point(self, mask: int) -> bool:
        """Whether a set holds single values of an ordered kind only."""
        return mask != 0 and all(
            atom.point and kind(atom.sample) not in (BOOLEAN, STRING, NULL) for atom in self._of(mask)
        )

    def sample(self, mask: int) -> object:
        """A value of a set: a mentioned one rather than one in between."""
        atoms = list(self._of(mask))
        return next((atom.sample for atom in atoms if atom.point and atom.sample is not None), atoms[0].sample)

    def example(self, mask: int) -> str:
        """`title = value` for a value of a set."""
        return f"{self.title} = {literal(self.sample(mask))}"

    def describe(self, mask: int) -> str:
        """A set in FEEL's own words, from left to right: `< 0`, `(5000..10000)`, `"EU"`."""
        parts: list[str] = []
        run: list[Atom] = []
        for index, atom in enumerate(self.atoms):
            if mask >> index & 1:
                run.append(atom)
                if _discrete(atom):
                    parts.append(literal(run.pop().sample))
            elif run:
                parts.append(_span(run))
                run = []
        if run:
            parts.append(_span(run))
        return ", ".join(parts)

    def _of(self, mask: int) -> Iterable[Atom]:
        return (atom for index, atom in enumerate(self.atoms) if mask >> index & 1)


def _discrete(atom: Atom) -> bool:
    return kind(atom.sample) in (BOOLEAN, STRING, NULL)


def _span(run: list[Atom]) -> str:
    first, last = run[0], run[-1]
    if first is last and first.point:
        return literal(first.sample)
    low = first.sample if first.point else first.low
    high = last.sample if last.point else last.high
    if low is None:
        return f"{'<=' if last.point else '<'} {literal(high)}"
    if high is None:
        return f"{'>=' if first.point else '>'} {literal(low)}"
    return f"{'[' if first.point else '('}{literal(low)}..{literal(high)}{']' if last.point else ')'}"


def axis_of(
    title: str,
    cells: Iterable[UnaryTestsExpression | None],
    allowed: UnaryTestsExpression | None = None,
    kind_name: str = "",
    *,
    whole: bool = False,
) -> Axis:
    """The axis of a column.

    `allowed` are the values it declares, `kind_name` the kind of its values where that is known, `whole` says that they
    are whole numbers. Cells beyond analysis are not to be given. Raises `BeyondAnalysis` when their values have no
    common order.
    """
    constants: list[object] = []
    for cell in (*cells, allowed):
        if cell is not None:
            constants += constants_of(cell.tree)
    has_null = any(constant is None for constant in constants)
    values = _distinct(constant for constant in constants if constant is not None)
    kinds = {kind(value) for value in values} or {kind_name}
    if len(kinds) > 1:
        raise BeyondAnalysis
    atoms = _atoms(kinds.pop(), values, whole=whole)
    return Axis(title, atoms, _declared(atoms, allowed), asks_null=has_null)


def _declared(atoms: list[Atom], allowed: UnaryTestsExpression | None) -> int:
    if allowed is None:
        return (1 << len(atoms)) - 1
    environment = Environment()
    return sum(1 << index for index, atom in enumerate(atoms) if allowed.evaluate(atom.sample, {}, environment) is True)


def constants_of(node: tree.Node) -> list[object]:
    """The constants a cell compares its input with. Raises `BeyondAnalysis` when it does anything else."""
    match node:
        case tree.UnaryTests(parts) | tree.Logical(_, parts):
            return [value for part in parts for value in constants_of(part)]
        case tree.UnaryRange(operator, end):
            return _constants([end], ordered=operator not in ("=", "!="))
        case tree.RangeLiteral(start, end):
            return _constants([start, end], ordered=True)
        case tree.Comparison(operator, left, right):
            return _constants(_without_input([left, right]), ordered=operator not in ("=", "!="))
        case tree.Between(tree.Name("?"), low, high):
            return _constants([low, high], ordered=True)
        case tree.In(tree.Name("?"), tests):
            return [value for test in tests for value in constants_of(test)]
        case tree.ListLiteral(items):
            return _constants(list(items))
        case tree.Invocation(tree.Name("not"), (inner,)):
            return constants_of(inner)
        case _:
            return _constants([node])


def _without_input(sides: list[tree.Node]) -> list[tree.Node]:
    rest = [side for side in sides if side != tree.Name("?")]
    if len(rest) != 1:
        raise BeyondAnalysis
    return rest


def _constants(nodes: list[tree.Node], *, ordered: bool = False) -> list[object]:
    values = [constant(node) for node in nodes]
    # Texts have an order, but what lies between two of them nobody could name.
    if any(isinstance(value, list | dict) or (ordered and isinstance(value, str | bool)) for value in values):
        raise BeyondAnalysis
    return values


def constant(node: tree.Node) -> object:
    """The value of a node that is a constant. Raises `BeyondAnalysis` for any other."""
    match node:
        case tree.NumberLiteral() | tree.StringLiteral() | tree.BooleanLiteral() | tree.NullLiteral():
            pass
        case tree.AtLiteral():
            pass
        case tree.Negation(inner):
            constant(inner)
        case tree.Invocation(tree.Name(name), arguments, ()) if name in CONSTANT_FUNCTIONS:
            for argument in arguments:
                constant(argument)
        case _:
            raise BeyondAnalysis
    return Compiler(Types()).closure(node)(Scope({}, None, Environment()))


def _distinct(values: Iterable[object]) -> list[object]:
    found: list[object] = []
    seen: set[object] = set()
    for value in values:
        if value not in seen and not any(same(value, other) for other in found if _has_zone(value)):
            seen.add(value)
            found.append(value)
    return found


def _has_zone(value: object) -> bool:
    """Moments of different zones may be the same moment, which their fields do not show."""
    return isinstance(value, DateTime | Time)


def _atoms(kind_name: str, values: list[object], *, whole: bool) -> list[Atom]:
    if kind_name == BOOLEAN:
        return [Atom(True), Atom(False)]
    if kind_name == STRING:
        return [*(Atom(value) for value in sorted(cast("list[str]", values))), Atom(OTHER_TEXT)]
    if not values:
        return [Atom(OTHER_TEXT, point=False)]
    return _ordered_atoms(_sorted(values), whole=whole)


def _sorted(values: list[object]) -> list[object]:
    zones = {value.offset is None for value in values if isinstance(value, DateTime | Time)}
    if len(zones) > 1:
        raise BeyondAnalysis

    def order(one: object, other: object) -> int:
        found = compare(one, other)
        if found is None:
            raise BeyondAnalysis
        return found

    return sorted(values, key=cmp_to_key(order))


def _ordered_atoms(values: list[object], *, whole: bool) -> list[Atom]:
    atoms: list[Atom] = []
    neighbours = [None, *values, None]
    for index, low in enumerate(neighbours[:-1]):
        high = neighbours[index + 1]
        if low is not None:
            atoms.append(Atom(low, low, low))
        between = _between(low, high, whole=whole)
        if between is not None:
            atoms.append(Atom(between, low, high, point=False))
    return atoms


def _between(low: Any, high: Any, *, whole: bool) -> object | None:
    """A value strictly between two neighbours, a plain one if possible; None when there is none."""
    given = low if low is not None else high
    if isinstance(given, Decimal):
        return _number_between(low, high, whole=whole)
    if isinstance(given, Date):
        day = _whole_between(low and low.ordinal, high and high.ordinal)
        return None if day is None else civil_from_days(day)
    if isinstance(given, MonthsDuration):
        months = _whole_between(low and low.months, high and high.months)
        return None if months is None else MonthsDuration(months)
    if isinstance(given, DaysDuration):
        span = _whole_between(low and low.nanoseconds, high and high.nanoseconds, DAY)
        return None if span is None else DaysDuration(span)
    if isinstance(given, DateTime):
        moment = _whole_between(low and low.value, high and high.value, HOUR)
        return None if moment is None else from_value(moment, given.time.zone)
    return _time_between(low, high)


def _time_between(low: Time | None, high: Time | None) -> Time | None:
    given = low or high
    if not isinstance(given, Time):
        raise BeyondAnalysis
    shift = (given.offset or 0) * 1_000_000_000
    start = low.value + shift if low else None
    end = high.value + shift if high else None
    if start is None:
        # The first moment of the day, unless it is the neighbour itself.
        moment = 0 if end else None
    elif end is None:
        moment = min(start + HOUR, DAY - 1) if start < DAY - 1 else None
    else:
        moment = _whole_between(start, end, HOUR)
    return None if moment is None else time_of_day(moment, given.zone)


def _number_between(low: Decimal | None, high: Decimal | None, *, whole: bool) -> Decimal | None:
    if low is None or high is None:
        return high - 1 if low is None and high is not None else cast("Decimal", low) + 1
    following = Decimal(int(low.to_integral_value(rounding="ROUND_FLOOR")) + 1)
    if following < high:
        return following
    return None if whole else (low + high) / 2


def _whole_between(low: int | None, high: int | None, step: int = 1) -> int | None:
    if low is None or high is None:
        return (high or 0) - step if low is None else low + step
    if low + step < high:
        return low + step
    middle = (low + high) // 2
    return middle if low < middle < high else None
