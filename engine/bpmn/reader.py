"""From BPMN XML with ``zeebe:`` extensions to specifications and findings. Never executes anything."""

from __future__ import annotations

from typing import Any

from engine.bpmn.complaints import Complaints
from engine.bpmn.constraints import check_process
from engine.bpmn.event_reader import EventReader
from engine.bpmn.file_rules import check_file
from engine.bpmn.lanes import LaneReader
from engine.bpmn.model import Element, EventKind, Flow, Resource, Specification
from engine.bpmn.network import Network
from engine.bpmn.node_reader import NodeReader, is_flow_node
from engine.bpmn.tags import (
    BPMN,
    PICTURES,
    REFUSED_NODES,
    SUBPROCESSES,
    ZEEBE,
    bpmn,
    child,
    children,
    documentation,
    extension,
    extensions,
    is_name,
    is_true,
    split,
    text_of,
)
from engine.bpmn.zeebe import check_attributes, read_properties
from engine.errors import N_
from engine.findings import Severity
from engine.xml import BrokenXml, read_xml

_IN_PROCESS = PICTURES | {"extensionElements", "property", "auditing", "monitoring", "incoming", "outgoing"}
_IN_SUBPROCESS = _IN_PROCESS | {
    "multiInstanceLoopCharacteristics",
    "standardLoopCharacteristics",
    "dataInputAssociation",
    "dataOutputAssociation",
    "ioSpecification",
}
_IN_FILE = frozenset(
    {
        "process",
        "collaboration",
        "message",
        "signal",
        "error",
        "escalation",
        "category",
        "itemDefinition",
        "documentation",
        "extensionElements",
        "dataStore",
        "import",
        "resource",
        "interface",
        "partnerEntity",
        "partnerRole",
        "relationship",
        "extension",
    }
)
_PROCESS_EXTENSIONS = frozenset({"properties", "versionTag"})
_FLOW_EXTENSIONS = frozenset({"properties"})


def read_processes(xml: bytes, name: str = "file.bpmn") -> Resource:
    """Read every process of a file.

    Whatever we do not execute, every missing reference and every FEEL syntax error is an error finding with the
    element's id and what to do; nothing is skipped in silence. A process with errors has elements and flows (for
    pictures and editors) but cannot be executed. Raises `engine.xml.BrokenXml`.
    """
    root = read_xml(xml, name)
    if split(root.tag) != (BPMN, "definitions"):
        raise BrokenXml(name=name, line=1, reason="this is no BPMN diagram (bpmn:definitions is missing)")
    reader = _FileReader(root, name)
    processes = reader.read()
    return Resource(processes, tuple(reader.complaints.findings))


class _FileReader:
    """Reads one file."""

    def __init__(self, root: Any, name: str) -> None:
        self.root = root
        self.complaints = Complaints(name)
        self.nodes = NodeReader(EventReader(root, self.complaints), self.complaints)

    def read(self) -> tuple[Specification, ...]:
        """The processes of the file."""
        for node in self.root:
            namespace, name = split(node.tag)
            if namespace == BPMN and name not in _IN_FILE:
                self.complaints.unsupported(node, f"bpmn:{name}")
        self._check_ids()
        check_file(self.root, self.complaints)
        processes = [_ProcessReader(self, node).read() for node in children(self.root, "process")]
        if not any(process.is_executable for process in processes):
            self.complaints.error(
                self.root,
                "no-process",
                N_("The file has no executable process."),
                N_('Draw a process and set "executable" (isExecutable="true").'),
            )
        return tuple(processes)

    def _check_ids(self) -> None:
        seen: set[str] = set()
        for node in self.root.iter(f"{{{BPMN}}}*"):
            node_id = node.get("id")
            if node_id in seen:
                self.complaints.error(
                    node,
                    "duplicate-id",
                    N_('The id "{id}" is used twice.'),
                    N_("Give every element its own id."),
                    id=node_id,
                )
            if node_id:
                seen.add(node_id)


