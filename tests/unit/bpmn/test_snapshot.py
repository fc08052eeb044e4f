"""Snapshots: small, plain, and refused when they do not fit."""

from __future__ import annotations

import json

import pytest

from engine.bpmn import Execution
from engine.bpmn.snapshot import SnapshotMismatch
from tests.bpmn_host import MemoryHost, case, specification
from tests.bpmn_xml import START_END, boundary, multi_instance, subprocess, tag, timer, user


def test_a_case_of_thirty_nodes_is_stored_in_under_a_hundred_bytes() -> None:
    body, flows = START_END, "s > u0;"
    for number in range(14):
        body += user(f"u{number}") + tag("exclusiveGateway", f"g{number}")
        following = f"u{number + 1}" if number < 13 else "e"
        flows += f"u{number} > g{number}; g{number} > {following};"
    running = case(body, flows).start()
    for number in range(13):
        running.complete(f"u{number}", **{f"form{number}": {"name": "x" * 200}})
        assert len(running.execution.snapshot()) < 100
    assert "name" not in running.execution.snapshot()


def test_a_snapshot_is_plain_json_of_live_tokens() -> None:
    body = START_END + user("a") + boundary("t", "a", timer("R3/PT1H", "timeCycle"), interrupting=False)
    running = case(body, "s > a; a > e; t > e").start()
    assert json.loads(running.execution.snapshot()) == [
        1,
        3,
        0,
        [
            [
                0,
                [
                    [2, "a", 32],
                    [3, "t", 8, {"host": 2, "cycle": ["2026-03-02T02:00:00+00:00", 3, "PT1H"]}],
                ],
            ]
        ],
    ]


def test_restoring_tells_the_host_nothing() -> None:
    inner = '<bpmn:startEvent id="s2"/>' + user("x", inner=multi_instance("=[1, 2]"))
    running = case(START_END + subprocess("sp", inner, "s2 > x"), "s > sp; sp > e").start()
    snapshot, said = running.execution.snapshot(), len(running.host.log)
    restored = Execution.restore(running.specification, snapshot, running.host)
    assert restored.snapshot() == snapshot
    assert len(running.host.log) == said
    assert [token.flow_scope for token in restored.tokens()] == [0, 2, 4, 4]


def test_ids_are_never_used_twice() -> None:
    running = case(START_END + user("a") + user("b"), "s > a; a > b; b > e").start()
    first = running.one("a").id
    running.complete("a")
    assert running.one("b").id > first


def test_a_snapshot_of_another_diagram_is_refused() -> None:
    running = case(START_END + user("a"), "s > a; a > e").start()
    other = specification(START_END + user("b"), "s > b; b > e")
    with pytest.raises(SnapshotMismatch, match="no element a"):
        Execution.restore(other, running.execution.snapshot(), MemoryHost())


def test_a_completed_instance_is_restored_completed() -> None:
    running = case(START_END, "s > e").start()
    assert Execution.restore(running.specification, running.execution.snapshot(), running.host).is_completed
