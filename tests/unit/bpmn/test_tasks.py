"""Tasks of every kind, their mappings, and flows that leave them."""

from __future__ import annotations

import pytest

from engine.bpmn import NotWaiting
from engine.errors import InvalidInput
from tests.bpmn_host import MemoryHost, case, specification
from tests.bpmn_xml import ROOTS, START_END, extensions, mappings, script, service, tag, user


def test_a_user_task_waits_until_it_is_completed_and_its_result_becomes_variables() -> None:
    running = case(START_END + user("a"), "s > a; a > e").start()
    assert running.waiting() == ["a"]
    running.complete("a", amount=3)
    assert running.is_completed
    assert running.host.ended
    assert running.variables == {"amount": 3}


def test_completing_a_task_twice_is_told() -> None:
    running = case(START_END + user("a") + user("b"), "s > a; a > b; b > e").start()
    token = running.one("a").id
    running.complete("a")
    with pytest.raises(NotWaiting):
        running.execution.complete(token, {})


def test_a_bare_task_passes() -> None:
    assert case(START_END + tag("task", "a"), "s > a; a > e").start().is_completed


def test_a_manual_task_waits_like_a_user_task() -> None:
    running = case(START_END + tag("manualTask", "a"), "s > a; a > e").start()
    assert running.waiting() == ["a"]


def test_a_script_task_writes_its_result_variable() -> None:
    running = case(START_END + script("a", "=n * 2", "double"), "s > a; a > e", {"n": 4}).start()
    assert running.variables["double"] == 8


def test_a_service_task_waits_for_its_job_unless_the_host_does_it_inline() -> None:
    xml, flows = START_END + service("a", "sum"), "s > a; a > e"
    waits = case(xml, flows).start()
    assert waits.waiting() == ["a"]
    waits.complete("a", total=5)
    assert waits.variables == {"total": 5}
    inline = case(xml, flows)
    inline.host.handlers["sum"] = lambda token: {"total": 7}
    assert inline.start().is_completed
    assert inline.variables == {"total": 7}


def test_a_business_rule_task_writes_the_decision() -> None:
    called = '<zeebe:calledDecision decisionId="route" resultVariable="way"/>'
    running = case(START_END + tag("businessRuleTask", "a", extensions(called)), "s > a; a > e")
    running.host.decisions["route"] = "fast"
    assert running.start().variables == {"way": "fast"}


def test_a_send_task_publishes_its_inputs() -> None:
    body = START_END + tag("sendTask", "a", extensions(mappings({"x": "=n"})), messageRef="M")
    running = case(body, "s > a; a > e", {"n": 4, "key": "k"}, ROOTS).start()
    assert running.host.thrown == [("message", "msg", "k", {"x": 4})]
    assert running.variables == {"n": 4, "key": "k"}


def test_a_receive_task_waits_for_its_message() -> None:
    running = case(START_END + tag("receiveTask", "a", messageRef="M"), "s > a; a > e", {"key": 7}, ROOTS).start()
    assert list(running.host.messages.values()) == [("msg", 7)]
    running.fire("a", answer="yes")
    assert running.is_completed
    assert running.variables["answer"] == "yes"


def test_input_mappings_make_local_variables_and_output_mappings_take_what_leaves() -> None:
    ext = mappings({"local": "=n + 1", "twice": "=local * 2"}, {"result": "=twice + given"})
    running = case(START_END + user("a", ext), "s > a; a > e", {"n": 1}).start()
    assert running.host.scopes.visible(running.one("a").scope) == {"n": 1, "local": 2, "twice": 4}
    running.complete("a", given=10)
    assert running.variables == {"n": 1, "result": 14}
    assert list(running.host.scopes.values) == [0]


def test_mapping_targets_with_dots_fill_contexts() -> None:
    ext = mappings({"order.id": "=n", "order.city": "Hefei"}, {"kept.order": "=order", "kept.more": "=n"})
    running = case(START_END + user("a", ext), "s > a; a > e", {"n": 1, "kept": {"old": 0}}).start()
    running.complete("a")
    assert running.variables["kept"] == {"old": 0, "order": {"id": 1, "city": "Hefei"}, "more": 1}


def test_all_flows_of_a_task_whose_conditions_hold_are_taken() -> None:
    body = START_END + user("a") + user("b") + user("c") + user("d")
    flows = "s > a; a > b | =n > 1; a > c | =n > 2; a > d | =n > 3; b > e; c > e; d > e"
    running = case(body, flows, {"n": 3}).start()
    assert running.complete("a").waiting() == ["b", "c"]


def test_the_default_flow_of_a_task_is_taken_when_no_condition_holds() -> None:
    body = START_END + user("a", default="d") + user("b") + user("c")
    running = case(body, "s > a; a > b | =n > 1; a > c | | d; b > e; c > e", {"n": 0}).start()
    assert running.complete("a").waiting() == ["c"]


def test_a_path_may_end_without_an_end_event_and_the_process_ends_with_its_last_token() -> None:
    running = case('<bpmn:startEvent id="s"/>' + user("a") + user("b"), "s > a; s > b").start()
    assert not running.complete("a").is_completed
    assert running.complete("b").is_completed


def test_the_start_event_is_chosen_by_its_id() -> None:
    start = '<bpmn:startEvent id="m"><bpmn:messageEventDefinition messageRef="M"/></bpmn:startEvent>'
    body, flows = START_END + start + user("a") + user("b"), "s > a; m > b; a > e; b > e"
    assert case(body, flows, roots=ROOTS).start().waiting() == ["a"]
    by_message = case(body, flows, roots=ROOTS).start("m", {"from": "shop"})
    assert by_message.waiting() == ["b"]
    assert by_message.variables == {"from": "shop"}
    with pytest.raises(InvalidInput):
        case(body, flows, roots=ROOTS).start("a")


def test_the_host_is_told_in_order() -> None:
    running = case(START_END + user("a"), "s > a | | f1; a > e | | f2").start().complete("a")
    assert running.host.log == [
        ("entered", "s"),
        ("completed", "s"),
        ("flow", "f1"),
        ("entered", "a"),
        ("user_task", "a"),
        ("completed", "a"),
        ("flow", "f2"),
        ("entered", "e"),
        ("completed", "e"),
    ]


def test_cancelling_terminates_every_token() -> None:
    running = case(START_END + user("a") + user("b"), "s > a; s > b; a > e; b > e").start()
    running.execution.cancel()
    assert running.is_completed
    assert not running.host.instances
    assert not running.host.ended


def test_task_data_stays_empty() -> None:
    specified = specification(START_END + user("a"), "s > a; a > e")
    from engine.bpmn import Execution

    execution = Execution.begin(specified, MemoryHost({"n": 1}))
    execution.start()
    assert all(token.data == {} for token in execution.tokens())  # type: ignore[attr-defined]