class _ProcessReader:
    """Reads one process with its subprocesses, without recursion."""

    def __init__(self, file: _FileReader, node: Any) -> None:
        self.file = file
        self.node = node
        self.complaints = file.complaints
        self.elements: dict[str, Element] = {}
        self.flows: dict[str, Flow] = {}
        self.handlers: list[tuple[str, str]] = []
        self.lanes = LaneReader(node, file.complaints)
        self.defaults = {(entry.get("id"), entry.get("default")) for entry in node.iter() if entry.get("default")}
        self.is_executable = is_true(node, "isExecutable")

    def read(self) -> Specification:
        """The process; its findings only count when it is to be executed."""
        before = len(self.complaints.findings)
        self._read_scopes()
        self._read_links()
        self._order_outgoing()
        specification = self._specification(None)
        self._check_extensions(self.node, _PROCESS_EXTENSIONS)
        check_attributes(self.node, self.complaints)
        self._check_defaults()
        check_process(specification, self.node, self.complaints)
        self._read_associations()
        if not self.is_executable:
            del self.complaints.findings[before:]
            return specification
        errors = any(finding.severity is Severity.ERROR for finding in self.complaints.findings)
        return specification if errors else self._specification(self._network())

    def _network(self) -> Network:
        network = Network(self.node.get("id"), self.elements, self.flows)
        for activity, handler in self.handlers:
            network.handle_compensation(activity, handler)
        return network

    def _specification(self, network: Network | None) -> Specification:
        tag = extension(self.node, "versionTag")
        return Specification(
            process_id=self.node.get("id") or "",
            name=(self.node.get("name") or "").strip(),
            documentation=documentation(self.node),
            version_tag="" if tag is None else tag.get("value", ""),
            properties=read_properties(self.node),
            elements=self.elements,
            lanes=self.lanes.lanes,
            flows=self.flows,
            is_executable=self.is_executable,
            network=network,
            handlers=dict(self.handlers),
        )

    def _check_extensions(self, node: Any, allowed: frozenset[str]) -> None:
        for found in extensions(node):
            namespace, name = split(found.tag)
            if namespace == ZEEBE and name not in allowed:
                self.complaints.error(
                    node, "extension", N_("zeebe:{name} is not executed here."), N_("Remove it."), name=name
                )

    def _read_scopes(self) -> None:
        todo: list[tuple[Any, str | None, str]] = [(self.node, None, "")]
        while todo:
            scope, parent, lane = todo.pop(0)
            for node in scope:
                namespace, name = split(node.tag)
                if namespace != BPMN:
                    continue
                if is_flow_node(node):
                    element = self._read_node(node, parent, lane)
                    if name in SUBPROCESSES and element is not None:
                        todo.append((node, element.id, element.lane))
                elif name == "sequenceFlow":
                    self._read_flow(node)
                elif name in REFUSED_NODES:
                    self.complaints.unsupported(node, REFUSED_NODES[name])
                elif name not in (_IN_PROCESS if parent is None else _IN_SUBPROCESS):
                    self.complaints.unsupported(node, f"bpmn:{name}")

    def _read_node(self, node: Any, parent: str | None, lane: str) -> Element | None:
        if not is_name(node.get("id")):
            self.complaints.error(
                node,
                "missing-id",
                N_('An element has no usable id ("{id}").'),
                N_("Give it one of letters, digits, dots, dashes and underscores."),
                id=node.get("id") or "",
            )
            return None
        element = self.file.nodes.read(node, parent, self.lanes.lane_of(node.get("id")) or lane)
        self.elements[element.id] = element
        return element

    def _read_flow(self, node: Any) -> None:
        flow_id, source, target = node.get("id") or "", node.get("sourceRef"), node.get("targetRef")
        condition = text_of(child(node, "conditionExpression")) or None
        for entry in node:
            if split(entry.tag)[1] not in ("conditionExpression", "documentation", "extensionElements"):
                self.complaints.unsupported(node, f"bpmn:{split(entry.tag)[1]}")
        self._check_extensions(node, _FLOW_EXTENSIONS)
        if not is_name(flow_id) or not source or not target:
            self.complaints.error(
                node, "flow-ends", N_("The sequence flow lacks its id, source or target."), N_("Connect it.")
            )
            return
        is_default = (source, flow_id) in self.defaults
        self.flows[flow_id] = Flow(flow_id, source, target, condition, is_default, (node.get("name") or "").strip())

    def _order_outgoing(self) -> None:
        """Conditions are tested in the order in which the element lists its flows."""
        ordered: dict[str, Flow] = {}
        for element in self.elements.values():
            mine = [flow.id for flow in self.flows.values() if flow.source == element.id]
            wanted = list(element.outgoing) if sorted(element.outgoing) == sorted(mine) else mine
            ordered.update((flow_id, self.flows[flow_id]) for flow_id in wanted)
        ordered.update((flow_id, flow) for flow_id, flow in self.flows.items() if flow_id not in ordered)
        self.flows = ordered

    def _read_links(self) -> None:
        catches = [element for element in self.elements.values() if _is_link(element, "intermediateCatchEvent")]
        for element in list(self.elements.values()):
            if not _is_link(element, "intermediateThrowEvent"):
                continue
            targets = [
                catch for catch in catches if catch.event.name == element.event.name and catch.parent == element.parent
            ]
            if len(targets) != 1 or not element.event.name:
                self.complaints.error(
                    element,
                    "link",
                    N_('The link "{name}" has {count} catching events in its scope.'),
                    N_("Draw exactly one catching link event with this name in the same scope."),
                    name=element.event.name,
                    count=len(targets),
                )
                continue
            flow_id = f"link:{element.id}"
            self.flows[flow_id] = Flow(flow_id, element.id, targets[0].id, name=element.event.name)

    def _read_associations(self) -> None:
        """A compensation boundary event points to its handler by an association."""
        pointed = [(node.get("sourceRef"), node.get("targetRef")) for node in self.node.iter(bpmn("association"))]
        for element in self.elements.values():
            if element.type != "boundaryEvent" or element.event.kind is not EventKind.COMPENSATION:
                continue
            targets = [target for source, target in pointed if source == element.id and target in self.elements]
            handler = self.elements[targets[0]] if len(targets) == 1 else None
            if handler is None or not handler.is_for_compensation or handler.parent != element.parent:
                self.complaints.error(
                    element,
                    "compensation-handler",
                    N_("The compensation event has no handler."),
                    N_("Connect it by an association with one activity that is marked as compensation."),
                )
            elif element.attached_to in self.elements:
                self.handlers.append((element.attached_to or "", handler.id))
        used = {handler for _, handler in self.handlers}
        for element in self.elements.values():
            if element.is_for_compensation and element.id not in used:
                self.complaints.error(
                    element,
                    "compensation-handler",
                    N_("The compensation handler belongs to no compensation event."),
                    N_("Connect a compensation boundary event with it by an association."),
                )

    def _check_defaults(self) -> None:
        for owner, flow_id in self.defaults:
            flow = self.flows.get(flow_id)
            if owner in self.elements and (flow is None or flow.source != owner):
                self.complaints.error(
                    self.elements[owner],
                    "default-flow",
                    N_('The default flow "{flow}" does not leave this element.'),
                    N_("Choose one of its own flows."),
                    flow=flow_id,
                )


def _is_link(element: Element, kind: str) -> bool:
    return element.type == kind and element.event.kind is EventKind.LINK
