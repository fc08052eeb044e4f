"""What happens when an expression fails: an incident on its token, or a rejected command."""

from __future__ import annotations

import pytest

from engine.bpmn import ExpressionFailed, NotWaiting
from engine.errors import BaoxiuError
from tests.bpmn_host import case
from tests.bpmn_xml import (
    START_END,
    boundary,
    condition,
    escape,
    event_subprocess,
    mappings,
    script,
    service,
    subprocess,
    tag,
    timer,
    user,
)

GATEWAY = tag("exclusiveGateway", "g")


def test_a_gateway_without_a_true_condition_is_an_incident_and_its_siblings_go_on() -> None:
    body = START_END + GATEWAY + user("a") + user("b") + user("c")
    running = case(body, "s > g; s > b; g > a | =n > 5; g > e | =n < 0; b > c; a > e; c > e", {"n": 1}).start()
    assert running.waiting() == ["b"]
    assert "No condition of the flows after g is true" in str(next(iter(running.host.incidents.values())))
    assert running.complete("b").waiting() == ["c"]
    running.variables["n"] = 9
    assert running.retry("g").waiting() == ["a", "c"]
    assert not running.host.incidents


def test_a_retry_that_fails_again_is_an_incident_again() -> None:
    running = case(START_END + GATEWAY + user("a"), "s > g; g > a | =n > 5; g > e | =n < 0; a > e", {"n": 1}).start()
    running.retry("g")
    assert len(running.host.incidents) == 1


def test_a_condition_that_is_neither_true_nor_false_is_an_incident() -> None:
    running = case(START_END + GATEWAY + user("a"), "s > g; g > a | =n; g > e | =false; a > e", {"n": "x"}).start()
    assert len(running.host.incidents) == 1


def test_a_failing_expression_while_a_user_task_is_completed_rejects_the_command() -> None:
    body = START_END + user("a") + user("b")
    running = case(body, "s > a; a > b | =n > 5; b > e", {"n": 1}).start()
    with pytest.raises(ExpressionFailed):
        running.execution.complete(running.one("a").id, {})


def test_a_failure_behind_the_user_task_is_an_incident_there() -> None:
    body = START_END + user("a") + GATEWAY
    running = case(body, "s > a; a > g; g > e | =n > 5; g > a | =n > 7", {"n": 1}).start().complete("a")
    assert [token.element.id for token in running.execution.tokens() if token.has_incident] == ["g"]


def test_a_bad_timer_of_a_boundary_event_is_an_incident_of_its_activity_before_it_acts() -> None:
    body = START_END + user("a") + boundary("t", "a", timer("=when")) + boundary("t2", "a", timer("PT1H"))
    running = case(body, "s > a; a > e; t > e; t2 > e", {"when": "soon"}).start()
    assert running.waiting() == []
    assert not running.host.timers
    running.variables["when"] = "PT2H"
    assert running.retry("a").waiting() == ["a"]
    assert len(running.host.timers) == 2
    assert running.host.log.count(("entered", "a")) == 1


def test_an_incident_after_a_job_keeps_the_result_for_the_retry() -> None:
    ext = mappings(outputs={"kept": "=given", "more": "=absent"})
    running = case(START_END + service("a", "work", ext), "s > a; a > e").start()
    host = running.host
    evaluate, broken = host.evaluate, {"on": True}

    def failing(token: object, expression: str, extra: object = None) -> object:
        if expression == "=absent" and broken["on"]:
            raise ExpressionFailed(expression=expression, element="a", reason="broken")
        return evaluate(token, expression, extra)  # type: ignore[arg-type]

    host.evaluate = failing  # type: ignore[method-assign,assignment]
    running.complete("a", given=5)
    assert len(host.incidents) == 1
    with pytest.raises(NotWaiting):
        running.complete("a", given=6) if running.waiting() else running.execution.complete(2, {})
    broken["on"] = False
    assert running.retry("a").is_completed
    assert running.variables["kept"] == 5


