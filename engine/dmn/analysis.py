"""Overlaps, gaps and rules that never apply: rules as boxes over the axes of their table.

A box is one set of atoms (bits of a whole number) for each column; None stands for a cell beyond analysis. Everything
here stops silently when it would take too long: a check that says nothing is better than one that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

MAX_PIECES = 2_000
MAX_STEPS = 2_000_000

Box = tuple[int, ...]
Cells = tuple[int | None, ...]


class TooLong(Exception):
    """The analysis was given up."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rules (by index) and the values to which both apply."""

    first: int
    second: int
    box: Box


def overlaps(rules: Sequence[Cells]) -> Iterator[Overlap]:
    """All pairs of rules that certainly overlap."""
    known = [(index, cells) for index, cells in enumerate(rules)]
    for (first, one), (second, other) in combinations(known, 2):
        box = _common(one, other)
        if box is not None:
            yield Overlap(first, second, box)


def _common(one: Cells, other: Cells) -> Box | None:
    shared: list[int] = []
    for left, right in zip(one, other, strict=True):
        if left is None or right is None or not left & right:
            return None
        shared.append(left & right)
    return tuple(shared)


def uncovered(universe: Box, rules: Iterable[Cells]) -> list[Box]:
    """The parts of the universe to which no rule applies. A cell beyond analysis is taken to let everything pass.

    Raises `TooLong`.
    """
    return _without([universe], (_widened(cells, universe) for cells in rules))


def shadowed(
    universe: Box, rules: Sequence[Cells], hides: Callable[[int, int], bool]
) -> Iterator[tuple[int, list[int]]]:
    """Rules that can never decide, because wherever they apply others come before them; with the indexes of those.

    `hides(other, rule)` says whether another rule comes before the rule. Raises `TooLong`.
    """
    for index, cells in enumerate(rules):
        target = _widened(cells, universe)
        if 0 in target:
            continue
        others = [
            (other, box)
            for other, box in enumerate(rules)
            if other != index and hides(other, index) and _certain(box) is not None
        ]
        meeting = [(other, box) for other, box in others if _common(target, box) is not None]
        if meeting and not _without([target], (_certain(box) or () for _, box in meeting)):
            yield index, [other for other, _ in meeting]


def _certain(cells: Cells) -> Box | None:
    known = tuple(mask for mask in cells if mask is not None)
    return known if len(known) == len(cells) else None


def _widened(cells: Cells, universe: Box) -> Box:
    return tuple(
        everything if mask is None else mask & everything for mask, everything in zip(cells, universe, strict=True)
    )


def _without(pieces: list[Box], boxes: Iterable[Box]) -> list[Box]:
    """The pieces without the boxes, as boxes that do not overlap."""
    steps = 0
    for box in boxes:
        rest: list[Box] = []
        for piece in pieces:
            rest.extend(_difference(piece, box))
        pieces = rest
        steps += len(pieces) + 1
        if len(pieces) > MAX_PIECES or steps > MAX_STEPS:
            raise TooLong
        if not pieces:
            break
    return pieces


def _difference(piece: Box, box: Box) -> Iterator[Box]:
    if any(not left & right for left, right in zip(piece, box, strict=True)):
        yield piece
        return
    rest = list(piece)
    for column, (left, right) in enumerate(zip(piece, box, strict=True)):
        outside = left & ~right
        if outside:
            yield (*rest[:column], outside, *rest[column + 1 :])
        rest[column] = left & right
