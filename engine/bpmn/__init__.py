"""BPMN: reading diagrams and moving tokens. The only room that knows SpiffWorkflow.

`read_processes` turns a file into specifications and findings; an `Execution` is one running instance of a
specification; everything it needs from the world it asks of a `Host`.
"""

from __future__ import annotations

from engine.bpmn.execution import Execution, NotWaiting
from engine.bpmn.host import INSTANCE_SCOPE, ExpressionFailed, Host, Scopes, TokenView, Waiting
from engine.bpmn.model import (
    Assignment,
    Binding,
    CalledDecision,
    CalledElement,
    Element,
    EventDefinition,
    EventKind,
    Flow,
    IoMapping,
    Lane,
    MultiInstance,
    Resource,
    Schedule,
    Script,
    Specification,
    StandardLoop,
)
from engine.bpmn.reader import read_processes
from engine.bpmn.schedule import BadTime, Plan, next_plan, plan

__all__ = [
    "INSTANCE_SCOPE",
    "Assignment",
    "BadTime",
    "Binding",
    "CalledDecision",
    "CalledElement",
    "Element",
    "EventDefinition",
    "EventKind",
    "Execution",
    "ExpressionFailed",
    "Flow",
    "Host",
    "IoMapping",
    "Lane",
    "MultiInstance",
    "NotWaiting",
    "Plan",
    "Resource",
    "Schedule",
    "Scopes",
    "Script",
    "Specification",
    "StandardLoop",
    "TokenView",
    "Waiting",
    "next_plan",
    "plan",
    "read_processes",
]