def test_an_incident_in_one_item_of_a_multi_instance_leaves_the_others() -> None:
    loop = "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
    loop += f'<zeebe:loopCharacteristics inputCollection="{escape("=[1, 2]")}" inputElement="item"/>'
    loop += "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    ext = '<zeebe:assignmentDefinition assignee="=who"/>'
    running = case(START_END + user("a", ext, inner=loop), "s > a; a > e")
    asked = running.host.evaluate

    def failing(token: object, expression: str, extra: object = None) -> object:
        if expression == "=who" and getattr(token, "loop_counter", 0) == 1:
            raise ExpressionFailed(expression=expression, element="a", reason="nobody")
        return asked(token, expression, extra)  # type: ignore[arg-type]

    running.host.evaluate = failing  # type: ignore[method-assign,assignment]
    running.start()
    assert running.waiting() == ["a"]
    running.host.evaluate = asked  # type: ignore[method-assign]
    assert running.retry("a").waiting() == ["a", "a"]


def test_cancelling_resolves_incidents() -> None:
    running = case(START_END + GATEWAY, "s > g; g > e | =n > 5; g > g | =n > 7", {"n": 1}).start()
    running.execution.cancel()
    assert not running.host.incidents


def test_arming_the_process_s_own_event_subprocess_rejects_the_start() -> None:
    sub = event_subprocess("ev", timer("=when"), False, '<bpmn:endEvent id="y"/>', "ev_s > y")
    with pytest.raises(BaoxiuError):
        case(START_END + sub, "s > e", {"when": "soon"}).start()


def test_a_failing_script_names_its_element() -> None:
    running = case(
        START_END + script("a", "=n", "x") + GATEWAY, "s > a; a > g; g > e | =x; g > a | =false", {"n": "t"}
    ).start()
    assert "failed at g" in str(next(iter(running.host.incidents.values())))


def test_an_inclusive_join_that_cannot_decide_is_an_incident_and_goes_on_after_a_retry() -> None:
    body = START_END + tag("parallelGateway", "p") + tag("inclusiveGateway", "j") + user("a") + user("b") + user("c")
    flows = "s > p; p > a; p > b; a > j; b > j; j > c | =n > 5; j > e | =n > 7; c > e"
    running = case(body, flows, {"n": 1}).start().complete("a").complete("b")
    assert len(running.host.incidents) == 1
    running.variables["n"] = 6
    assert running.retry("j").waiting() == ["c"]
    assert running.complete("c").is_completed


def test_tokens_that_run_in_circles_reject_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.bpmn.workflow.MAX_STEPS", 100)
    with pytest.raises(BaoxiuError, match="runs in circles"):
        case(START_END + GATEWAY + script("a", "=1", "x"), "s > g; g > a | =true; g > e | =false; a > g").start()


def test_a_conditional_event_whose_condition_is_no_condition_is_an_incident_of_its_watcher() -> None:
    body = START_END + user("a") + boundary("c", "a", condition("=n"))
    running = case(body, "s > a; a > e; c > e", {"n": "x"}).start()
    assert running.waiting() == ["a"]
    assert len(running.host.incidents) == 1
    running.variables["n"] = True
    running.execution.variables_changed()
    assert running.waiting() == ["a"]
    assert running.retry("c").is_completed
    assert not running.host.incidents


def test_an_event_subprocess_that_cannot_be_armed_is_an_incident_of_its_subprocess() -> None:
    events = event_subprocess("ev", timer("=when"), False, '<bpmn:endEvent id="y"/>', "ev_s > y")
    inner = '<bpmn:startEvent id="s2"/>' + user("x") + events
    running = case(START_END + subprocess("sp", inner, "s2 > x"), "s > sp; sp > e", {"when": "soon"}).start()
    assert [token.element.id for token in running.execution.tokens() if token.has_incident] == ["sp"]
    running.variables["when"] = "PT1H"
    assert running.retry("sp").waiting() == ["x"]
    assert running.complete("x").is_completed
