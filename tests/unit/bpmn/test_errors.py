"""BPMN errors, escalations, compensation and transactions."""

from __future__ import annotations

import pytest

from engine.handling import BpmnError
from tests.bpmn_host import case
from tests.bpmn_xml import (
    ROOTS,
    START_END,
    boundary,
    error,
    escalation,
    event_subprocess,
    extensions,
    multi_instance,
    service,
    subprocess,
    tag,
    user,
)

INSIDE = '<bpmn:startEvent id="s2"/>'
INNER = user("evu") + '<bpmn:endEvent id="eve"/>'
INNER_FLOWS = "ev_s > evu; evu > eve"


def failing(definition: str) -> str:
    """A subprocess with task x and a failing end."""
    return subprocess("sp", INSIDE + user("x") + tag("endEvent", "e2", definition), "s2 > x; x > e2")


def test_an_error_end_is_caught_at_the_border_of_its_subprocess() -> None:
    body = START_END + failing(error()) + boundary("b", "sp", error()) + user("h")
    running = case(body, "s > sp; sp > e; b > h; h > e", roots=ROOTS).start().complete("x")
    assert running.waiting() == ["h"]
    assert ("completed", "e2") in running.host.log
    assert ("terminated", "sp") in running.host.log
    assert running.complete("h").is_completed


def test_an_exact_code_comes_before_one_that_catches_all() -> None:
    body = START_END + failing(error()) + boundary("any", "sp", error("")) + boundary("b", "sp", error()) + user("h")
    running = case(body, "s > sp; sp > e; any > e; b > h; h > e", roots=ROOTS).start().complete("x")
    assert running.waiting() == ["h"]


def test_an_error_passes_borders_that_catch_another_code() -> None:
    outer = subprocess(
        "o",
        '<bpmn:startEvent id="s3"/><bpmn:endEvent id="e3"/>' + failing(error()) + boundary("b2", "sp", error("ER2")),
        "s3 > sp; sp > e3; b2 > e3",
    )
    body = START_END + outer + boundary("b", "o", error()) + user("h")
    running = case(body, "s > o; o > e; b > h; h > e", roots=ROOTS).start().complete("x")
    assert running.waiting() == ["h"]


def test_an_error_starts_the_event_subprocess_of_the_scope_around() -> None:
    body = START_END + failing(error()) + user("a") + event_subprocess("ev", error(), True, INNER, INNER_FLOWS)
    running = case(body, "s > sp; s > a; sp > e; a > e", roots=ROOTS).start().complete("x")
    assert running.waiting() == ["evu"]
    assert running.complete("evu").is_completed


def test_an_uncaught_error_is_an_incident_and_never_goes_on() -> None:
    body = START_END + failing(error()) + user("a") + user("b")
    running = case(body, "s > sp; s > b; sp > a; a > e; b > e", roots=ROOTS).start().complete("x")
    assert running.waiting() == ["b"]
    assert [str(found) for found in running.host.incidents.values()] == [
        "The error E1 of e2 is caught nowhere: E1. Add an error event that catches it."
    ]
    assert running.complete("b").waiting() == []
    assert not running.is_completed


def test_an_uncaught_error_of_a_called_instance_ends_it_and_goes_to_the_caller() -> None:
    running = case(START_END + failing(error()) + user("b"), "s > sp; s > b; sp > e; b > e", roots=ROOTS).start()
    running.host.caller_takes_errors = True
    running.complete("x")
    assert running.is_completed
    assert not running.host.ended
    assert not running.host.instances


@pytest.mark.parametrize("inline", [True, False])
def test_a_handler_throws_a_bpmn_error_that_the_task_s_border_catches(inline: bool) -> None:
    body = START_END + service("a") + boundary("b", "a", error()) + user("h")
    running = case(body, "s > a; a > e; b > h; h > e", roots=ROOTS)

    def fail(token: object) -> None:
        raise BpmnError("E1", "broken", {"why": "x"})

    if inline:
        running.host.handlers["work"] = fail
        running.start()
    else:
        assert running.start().throw("a", "E1", why="x")
    assert running.waiting() == ["h"]
    assert running.variables["why"] == "x"


def test_an_uncaught_error_of_a_job_is_an_incident_that_can_be_retried() -> None:
    running = case(START_END + service("a"), "s > a; a > e", roots=ROOTS).start()
    assert not running.throw("a", "E9")
    assert len(running.host.incidents) == 1
    assert running.retry("a").waiting() == ["a"]
    assert not running.host.incidents
    assert running.complete("a").is_completed


