"""Playing scenarios: what passes, what is reported, what is covered, and which mistakes are noticed."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from engine.bpmn import read_processes
from engine.findings import Severity
from engine.scenarios import NothingToTest, Report, run_scenarios
from engine.scenarios.mutants import diagram_mutants, moved_durations
from tests.builders import diagram, flow, user_task
from tests.unit.scenarios.workshop import CHEAP, DEAR, repair_diagram, write_workshop


def run(folder: Path, *scenarios: dict[str, Any], mutate: bool = False) -> Report:
    return run_scenarios(write_workshop(folder, *scenarios), mutate=mutate)


def failures(folder: Path, scenario: Mapping[str, Any], **expect: Any) -> list[str]:
    """What fails of a scenario when something else is expected."""
    changed = deepcopy(dict(scenario))
    changed["expect"] |= expect
    [played] = run(folder, changed).plays
    return played.failures


def test_scenarios_that_hold_pass_and_cover_all_nodes_and_flows(tmp_path: Path) -> None:
    report = run(tmp_path, CHEAP, DEAR)
    assert report.text == "2 scenarios passed, 0 failed; nodes 100 %, flows 100 %"
    assert report.passed


def test_what_is_never_reached_is_listed_by_id(tmp_path: Path) -> None:
    report = run(tmp_path, CHEAP)
    lines = report.text.splitlines()
    assert lines[0] == "repair: nodes never reached: late, tell, told, approve, linked, end_approved"
    assert lines[1] == (
        "repair: flows never taken: late-tell, tell-told, choice-approve, approve-linked, linked-end_approved"
    )
    assert lines[-1] == "1 scenarios passed, 0 failed; nodes 45.4 %, flows 44.4 %"


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ({"ends": ["end_approved"]}, "ends: [end_approved] expected, it is [end_cheap]"),
        ({"open": ["check"]}, "open: [check] expected, it is []"),
        (
            {"path": ["start", "decide", "end_cheap"]},
            "path: [start, decide, end_cheap] expected, it is [start, check, decide, end_cheap]",
        ),
        ({"due": {"check": "2026-03-02T12:00"}}, "due of check: [2026-03-02T12:00] expected, it is [2026-03-02T11:00]"),
        ({"variables": {"amount": 99.5}}, "variable amount: 99.5 expected, it is 100"),
        ({"variables": {"nothing": 1}}, "variable nothing: 1 expected, it is null"),
        ({"documents": ["order"]}, "documents: [order] expected, it is []"),
        ({"notified": ["boss"]}, "notified: [boss] expected, it is []"),
        ({"started": ["archive"]}, "started: [archive] expected, it is []"),
        ({"decisions": [{"route": {"rules": [2]}}]}, "decision route, evaluation 1, rules: [2] expected, it is [1]"),
        ({"decisions": [{"route": {"value": "dear"}}]}, 'decision route, evaluation 1: "dear" expected, it is "cheap"'),
        (
            {"decisions": [{"route": {}}, {"route": {}}]},
            "decision route: 2 evaluations expected, it is 1, rules [[1]]",
        ),
        ({"incidents": ["decide"]}, "an incident at decide is expected, there is none"),
    ],
)
def test_what_is_not_as_expected_is_told_with_both_sides(tmp_path: Path, expect: dict[str, Any], told: str) -> None:
    assert failures(tmp_path, CHEAP, **expect) == [told]


def test_a_case_that_should_have_ended_is_told_where_it_waits(tmp_path: Path) -> None:
    waits = {**deepcopy(DEAR), "steps": DEAR["steps"][:3], "expect": {"ends": ["told"]}}
    [played] = run(tmp_path, waits).plays
    assert played.failures == ["the case has not ended; it waits at approve"]


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (
            {"complete": "approve", "as": "boss"},
            "step 1 (complete approve): no task approve is open; open: check",
        ),
        ({"complete": "check", "as": "boss"}, "step 1 (complete check): the task check is not offered to boss"),
        (
            {"complete": "check", "as": "nobody"},
            "step 1 (complete check): the organisation has no role nobody; "
            "it has administrator, auditor, boss, clerk, owner",
        ),
        (
            {"refused": "check", "as": "clerk", "with": {"amount": 5}, "errors": ["amount"]},
            "step 1 (refused check): the submission was accepted; amount should have been refused",
        ),
        (
            {"wait": "2026-03-01T09:00"},
            "step 1 (wait ): it is 2026-03-02T09:00 already, the step wants 2026-03-01T09:00; sort the steps",
        ),
        ({"retry": "decide"}, "step 1 (retry decide): decide has no open incident"),
    ],
)
def test_a_step_that_cannot_be_done_ends_the_scenario(tmp_path: Path, step: dict[str, Any], told: str) -> None:
    [played] = run(tmp_path, {**deepcopy(CHEAP), "steps": [step]}).plays
    assert played.failures == [told]


def test_a_refusal_must_name_the_fields_that_the_scenario_names(tmp_path: Path) -> None:
    step = {"refused": "check", "as": "clerk", "with": {"amount": 0}, "errors": ["note"]}
    [played] = run(tmp_path, {**deepcopy(CHEAP), "steps": [step]}).plays
    assert played.failures[0].startswith("step 1 (refused check): note was not refused; refused were amount: ")


def test_an_incident_nobody_expects_fails_the_scenario_and_a_retry_mends_it(tmp_path: Path) -> None:
    broken = {**deepcopy(DEAR), "failing": {"start_process": 3}, "steps": DEAR["steps"][:4]}
    broken["steps"] = [*broken["steps"], {"wait": "2026-03-02T11:00"}]
    broken["expect"] = {"open": ["linked"]}
    [played] = run(tmp_path, broken).plays
    assert played.failures == ["incident at linked: the scenario lets this attempt fail"]
    expected = {**broken, "expect": {"open": ["linked"], "incidents": ["linked"]}}
    mended = {
        **broken,
        "name": "mended",
        "steps": [*broken["steps"], {"retry": "linked", "as": "administrator"}],
        "expect": {"ends": ["end_approved", "told"], "started": ["archive"]},
    }
    report = run(tmp_path, expected, mended)
    assert [played.failures for played in report.plays] == [[], []]


def test_a_job_that_has_failed_but_not_given_up_is_told_too(tmp_path: Path) -> None:
    once = {
        **deepcopy(DEAR),
        "failing": {"start_process": 2},
        "steps": DEAR["steps"][:4],
        "expect": {"open": ["linked"]},
    }
    [played] = run(tmp_path, once).plays
    assert played.failures == [
        "a job of linked failed and will be tried again: HandlerFailure: the scenario lets this attempt fail"
    ]


def test_a_case_can_be_cancelled_claimed_and_commented(tmp_path: Path) -> None:
    story = {
        "name": "abgesagt",
        "start": {"at": "2026-03-02T09:00"},
        "steps": [
            {"claim": "check", "as": "clerk"},
            {"comment": "check", "as": "clerk", "text": "客户改期"},
            {"cancel": "客户不要了", "as": "administrator"},
        ],
        "expect": {"ends": [], "open": []},
    }
    assert run(tmp_path, story).passed


def test_a_message_reaches_a_waiting_case(tmp_path: Path) -> None:
    file = write_workshop(tmp_path, CHEAP)
    message = (
        '<bpmn:message id="m" name="parts arrived"><bpmn:extensionElements>'
        '<zeebe:subscription correlationKey="=case.number"/></bpmn:extensionElements></bpmn:message>'
    )
    body = (
        '<bpmn:startEvent id="start"/><bpmn:receiveTask id="wait" messageRef="m"/><bpmn:endEvent id="end"/>'
        + flow("start", "wait")
        + flow("wait", "end")
    )
    (file.parent / "parts.bpmn").write_bytes(diagram(body, "parts", message))
    story = {
        "name": "配件到货",
        "start": {"at": "2026-03-02T09:00", "as": "clerk"},
        "steps": [{"message": "parts arrived", "key": "=case.number", "with": {"crates": 2}}],
        "expect": {"ends": ["end"], "variables": {"crates": 2}},
    }
    parts = write_workshop(tmp_path, story, process="parts")
    report = run_scenarios(parts)
    assert report.text == "1 scenarios passed, 0 failed; nodes 100 %, flows 100 %"


def test_a_folder_without_scenarios_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    write_workshop(tmp_path, CHEAP).unlink()
    with pytest.raises(NothingToTest, match=r"Put a file <process>\.scenarios\.yaml"):
        run_scenarios(tmp_path)


def test_mutants_negate_conditions_and_move_deadlines_by_one_step() -> None:
    changes = [(mutant.place, mutant.change) for mutant in diagram_mutants("repair.bpmn", repair_diagram())]
    assert changes == [
        ("choice-end_cheap", 'condition negated: =route = "cheap"'),
        ("check", "dueDate PT2H → PT3H"),
        ("late", "timer PT1H → PT2H"),
    ]


def test_a_default_flow_changes_places_with_each_of_several_others() -> None:
    body = (
        '<bpmn:startEvent id="start"/><bpmn:exclusiveGateway id="g" default="g-c"/>'
        + "".join(f'<bpmn:endEvent id="{name}"/>' for name in "abc")
        + flow("start", "g")
        + flow("g", "a", "x = 1")
        + flow("g", "b", "x = 2")
        + flow("g", "c")
    )
    swapped = [mutant for mutant in diagram_mutants("x.bpmn", diagram(body)) if "places" in mutant.change]
    assert [mutant.place for mutant in swapped] == ["g-a", "g-b"]
    assert b'id="g-c" sourceRef="g" targetRef="a"' in swapped[0].content
    assert b'id="g-a" sourceRef="g" targetRef="c"' in swapped[0].content
    assert b'id="g-b" sourceRef="g" targetRef="b"' in swapped[0].content


def test_mutants_of_diagrams_that_list_their_flows_can_be_executed() -> None:
    gateway = '<bpmn:exclusiveGateway id="g" default="g-c"><bpmn:outgoing>g-a</bpmn:outgoing></bpmn:exclusiveGateway>'
    listed = user_task("a").replace("</bpmn:userTask>", "<bpmn:incoming>g-a</bpmn:incoming></bpmn:userTask>")
    body = '<bpmn:startEvent id="s"/>' + gateway + listed + user_task("b") + user_task("c") + '<bpmn:endEvent id="e"/>'
    body += flow("s", "g") + flow("g", "a", "x = 1") + flow("g", "b", "x = 2") + flow("g", "c")
    body += flow("a", "e") + flow("b", "e") + flow("c", "e")
    mutants = list(diagram_mutants("x.bpmn", diagram(body)))
    assert len(mutants) == 4
    for mutant in mutants:
        found = read_processes(mutant.content).findings
        assert [finding for finding in found if finding.severity is Severity.ERROR] == [], mutant.change


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("PT2H", ["PT3H"]),
        ("P1DT30M", ["P1DT31M"]),
        ("R/P7D", ["R/P8D"]),
        ('=working time after(now(), duration("PT30M"))', ['=working time after(now(), duration("PT31M"))']),
        (
            '=[duration("P7D"), duration("P30D")]',
            ['=[duration("P8D"), duration("P30D")]', '=[duration("P7D"), duration("P31D")]'],
        ),
        ("=due_at", []),
    ],
)
def test_durations_are_made_longer_by_one_of_their_smallest_unit(text: str, moved: list[str]) -> None:
    assert [mutated for _, mutated in moved_durations(text)] == moved


def test_mutants_that_no_scenario_notices_are_reported(tmp_path: Path) -> None:
    blind = {**deepcopy(DEAR), "expect": {"ends": ["end_approved", "told"]}}
    report = run(tmp_path, blind, mutate=True)
    lines = report.text.splitlines()
    assert "SURVIVED repair.bpmn, check: dueDate PT2H → PT3H" in lines
    assert not report.passed


def test_scenarios_that_look_closely_notice_every_mutant(tmp_path: Path) -> None:
    report = run(tmp_path, CHEAP, DEAR, mutate=True)
    assert report.survivors == []
    assert report.passed


def test_children_see_user_tasks_of_their_own(tmp_path: Path) -> None:
    file = write_workshop(tmp_path, DEAR)
    assert user_task("file").encode() in (file.parent / "archive.bpmn").read_bytes()
    [played] = run_scenarios(file).plays
    assert played.elements["archive"] == {"start", "week", "file", "stamp", "end"}
