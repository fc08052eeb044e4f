"""What comes next, as far as the diagram says."""

from __future__ import annotations

from engine.bpmn import read_processes
from engine.queries.steps import certain_next
from tests.builders import diagram, flow, script_task, user_task

START, END = '<bpmn:startEvent id="start"/>', '<bpmn:endEvent id="end"/>'


def following(body: str, element: str = "a") -> list[str] | None:
    """Ids of the tasks that follow for certain; None when nobody can know."""
    [process] = read_processes(diagram(START + body + END + flow("start", "a")), "p.bpmn").processes
    found = certain_next(process, element)
    return None if found is None else [element.id for element in found]


def test_machines_are_passed_on_the_way_to_the_next_person() -> None:
    body = user_task("a") + script_task("s", "1", "x") + user_task("b")
    assert following(body + flow("a", "s") + flow("s", "b") + flow("b", "end")) == ["b"]


def test_the_end_of_the_process_is_known() -> None:
    assert following(user_task("a") + flow("a", "end")) == []


def test_a_choice_is_not_known() -> None:
    body = user_task("a") + user_task("b") + '<bpmn:exclusiveGateway id="x" default="x-end"/>'
    assert following(body + flow("a", "x") + flow("x", "b", "y > 1") + flow("x", "end") + flow("b", "end")) is None


def test_a_choice_that_leads_to_the_same_step_either_way_is_known() -> None:
    body = user_task("a") + user_task("b") + script_task("s", "1", "x")
    body += '<bpmn:exclusiveGateway id="x" default="x-b"/>'
    flows = flow("a", "x") + flow("x", "s", "y = 1") + flow("x", "b") + flow("s", "b") + flow("b", "end")
    assert following(body + flows) == ["b"]


def test_parallel_branches_are_all_named() -> None:
    body = user_task("a") + user_task("b") + user_task("c") + '<bpmn:parallelGateway id="x"/>'
    flows = flow("a", "x") + flow("x", "b") + flow("x", "c") + flow("b", "end") + flow("c", "end")
    assert following(body + flows) == ["b", "c"]


def test_what_waits_for_another_branch_is_not_known() -> None:
    body = "".join(user_task(name) for name in "abc")
    body += '<bpmn:parallelGateway id="x"/><bpmn:parallelGateway id="y"/>'
    flows = flow("a", "x") + flow("x", "b") + flow("x", "y") + flow("b", "y") + flow("y", "c") + flow("c", "end")
    assert following(body + flows, "b") is None


def test_a_waiting_event_is_not_known() -> None:
    timer = (
        '<bpmn:intermediateCatchEvent id="t"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
    )
    assert (
        following(user_task("a") + timer + user_task("b") + flow("a", "t") + flow("t", "b") + flow("b", "end")) is None
    )


def test_a_step_leads_out_of_its_subprocess() -> None:
    inner = '<bpmn:startEvent id="i"/>' + user_task("b") + '<bpmn:endEvent id="o"/>' + flow("i", "b") + flow("b", "o")
    body = user_task("a") + f'<bpmn:subProcess id="s">{inner}</bpmn:subProcess>' + user_task("c")
    flows = flow("a", "s") + flow("s", "c") + flow("c", "end")
    assert following(body + flows) == ["b"]
    assert following(body + flows, "b") == ["c"]


def test_a_circle_ends() -> None:
    body = user_task("a") + script_task("s", "1", "x") + script_task("t", "1", "x")
    assert following(body + flow("a", "s") + flow("s", "t") + flow("t", "s")) is None
