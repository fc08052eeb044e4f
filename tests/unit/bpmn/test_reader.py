"""What `read_processes` makes of a diagram."""

from __future__ import annotations

import pytest

from engine.bpmn import Binding, EventKind, read_processes
from engine.xml import BrokenXml
from tests.bpmn_host import specification
from tests.bpmn_xml import (
    HEAD,
    ROOTS,
    START_END,
    boundary,
    definitions,
    extensions,
    message,
    subprocess,
    tag,
    timer,
    user,
)

PROPERTIES = '<zeebe:properties><zeebe:property name="source" value="000 3"/></zeebe:properties>'


def test_a_user_task_says_everything_about_itself() -> None:
    ext = (
        PROPERTIES
        + '<zeebe:assignmentDefinition assignee="=who" candidateGroups="cs_clerk" candidateUsers="li"/>'
        + '<zeebe:taskSchedule dueDate="=now() + duration(&quot;PT2H&quot;)" followUpDate="2026-03-02T09:00:00Z"/>'
        + '<zeebe:priorityDefinition priority="50"/><zeebe:formDefinition formId="intake"/>'
    )
    documented = "<bpmn:documentation>Fault intake\n受理故障</bpmn:documentation>"
    body = START_END + user("a", ext, inner=documented, name="1 故障受理")
    body = body.replace(documented, "").replace("<bpmn:extensionElements>", documented + "<bpmn:extensionElements>")
    read = specification(body, "s > a; a > e").elements["a"]
    assert (read.type, read.name, read.gloss) == ("userTask", "1 故障受理", "Fault intake")
    assert read.documentation.endswith("受理故障")
    assert read.properties == {"source": "000 3"}
    assert read.assignment.assignee == "=who"
    assert (read.assignment.candidate_groups, read.assignment.candidate_users) == ("cs_clerk", "li")
    assert read.schedule.due_date == '=now() + duration("PT2H")'
    assert (read.priority, read.form_id) == ("50", "intake")


def test_service_call_and_decision_say_what_they_need() -> None:
    ext = (
        '<zeebe:taskDefinition type="ledger" retries="5"/>'
        '<zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders>'
    )
    call = (
        '<zeebe:calledElement processId="child" bindingType="versionTag" versionTag="v2"'
        ' propagateAllParentVariables="false"/>'
    )
    decision = '<zeebe:calledDecision decisionId="d" resultVariable="r" bindingType="deployment"/>'
    body = START_END + tag("serviceTask", "a", extensions(ext)) + tag("callActivity", "b", extensions(call))
    body += tag("businessRuleTask", "c", extensions(decision))
    read = specification(body, "s > a; a > b; b > c; c > e").elements
    assert (read["a"].task_type, read["a"].retries, read["a"].headers) == ("ledger", "5", {"k": "v"})
    called = read["b"].called_element
    assert called is not None
    assert (called.process_id, called.binding, called.version_tag) == ("child", Binding.VERSION_TAG, "v2")
    assert (called.propagate_parent, called.propagate_child) == (False, True)
    assert read["c"].called_decision is not None
    assert read["c"].called_decision.binding is Binding.DEPLOYMENT


def test_events_and_subprocesses_say_where_they_belong() -> None:
    inner = '<bpmn:startEvent id="s2"/>' + user("x")
    body = START_END + subprocess("sp", inner, "s2 > x") + boundary("m", "sp", message(), interrupting=False)
    read = specification(body, "s > sp; sp > e; m > e", ROOTS).elements
    assert (read["x"].parent, read["sp"].parent) == ("sp", None)
    assert (read["m"].attached_to, read["m"].interrupting) == ("sp", False)
    assert (read["m"].event.kind, read["m"].event.name) == (EventKind.MESSAGE, "msg")
    assert read["m"].event.correlation_key == "=key"


