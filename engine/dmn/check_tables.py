"""Checks of decision tables as sets: rules that overlap, gaps, rules that never apply.

Numbers, dates, times, durations and texts are understood, whatever a cell says about them with constants alone; about
other cells nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from engine.dmn.analysis import Box, Cells, Overlap, TooLong, overlaps, shadowed, uncovered
from engine.dmn.check_expressions import input_kind, input_type
from engine.dmn.graph import Graph
from engine.dmn.hearing import Hearing
from engine.dmn.model import DecisionTable, HitPolicy, InputClause, Literal
from engine.dmn.regions import OTHER_TEXT, Atom, Axis, BeyondAnalysis, axis_of, constants_of
from engine.errors import N_
from engine.feel import Expression as FeelExpression
from engine.feel import FeelError, UnaryTestsExpression, compile_unary_tests
from engine.feel.environment import Environment
from engine.feel.values import same
from engine.findings import Finding, Severity

MAX_FINDINGS = 20
"""Of each sort and table; more would not be read."""

WHOLE_NUMBERS = frozenset({"integer", "long"})
ONE_HIT = frozenset({HitPolicy.UNIQUE, HitPolicy.ANY, HitPolicy.PRIORITY, HitPolicy.FIRST})


@dataclass(frozen=True, slots=True)
class _Picture:
    """A table as boxes over axes."""

    element: str
    table: DecisionTable
    axes: tuple[Axis, ...]
    cells: tuple[Cells, ...]
    """For each rule and column what passes, null included where it does."""
    outputs: tuple[tuple[tuple[bool, object], ...], ...]
    """For each rule and column: whether the output is a constant, and which."""

    @property
    def asked(self) -> tuple[Cells, ...]:
        """The cells without null, where the column does not speak of it."""
        return tuple(
            tuple(None if mask is None else mask & axis.asked for axis, mask in zip(self.axes, cells, strict=True))
            for cells in self.cells
        )

    @property
    def universe(self) -> Box:
        """Everything the columns may hold; null is not asked of a table."""
        return tuple(axis.without_null for axis in self.axes)

    def finding(
        self,
        code: str,
        template: str,
        rules: Sequence[int],
        remedy: str,
        box: Box | None = None,
        more: Mapping[str, object] | None = None,
        severity: Severity = Severity.WARNING,
    ) -> Finding:
        """A finding about rules (by index) and, with `box`, an example."""
        numbers = [self.table.rules[index].number for index in rules]
        params: dict[str, object] = {"rules": ", ".join(map(str, numbers)), **(more or {})}
        if box is not None:
            params |= {"example": self._example(box), "region": self._region(box)}
        line = self.table.rules[rules[-1]].place.line if rules else self.table.place.line
        return Finding(code, template, params, remedy, element=self.element, line=line, severity=severity)

    def _example(self, box: Box) -> str:
        told = [axis.example(mask) for axis, mask in zip(self.axes, box, strict=True) if _tells(axis)]
        return "; ".join(told)

    def _region(self, box: Box) -> str:
        parts = [
            f"{axis.title}: {axis.describe(mask)}"
            for axis, mask in zip(self.axes, box, strict=True)
            if _tells(axis) and mask & axis.without_null != axis.without_null
        ]
        return "; ".join(parts) or "…"


def _tells(axis: Axis) -> bool:
    """Whether any cell of the column says anything: otherwise a value of it would be invented."""
    return axis.atoms[0].point or axis.atoms[0].sample != OTHER_TEXT or axis.asked == axis.everything


def check_table(graph: Graph, element: str, table: DecisionTable, heard: Hearing) -> Iterator[Finding]:
    """Findings about one table of an element."""
    if len(table.outputs) > 1:
        yield from _output_names(element, table)
    if any(heard.is_broken(cell) for rule in table.rules for cell in rule.tests):
        return
    picture = _picture(graph, element, table, heard)
    yield from islice(_never(picture), MAX_FINDINGS)
    yield from islice(_overlaps(picture), MAX_FINDINGS)
    for search in (_shadowed, _gaps):
        # A table too intricate for one question may still be simple enough for the next.
        with suppress(TooLong):
            yield from islice(search(picture), MAX_FINDINGS)


def _picture(graph: Graph, element: str, table: DecisionTable, heard: Hearing) -> _Picture:
    axes: list[Axis] = []
    columns: list[list[int | None]] = []
    for index, clause in enumerate(table.inputs):
        cells = [heard.tests(rule.tests[index]) for rule in table.rules]
        axis, masks = _column(graph, clause, cells, heard)
        axes.append(axis)
        columns.append(masks)
    rows = tuple(tuple(column[row] for column in columns) for row in range(len(table.rules)))
    outputs = tuple(tuple(_output(heard, cell) for cell in rule.results) for rule in table.rules)
    return _Picture(element, table, tuple(axes), rows, outputs)


def _column(
    graph: Graph, clause: InputClause, cells: Sequence[UnaryTestsExpression | None], heard: Hearing
) -> tuple[Axis, list[int | None]]:
    """The axis of a column, and each cell on it; a cell beyond analysis is None."""
    known = [cell is None or _is_known(cell) for cell in cells]
    allowed = heard.tests(clause.values) or _allowed_by_type(graph, clause)
    type_name = input_type(graph, clause)
    try:
        axis = axis_of(
            clause.title,
            [cell for cell, plain in zip(cells, known, strict=True) if plain],
            allowed if allowed is not None and _is_known(allowed) else None,
            input_kind(graph, clause),
            whole=type_name in WHOLE_NUMBERS,
        )
        return axis, [axis.mask(cell) if plain else None for cell, plain in zip(cells, known, strict=True)]
    except BeyondAnalysis:
        blank = Axis(clause.title, [Atom(OTHER_TEXT, point=False)], 1)
        return blank, [blank.everything if cell is None else None for cell in cells]


def _is_known(cell: UnaryTestsExpression) -> bool:
    try:
        constants_of(cell.tree)
    except BeyondAnalysis:
        return False
    return True


def _allowed_by_type(graph: Graph, clause: InputClause) -> UnaryTestsExpression | None:
    text = graph.types.allowed_text(input_type(graph, clause))
    try:
        return compile_unary_tests(text) if text else None
    except FeelError:
        return None


def _output(heard: Hearing, cell: Literal) -> tuple[bool, object]:
    one = heard.of(cell)
    if one is None or not isinstance(one.compiled, FeelExpression):
        return (not cell.text, None)
    if one.compiled.found.names:
        return (False, None)
    try:
        return (True, one.compiled.evaluate({}, Environment()))
    except FeelError:
        return (False, None)


# Overlaps


def _overlaps(picture: _Picture) -> Iterator[Finding]:
    """Under UNIQUE every overlap is wrong, under ANY one with different outputs; under FIRST and PRIORITY overlaps are
    what the policy is for, but two ranges that meet in one value are hardly meant so."""
    policy = picture.table.hit_policy
    if policy not in ONE_HIT:
        return
    cells = picture.asked
    for overlap in overlaps(cells):
        boundary = _is_boundary(picture, cells, overlap)
        differ = _differ(picture, overlap)
        if policy is HitPolicy.UNIQUE or (policy is HitPolicy.ANY and differ):
            yield _overlap(picture, overlap, boundary=boundary)
        elif boundary and differ and policy is not HitPolicy.ANY:
            yield _soft_boundary(picture, overlap)


def _is_boundary(picture: _Picture, cells: Sequence[Cells], overlap: Overlap) -> bool:
    """Whether the rules meet, in some column, only where the ranges of both end."""
    one, other = cells[overlap.first], cells[overlap.second]
    return any(
        axis.is_point(mask) and mask != left and mask != right
        for axis, mask, left, right in zip(picture.axes, overlap.box, one, other, strict=True)
    )


def _differ(picture: _Picture, overlap: Overlap) -> bool:
    """Whether the outputs of two rules are certainly different."""
    pairs = zip(picture.outputs[overlap.first], picture.outputs[overlap.second], strict=True)
    return any(known and also and not same(one, other) for (known, one), (also, other) in pairs)


def _overlap(picture: _Picture, overlap: Overlap, *, boundary: bool) -> Finding:
    rules = [overlap.first, overlap.second]
    policy = {"policy": picture.table.hit_policy.value}
    if boundary:
        return picture.finding(
            "dmn-boundary",
            N_("Rules {rules} both apply exactly at {example}, but the hit policy is {policy}."),
            rules,
            N_("Let the value belong to one of them: write ( or < instead of [ or <= in the other."),
            overlap.box,
            policy,
            Severity.ERROR,
        )
    return picture.finding(
        "dmn-overlap",
        N_("Rules {rules} overlap, for example at {example}, but the hit policy is {policy}."),
        rules,
        N_("Make the rules exclude each other, or choose another hit policy."),
        overlap.box,
        policy,
        Severity.ERROR,
    )


def _soft_boundary(picture: _Picture, overlap: Overlap) -> Finding:
    return picture.finding(
        "dmn-boundary",
        N_("Rules {rules} both apply exactly at {example}; by the hit policy {policy} only one of them counts."),
        [overlap.first, overlap.second],
        N_("Say in the table to which rule the value belongs: write ( or < instead of [ or <= in the other."),
        overlap.box,
        {"policy": picture.table.hit_policy.value},
    )


# Rules that never apply or never decide


def _never(picture: _Picture) -> Iterator[Finding]:
    for index, cells in enumerate(picture.asked):
        empty = [axis.title for axis, mask in zip(picture.axes, cells, strict=True) if mask == 0]
        if empty:
            yield picture.finding(
                "dmn-never",
                N_("Rule {rules} never applies: no allowed value of {column} passes its cell."),
                [index],
                N_("Correct the cell, or remove the rule."),
                more={"column": empty[0]},
            )


def _shadowed(picture: _Picture) -> Iterator[Finding]:
    hides = _precedence(picture)
    if hides is None:
        return
    universe = tuple(axis.everything for axis in picture.axes)
    asked = picture.asked
    for index, others in shadowed(universe, picture.cells, hides):
        if 0 in asked[index]:
            continue  # It never applies at all, which is said already.
        before = ", ".join(str(picture.table.rules[other].number) for other in others)
        yield picture.finding(
            "dmn-shadowed",
            N_("Rule {rules} never decides: wherever it applies, rules {others} come before it ({policy})."),
            [index],
            N_("Move it up, narrow the other rules, or remove it."),
            more={"others": before, "policy": picture.table.hit_policy.value},
        )


def _precedence(picture: _Picture) -> Callable[[int, int], bool] | None:
    """Which rule comes before which; None where the hit policy knows no precedence."""
    policy = picture.table.hit_policy
    if policy is HitPolicy.FIRST:
        return lambda other, rule: other < rule
    if policy is HitPolicy.PRIORITY:
        ranks = _ranks(picture)
        return None if ranks is None else lambda other, rule: ranks[other] < ranks[rule]
    return None


def _ranks(picture: _Picture) -> list[tuple[int, ...]] | None:
    """The priority of each rule's outputs; None when they are not all constants among the columns' values."""
    ranks: list[tuple[int, ...]] = []
    orders = [_order(output.values) for output in picture.table.outputs]
    for outputs in picture.outputs:
        places: list[int] = []
        for (known, value), order in zip(outputs, orders, strict=True):
            place = next((index for index, one in enumerate(order) if same(one, value)), None)
            if not known or place is None:
                return None
            places.append(place)
        ranks.append(tuple(places))
    return ranks


def _order(values: Literal) -> list[object]:
    try:
        return constants_of(compile_unary_tests(values.text).tree) if values.text else []
    except (FeelError, BeyondAnalysis):
        return []


# Gaps


def _gaps(picture: _Picture) -> Iterator[Finding]:
    table = picture.table
    if table.hit_policy not in ONE_HIT or not table.rules or any(output.default for output in table.outputs):
        return
    for box in uncovered(picture.universe, picture.cells):
        yield picture.finding(
            "dmn-gap",
            N_("No rule applies to {region}, for example at {example}; the result is null there."),
            [],
            N_("Add a rule or a default output, or declare the values the column allows."),
            box,
        )


def _output_names(element: str, table: DecisionTable) -> Iterator[Finding]:
    names = [output.name for output in table.outputs]
    for index, name in enumerate(names):
        if not name or name in names[:index]:
            yield Finding(
                "dmn-output-name",
                N_("Output column {number} has no name of its own; its values would be lost."),
                {"number": index + 1, "column": table.outputs[index].title},
                N_("Give every output column a name."),
                element=element,
                line=table.outputs[index].place.line,
            )
