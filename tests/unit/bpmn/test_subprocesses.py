"""Embedded subprocesses, call activities, multi-instance, loops."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import pytest

from tests.bpmn_host import Case, case
from tests.bpmn_xml import (
    ROOTS,
    START_END,
    boundary,
    error,
    extensions,
    mappings,
    multi_instance,
    script,
    subprocess,
    tag,
    timer,
    user,
)

INSIDE = '<bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>'


def test_a_subprocess_has_variables_of_its_own() -> None:
    ext = extensions(mappings({"local": "=n * 2"}, {"res": "=local + 1"}))
    inner = INSIDE + user("a", mappings({"x": "=local"}, {"local": "=x + y"}))
    running = case(START_END + subprocess("sp", inner, "s2 > a; a > e2", ext), "s > sp; sp > e", {"n": 5}).start()
    running.complete("a", y=100)
    assert running.is_completed
    assert running.variables == {"n": 5, "res": 111}
    assert list(running.host.scopes.values) == [0]


def test_a_subprocess_ends_with_its_last_token() -> None:
    inner = INSIDE + user("a") + user("b")
    running = case(
        START_END + subprocess("sp", inner, "s2 > a; s2 > b; a > e2; b > e2") + user("z"), "s > sp; sp > z; z > e"
    )
    assert running.start().complete("a").waiting() == ["b"]
    assert running.complete("b").waiting() == ["z"]


def test_subprocesses_nest() -> None:
    deep = subprocess("i", '<bpmn:startEvent id="s3"/><bpmn:endEvent id="e3"/>' + user("a"), "s3 > a; a > e3")
    running = case(START_END + subprocess("o", INSIDE + deep, "s2 > i; i > e2"), "s > o; o > e").start()
    assert running.waiting() == ["a"]
    assert [token.flow_scope for token in running.execution.tokens()] == [0, 2, 4]
    assert running.complete("a").is_completed


@pytest.mark.parametrize("sequential", [False, True])
def test_outputs_of_a_multi_instance_task_keep_the_order_of_the_input(sequential: bool) -> None:
    loop = multi_instance("=items", sequential, "outs", "=r")
    for order in permutations(range(3)) if not sequential else [(0, 0, 0)]:
        running = case(START_END + user("a", inner=loop), "s > a; a > e", {"items": [10, 20, 30]}).start()
        waiting = [token for token in running.execution.tokens() if token.loop_counter]
        assert len(waiting) == (1 if sequential else 3)
        for position in order:
            tokens = [token for token in running.execution.tokens() if token.loop_counter]
            token = tokens[0] if sequential else next(t for t in tokens if t.loop_counter == position + 1)
            item = running.host.scopes.visible(token.scope)["item"]
            running.execution.complete(token.id, {"r": item})
        assert running.is_completed
        assert running.variables["outs"] == [10, 20, 30]
        assert "r" not in running.variables
        assert list(running.host.scopes.values) == [0]


@pytest.mark.parametrize("sequential", [False, True])
def test_a_completion_condition_ends_a_multi_instance_and_cuts_off_the_rest(sequential: bool) -> None:
    loop = multi_instance("=items", sequential, completion="=numberOfCompletedInstances >= 2 and nrOfInstances = 4")
    running = case(
        START_END + user("a", inner=loop) + user("z"), "s > a; a > z; z > e", {"items": [1, 2, 3, 4]}
    ).start()
    assert running.complete("a").complete("a").waiting() == ["z"]
    assert running.host.log.count(("terminated", "a")) == (0 if sequential else 2)


def test_an_empty_list_completes_a_multi_instance_at_once() -> None:
    running = case(START_END + user("a", inner=multi_instance("=[]", output="o", element="=r")), "s > a; a > e").start()
    assert running.is_completed
    assert running.variables["o"] == []


def test_a_cardinality_says_how_many_instances_there_are() -> None:
    name = "bpmn:multiInstanceLoopCharacteristics"
    loop = f"<{name}><bpmn:loopCardinality>=n</bpmn:loopCardinality></{name}>"
    assert case(START_END + user("a", inner=loop), "s > a; a > e", {"n": 3}).start().waiting() == ["a", "a", "a"]


def test_a_multi_instance_over_no_list_is_an_incident() -> None:
    running = case(START_END + user("a", inner=multi_instance("=items")), "s > a; a > e", {"items": 3}).start()
    assert len(running.host.incidents) == 1
    running.variables["items"] = [1]
    assert running.retry("a").waiting() == ["a"]


def test_multi_instance_subprocesses_nest_and_keep_their_variables_apart() -> None:
    inner = INSIDE + user("a", inner=multi_instance("=item", output="outs", element="=item * 10"))
    loop = multi_instance("=rows", output="tot", element="=sum(outs)")
    body = START_END + subprocess("sp", inner, "s2 > a; a > e2", extensions(mappings({"outs": "=[]"})) + loop)
    running = case(body, "s > sp; sp > e", {"rows": [[1, 2], [3], []]}).start()
    assert running.waiting() == ["a", "a", "a"]
    while not running.is_completed:
        running.complete("a")
    assert [total or 0 for total in running.variables["tot"]] == [30, 30, 0]  # type: ignore[attr-defined]


def test_boundary_events_of_a_multi_instance_watch_it_as_a_whole() -> None:
    body = START_END + user("a", inner=multi_instance("=[1, 2]")) + boundary("t", "a", timer("PT1H")) + user("h")
    running = case(body, "s > a; a > e; t > h; h > e").start()
    assert running.armed() == ["t"]
    assert running.complete("a").pass_time(hours=1).waiting() == ["h"]


def standard_loop(again: str, **attributes: str) -> str:
    more = "".join(f' {key}="{value}"' for key, value in attributes.items())
    name = "bpmn:standardLoopCharacteristics"
    return f"<{name}{more}><bpmn:loopCondition>{again}</bpmn:loopCondition></{name}>"


def test_a_standard_loop_repeats_while_its_condition_holds() -> None:
    loop = standard_loop("=again", loopMaximum="5")
    running = case(START_END + user("a", inner=loop), "s > a; a > e").start()
    for _ in range(3):
        assert not running.complete("a", again=True).is_completed
    assert running.complete("a", again=False).is_completed
    running = case(START_END + user("a", inner=loop), "s > a; a > e").start()
    for _ in range(5):
        running.complete("a", again=True)
    assert running.is_completed


def test_a_standard_loop_can_test_before_its_first_pass() -> None:
    loop = standard_loop("=n &lt; 2", testBefore="true")
    running = case(START_END + user("a", inner=loop), "s > a; a > e", {"n": 5}).start()
    assert running.is_completed
    running = case(START_END + user("a", inner=loop), "s > a; a > e", {"n": 0}).start()
    assert running.complete("a", n=1).complete("a", n=2).is_completed


def called(*more: str) -> str:
    return tag("callActivity", "c", extensions('<zeebe:calledElement processId="=kind"/>', *more))


def test_a_call_activity_starts_a_child_and_takes_its_variables() -> None:
    running = case(START_END + called(), "s > c; c > e", {"kind": "child"}).start()
    assert list(running.host.calls.values()) == ["child"]
    assert running.complete("c", res=42).variables == {"kind": "child", "res": 42}


def test_a_call_activity_with_mappings_takes_only_what_they_say() -> None:
    running = case(START_END + called(mappings(outputs={"got": "=res"})), "s > c; c > e", {"kind": "child"}).start()
    assert running.complete("c", res=42, other=1).variables == {"kind": "child", "got": 42}


def test_a_call_activity_can_keep_the_child_s_variables_out() -> None:
    ext = extensions('<zeebe:calledElement processId="child" propagateAllChildVariables="false"/>')
    running = case(START_END + tag("callActivity", "c", ext), "s > c; c > e").start()
    assert running.complete("c", res=42).variables == {}


def test_an_interrupted_call_activity_is_terminated_so_that_its_child_can_be_cancelled() -> None:
    body = START_END + called() + boundary("t", "c", timer("PT1H"))
    running = case(body, "s > c; c > e; t > e", {"kind": "child"}).start().pass_time(hours=1)
    assert running.is_completed
    assert ("terminated", "c") in running.host.log


def test_an_error_of_the_child_is_caught_at_the_call_activity() -> None:
    body = START_END + called() + boundary("b", "c", error()) + user("h")
    running = case(body, "s > c; c > e; b > h; h > e", {"kind": "child"}, ROOTS).start()
    assert running.throw("c", "E1", why="broken")
    assert running.waiting() == ["h"]
    assert running.variables["why"] == "broken"


def test_a_chain_of_a_thousand_service_steps_needs_no_recursion() -> None:
    names = [f"k{number}" for number in range(1_000)]
    body = START_END + "".join(script(name, "=1", "x") for name in names)
    flows = ";".join(f"{a} > {b}" for a, b in zip(["s", *names], [*names, "e"], strict=True))
    assert Case(case(body, flows).specification).start().is_completed


def test_a_thousand_parallel_instances_and_a_thousand_in_sequence() -> None:
    for sequential in (False, True):
        items = [Decimal(number) for number in range(1_000)]
        loop = multi_instance("=items", sequential, "o", "=item")
        work = tag("serviceTask", "a", extensions('<zeebe:taskDefinition type="w"/>') + loop)
        running = Case(case(START_END + work, "s > a; a > e").specification, {"items": items})
        running.host.handlers["w"] = lambda token: {}
        assert running.start().is_completed
        assert running.variables["o"] == items
