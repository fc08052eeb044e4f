"""Patterns with back-references, which RE2 cannot have: a small machine that goes back, and pays for every step.

The machine keeps its own stack, so a long text does not nest Python's, and the environment's steps end what would
take for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from engine.errors import N_
from engine.feel.environment import Environment
from engine.feel.patterns import Pattern
from engine.feel.regex.syntax import (
    Anchor,
    AnyCharacter,
    Atom,
    BackReference,
    BrokenRegex,
    Characters,
    Choice,
    Group,
    Repeat,
)
from engine.feel.regex.translate import one_character

MAX_PROGRAM = 5_000
Spans = tuple[tuple[int, int], ...]


class What(Enum):
    """The kinds of instructions."""

    ONE = auto()
    SPLIT = auto()
    JUMP = auto()
    SAVE = auto()
    BACK = auto()
    ANCHOR = auto()
    ADVANCED = auto()
    DONE = auto()


ANYTHING = Pattern("(?s)\\A.\\z")


@dataclass(slots=True)
class Instruction:
    """`what` to do; `first` and `second` are places in the program, slots or groups; `test` is of one character."""

    what: What
    first: int = 0
    second: int = 0
    test: Pattern = ANYTHING
    sign: str = ""


class Machine:
    """A pattern as a program."""

    def __init__(self, choice: Choice, groups: int, flags: str) -> None:
        self.groups = groups
        self.flags = flags
        self.slots = 2 * (groups + 1)
        self.program: list[Instruction] = []
        self._choice(choice)
        self._emit(Instruction(What.DONE))

    # -- compiling -----------------------------------------------------------------------------------------------------

    def _emit(self, instruction: Instruction) -> Instruction:
        if len(self.program) >= MAX_PROGRAM:
            raise BrokenRegex(N_("the pattern is too large"))
        self.program.append(instruction)
        return instruction

    @property
    def _here(self) -> int:
        return len(self.program)

    def _choice(self, choice: Choice) -> None:
        jumps: list[Instruction] = []
        for branch in choice.branches[:-1]:
            split = self._emit(Instruction(What.SPLIT, self._here + 1))
            for atom in branch:
                self._atom(atom)
            jumps.append(self._emit(Instruction(What.JUMP)))
            split.second = self._here
        for atom in choice.branches[-1]:
            self._atom(atom)
        for jump in jumps:
            jump.first = self._here

    def _atom(self, atom: Atom) -> None:
        mode = "(?i)" if "i" in self.flags else ""
        match atom:
            case Characters():
                self._emit(Instruction(What.ONE, test=Pattern(f"{mode}\\A(?:{one_character(atom)})\\z")))
            case AnyCharacter():
                self._emit(Instruction(What.ONE, test=Pattern("(?s)\\A.\\z" if "s" in self.flags else "\\A.\\z")))
            case Anchor(sign):
                self._emit(Instruction(What.ANCHOR, sign=sign))
            case BackReference(group):
                self._emit(Instruction(What.BACK, group))
            case Group(inner, number):
                self._group(inner, number)
            case Repeat():
                self._repeat(atom)

    def _group(self, inner: Choice, number: int) -> None:
        if number:
            self._emit(Instruction(What.SAVE, 2 * number))
        self._choice(inner)
        if number:
            self._emit(Instruction(What.SAVE, 2 * number + 1))

    def _repeat(self, repeat: Repeat) -> None:
        for _ in range(repeat.least):
            self._atom(repeat.inner)
        if repeat.most is None:
            self._loop(repeat)
            return
        splits: list[Instruction] = []
        for _ in range(repeat.most - repeat.least):
            splits.append(self._emit(Instruction(What.SPLIT)))
            self._order(splits[-1], self._here, 0, repeat.greedy)
            self._atom(repeat.inner)
        for split in splits:
            self._order(split, split.first or split.second, self._here, repeat.greedy)

    def _loop(self, repeat: Repeat) -> None:
        slot = self.slots
        self.slots += 1
        start = self._here
        split = self._emit(Instruction(What.SPLIT))
        self._emit(Instruction(What.SAVE, slot))
        self._atom(repeat.inner)
        self._emit(Instruction(What.ADVANCED, slot))
        self._emit(Instruction(What.JUMP, start))
        self._order(split, start + 1, self._here, repeat.greedy)

    @staticmethod
    def _order(split: Instruction, inside: int, beyond: int, greedy: bool) -> None:
        split.first, split.second = (inside, beyond) if greedy else (beyond, inside)

    # -- running -------------------------------------------------------------------------------------------------------

    def spans(self, text: str, environment: Environment) -> Iterator[Spans]:
        """All matches from left to right, the span of each group."""
        position = 0
        while position <= len(text):
            found = self._match(text, position, environment)
            if found is None:
                position += 1
                continue
            yield found
            position = found[0][1] if found[0][1] > found[0][0] else found[0][1] + 1

    def _match(self, text: str, start: int, environment: Environment) -> Spans | None:
        stack: list[tuple[int, int, tuple[int, ...]]] = [(0, start, (-1,) * self.slots)]
        while stack:
            environment.charge()
            place, position, slots = stack.pop()
            instruction = self.program[place]
            if instruction.what is What.DONE:
                pairs = [(slots[2 * group], slots[2 * group + 1]) for group in range(1, self.groups + 1)]
                return ((start, position), *pairs)
            if instruction.what is What.SPLIT:
                stack.append((instruction.second, position, slots))
                stack.append((instruction.first, position, slots))
                if len(stack) > environment.limits.list_length:
                    environment.check_list(len(stack))
                continue
            step = self._step(instruction, text, position, slots)
            if step is not None:
                position, slots = step
                stack.append((instruction.first if instruction.what is What.JUMP else place + 1, position, slots))
        return None

    def _step(
        self, instruction: Instruction, text: str, position: int, slots: tuple[int, ...]
    ) -> tuple[int, tuple[int, ...]] | None:
        """The position and slots behind an instruction; None where it does not match."""
        match instruction.what:
            case What.ONE:
                fits = position < len(text) and instruction.test.found_in(text[position])
                return (position + 1, slots) if fits else None
            case What.SAVE:
                return position, (*slots[: instruction.first], position, *slots[instruction.first + 1 :])
            case What.BACK:
                return self._back(instruction.first, text, position, slots)
            case What.ANCHOR:
                return (position, slots) if self._anchored(instruction.sign, text, position) else None
            case What.ADVANCED:
                return (position, slots) if slots[instruction.first] != position else None
            case _:
                return position, slots

    def _back(self, group: int, text: str, position: int, slots: tuple[int, ...]) -> tuple[int, tuple[int, ...]] | None:
        low, high = slots[2 * group], slots[2 * group + 1]
        said = text[low:high] if low >= 0 else ""
        found = text[position : position + len(said)]
        same = found == said or ("i" in self.flags and found.casefold() == said.casefold())
        return (position + len(said), slots) if same else None

    def _anchored(self, sign: str, text: str, position: int) -> bool:
        if sign == "^":
            return position == 0 or ("m" in self.flags and text[position - 1] == "\n")
        return position == len(text) or ("m" in self.flags and text[position] == "\n")
