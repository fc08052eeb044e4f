"""Reading scenario files. Every error names the file, the scenario, the step and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

import yaml

from engine.scenarios.errors import BrokenScenario
from engine.scenarios.model import Evaluated, Expectation, Scenario, Start, Step, StepKind

ENDING = ".scenarios.yaml"
Data = Mapping[str, Any]

_SCENARIO = {"name", "start", "steps", "expect", "failing", "note"}
_START = {"at", "as", "with", "event", "message"}
_STEP = {"as", "at", "with", "attach", "errors", "process", "key", "text", "note"}
_EXPECT = {
    "ends",
    "open",
    "path",
    "due",
    "variables",
    "documents",
    "notified",
    "started",
    "decisions",
    "incidents",
}


def read_scenarios(file: Path) -> list[Scenario]:
    """The scenarios of a file (UTF-8, YAML). Raises `BrokenScenario`."""
    return _Reader(file).read()


class _Reader:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._place = "the whole file"

    def read(self) -> list[Scenario]:
        data = self._mapping(self._loaded(), "the file", {"process", "scenarios"})
        process = self._text(data, "process")
        entries = self._list(data, "scenarios")
        if not entries:
            raise self._broken("there are no scenarios; write at least one under scenarios:")
        scenarios = [self._scenario(process, entry, number) for number, entry in enumerate(entries, start=1)]
        names = [scenario.name for scenario in scenarios]
        for name in names:
            if names.count(name) > 1:
                self._place = f"scenario {name}"
                raise self._broken("the name is used twice; give each scenario a name of its own")
        return scenarios

    def _loaded(self) -> object:
        try:
            return yaml.safe_load(self._file.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise self._broken("it is not UTF-8; save it as UTF-8") from error
        except yaml.YAMLError as error:
            raise self._broken(f"it is no YAML: {' '.join(str(error).split())}") from error

    def _scenario(self, process: str, entry: object, number: int) -> Scenario:
        self._place = f"scenario {number}"
        data = self._mapping(entry, "the scenario", _SCENARIO)
        name = self._text(data, "name")
        self._place = f"scenario {name}"
        start = self._start(data.get("start"))
        steps: list[Step] = []
        for index, step in enumerate(self._list(data, "steps"), start=1):
            self._place = f"scenario {name}, step {index}"
            steps.append(self._step(step, index))
        self._place = f"scenario {name}"
        expect = self._expectation(data.get("expect"))
        if expect.ends is None and expect.open is None:
            raise self._broken("expect says neither ends (end events reached) nor open (where the case waits)")
        return Scenario(name, process, self._file, start, tuple(steps), expect, self._failing(data))

    def _failing(self, data: Data) -> dict[str, int]:
        failing = self._mapping(data.get("failing") or {}, "failing")
        for handler, times in failing.items():
            if not isinstance(times, int) or times < 1:
                raise self._broken(f"failing: {handler} wants the number of attempts that fail, for instance 3")
        return dict(failing)

    def _start(self, entry: object) -> Start:
        data = self._mapping(entry, "start", _START)
        return Start(
            at=self._moment(data.get("at"), "start.at"),
            actor=str(data.get("as") or ""),
            values=self._mapping(data.get("with") or {}, "start.with"),
            event=data.get("event"),
            message=str(data.get("message") or ""),
        )

    def _step(self, entry: object, number: int) -> Step:
        data = self._mapping(entry, "the step", _STEP | {str(kind) for kind in StepKind})
        kinds = [kind for kind in StepKind if kind in data]
        if len(kinds) != 1:
            raise self._broken(f"a step has exactly one of {', '.join(StepKind)}")
        kind, subject = kinds[0], data[kinds[0]]
        if kind is StepKind.WAIT:
            return Step(number, kind, at=self._moment(subject, "wait"))
        if kind is StepKind.EXPECT:
            return Step(number, kind, expect=self._expectation(subject))
        if not isinstance(subject, str) or not subject:
            raise self._broken(f"{kind} wants a text, not {subject!r}")
        step = Step(
            number,
            kind,
            subject,
            actor=str(data.get("as") or ""),
            at=self._moment(data["at"], "at") if "at" in data else None,
            values=self._mapping(data.get("with") or {}, "with"),
            attach={
                key: self._texts(names, "attach")
                for key, names in self._mapping(data.get("attach") or {}, "attach").items()
            },
            errors=self._texts(data.get("errors") or [], "errors"),
            process=str(data.get("process") or ""),
            key=data.get("key"),
            text=str(data.get("text") or ""),
        )
        self._check_step(step)
        return step

    def _check_step(self, step: Step) -> None:
        by_people = (StepKind.COMPLETE, StepKind.REFUSED, StepKind.CLAIM, StepKind.COMMENT)
        if step.kind in by_people and not step.actor:
            raise self._broken(f"{step.kind} {step.subject} does not say who: add as: <role>")
        if step.kind is StepKind.REFUSED and not step.errors:
            raise self._broken(
                f"refused {step.subject} does not say which fields or evidence are refused: add errors: […]"
            )

    def _expectation(self, entry: object) -> Expectation:
        data = self._mapping(entry, "expect", _EXPECT)

        def texts(name: str) -> tuple[str, ...] | None:
            return self._texts(data[name], f"expect.{name}") if data.get(name) is not None else None

        due = self._mapping(data.get("due") or {}, "expect.due")
        return Expectation(
            ends=texts("ends"),
            open=texts("open"),
            path=texts("path"),
            due={element: self._moments(value, f"expect.due.{element}") for element, value in due.items()},
            variables=self._mapping(data.get("variables") or {}, "expect.variables"),
            documents=texts("documents"),
            notified=texts("notified"),
            started=texts("started"),
            decisions=self._decisions(data["decisions"]) if data.get("decisions") is not None else None,
            incidents=texts("incidents") or (),
        )

    def _decisions(self, entries: object) -> tuple[Evaluated, ...]:
        if not isinstance(entries, list):
            raise self._broken("expect.decisions wants a list, for instance [{quote_review_route: {rules: [3]}}]")
        found: list[Evaluated] = []
        for entry in cast("list[object]", entries):
            pair = self._mapping(entry, "a decision")
            if len(pair) != 1:
                raise self._broken("each of expect.decisions has one decision id, for instance {route: {rules: [3]}}")
            [(decision, told)] = pair.items()
            facts = self._mapping(told, f"decision {decision}", {"rules", "value"})
            rules = facts.get("rules")
            found.append(
                Evaluated(
                    decision,
                    tuple(int(rule) for rule in rules) if rules is not None else None,
                    facts.get("value"),
                    "value" in facts,
                )
            )
        return tuple(found)

    # ---- shapes -----------------------------------------------------------------------------------------------------

    def _mapping(self, value: object, what: str, known: set[str] | None = None) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._broken(f"{what} wants a mapping (key: value), not {value!r}")
        mapping = {str(key): item for key, item in cast("dict[object, Any]", value).items()}
        if known is not None:
            for key in mapping:
                if key not in known:
                    raise self._broken(
                        f"{what} has {key}, which means nothing here; known are {', '.join(sorted(known))}"
                    )
        return mapping

    def _list(self, data: Data, name: str) -> list[object]:
        value: object = data.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._broken(f"{name} wants a list")
        return cast("list[object]", value)

    def _text(self, data: Data, name: str) -> str:
        value = data.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self._broken(f"{name} is missing")
        return value.strip()

    def _texts(self, value: object, what: str) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise self._broken(f"{what} wants a list, for instance [a, b]")
        return tuple(str(item) for item in cast("list[object]", value))

    def _moments(self, value: object, what: str) -> tuple[datetime, ...]:
        if not isinstance(value, list):
            return (self._moment(value, what),)
        return tuple(self._moment(item, what) for item in cast("list[object]", value))

    def _moment(self, value: object, what: str) -> datetime:
        """A wall-clock time; YAML makes datetimes of some spellings by itself."""
        try:
            if isinstance(value, str):
                value = datetime.fromisoformat(value.strip())
        except ValueError:
            value = None
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day)
        if not isinstance(value, datetime):
            raise self._broken(f'{what} wants a local time, for instance "2026-03-02T09:00"')
        return value.replace(tzinfo=None)

    def _broken(self, problem: str) -> BrokenScenario:
        return BrokenScenario(file=self._file.name, place=self._place, problem=problem)
