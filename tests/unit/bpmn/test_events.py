"""Boundary events, event subprocesses, timers, messages, signals, conditions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.bpmn import NotWaiting
from tests.bpmn_host import START, case
from tests.bpmn_xml import (
    ROOTS,
    START_END,
    boundary,
    condition,
    event_subprocess,
    extensions,
    mappings,
    message,
    multi_instance,
    signal,
    subprocess,
    tag,
    timer,
    user,
)

INNER = user("evu") + '<bpmn:endEvent id="eve"/>'
INNER_FLOWS = "ev_s > evu; evu > eve"


def test_an_interrupting_boundary_timer_cuts_its_activity_off() -> None:
    body = START_END + user("a") + user("h") + boundary("t", "a", timer("PT1H"))
    running = case(body, "s > a; a > e; t > h; h > e").start()
    assert list(running.host.timers.values()) == [(START + timedelta(hours=1), 1)]
    assert running.pass_time(minutes=59).waiting() == ["a"]
    assert running.pass_time(minutes=1).waiting() == ["h"]
    assert ("terminated", "a") in running.host.log
    assert not running.host.timers


def test_a_non_interrupting_boundary_timer_fires_once_beside_its_activity() -> None:
    body = START_END + user("a") + user("h") + boundary("t", "a", timer("PT1H"), interrupting=False)
    running = case(body, "s > a; a > e; t > h; h > e").start().pass_time(hours=1)
    assert running.waiting() == ["a", "h"]
    assert running.pass_time(days=9).waiting() == ["a", "h"]
    assert not running.complete("a").is_completed
    assert running.complete("h").is_completed


def test_completing_an_activity_withdraws_what_watches_it() -> None:
    body = START_END + user("a") + user("b") + boundary("t", "a", timer("PT1H")) + boundary("m", "a", message())
    running = case(body, "s > a; a > b; b > e; t > e; m > e", {"key": 1}, ROOTS).start()
    watch = next(iter(running.host.timers))
    assert running.complete("a").armed() == []
    assert not running.host.timers
    assert not running.host.messages
    with pytest.raises(NotWaiting):
        running.execution.fire(watch)


def test_a_cycle_fires_as_often_as_it_says_in_its_phase_and_missed_ones_coalesce() -> None:
    body = START_END + user("a") + user("h") + boundary("t", "a", timer("R3/PT10M", "timeCycle"), interrupting=False)
    running = case(body, "s > a; a > e; t > h; h > e").start()
    assert running.pass_time(minutes=10).waiting() == ["a", "h"]
    running.pass_time(minutes=25)
    assert running.waiting() == ["a", "h", "h"]
    assert [due for due, _ in running.host.timers.values()] == [START + timedelta(minutes=40)]
    assert running.pass_time(minutes=5).waiting() == ["a", "h", "h", "h"]
    assert not running.host.timers


def test_an_endless_cycle_goes_on() -> None:
    body = START_END + user("a") + boundary("t", "a", timer("R/PT10M", "timeCycle"), interrupting=False)
    running = case(body, "s > a; a > e; t > e").start()
    for _ in range(20):
        running.pass_time(minutes=10)
    assert running.flows.count("f2_t_e") == 20
    assert [left for _, left in running.host.timers.values()] == [-1]


def test_a_timer_value_can_be_an_expression_over_the_case_and_the_task_s_inputs() -> None:
    body = START_END + tag("intermediateCatchEvent", "t", timer("=when", "timeDate"))
    running = case(body, "s > t; t > e", {"when": "2026-03-02T12:00:00+08:00"}).start()
    assert [due.hour for due, _ in running.host.timers.values()] == [4]
    assert running.pass_time(hours=3).is_completed


def test_a_non_interrupting_boundary_message_happens_every_time() -> None:
    body = START_END + user("a") + user("h") + boundary("m", "a", message(), interrupting=False)
    running = case(body, "s > a; a > e; m > h; h > e", {"key": "k"}, ROOTS).start()
    assert running.fire("m", x=1).fire("m", x=2).waiting() == ["a", "h", "h"]
    assert running.variables["x"] == 2


def test_outputs_of_an_event_take_what_the_message_brought() -> None:
    body = START_END + tag(
        "intermediateCatchEvent",
        "c",
        '<bpmn:extensionElements><zeebe:ioMapping><zeebe:output source="=brought" target="kept"/></zeebe:ioMapping>'
        "</bpmn:extensionElements>" + message(),
    )
    running = case(body, "s > c; c > e", {"key": 1}, ROOTS).start().fire("c", brought=5, dropped=6)
    assert running.variables == {"key": 1, "kept": 5}


def test_signals_are_waited_for_and_thrown() -> None:
    body = START_END + user("a") + user("h") + boundary("b", "a", signal(), interrupting=False)
    body += tag("endEvent", "es", signal()) + user("k")
    running = case(body, "s > a; s > k; a > e; k > es; b > h; h > e", roots=ROOTS).start().complete("k")
    assert running.host.thrown == [("signal", "sig", {})]
    assert list(running.host.signals.values()) == ["sig"]
    assert running.fire("b").waiting() == ["a", "h"]


@pytest.mark.parametrize("definition", [timer("PT1H"), message(), signal()])
def test_an_interrupting_event_subprocess_takes_its_scope_over(definition: str) -> None:
    body = START_END + user("a") + user("b") + event_subprocess("ev", definition, True, INNER, INNER_FLOWS)
    running = case(body, "s > a; s > b; a > e; b > e", {"key": 1}, ROOTS).start()
    assert running.fire("ev_s").waiting() == ["evu"]
    assert running.armed() == []
    assert running.complete("evu").is_completed


@pytest.mark.parametrize("definition", [timer("PT1H"), message(), signal()])
def test_a_non_interrupting_event_subprocess_runs_beside_and_the_scope_waits_for_it(definition: str) -> None:
    body = START_END + user("a") + event_subprocess("ev", definition, False, INNER, INNER_FLOWS)
    running = case(body, "s > a; a > e", {"key": 1}, ROOTS).start().fire("ev_s")
    assert running.waiting() == ["a", "evu"]
    assert not running.complete("a").is_completed
    assert running.complete("evu").is_completed


def test_a_message_can_start_a_non_interrupting_event_subprocess_several_times() -> None:
    body = START_END + user("a") + event_subprocess("ev", message(), False, INNER, INNER_FLOWS)
    running = case(body, "s > a; a > e", {"key": 1}, ROOTS).start().fire("ev_s").fire("ev_s")
    assert running.waiting() == ["a", "evu", "evu"]


def test_an_event_subprocess_that_never_starts_does_not_keep_its_scope_open() -> None:
    body = START_END + user("a") + event_subprocess("ev", timer("PT1H"), True, INNER, INNER_FLOWS)
    running = case(body, "s > a; a > e").start()
    assert running.complete("a").is_completed
    assert not running.host.timers


def test_an_event_subprocess_inside_a_subprocess_ends_that_subprocess_only() -> None:
    inside = '<bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>' + user("x")
    inside += event_subprocess("ev", timer("PT1H"), True, INNER, INNER_FLOWS)
    body = START_END + subprocess("sp", inside, "s2 > x; x > e2") + user("z")
    running = case(body, "s > sp; sp > z; z > e").start().pass_time(hours=1)
    assert running.waiting() == ["evu"]
    assert running.complete("evu").waiting() == ["z"]


def test_an_interrupting_boundary_on_parallel_subprocesses_cuts_off_everything_inside() -> None:
    inside = '<bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>' + user("x")
    body = START_END + subprocess("sp", inside, "s2 > x; x > e2", multi_instance("=items")) + user("h")
    body += boundary("t", "sp", timer("PT1H"))
    running = case(body, "s > sp; sp > e; t > h; h > e", {"items": [1, 2, 3]}).start()
    assert running.waiting() == ["x", "x", "x"]
    assert running.pass_time(hours=1).waiting() == ["h"]
    assert list(running.host.scopes.values) == [0]
    assert list(running.host.instances.values()) == ["h"]


def test_a_conditional_event_fires_when_its_condition_becomes_true() -> None:
    body = START_END + user("a") + user("b") + user("h") + boundary("c", "a", condition("=n > 3"), interrupting=False)
    running = case(body, "s > a; s > b; a > e; b > h; h > e; c > e", {"n": 1}).start()
    assert "f5_c_e" not in running.flows
    running.complete("b", n=5)
    assert running.flows.count("f5_c_e") == 1
    running.variables["n"] = 6
    running.execution.variables_changed()
    assert running.flows.count("f5_c_e") == 1
    for n in (0, 9):
        running.variables["n"] = n
        running.execution.variables_changed()
    assert running.flows.count("f5_c_e") == 2


def test_an_intermediate_conditional_event_passes_at_once_when_its_condition_is_true() -> None:
    body = START_END + tag("intermediateCatchEvent", "c", condition("=n > 3"))
    assert case(body, "s > c; c > e", {"n": 4}).start().is_completed
    waits = case(body, "s > c; c > e", {"n": 3}).start()
    assert not waits.is_completed
    waits.variables["n"] = 4
    waits.execution.variables_changed()
    assert waits.is_completed


def test_a_conditional_start_interrupts_its_scope() -> None:
    body = START_END + user("a") + user("b") + event_subprocess("ev", condition("=stop"), True, INNER, INNER_FLOWS)
    running = case(body, "s > a; a > b; b > e", {"stop": False}).start()
    assert running.complete("a", stop=True).waiting() == ["evu"]


def test_a_message_throw_event_publishes_its_inputs_with_its_key() -> None:
    ext = extensions(mappings({"x": "=n"}))
    body = '<bpmn:startEvent id="s"/>' + tag("endEvent", "e", ext + message())
    running = case(body, "s > e", {"n": 1, "key": "k"}, ROOTS).start()
    assert running.host.thrown == [("message", "msg", "k", {"x": 1})]
    assert running.is_completed


def test_a_terminate_end_ends_its_own_scope_and_no_more() -> None:
    inside = '<bpmn:startEvent id="s2"/><bpmn:endEvent id="e3"/>' + user("x") + user("y")
    inside += tag("endEvent", "e2", "<bpmn:terminateEventDefinition/>")
    body = START_END + subprocess("sp", inside, "s2 > x; s2 > y; x > e2; y > e3") + user("z")
    running = case(body, "s > sp; sp > z; z > e").start()
    assert running.waiting() == ["x", "y"]
    assert running.complete("x").waiting() == ["z"]
    assert ("terminated", "y") in running.host.log
