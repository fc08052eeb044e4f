"""The demo's cases as an organisation's ``demo.yaml`` tells them, laid out so that they stand where they should now.

The file has `steps` (what somebody does to a case), `ways` (steps in order), `customers` and `faults` (values by name),
and `cases`: each with a customer, a fault, a way, the step it has not come to yet (`until`), and how long it has
`waited` there. A text ``$name`` stands for the case's value of that name, ``$next_day`` for the next working day, and
``$day-20`` for the day twenty days before the step (``$day+3``: three days after it); ``$day+3T16:00`` tells the time.
All durations are working time, counted back from now, so that the story holds on any date. An organisation with several
processes tells several stories, one after the other in the same file, each a YAML document of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import yaml

from engine import feel
from engine.calendar import Calendar
from engine.errors import N_, BaoxiuError
from engine.feel.temporal import parse_duration

STORY_FILE = "demo.yaml"
_DAYS = re.compile(r"\$(?:next_day|day([+-][0-9]{1,5}))(T[0-9]{2}:[0-9]{2})?")
Data = Mapping[str, Any]


class BrokenDemo(BaoxiuError):
    """An organisation's demo.yaml says something that cannot be played."""

    template = N_("demo.yaml, case {case}: {problem}")


@dataclass(frozen=True, slots=True)
class Act:
    """Something somebody does to a case at a moment (UTC). `verb` is start, complete, claim or comment."""

    at: datetime
    process: str
    case: int
    number: int
    verb: str
    element: str
    role: str
    values: Data = field(default_factory=dict[str, Any])
    attach: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    text: str = ""
    failing: str = ""
    """A handler that breaks down for this case from now on."""


def read_stories(folder: Path) -> list[Data]:
    """The stories an organisation tells."""
    file = folder / STORY_FILE
    return list(cast("Iterator[Data]", yaml.safe_load_all(file.read_text(encoding="utf-8")))) if file.exists() else []


def acts_of(stories: Sequence[Data], calendar: Calendar, now: datetime) -> list[Act]:
    """Everything that has happened by `now` (aware), in order of time; cases are counted through all stories."""
    entries = [(story, entry) for story in stories for entry in story["cases"]]
    acts = [
        act for number, (story, entry) in enumerate(entries) for act in _Case(story, entry, number, calendar).acts(now)
    ]
    return sorted(acts, key=lambda act: (act.at, act.case, act.number))


class _Case:
    """One case laid out backwards from now."""

    def __init__(self, story: Data, entry: Data, number: int, calendar: Calendar) -> None:
        self._story = story
        self._entry = entry
        self._number = number
        self._calendar = calendar
        self._data: dict[str, Any] = {
            **story.get("defaults", {}),
            **story["customers"][entry["customer"]],
            **story["faults"][entry["fault"]],
            **entry.get("with", {}),
        }

    def acts(self, now: datetime) -> Iterator[Act]:
        steps = [self._story["start"], *self._way(), *self._entry.get("then", [])]
        moments = [self._back(now, self._entry["waited"])]
        for step in reversed(steps[1:]):
            moments.append(self._back(moments[-1], step.get("takes", "PT15M")))
        for number, (step, at) in enumerate(zip(steps, reversed(moments), strict=True)):
            yield self._act(step, at, number)

    def _way(self) -> list[Data]:
        names: list[str] = self._story["ways"][self._entry["way"]]
        until = self._entry.get("until")
        if until is not None and until not in names:
            raise BrokenDemo(case=self._number, problem=f"the way {self._entry['way']} has no step {until}")
        stop = names.index(until) if until is not None else len(names)
        return [self._story["steps"][name] for name in names[:stop]]

    def _back(self, moment: datetime, duration: str) -> datetime:
        parsed = parse_duration(str(duration))
        if not isinstance(parsed, feel.DaysDuration):
            raise BrokenDemo(case=self._number, problem=f"{duration} is no duration such as PT2H")
        back = timedelta(microseconds=parsed.nanoseconds // 1000)
        return self._calendar.add_working_time(moment, -back)

    def _act(self, step: Data, at: datetime, number: int) -> Act:
        verb = next(name for name in ("complete", "claim", "comment", "start") if name in step)
        return Act(
            at=at,
            process=self._story["process"],
            case=self._number,
            number=number,
            verb=verb,
            element=str(step[verb]),
            role=self._entry.get("started_by", step["as"]) if verb == "start" else step["as"],
            values=self._filled(step.get("with", {}), at),
            attach={key: tuple(names) for key, names in step.get("attach", {}).items()},
            text=step.get("text", ""),
            failing=self._entry.get("failing", "") if verb == "start" else "",
        )

    def _filled(self, value: Any, at: datetime) -> Any:
        """The value with every ``$name`` put in."""
        if isinstance(value, dict):
            entries = cast("dict[str, Any]", value)
            return {name: self._filled(item, at) for name, item in entries.items()}
        if isinstance(value, list):
            return [self._filled(item, at) for item in cast("list[Any]", value)]
        return self._named(value, at) if isinstance(value, str) and value.startswith("$") else value

    def _named(self, name: str, at: datetime) -> Any:
        """What a ``$name`` stands for at a step."""
        if (told := _DAYS.fullmatch(name)) is not None:
            today = self._calendar.local_date(at)
            day = today + timedelta(days=int(told[1])) if told[1] else self._calendar.add_working_days(today, 1)
            return day.isoformat() + (told[2] or "")
        if name[1:] not in self._data:
            raise BrokenDemo(case=self._number, problem=f"nothing is called {name[1:]}")
        value = self._data[name[1:]]
        return self._named(value, at) if isinstance(value, str) and _DAYS.fullmatch(value) else value
