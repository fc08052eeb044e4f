"""The benchmark's floor: what SpiffWorkflow alone costs, used as its documentation shows.

Stock parser, stock specs, stock Python script engine, stock serializer, the whole instance as JSON in one SQLite row
(WAL, synchronous=FULL): load, step, save, commit. Only `baoxiu bench` uses this, with the diagram below.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.dmn.parser import BpmnDmnParser
from SpiffWorkflow.util.task import TaskState

PROCESS_ID = "floor"
DIAGRAM = """\
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="floor">
  <bpmn:process id="floor" isExecutable="true">
    <bpmn:startEvent id="start"/>
    <bpmn:userTask id="first"/>
    <bpmn:scriptTask id="double"><bpmn:script>twice = amount * 2</bpmn:script></bpmn:scriptTask>
    <bpmn:exclusiveGateway id="large" default="no"/>
    <bpmn:userTask id="second"/>
    <bpmn:endEvent id="end"/>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="first"/>
    <bpmn:sequenceFlow id="f2" sourceRef="first" targetRef="double"/>
    <bpmn:sequenceFlow id="f3" sourceRef="double" targetRef="large"/>
    <bpmn:sequenceFlow id="yes" sourceRef="large" targetRef="second">
      <bpmn:conditionExpression>twice &gt; 100</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="no" sourceRef="large" targetRef="end"/>
    <bpmn:sequenceFlow id="f6" sourceRef="second" targetRef="end"/>
  </bpmn:process>
</bpmn:definitions>
"""
"""Start, user task, script, exclusive gateway, user task, end."""


class Floor:
    """Instances of the floor's diagram in a SQLite file. The diagram is this module's own, so its Python is ours."""

    def __init__(self, path: Path) -> None:
        """Open (or create) the database file and parse the diagram once."""
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("CREATE TABLE IF NOT EXISTS instance (id INTEGER PRIMARY KEY, state TEXT NOT NULL)")
        self._serializer = BpmnWorkflowSerializer()
        parser = BpmnParser()
        parser.add_bpmn_str(DIAGRAM.encode())
        self._spec = parser.get_spec(PROCESS_ID)

    def start(self) -> int:
        """Start an instance, run to its first user task, save and commit; its number."""
        workflow = BpmnWorkflow(self._spec)
        workflow.do_engine_steps()
        self._connection.execute("BEGIN IMMEDIATE")
        cursor = self._connection.execute("INSERT INTO instance (state) VALUES (?)", (self._write(workflow),))
        self._connection.execute("COMMIT")
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def complete_task(self, instance: int, amount: int = 60) -> bool:
        """Load, complete the waiting user task, run on, save and commit; True when the instance is complete."""
        self._connection.execute("BEGIN IMMEDIATE")
        (state,) = self._connection.execute("SELECT state FROM instance WHERE id = ?", (instance,)).fetchone()
        workflow: Any = self._serializer.deserialize_json(state)
        task = workflow.get_next_task(state=TaskState.READY, manual=True)
        task.data["amount"] = amount
        task.run()
        workflow.do_engine_steps()
        self._connection.execute("UPDATE instance SET state = ? WHERE id = ?", (self._write(workflow), instance))
        self._connection.execute("COMMIT")
        return bool(workflow.is_completed())

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def _write(self, workflow: BpmnWorkflow) -> str:
        return str(self._serializer.serialize_json(workflow))


class ExpressionFloor:
    """What stock SpiffWorkflow takes for a guard and for a decision table; all Python in it is this module's own."""

    def __init__(self, rules: int) -> None:
        """A table of so many rules over `amount` (hundred wide) and `region`; the last one is asked for."""
        engine = PythonScriptEngine()
        self._environment = engine.environment
        parser = BpmnDmnParser()
        parser.add_dmn_str(_stock_table(rules).encode())
        self._table = parser.get_engine("d", None)
        self._task = SimpleNamespace(
            workflow=SimpleNamespace(script_engine=engine), data={"amount": rules * 100 - 50, "region": "EU"}
        )

    def guard(self) -> object:
        """Evaluate ``amount > 1000 and region == "EU"``."""
        return self._environment.evaluate('amount > 1000 and region == "EU"', {"amount": 1200, "region": "EU"})

    def table(self) -> object:
        """Evaluate the table; its last rule hits."""
        return self._table.result(self._task)


def _stock_table(rules: int) -> str:
    rows = "".join(
        f'<rule id="r{number}"><inputEntry id="i{number}"><text>{number * 100} &lt;= ? &lt; {number * 100 + 100}</text>'
        f'</inputEntry><inputEntry id="j{number}"><text>"EU"</text></inputEntry>'
        f'<outputEntry id="o{number}"><text>{number}</text></outputEntry></rule>'
        for number in range(rules)
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="bench">'
        '<decision id="d" name="d"><decisionTable id="t" hitPolicy="UNIQUE">'
        '<input id="a" label="amount"><inputExpression id="ae" typeRef="number"><text>amount</text></inputExpression>'
        '</input><input id="b" label="region"><inputExpression id="be" typeRef="string"><text>region</text>'
        '</inputExpression></input><output id="o" label="o" name="o" typeRef="number"/>'
        f"{rows}</decisionTable></decision></definitions>"
    )
