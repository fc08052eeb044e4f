"""A small organisation on disk for the tests of scenarios: a diagram with a table, a timer and a linked case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.builders import diagram, flow, organisation_data, service_task, user_task

TABLE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="routes" name="routes"
    namespace="http://baoxiu.example/test">
  <decision id="route" name="route">
    <decisionTable id="table" hitPolicy="FIRST">
      <input id="i1" label="amount">
        <inputExpression id="e1" typeRef="number"><text>amount</text></inputExpression>
      </input>
      <output id="o1" name="route" typeRef="string"/>
      <rule id="r1">
        <inputEntry id="c1"><text>&lt;= 100</text></inputEntry>
        <outputEntry id="v1"><text>"cheap"</text></outputEntry>
      </rule>
      <rule id="r2">
        <inputEntry id="c2"><text>-</text></inputEntry>
        <outputEntry id="v2"><text>"dear"</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
</definitions>
"""

FORM = """{"id": "measured", "type": "default", "schemaVersion": 16, "components": [
  {"type": "number", "key": "amount", "id": "f1", "label": "金额", "validate": {"required": true, "min": 1}},
  {"type": "textfield", "key": "note", "id": "f2", "label": "备注"}]}
"""


def repair_diagram() -> bytes:
    """start → check (2 h; after 1 h the boss is told) → decide → cheap: end, else approve → archive starts → end."""
    return diagram(
        '<bpmn:startEvent id="start"/>'
        + user_task(
            "check",
            extra='<zeebe:formDefinition formId="measured"/>'
            '<zeebe:taskSchedule dueDate="=working time after(now(), duration(&quot;PT2H&quot;))"/>',
        )
        + '<bpmn:boundaryEvent id="late" attachedToRef="check" cancelActivity="false"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        '<bpmn:serviceTask id="tell"><bpmn:extensionElements><zeebe:taskDefinition type="notify"/><zeebe:taskHeaders>'
        '<zeebe:header key="role" value="boss"/><zeebe:header key="message" value="还没有检查"/>'
        "</zeebe:taskHeaders></bpmn:extensionElements></bpmn:serviceTask>"
        '<bpmn:endEvent id="told"/>'
        '<bpmn:businessRuleTask id="decide"><bpmn:extensionElements>'
        '<zeebe:calledDecision decisionId="route" resultVariable="route"/>'
        "</bpmn:extensionElements></bpmn:businessRuleTask>"
        '<bpmn:exclusiveGateway id="choice" default="choice-approve"/>'
        + user_task("approve", "boss")
        + '<bpmn:serviceTask id="linked"><bpmn:extensionElements><zeebe:taskDefinition type="start_process"/>'
        '<zeebe:taskHeaders><zeebe:header key="process_id" value="archive"/></zeebe:taskHeaders>'
        "</bpmn:extensionElements></bpmn:serviceTask>"
        '<bpmn:endEvent id="end_cheap"/><bpmn:endEvent id="end_approved"/>'
        + flow("start", "check")
        + flow("late", "tell")
        + flow("tell", "told")
        + flow("check", "decide")
        + flow("decide", "choice")
        + flow("choice", "end_cheap", "route = &quot;cheap&quot;")
        + flow("choice", "approve")
        + flow("approve", "linked")
        + flow("linked", "end_approved"),
        "repair",
    )


def archive_diagram() -> bytes:
    """start → wait 7 days → file → end."""
    return diagram(
        '<bpmn:startEvent id="start"/><bpmn:intermediateCatchEvent id="week"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>P7D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
        + user_task("file")
        + service_task("stamp", "notify")
        + '<bpmn:endEvent id="end"/>'
        + flow("start", "week")
        + flow("week", "file")
        + flow("file", "stamp")
        + flow("stamp", "end"),
        "archive",
    )


CHEAP: dict[str, Any] = {
    "name": "便宜的当场修",
    "start": {"at": "2026-03-02T09:00", "as": "clerk", "with": {"customer": "杭州瑞康食品"}},
    "steps": [
        {"refused": "check", "as": "clerk", "with": {"amount": 0}, "errors": ["amount"]},
        {"complete": "check", "as": "clerk", "at": "2026-03-02T09:10", "with": {"amount": 100}},
    ],
    "expect": {
        "ends": ["end_cheap"],
        "path": ["start", "check", "decide", "end_cheap"],
        "due": {"check": "2026-03-02T11:00"},
        "variables": {"amount": 100, "route": "cheap", "customer": "杭州瑞康食品"},
        "decisions": [{"route": {"rules": [1]}}],
        "started": [],
        "notified": [],
    },
}
DEAR: dict[str, Any] = {
    "name": "贵的先批准",
    "start": {"at": "2026-03-02T09:00", "as": "clerk"},
    "steps": [
        {"wait": "2026-03-02T10:00"},
        {"expect": {"open": ["check"], "notified": ["boss"]}},
        {"complete": "check", "as": "clerk", "at": "2026-03-02T10:05", "with": {"amount": 101}},
        {"complete": "approve", "as": "boss", "at": "2026-03-02T10:30"},
        {"complete": "file", "as": "clerk", "at": "2026-03-09T10:30"},
    ],
    "expect": {
        "ends": ["end_approved", "told"],
        "due": {"late": "2026-03-02T10:00"},
        "started": ["archive"],
        "notified": ["boss"],
        "decisions": [{"route": {"rules": [2], "value": "dear"}}],
    },
}


def write_workshop(folder: Path, *scenarios: dict[str, Any], process: str = "repair") -> Path:
    """Write the organisation with scenarios; gives the scenario file."""
    home = folder / "processes" / "workshop"
    forms = folder / "forms" / "workshop"
    home.mkdir(parents=True, exist_ok=True)
    forms.mkdir(parents=True, exist_ok=True)
    (home / "organisation.yaml").write_text(yaml.safe_dump(organisation_data(), allow_unicode=True), encoding="utf-8")
    (home / "repair.bpmn").write_bytes(repair_diagram())
    (home / "archive.bpmn").write_bytes(archive_diagram())
    (home / "routes.dmn").write_text(TABLE, encoding="utf-8")
    (forms / "measured.form").write_text(FORM, encoding="utf-8")
    file = home / f"{process}.scenarios.yaml"
    data = {"process": process, "scenarios": list(scenarios)}
    file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return file