def test_an_error_of_one_instance_cuts_off_the_whole_multi_instance() -> None:
    body = START_END + service("a", inner=multi_instance("=[1, 2, 3]")) + boundary("b", "a", error()) + user("h")
    running = case(body, "s > a; a > e; b > h; h > e", roots=ROOTS).start()
    assert running.throw("a", "E1")
    assert running.waiting() == ["h"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_is_caught_at_the_border(interrupting: bool) -> None:
    inner = INSIDE + user("x") + tag("intermediateThrowEvent", "up", escalation()) + user("y")
    body = (
        START_END + subprocess("sp", inner, "s2 > x; x > up; up > y") + boundary("b", "sp", escalation(), interrupting)
    )
    running = case(body + user("h"), "s > sp; sp > e; b > h; h > e", roots=ROOTS).start().complete("x")
    assert running.waiting() == (["h"] if interrupting else ["h", "y"])
    assert running.host.thrown == [("escalation", "X1", True)]


def test_an_escalation_that_nobody_catches_goes_on() -> None:
    running = case('<bpmn:startEvent id="s"/>' + tag("endEvent", "e", escalation()), "s > e", roots=ROOTS).start()
    assert running.is_completed
    assert running.host.thrown == [("escalation", "X1", False)]


def test_an_escalation_starts_an_event_subprocess_as_often_as_it_is_thrown() -> None:
    body = START_END + user("a") + user("b") + tag("intermediateThrowEvent", "up", escalation())
    body += event_subprocess("ev", escalation(), False, INNER, INNER_FLOWS)
    running = case(body, "s > a; s > b; a > up; b > up; up > e", roots=ROOTS).start()
    assert running.complete("a").waiting() == ["b", "evu"]
    assert running.complete("b").waiting() == ["evu", "evu"]


def test_an_event_subprocess_does_not_catch_what_it_throws_itself() -> None:
    inner = tag("endEvent", "again", escalation())
    body = START_END + user("a") + tag("intermediateThrowEvent", "up", escalation())
    body += event_subprocess("ev", escalation(), False, inner, "ev_s > again")
    running = case(body, "s > a; a > up; up > e", roots=ROOTS).start().complete("a")
    assert running.is_completed
    assert running.host.thrown == [("escalation", "X1", True), ("escalation", "X1", False)]


def test_an_escalation_of_a_child_reaches_the_call_activity() -> None:
    call = tag("callActivity", "c", extensions('<zeebe:calledElement processId="child"/>'))
    body = START_END + call + boundary("b", "c", escalation(), interrupting=False) + user("h")
    running = case(body, "s > c; c > e; b > h; h > e", roots=ROOTS).start()
    assert running.execution.escalate(running.one("c").id, "X1")
    assert running.waiting() == ["c", "h"]


# ---- compensation -------------------------------------------------------------------------------------------------

COMPENSATE = "<bpmn:compensateEventDefinition/>"


def compensated(name: str) -> str:
    """User task with a compensation handler ``u<name>``."""
    return (
        user(name)
        + tag("boundaryEvent", f"b{name}", COMPENSATE, attachedToRef=name)
        + user(f"u{name}", isForCompensation="true")
        + f'<bpmn:association id="as{name}" sourceRef="b{name}" targetRef="u{name}"/>'
    )


def test_compensation_runs_the_handlers_of_what_was_completed_latest_first() -> None:
    body = START_END + compensated("a") + compensated("b") + compensated("c") + user("z")
    body += tag("intermediateThrowEvent", "th", COMPENSATE)
    running = case(body, "s > a; s > c; a > b; b > th; th > z; z > e; c > e").start().complete("a").complete("b")
    assert running.waiting() == ["c", "ub"]
    assert running.complete("ub").waiting() == ["c", "ua"]
    assert running.complete("ua").waiting() == ["c", "z"]


def test_compensation_of_one_activity_leaves_the_others() -> None:
    body = START_END + compensated("a") + compensated("b")
    body += tag("intermediateThrowEvent", "th", '<bpmn:compensateEventDefinition activityRef="a"/>')
    running = case(body, "s > a; a > b; b > th; th > e").start().complete("a").complete("b")
    assert running.waiting() == ["ua"]
    assert running.complete("ua").is_completed


def test_nothing_to_compensate_goes_on_at_once() -> None:
    body = START_END + compensated("a") + tag("endEvent", "th", COMPENSATE)
    assert case(body, "s > th; s > a; a > e").start().waiting() == ["a"]


def test_a_completed_subprocess_is_compensated_by_what_happened_inside_in_reverse() -> None:
    inner = INSIDE + compensated("a") + compensated("b")
    body = START_END + subprocess("sp", inner, "s2 > a; a > b") + compensated("c")
    body += tag("intermediateThrowEvent", "th", COMPENSATE)
    running = case(body, "s > sp; sp > c; c > th; th > e").start().complete("a").complete("b").complete("c")
    for handler in ("uc", "ub", "ua"):
        assert running.waiting() == [handler]
        running.complete(handler)
    assert running.is_completed


def test_compensation_thrown_in_an_event_subprocess_is_that_of_the_scope_around() -> None:
    event = tag("endEvent", "th", COMPENSATE)
    body = START_END + compensated("a") + service("w") + event_subprocess("ev", error(), True, event, "ev_s > th")
    running = case(body, "s > a; a > w; w > e", roots=ROOTS).start().complete("a")
    assert running.throw("w", "E1")
    assert running.waiting() == ["ua"]
    assert running.complete("ua").is_completed


def test_a_cancelled_transaction_is_compensated_and_left_by_its_cancel_event() -> None:
    inner = INSIDE + compensated("a") + user("b") + tag("endEvent", "no", "<bpmn:cancelEventDefinition/>") + user("k")
    body = START_END + subprocess("tx", inner, "s2 > a; s2 > k; a > b; b > no", kind="transaction")
    body += boundary("c", "tx", "<bpmn:cancelEventDefinition/>") + user("h")
    running = case(body, "s > tx; tx > e; c > h; h > e").start().complete("a").complete("b")
    assert running.waiting() == ["ua"]
    assert running.complete("ua").waiting() == ["h"]
    assert running.complete("h").is_completed


def test_cutting_off_a_compensating_token_cuts_off_its_handler() -> None:
    inner = INSIDE + compensated("a") + tag("intermediateThrowEvent", "th", COMPENSATE) + tag("endEvent", "e3")
    body = START_END + subprocess("sp", inner, "s2 > a; a > th; th > e3") + boundary("b", "sp", error(""))
    running = case(body, "s > sp; sp > e; b > e", roots=ROOTS).start().complete("a")
    assert running.throw("ua", "E1")
    assert running.is_completed
    assert not running.host.instances
