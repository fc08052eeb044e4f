"""What happened in an evaluation, as data that can be stored with the case and shown as the coloured table.

A trace is plain JSON: texts, whole numbers, lists and objects. Values stand in it as FEEL literals (`"EU"`, `5000`,
`@"2026-03-02"`), which lose nothing and are what a reader of the table wants to see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.dmn.model import Decision, DecisionTable, Model, Rule
from engine.feel.environment import Environment
from engine.feel.values import literal

YES, NO, UNTRIED = "yes", "no", "untried"
"""The verdict on a cell; untried: an earlier cell of the row, or an earlier row, had already settled it."""

MAX_TEXT = 2_000
FORMAT = 1


def show(value: object) -> str:
    """The value as a FEEL literal, cut off where it gets too long to look at."""
    text = literal(value)
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + " …"


class TableTrace:
    """The trace of one decision table."""

    def __init__(self, owner: str, table: DecisionTable, values: Sequence[object]) -> None:
        self._rules: list[dict[str, Any]] = []
        self._results: list[dict[str, Any]] = []
        self.json: dict[str, Any] = {
            "name": owner,
            "id": table.place.id,
            "hit_policy": table.hit_policy.value,
            "aggregation": table.aggregation.value,
            "inputs": [
                {"title": clause.title, "expression": clause.expression.text, "value": show(value)}
                for clause, value in zip(table.inputs, values, strict=True)
            ],
            "outputs": [{"title": clause.title, "name": clause.name} for clause in table.outputs],
            "rules": self._rules,
            "hits": [],
            "results": self._results,
        }

    def rule(self, rule: Rule, verdicts: list[str], *, hit: bool) -> None:
        """Note the verdicts on a row's cells, from left to right."""
        entry: dict[str, Any] = {
            "number": rule.number,
            "hit": hit,
            "verdicts": verdicts,
            "cells": [cell.text for cell in rule.tests],
            "outputs": [cell.text for cell in rule.results],
        }
        if rule.annotations:
            entry["annotations"] = list(rule.annotations)
        self._rules.append(entry)
        if hit:
            self.json["hits"].append(rule.number)

    def result(self, number: int, values: Sequence[object]) -> None:
        """Note the outputs of a rule that applies."""
        self._results.append({"rule": number, "values": [show(value) for value in values]})


class Recorder:
    """Collects the traces of the decisions of one evaluation in the order in which they were made."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._open: list[tuple[dict[str, Any], int]] = []
        self._finished: list[dict[str, Any]] = []

    def begin(self, model: Model, decision: Decision, inputs: Mapping[str, object], requires: Sequence[str]) -> None:
        """A decision is about to be made; `inputs` are the values of what it requires, by name."""
        entry: dict[str, Any] = {
            "id": decision.id,
            "name": decision.name,
            "model": {"name": model.name, "file": model.file, "version": model.version},
            "inputs": [{"name": name, "value": show(value)} for name, value in inputs.items()],
            "requires": list(requires),
            "tables": [],
            "value": "null",
            "warnings": [],
        }
        self._open.append((entry, len(self._environment.warnings)))

    def table(self, trace: TableTrace) -> None:
        """A table of the decision being made (its own, or that of a function it calls)."""
        if self._open:
            self._open[-1][0]["tables"].append(trace.json)

    def end(self, value: object) -> None:
        """The decision has been made, or (with null) could not be."""
        entry, warned = self._open.pop()
        entry["value"] = show(value)
        entry["warnings"] = [str(reason) for reason in self._environment.warnings[warned:]]
        self._finished.append(entry)

    def result(self) -> dict[str, Any]:
        """The trace of the decision made last, with those made for it under `required`; empty when there is none."""
        if not self._finished:
            return {}
        *required, last = self._finished
        return {"format": FORMAT, **last, "required": required}
