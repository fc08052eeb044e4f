"""The table of what is executed is complete and true."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.bpmn import EventKind, read_processes
from engine.bpmn.network import BEHAVIOURS
from engine.bpmn.tags import FLOW_NODES, REFUSED_NODES
from tests.bpmn_xml import START_END, definitions, tag

TABLE = Path(__file__).parents[3] / "docs" / "bpmn-support.md"
TEXT = TABLE.read_text(encoding="utf-8")
EXECUTED, REFUSED = TEXT.split("## Refused")


def test_every_flow_node_that_is_read_has_a_behaviour_and_a_row() -> None:
    assert set(BEHAVIOURS) == FLOW_NODES
    for name in FLOW_NODES:
        assert f"`{name}`" in EXECUTED or name.endswith("Event"), name


def test_every_kind_of_event_has_a_row() -> None:
    for kind in EventKind:
        assert any(line.startswith(f"| {kind.value}") for line in EXECUTED.splitlines()), kind


@pytest.mark.parametrize("name", sorted(REFUSED_NODES))
def test_every_refused_element_has_a_row_and_is_refused(name: str) -> None:
    assert f"`{name}`" in REFUSED
    findings = read_processes(definitions(START_END + tag(name, "x"), "s > e")).findings
    assert [(finding.code, finding.element) for finding in findings] == [("unsupported", "x")]
