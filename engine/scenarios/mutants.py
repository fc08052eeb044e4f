"""Small mistakes, made on purpose: a condition negated, a default swapped, a deadline or a boundary moved by one step.

A mutant is a file with one such change. Scenarios that pass on it as they did before did not look there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.dmn import read_dmn
from engine.dmn.mutation import mutations
from engine.scenarios.player import Played
from engine.xml import Element, local_name, read_xml, write_xml

_DURATION = re.compile(r"\bP(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?\b")
_LAST_NUMBER = re.compile(r"(\d+)(\D)$")
_TIMER_TEXTS = frozenset({"timeDuration", "timeDate", "timeCycle"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change. Only scenarios that came by `elements` of `process`, or made one of the `decisions`, notice it."""

    file: str
    place: str
    change: str
    content: bytes
    process: str = ""
    elements: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()

    def concerns(self, played: Played) -> bool:
        """Whether a scenario, as it went without the change, came by the changed place."""
        seen = played.elements.get(self.process, set())
        return bool(self.elements & seen) or bool(self.decisions & played.decisions)


def mutants_of(files: Mapping[str, bytes]) -> Iterator[Mutant]:
    """Every mutant of a set of files, in order of files and places."""
    for name, content in files.items():
        if name.endswith(".bpmn"):
            yield from diagram_mutants(name, content)
        elif name.endswith(".dmn"):
            yield from table_mutants(name, content)


def table_mutants(name: str, content: bytes) -> Iterator[Mutant]:
    """The mutants of a decision file: each boundary of each rule, moved by one step."""
    model = read_dmn(content, name=name)
    decisions = frozenset(model.decisions)
    for mutation in mutations(model):
        place = f"{mutation.decision}, rule {mutation.rule}"
        yield Mutant(name, place, mutation.change, mutation.content, decisions=decisions)


def diagram_mutants(name: str, content: bytes) -> Iterator[Mutant]:
    """The mutants of a diagram: conditions negated, defaults swapped, deadlines moved."""
    root = read_xml(content, name)
    for process in root:
        if local_name(process) == "process" and process.get("isExecutable") == "true":
            yield from _Diagram(name, root, process).mutants()


_LISTED = frozenset({"incoming", "outgoing"})


class _Diagram:
    """Changes the tree in place, writes it, and changes it back."""

    def __init__(self, name: str, root: Element, process: Element) -> None:
        self._name = name
        self._root = root
        self._process = process
        self._id = process.get("id", "")
        self._flows = [element for element in process.iter() if local_name(element) == "sequenceFlow"]
        # Elements may list their flows; a list that no longer fits would stop the mutant before any scenario could.
        for listed in [element for element in process.iter() if local_name(element) in _LISTED]:
            listed.getparent().remove(listed)

    def mutants(self) -> Iterator[Mutant]:
        yield from self._negated()
        yield from self._swapped()
        yield from self._moved()

    def _mutant(self, place: str, change: str, elements: frozenset[str]) -> Mutant:
        return Mutant(self._name, place, change, write_xml(self._root), self._id, elements)

    def _negated(self) -> Iterator[Mutant]:
        for flow in self._flows:
            condition = _condition(flow)
            if condition is None:
                continue
            text = (condition.text or "").strip()
            condition.text = f"=not({text.removeprefix('=')})"
            yield self._mutant(flow.get("id"), f"condition negated: {text}", frozenset({flow.get("sourceRef")}))
            condition.text = text

    def _swapped(self) -> Iterator[Mutant]:
        """The default flow changes places with each conditional one; with a single one that is its negation."""
        for gateway in self._process.iter():
            default = gateway.get("default")
            outgoing = [flow for flow in self._flows if flow.get("sourceRef") == gateway.get("id")]
            conditional = [flow for flow in outgoing if _condition(flow) is not None]
            if default is None or len(conditional) < 2:
                continue
            [otherwise] = [flow for flow in outgoing if flow.get("id") == default]
            for flow in conditional:
                before = flow.get("targetRef"), otherwise.get("targetRef")
                otherwise.set("targetRef", before[0])
                flow.set("targetRef", before[1])
                change = f"changes places with the default flow {default}"
                yield self._mutant(flow.get("id"), change, frozenset({gateway.get("id")}))
                flow.set("targetRef", before[0])
                otherwise.set("targetRef", before[1])

    def _moved(self) -> Iterator[Mutant]:
        for element in self._process.iter():
            if local_name(element) in _TIMER_TEXTS:
                owner = element.getparent().getparent()
                yield from self._moved_text(element, owner)
            elif local_name(element) == "taskSchedule":
                owner = element.getparent().getparent()
                for attribute in ("dueDate", "followUpDate"):
                    yield from self._moved_attribute(element, attribute, owner)

    def _moved_text(self, timer: Element, owner: Element) -> Iterator[Mutant]:
        text = timer.text or ""
        for change, mutated in moved_durations(text):
            timer.text = mutated
            yield self._mutant(owner.get("id"), f"timer {change}", self._watched(owner))
            timer.text = text

    def _moved_attribute(self, schedule: Element, attribute: str, owner: Element) -> Iterator[Mutant]:
        text = schedule.get(attribute, "")
        for change, mutated in moved_durations(text):
            schedule.set(attribute, mutated)
            yield self._mutant(owner.get("id"), f"{attribute} {change}", frozenset({owner.get("id")}))
            schedule.set(attribute, text)

    def _watched(self, owner: Element) -> frozenset[str]:
        """Where the timer runs: at its host, what leads to it, or anywhere around an event subprocess."""
        if owner.get("attachedToRef"):
            return frozenset({owner.get("attachedToRef")})
        if local_name(owner) == "startEvent":
            return frozenset(element.get("id") for element in self._process.iter() if element.get("id"))
        sources = {flow.get("sourceRef") for flow in self._flows if flow.get("targetRef") == owner.get("id")}
        return frozenset({owner.get("id"), *sources})


def moved_durations(text: str) -> Iterator[tuple[str, str]]:
    """The text with each duration in it made longer by one of its smallest unit: what was changed, and the new text."""
    for found in _DURATION.finditer(text):
        longer = _LAST_NUMBER.sub(lambda part: f"{int(part[1]) + 1}{part[2]}", found[0])
        if longer != found[0]:
            yield f"{found[0]} → {longer}", f"{text[: found.start()]}{longer}{text[found.end() :]}"


def _condition(flow: Element) -> Element | None:
    return next((child for child in flow if local_name(child) == "conditionExpression" and child.text), None)
