"""Python is evaluated nowhere, whatever a diagram says, and SpiffWorkflow is exactly the version we know."""

from __future__ import annotations

import ast
from importlib.metadata import version
from pathlib import Path

import pytest
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

import engine.bpmn
from engine.bpmn import Execution, read_processes
from engine.bpmn.floor import Floor
from engine.bpmn.script_engine import NoPython, PythonRefused
from tests.bpmn_host import Case, MemoryHost, specification
from tests.bpmn_xml import (
    ROOTS,
    START_END,
    boundary,
    condition,
    definitions,
    escape,
    extensions,
    mappings,
    multi_instance,
    script,
    tag,
    timer,
    user,
)

ROOM = Path(engine.bpmn.__file__).parent
EVIL = '__import__("os").system("touch reached")'
EVIL_FEEL = f"={EVIL}"
PLACES = {
    "script": (script("a", EVIL_FEEL, "x"), ""),
    "flow": (user("a"), EVIL_FEEL),
    "input": (user("a", mappings({"x": EVIL_FEEL})), ""),
    "output": (user("a", mappings(outputs={"x": EVIL_FEEL})), ""),
    "assignee": (user("a", f'<zeebe:assignmentDefinition assignee="{escape(EVIL_FEEL)}"/>'), ""),
    "timer": (tag("intermediateCatchEvent", "a", timer(EVIL_FEEL)), ""),
    "condition": (tag("intermediateCatchEvent", "a", condition(EVIL_FEEL)), ""),
    "collection": (user("a", inner=multi_instance(EVIL_FEEL)), ""),
    "element": (user("a", inner=multi_instance("=[1]", output="o", element=EVIL_FEEL)), ""),
    "completion": (user("a", inner=multi_instance("=[1, 2]", completion=EVIL_FEEL)), ""),
    "decision": (
        tag(
            "businessRuleTask",
            "a",
            extensions(f'<zeebe:calledDecision decisionId="{escape(EVIL_FEEL)}" resultVariable="r"/>'),
        ),
        "",
    ),
    "called": (tag("callActivity", "a", extensions(f'<zeebe:calledElement processId="{escape(EVIL_FEEL)}"/>')), ""),
    "boundary": (user("a") + boundary("t", "a", timer(EVIL_FEEL)), ""),
}


@pytest.fixture
def sentinel(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was run by the machine instead of FEEL."""
    import os

    ran: list[str] = []
    monkeypatch.setattr(os, "system", ran.append)
    return ran


@pytest.mark.parametrize("place", sorted(PLACES))
def test_python_in_a_diagram_is_refused_or_null_but_never_run(place: str, sentinel: list[str]) -> None:
    body, flow = PLACES[place]
    flows = f"s > a; a > e | {flow}" + ("; t > e" if place == "boundary" else "")
    resource = read_processes(definitions(START_END + body, flows, ROOTS))
    if not resource.findings:
        case = Case(resource.processes[0]).start()
        for token in list(case.execution.tokens()):
            if token.waiting.value in ("user_task", "job", "call") and not token.is_watcher:
                try:
                    case.execution.complete(token.id, {})
                except engine.bpmn.ExpressionFailed:
                    break
    assert sentinel == []


@pytest.mark.parametrize("place", sorted(PLACES))
def test_python_without_an_equals_sign_is_just_text_or_refused(place: str, sentinel: list[str]) -> None:
    body, flow = PLACES[place]
    text = definitions(START_END + body, f"s > a; a > e | {flow}" + ("; t > e" if place == "boundary" else ""))
    text = text.replace(escape(EVIL_FEEL).encode(), escape(EVIL).encode())
    resource = read_processes(text)
    if not resource.findings:
        Case(resource.processes[0]).start()
    assert sentinel == []


def test_the_script_engine_of_an_instance_refuses_everything() -> None:
    execution = Execution.begin(specification(START_END, "s > e"), MemoryHost())
    refusing = execution._workflow.script_engine
    assert isinstance(refusing, NoPython)
    for refused in (
        lambda: refusing.validate("1"),
        lambda: refusing.evaluate(None, "1"),
        lambda: refusing.execute(None, "1"),
        lambda: refusing.call_service(None),
        lambda: refusing.environment.evaluate("1", {}),
    ):
        with pytest.raises(PythonRefused):
            refused()


def test_the_room_does_not_evaluate_pickle_or_parse_with_spiffworkflow() -> None:
    for path in ROOM.glob("*.py"):
        if path.name == "floor.py":
            continue  # stock SpiffWorkflow on a diagram of its own is what it measures
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert not names & {"eval", "exec", "compile", "__import__"}, path
        modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not any("serializer" in name or "pickle" in name or "bpmn.parser" in name for name in modules), path


def test_nothing_of_spiffworkflow_is_patched() -> None:
    for stock in (Task, BpmnTaskSpec, BpmnWorkflow, BpmnParser):
        module = __import__(stock.__module__, fromlist=[stock.__name__])
        for name, member in vars(stock).items():
            if callable(member) and hasattr(member, "__code__"):
                assert member.__code__.co_filename.startswith(str(Path(module.__file__).parent.parent.parent)), name


def test_spiffworkflow_is_the_version_whose_inner_calls_we_know(tmp_path: Path) -> None:
    assert version("SpiffWorkflow") == "3.2.0"
    states = {
        name: getattr(TaskState, name) for name in ("FUTURE", "WAITING", "READY", "STARTED", "COMPLETED", "CANCELLED")
    }
    assert states == {"FUTURE": 4, "WAITING": 8, "READY": 16, "STARTED": 32, "COMPLETED": 64, "CANCELLED": 256}
    called: list[str] = []

    class Watched(Task):
        def _set_state(self, value: int) -> None:
            called.append(TaskState.get_name(value))
            super()._set_state(value)

    host = MemoryHost()
    workflow = Execution.begin(specification(START_END, "s > e"), host)._workflow
    start = workflow.spec.behaviours["s"]
    task = Watched(workflow, start, workflow.root, TaskState.FUTURE, 99)  # type: ignore[arg-type]
    task._ready()
    task._state = TaskState.COMPLETED
    assert called == ["READY"]
    floor = Floor(tmp_path / "floor.sqlite")
    assert floor.start() == 1
    floor.close()
