"""Gateways; above all joins, also in loops."""

from __future__ import annotations

from itertools import permutations, product

import pytest

from engine.bpmn import Waiting
from tests.bpmn_host import Case, case
from tests.bpmn_xml import ROOTS, START_END, boundary, message, signal, tag, timer, user


def users(names: str) -> str:
    return "".join(user(name) for name in names)


def gateway(kind: str, element_id: str, **attributes: str) -> str:
    return tag(f"{kind}Gateway", element_id, **attributes)


@pytest.mark.parametrize(("n", "expected"), [(5, ["a"]), (2, ["b"]), (0, ["c"])])
def test_an_exclusive_gateway_takes_the_first_true_flow_else_the_default(n: int, expected: list[str]) -> None:
    body = START_END + gateway("exclusive", "g", default="d") + users("abc")
    flows = "s > g; g > a | =n > 3; g > b | =n > 1; g > c | | d; a > e; b > e; c > e"
    assert case(body, flows, {"n": n}).start().waiting() == expected


def test_a_parallel_gateway_takes_all_flows_and_joins_all() -> None:
    body = START_END + gateway("parallel", "g") + gateway("parallel", "j") + users("abz")
    running = case(body, "s > g; g > a; g > b; a > j; b > j; j > z; z > e").start()
    assert running.waiting() == ["a", "b"]
    assert running.complete("b").waiting() == ["a"]
    assert running.complete("a").waiting() == ["z"]
    assert running.complete("z").is_completed


def test_a_parallel_join_needs_a_token_on_every_inflow_not_just_as_many_tokens() -> None:
    gateways = (
        gateway("parallel", "g") + gateway("exclusive", "m") + gateway("exclusive", "m2") + gateway("parallel", "j")
    )
    flows = "s > g; g > a; g > b; g > c; g > d; a > m; b > m; m > j; c > m2; d > m2; m2 > j; j > z; z > e"
    running = case(START_END + gateways + users("abcdz"), flows).start()
    assert running.complete("a").complete("b").waiting() == ["c", "d"]
    assert running.complete("c").waiting() == ["d", "z"]
    assert running.complete("d").waiting() == ["z", "z"]


def test_a_parallel_join_in_a_loop_waits_in_every_pass_whatever_the_order() -> None:
    gateways = gateway("exclusive", "m") + gateway("exclusive", "x", default="out")
    gateways += gateway("parallel", "g") + gateway("parallel", "j")
    flows = "s > m; m > t; t > g; g > a; g > b; a > j; b > j; j > x; x > m | =again; x > z | | out; z > e"
    for orders in product(("ab", "ba"), repeat=3):
        running = case(START_END + gateways + users("tabz"), flows).start()
        for turn, order in enumerate(orders):
            running.complete("t", again=turn < 2)
            assert running.waiting() == ["a", "b"]
            running.complete(order[0])
            assert running.waiting() == [order[1]]
            running.complete(order[1])
        assert running.waiting() == ["z"]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_an_inclusive_gateway_takes_every_true_flow_and_joins_just_these(n: int) -> None:
    body = START_END + gateway("inclusive", "g", default="d") + gateway("inclusive", "j") + users("abcz")
    flows = "s > g; g > a | =n > 0; g > b | =n > 1; g > c | | d; a > j; b > j; c > j; j > z; z > e"
    expected = {0: "c", 1: "a", 2: "ab"}[n]
    for order in permutations(expected):
        running = case(body, flows, {"n": n}).start()
        assert running.waiting() == sorted(expected)
        for name in order:
            running.complete(name)
        assert running.waiting() == ["z"]


def test_an_inclusive_join_in_a_loop_waits_for_the_branches_of_its_own_pass() -> None:
    gateways = gateway("exclusive", "m") + gateway("inclusive", "g") + gateway("inclusive", "j")
    gateways += gateway("exclusive", "x", default="d")
    flows = "s > m; m > g; g > a | =n > -1; g > b | =n > 0; g > c | =n > 1; a > j; b > j; c > j; j > z"
    flows += "; z > x; x > m | =again; x > e | | d"
    running = case(START_END + gateways + users("abcz"), flows, {"n": 1}).start()
    for turn, n in enumerate((1, 0, 1, 2)):
        branches = "abc"[: n + 1]
        assert running.waiting() == list(branches)
        for name in reversed(branches):
            assert "z" not in running.waiting()
            running.complete(name)
        assert running.waiting() == ["z"]
        running.complete("z", again=turn < 3, n=(0, 1, 2, 0)[turn])
    assert running.is_completed


