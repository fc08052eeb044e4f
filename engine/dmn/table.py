"""Decision tables: which rules apply, and what the hit policy makes of them. Source: DMN 1.5, chapter 8."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from engine.dmn.errors import SeveralRulesHit, ValueNotAllowed
from engine.dmn.model import Aggregation, DecisionTable, HitPolicy, Rule
from engine.dmn.run import Node, Run, Scope
from engine.dmn.trace import NO, UNTRIED, YES, TableTrace, show
from engine.errors import N_
from engine.feel.number import CONTEXT
from engine.feel.scope import Scope as FeelScope
from engine.feel.values import compare, same

NOTHING_COLLECTED: dict[Aggregation, Callable[[], object]] = {
    Aggregation.LIST: list[object],
    Aggregation.COUNT: Decimal,
}
"""What COLLECT makes of no hits at all; a sum, least or greatest of nothing is null."""


class Tests(Protocol):
    """A cell: whether a value passes."""

    def passes(self, value: object, scope: FeelScope, /) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class Column:
    """An input column. `allowed` is None when every value is."""

    title: str
    value: Node
    allowed: Tests | None
    allowed_text: str


@dataclass(frozen=True, slots=True)
class Output:
    """An output column. `ranks` are the allowed values in order of priority; `default` is None when there is none."""

    name: str
    title: str
    allowed: Tests | None
    allowed_text: str
    ranks: Callable[[Scope, Run], Sequence[object]]
    default: Node | None


@dataclass(frozen=True, slots=True)
class Row:
    """A rule. `tests` are the cells that test anything, as pairs of column index and tests."""

    rule: Rule
    tests: tuple[tuple[int, Tests], ...]
    results: tuple[Node, ...]


class Table:
    """A decision table ready to be evaluated."""

    def __init__(
        self,
        owner: str,
        table: DecisionTable,
        columns: tuple[Column, ...],
        outputs: tuple[Output, ...],
        rows: tuple[Row, ...],
    ) -> None:
        self._owner = owner
        self._table = table
        self._columns = columns
        self._outputs = outputs
        self._rows = rows
        self._first_only = table.hit_policy is HitPolicy.FIRST
        self._checked = any(column.allowed is not None for column in columns)

    def evaluate(self, scope: Scope, run: Run) -> object:
        """The table's value: of one rule, of several, or the default."""
        values = [column.value(scope, run) for column in self._columns]
        names = FeelScope(scope, None, run.environment)
        if self._checked and not self._allowed(values, names, run):
            return None
        if run.recorder is None:
            return self._decide(self._hits(values, names), values, scope, run)
        trace = TableTrace(self._owner, self._table, values)
        run.recorder.table(trace)
        hits = self._traced_hits(values, names, trace)
        return self._decide(hits, values, scope, run, trace)

    # Which rules apply

    def _hits(self, values: list[object], names: FeelScope) -> list[Row]:
        hits: list[Row] = []
        for row in self._rows:
            for column, tests in row.tests:
                if tests.passes(values[column], names) is not True:
                    break
            else:
                hits.append(row)
                if self._first_only:
                    break
        return hits

    def _traced_hits(self, values: list[object], names: FeelScope, trace: TableTrace) -> list[Row]:
        hits: list[Row] = []
        for row in self._rows:
            if hits and self._first_only:
                trace.rule(row.rule, [UNTRIED] * len(values), hit=False)
                continue
            verdicts = self._verdicts(row, values, names)
            hit = NO not in verdicts
            trace.rule(row.rule, verdicts, hit=hit)
            if hit:
                hits.append(row)
        return hits

    def _verdicts(self, row: Row, values: list[object], names: FeelScope) -> list[str]:
        verdicts = [YES] * len(values)
        for column, tests in row.tests:
            if tests.passes(values[column], names) is not True:
                verdicts[column] = NO
                verdicts[column + 1 :] = [UNTRIED] * (len(values) - column - 1)
                break
        return verdicts

    def _allowed(self, values: list[object], names: FeelScope, run: Run) -> bool:
        for column, value in zip(self._columns, values, strict=True):
            if column.allowed is None or value is None:
                continue
            if column.allowed.passes(value, names) is not True:
                run.refuse(self._not_allowed(column.title, column.allowed_text, value))
                return False
        return True

    def _not_allowed(self, title: str, allowed: str, value: object) -> ValueNotAllowed:
        return ValueNotAllowed(decision=self._owner, column=title, allowed=allowed, value=show(value))

    # What follows from the hits

    def _decide(
        self, hits: list[Row], values: list[object], scope: Scope, run: Run, trace: TableTrace | None = None
    ) -> object:
        policy = self._table.hit_policy
        if policy is HitPolicy.UNIQUE and len(hits) > 1:
            return self._several(hits, values, run)
        if not hits:
            return self._default(scope, run)
        results = [self._results(row, scope, run, trace) for row in hits]
        if policy is HitPolicy.ANY:
            if not all(_same_results(results[0], other) for other in results[1:]):
                return self._several(hits, values, run)
            return self._value(results[0])
        if policy in (HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER):
            results = self._ordered(results, scope, run)
        if policy in (HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER):
            return [self._value(result) for result in results]
        if policy is HitPolicy.COLLECT:
            return self._collect(results, run)
        return self._value(results[0])

    def _several(self, hits: list[Row], values: list[object], run: Run) -> None:
        titles = (column.title for column in self._columns)
        inputs = [(title, show(value)) for title, value in zip(titles, values, strict=True)]
        rules = [row.rule.number for row in hits]
        run.refuse(SeveralRulesHit(decision=self._owner, policy=self._table.hit_policy, rules=rules, inputs=inputs))

    def _results(self, row: Row, scope: Scope, run: Run, trace: TableTrace | None) -> list[object]:
        """The rule's outputs; one that the column does not allow is refused."""
        results = [node(scope, run) for node in row.results]
        for index, output in enumerate(self._outputs):
            value = results[index]
            if output.allowed is None or value is None:
                continue
            if output.allowed.passes(value, FeelScope(scope, None, run.environment)) is not True:
                run.refuse(self._not_allowed(output.title, output.allowed_text, value))
                results[index] = None
        if trace is not None:
            trace.result(row.rule.number, results)
        return results

    def _value(self, results: list[object]) -> object:
        """One output is the value itself, several are a context."""
        if len(results) == 1:
            return results[0]
        return {output.name: value for output, value in zip(self._outputs, results, strict=True)}

    def _default(self, scope: Scope, run: Run) -> object:
        """The default outputs; where the table names none, null, and for COLLECT what it makes of no hits at all."""
        defaults = [None if output.default is None else output.default(scope, run) for output in self._outputs]
        if any(output.default is not None for output in self._outputs):
            return self._value(defaults)
        if self._table.hit_policy is HitPolicy.COLLECT and self._table.aggregation in NOTHING_COLLECTED:
            return NOTHING_COLLECTED[self._table.aggregation]()
        return None

    def _ordered(self, results: list[list[object]], scope: Scope, run: Run) -> list[list[object]]:
        """By the priority of the first output column, then of the second, and so on; rules keep their order in ties."""
        ranks = [output.ranks(scope, run) for output in self._outputs]

        def key(result: list[object]) -> tuple[int, ...]:
            return tuple(_rank(value, order) for value, order in zip(result, ranks, strict=True))

        return sorted(results, key=key)

    def _collect(self, results: list[list[object]], run: Run) -> object:
        aggregation = self._table.aggregation
        if aggregation is Aggregation.LIST:
            return [self._value(result) for result in results]
        if aggregation is Aggregation.COUNT:
            return Decimal(len(results))
        columns = [[result[index] for result in results] for index in range(len(self._outputs))]
        return self._value([_aggregate(aggregation, column, run) for column in columns])


def _same_results(one: list[object], other: list[object]) -> bool:
    return all(same(left, right) for left, right in zip(one, other, strict=True))


def _rank(value: object, order: Sequence[object]) -> int:
    """The place of a value among the allowed ones; what is not among them comes last."""
    return next((index for index, allowed in enumerate(order) if same(value, allowed)), len(order))


def _aggregate(aggregation: Aggregation, values: list[object], run: Run) -> object:
    if aggregation is Aggregation.SUM:
        return _sum(values, run)
    wanted = -1 if aggregation is Aggregation.MIN else 1
    best = values[0]
    for value in values[1:]:
        order = compare(value, best)
        if order is None:
            run.environment.null(N_("The outputs {values} cannot be compared."), values=show(values))
            return None
        if order == wanted:
            best = value
    return best


def _sum(values: list[object], run: Run) -> object:
    total = Decimal(0)
    for value in values:
        if not isinstance(value, Decimal):
            run.environment.null(N_("The outputs {values} cannot be added."), values=show(values))
            return None
        total = CONTEXT.add(total, value)
    return total