def test_lanes_are_the_innermost_and_subprocesses_hand_theirs_down() -> None:
    lanes = (
        '<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="客服"><bpmn:flowNodeRef>s</bpmn:flowNodeRef>'
        '<bpmn:flowNodeRef>sp</bpmn:flowNodeRef><bpmn:childLaneSet id="c"><bpmn:lane id="l2" name="内勤">'
        "<bpmn:flowNodeRef>sp</bpmn:flowNodeRef></bpmn:lane></bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>"
    )
    inner = '<bpmn:startEvent id="s2"/>' + user("x")
    read = specification(lanes + START_END + subprocess("sp", inner, "s2 > x"), "s > sp; sp > e")
    assert [read.elements[name].lane for name in ("s", "sp", "x", "e")] == ["客服", "内勤", "内勤", ""]
    assert [lane.path for lane in read.lanes] == [("客服",), ("客服", "内勤")]


def test_a_process_says_its_name_gloss_properties_version_and_starts() -> None:
    text = definitions(
        "<bpmn:documentation>After-sales service\nmore</bpmn:documentation>"
        + extensions(PROPERTIES, '<zeebe:versionTag value="v7"/>')
        + START_END,
        "s > e",
    )
    read = read_processes(text.replace(b'id="process"', 'id="process" name="售后"'.encode())).processes[0]
    assert (read.process_id, read.name, read.gloss, read.version_tag) == (
        "process",
        "售后",
        "After-sales service",
        "v7",
    )
    assert read.properties == {"source": "000 3"}
    assert [start.id for start in read.start_events] == ["s"]


def test_a_file_may_hold_several_processes_in_pools() -> None:
    pools = '<bpmn:participant id="p1" processRef="a"/><bpmn:participant id="p2"/>'
    pools = f'<bpmn:collaboration id="c">{pools}</bpmn:collaboration>'
    inside = '<bpmn:startEvent id="s{0}"/><bpmn:endEvent id="e{0}"/>'
    inside += '<bpmn:sequenceFlow id="f{0}" sourceRef="s{0}" targetRef="e{0}"/>'
    one = f'<bpmn:process id="{{0}}" isExecutable="{{1}}">{inside}</bpmn:process>'
    text = f"{HEAD}{pools}{one.format('a', 'true')}{one.format('b', 'false')}</bpmn:definitions>"
    resource = read_processes(text.encode())
    assert [(read.process_id, read.is_executable) for read in resource.processes] == [("a", True), ("b", False)]
    assert not resource.findings


def test_flows_are_tested_in_the_order_in_which_their_element_lists_them() -> None:
    listed = "<bpmn:outgoing>second</bpmn:outgoing><bpmn:outgoing>first</bpmn:outgoing>"
    body = START_END + tag("exclusiveGateway", "g", listed) + user("a")
    read = specification(body, "s > g; g > a | =true | first; g > e | =true | second; a > e")
    assert [flow.id for flow in read.flows.values() if flow.source == "g"] == ["second", "first"]


def test_expressions_are_listed_with_their_owners() -> None:
    body = START_END + user("a", '<zeebe:assignmentDefinition assignee="=who"/>') + boundary("t", "a", timer("=after"))
    read = specification(body, "s > a; a > e | =ok; t > e")
    assert {(owner.id, text) for owner, text in read.expressions()} == {
        ("f1_a_e", "ok"),
        ("a", "who"),
        ("t", "after"),
    }


def test_working_time_may_be_used_in_expressions() -> None:
    due = "=working time after(now(), duration(&quot;PT2H&quot;))"
    specification(START_END + user("a", f'<zeebe:taskSchedule dueDate="{due}"/>'), "s > a; a > e")


@pytest.mark.parametrize("text", [b"", b"<a", b"<html/>", b"<!DOCTYPE x><x/>"])
def test_what_is_no_bpmn_file_is_refused_as_a_whole(text: bytes) -> None:
    with pytest.raises(BrokenXml):
        read_processes(text, "x.bpmn")


def test_a_path_of_three_thousand_nodes_is_read() -> None:
    names = [f"k{number}" for number in range(3_000)]
    flows = ";".join(f"{a} > {b}" for a, b in zip(["s", *names], [*names, "e"], strict=True))
    body = START_END + "".join(tag("task", name) for name in names)
    assert len(specification(body, flows).elements) == 3_002


def test_a_specification_cannot_be_changed() -> None:
    read = specification(START_END, "s > e")
    with pytest.raises(TypeError):
        read.elements["x"] = read.elements["s"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        read.elements["s"].name = "x"  # type: ignore[misc]