def test_an_inclusive_join_does_not_wait_for_a_token_that_can_no_longer_arrive() -> None:
    gateways = gateway("parallel", "p") + gateway("exclusive", "x", default="away") + gateway("inclusive", "j")
    flows = "s > p; p > a; p > b; a > j; b > x; x > j | =come; x > k | | away; k > e; j > z; z > e"
    running = case(START_END + gateways + users("abkz"), flows).start()
    assert running.complete("a").waiting() == ["b"]
    assert running.complete("b", come=False).waiting() == ["k", "z"]


def test_an_inclusive_join_counts_what_a_boundary_event_upstream_can_still_send() -> None:
    body = START_END + gateway("parallel", "p") + gateway("inclusive", "j") + users("abhz")
    body += boundary("t", "b", timer("PT1H"))
    running = case(body, "s > p; p > a; p > b; a > j; b > e; t > h; h > j; j > z; z > e").start()
    assert running.complete("a").waiting() == ["b"]
    assert running.pass_time(hours=1).waiting() == ["h"]
    assert running.complete("h").waiting() == ["z"]


MESSAGE_EVENT = tag("intermediateCatchEvent", "m", message())
RECEIVE_TASK = tag("receiveTask", "m", messageRef="M2")


@pytest.mark.parametrize("waits_for_message", [MESSAGE_EVENT, RECEIVE_TASK])
@pytest.mark.parametrize("winner", ["m", "t", "i"])
def test_behind_an_event_based_gateway_the_first_event_wins(winner: str, waits_for_message: str) -> None:
    body = START_END + gateway("eventBased", "g") + waits_for_message
    for name, definition in {"t": timer("PT1H"), "i": signal()}.items():
        body += tag("intermediateCatchEvent", name, definition)
    flows = "s > g; g > m | | to_m; g > t | | to_t; g > i | | to_i"
    flows += "".join(f"; {name} > u{name}; u{name} > e" for name in "mti")
    body += "".join(user(f"u{name}") for name in "mti")
    running = case(body, flows, {"key": 1}, ROOTS).start()
    assert running.armed() == ["i", "m", "t"]
    running.fire(winner, said="so")
    assert running.waiting() == [f"u{winner}"]
    assert running.armed() == []
    assert not running.host.timers | running.host.messages | running.host.signals  # type: ignore[operator]
    assert f"to_{winner}" in running.flows
    assert running.variables["said"] == "so"


def test_a_token_parked_at_a_join_is_seen() -> None:
    body = START_END + gateway("parallel", "g") + gateway("parallel", "j") + users("ab")
    running = case(body, "s > g; g > a; g > b; a > j; b > j; j > e").start().complete("a")
    assert [token.element.id for token in running.execution.tokens() if token.waiting is Waiting.JOIN] == ["j"]
    assert list(running.host.instances.values()) == ["b", "j"]


def test_links_jump_within_their_scope() -> None:
    link = '<bpmn:linkEventDefinition name="L"/>'
    body = START_END + gateway("exclusive", "g", default="d") + users("z")
    body += tag("intermediateThrowEvent", "t1", link) + tag("intermediateThrowEvent", "t2", link)
    body += tag("intermediateCatchEvent", "c", link)
    for n in (1, 5):
        running = case(body, "s > g; g > t1 | =n > 3; g > t2 | | d; c > z; z > e", {"n": n}).start()
        assert running.waiting() == ["z"]
        assert running.flows[-2:] == ["link:t1" if n > 3 else "link:t2", "f3_c_z"]
        assert running.complete("z").is_completed


def test_a_loop_of_a_user_task_stays_flat_for_ten_thousand_passes() -> None:
    body = START_END + gateway("exclusive", "m") + gateway("exclusive", "x", default="d") + user("a")
    running = Case(case(body, "s > m; m > a; a > x; x > m | =again; x > e | | d").specification, restoring=False)
    running.start()
    sizes = set[int]()
    for turn in range(10_000):
        running.execution.complete(running.one("a").id, {"again": turn < 9_999})
        if turn % 2_500 == 0:
            sizes.add(len(running.execution.snapshot()) - len(str(turn * 4)))
            running.host.log.clear()
    assert running.is_completed
    assert max(sizes) < 100
