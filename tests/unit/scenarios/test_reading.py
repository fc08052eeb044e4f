"""Reading scenario files: what is wrong is told with file, scenario, step and what to do."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.scenarios import BrokenScenario, Scenario, StepKind, read_scenarios
from tests.unit.scenarios.workshop import CHEAP, DEAR


def read(folder: Path, *scenarios: Any) -> list[Scenario]:
    return read_text(folder, yaml.safe_dump({"process": "repair", "scenarios": list(scenarios)}, allow_unicode=True))


def read_text(folder: Path, text: str) -> list[Scenario]:
    file = folder / "repair.scenarios.yaml"
    file.write_text(text, encoding="utf-8")
    return read_scenarios(file)


def changed(path: str, value: Any) -> dict[str, Any]:
    """A scenario with one thing changed; `path` like ``start.at`` or ``steps.1.as``; None takes it out."""
    scenario: Any = deepcopy(CHEAP)
    place = scenario
    *way, last = path.split(".")
    for name in way:
        place = place[int(name) if name.isdigit() else name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return scenario


def test_a_scenario_is_read_with_steps_and_expectations(tmp_path: Path) -> None:
    cheap, dear = read(tmp_path, CHEAP, DEAR)
    assert (cheap.name, cheap.process, cheap.start.actor) == ("便宜的当场修", "repair", "clerk")
    assert [step.kind for step in dear.steps] == [
        StepKind.WAIT,
        StepKind.EXPECT,
        StepKind.COMPLETE,
        StepKind.COMPLETE,
        StepKind.COMPLETE,
    ]
    assert dear.steps[0].at == datetime(2026, 3, 2, 10, 0)
    assert cheap.expect.due == {"check": (datetime(2026, 3, 2, 11, 0),)}
    assert cheap.expect.notified == ()
    assert cheap.expect.documents is None


def test_times_may_be_written_without_quotes(tmp_path: Path) -> None:
    text = (
        "process: repair\nscenarios:\n- name: a\n  start: {at: 2026-03-02T09:00:00, as: clerk}\n"
        "  steps:\n  - {wait: 2026-03-03}\n  expect: {open: []}\n"
    )
    [scenario] = read_text(tmp_path, text)
    assert (scenario.start.at, scenario.steps[0].at) == (datetime(2026, 3, 2, 9, 0), datetime(2026, 3, 3))


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("name", None, "scenario 1: name is missing"),
        ("start", None, "scenario 便宜的当场修: start wants a mapping (key: value), not None"),
        ("start.at", "soon", '便宜的当场修: start.at wants a local time, for instance "2026-03-02T09:00"'),
        ("start.who", "clerk", "start has who, which means nothing here; known are as, at, event, message, with"),
        ("steps.1.as", None, "step 2: complete check does not say who: add as: <role>"),
        ("steps.1.wait", "2026-03-02T09:00", "step 2: a step has exactly one of complete, refused, claim, comment"),
        ("steps.0.errors", None, "step 1: refused check does not say which fields or evidence are refused"),
        ("steps.1.complete", 7, "step 2: complete wants a text, not 7"),
        ("steps.1.attach", ["a.jpg"], "step 2: attach wants a mapping"),
        ("steps.1.att", "09:00", "step 2: the step has att, which means nothing here"),
        ("expect.ends", None, "expect says neither ends (end events reached) nor open (where the case waits)"),
        ("expect.end", ["end"], "expect has end, which means nothing here"),
        ("expect.due", {"check": 12}, "expect.due.check wants a local time"),
        ("expect.path", "start", "expect.path wants a list, for instance [a, b]"),
        ("expect.decisions", {"route": 1}, "expect.decisions wants a list"),
        ("expect.decisions", [{"route": {"rule": 1}}], "decision route has rule, which means nothing here"),
        ("failing", {"notify": 0}, "failing: notify wants the number of attempts that fail, for instance 3"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, path: str, value: Any, told: str) -> None:
    with pytest.raises(BrokenScenario) as raised:
        read(tmp_path, changed(path, value))
    assert str(raised.value).startswith("repair.scenarios.yaml, scenario ")
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("process: [", "it is no YAML"),
        ("- a", "the file wants a mapping"),
        ("process: repair", "there are no scenarios"),
        ("scenarios: []", "process is missing"),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BrokenScenario, match=told):
        read_text(tmp_path, text)


def test_a_file_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.scenarios.yaml"
    file.write_bytes("process: 售后".encode("gbk"))
    with pytest.raises(BrokenScenario, match="save it as UTF-8"):
        read_scenarios(file)


def test_two_scenarios_of_one_name_are_told(tmp_path: Path) -> None:
    with pytest.raises(BrokenScenario, match="the name is used twice"):
        read(tmp_path, CHEAP, CHEAP)
