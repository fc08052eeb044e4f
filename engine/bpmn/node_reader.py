"""Reading one flow node of a diagram into an `Element`."""

from __future__ import annotations

from typing import Any

from engine.bpmn.complaints import Complaints
from engine.bpmn.event_reader import EventReader
from engine.bpmn.model import Element, MultiInstance, StandardLoop, first_line
from engine.bpmn.tags import (
    BPMN,
    EVENTS,
    FLOW_NODES,
    SUBPROCESSES,
    child,
    children,
    documentation,
    extension,
    is_true,
    split,
    text_of,
)
from engine.bpmn.zeebe import Extensions
from engine.errors import N_

_ANYWHERE = frozenset(
    {"documentation", "extensionElements", "incoming", "outgoing", "auditing", "monitoring", "categoryValueRef"}
)
_ACTIVITY = frozenset(
    {
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
        "dataInputAssociation",
        "dataOutputAssociation",
        "property",
    }
)
_EVENT = frozenset(
    {
        "dataInput",
        "dataOutput",
        "dataInputAssociation",
        "dataOutputAssociation",
        "inputSet",
        "outputSet",
        "property",
        "eventDefinitionRef",
    }
)
_LOOPS = ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")


_USUAL = {
    "startQuantity": "1",
    "completionQuantity": "1",
    "instantiate": "false",
    "eventGatewayType": "Exclusive",
    "parallelMultiple": "false",
    "method": "##Compensate",
}


class NodeReader:
    """Reads the flow nodes of a file."""

    def __init__(self, events: EventReader, complaints: Complaints) -> None:
        self._events = events
        self._complaints = complaints

    def read(self, node: Any, parent: str | None, lane: str) -> Element:
        """The element of a node."""
        kind = split(node.tag)[1]
        self._check_children(node, kind)
        self._check_quantities(node)
        ext = Extensions(node, kind, self._complaints)
        task_type, retries = ext.task_definition()
        text = documentation(node)
        return Element(
            id=node.get("id"),
            type=kind,
            name=(node.get("name") or "").strip(),
            gloss=first_line(text),
            documentation=text,
            lane=lane,
            properties=ext.properties(),
            parent=parent,
            attached_to=node.get("attachedToRef"),
            interrupting=is_true(node, "cancelActivity" if kind == "boundaryEvent" else "isInterrupting", default=True),
            triggered_by_event=kind == "subProcess" and is_true(node, "triggeredByEvent"),
            is_for_compensation=is_true(node, "isForCompensation"),
            event=self._events.definition(node),
            assignment=ext.assignment(),
            schedule=ext.schedule(),
            priority=ext.priority(),
            form_id=ext.form_id(),
            task_type=task_type,
            retries=retries,
            headers=ext.headers(),
            called_decision=ext.called_decision() if kind == "businessRuleTask" else None,
            called_element=ext.called_element() if kind == "callActivity" else None,
            script=ext.script() if kind == "scriptTask" else None,
            inputs=ext.mappings("input"),
            outputs=ext.mappings("output"),
            multi_instance=self._multi_instance(node),
            loop=self._loop(node),
            incoming=tuple(text_of(entry) for entry in children(node, "incoming")),
            outgoing=tuple(text_of(entry) for entry in children(node, "outgoing")),
            line=int(node.sourceline or 0),
        )

    def _check_children(self, node: Any, kind: str) -> None:
        allowed = _ANYWHERE | (_EVENT if kind in EVENTS else _ACTIVITY)
        for entry in node:
            namespace, name = split(entry.tag)
            if namespace != BPMN:
                self._complaints.warning(
                    node, "foreign-extension", N_("{name} has no effect."), N_("Remove it."), name=entry.tag
                )
            elif name in allowed or (kind in EVENTS and name.endswith("EventDefinition")):
                continue
            elif kind in SUBPROCESSES and name not in ("ioSpecification", "completionCondition", "script"):
                continue  # the reader of the surrounding scope looks at what a subprocess contains
            else:
                self._complaints.unsupported(node, f"bpmn:{name}")

    def _check_quantities(self, node: Any) -> None:
        """Attributes with which BPMN changes how an element behaves and which we do not follow."""
        for attribute, usual in _USUAL.items():
            if (node.get(attribute) or usual).strip() != usual:
                self._complaints.unsupported(node, f"{attribute}={node.get(attribute)}")

    def _multi_instance(self, node: Any) -> MultiInstance | None:
        loop = child(node, "multiInstanceLoopCharacteristics")
        if loop is None:
            return None
        self._check_behaviour(node, loop)
        zeebe_loop = extension(loop, "loopCharacteristics")
        given = {} if zeebe_loop is None else {key: value.strip() for key, value in zeebe_loop.items() if value.strip()}
        cardinality = text_of(child(loop, "loopCardinality")) or None
        collection = given.get("inputCollection")
        if (collection is None) == (cardinality is None):
            self._complaints.error(
                node,
                "multi-instance",
                N_("The multi-instance activity has no input collection."),
                N_("Give an input collection (FEEL) or a loop cardinality."),
            )
        if given.get("outputElement") and not given.get("outputCollection"):
            self._complaints.error(
                node,
                "multi-instance",
                N_("The output element has no output collection."),
                N_("Name the variable that takes the list."),
            )
        return MultiInstance(
            sequential=is_true(loop, "isSequential"),
            collection=collection,
            cardinality=cardinality,
            input_element=given.get("inputElement"),
            output_collection=given.get("outputCollection"),
            output_element=given.get("outputElement"),
            completion_condition=text_of(child(loop, "completionCondition")) or None,
        )

    def _check_behaviour(self, node: Any, loop: Any) -> None:
        if loop.get("behavior", "All") != "All":
            self._complaints.unsupported(node, N_("Throwing an event per instance (behavior)"))
        known = {"loopCardinality", "completionCondition", "extensionElements", "documentation"}
        for entry in loop:
            if split(entry.tag)[1] not in known:
                self._complaints.unsupported(node, f"bpmn:{split(entry.tag)[1]}")

    def _loop(self, node: Any) -> StandardLoop | None:
        loop = child(node, "standardLoopCharacteristics")
        if loop is None:
            return None
        condition = text_of(child(loop, "loopCondition")) or None
        text = (loop.get("loopMaximum") or "").strip()
        maximum = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
        if text and maximum is None:
            self._complaints.error(node, "loop", N_("The loop maximum is no number."), N_("Write a whole number."))
        if condition is None and maximum is None:
            self._complaints.error(
                node,
                "loop",
                N_("The loop has neither condition nor maximum."),
                N_("Give a condition (FEEL) or a maximum."),
            )
        return StandardLoop(condition, maximum, is_true(loop, "testBefore"))


def is_flow_node(node: Any) -> bool:
    """Whether the XML element is a flow node that we know."""
    namespace, name = split(node.tag)
    return namespace == BPMN and name in FLOW_NODES
