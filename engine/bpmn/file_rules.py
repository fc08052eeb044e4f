"""What BPMN says about a file as a whole: attribute values, references, lanes' members, gateway directions.

These rules are asked of the XML, because the model of a process keeps only what is executed. A process that is not
executable is a picture and not asked.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from engine.bpmn.collaboration_rules import check_collaborations
from engine.bpmn.complaints import Complaints
from engine.bpmn.tags import BPMN, GATEWAYS, bpmn, children, is_true, split, text_of
from engine.errors import N_

_BOOLEANS = frozenset(
    {
        "isExecutable",
        "isClosed",
        "isForCompensation",
        "isInterrupting",
        "isSequential",
        "isCollection",
        "isImmediate",
        "cancelActivity",
        "parallelMultiple",
        "triggeredByEvent",
        "testBefore",
        "instantiate",
        "waitForCompletion",
    }
)
_WORDS = {
    "gatewayDirection": frozenset({"Unspecified", "Converging", "Diverging", "Mixed"}),
    "processType": frozenset({"None", "Public", "Private"}),
    "associationDirection": frozenset({"None", "One", "Both"}),
    "eventGatewayType": frozenset({"Exclusive", "Parallel"}),
    "behavior": frozenset({"None", "One", "All", "Complex"}),
}
_REFERENCES = {
    "association": ("sourceRef", "targetRef"),
    "dataObjectReference": ("dataObjectRef",),
    "group": ("categoryValueRef",),
    "participant": ("processRef",),
    "messageFlow": ("sourceRef", "targetRef", "messageRef"),
}
_NEEDED = frozenset({("association", "sourceRef"), ("association", "targetRef")})
_DATA = ("dataInputAssociation", "dataOutputAssociation")


def check_file(root: Any, complaints: Complaints) -> None:
    """Every broken rule becomes a finding."""
    _FileRules(root, complaints).check()
    check_collaborations(root, complaints)


class _FileRules:
    """One file with its ids."""

    def __init__(self, root: Any, complaints: Complaints) -> None:
        self._complaints = complaints
        self._nodes = [node for node in root.iter(f"{{{BPMN}}}*") if not _is_picture(node)]
        self._by_id = {node.get("id"): node for node in root.iter(f"{{{BPMN}}}*") if node.get("id")}
        self._namespace = root.get("targetNamespace")
        flows = [node for node in self._nodes if node.tag == bpmn("sequenceFlow")]
        self._leaving = Counter(flow.get("sourceRef") for flow in flows)
        self._arriving = Counter(flow.get("targetRef") for flow in flows)

    def check(self) -> None:
        for node in self._nodes:
            name = split(node.tag)[1]
            self._values(node)
            self._references(node, name)
            self._listed_flows(node)
            if name in GATEWAYS:
                self._direction(node)
            elif name == "lane":
                self._members(node)

    def _values(self, node: Any) -> None:
        for key, value in node.attrib.items():
            text = value.strip()
            allowed = ("true", "false", "1", "0") if key in _BOOLEANS else _WORDS.get(key, (text,))
            if text not in allowed:
                self._complaints.error(
                    node,
                    "attribute-value",
                    N_('"{value}" is no value of {attribute}.'),
                    N_("Use one of: {values}."),
                    value=value,
                    attribute=key,
                    values="true, false" if key in _BOOLEANS else ", ".join(sorted(_WORDS[key])),
                )

    def _references(self, node: Any, name: str) -> None:
        for attribute in _REFERENCES.get(name, ()):
            reference = node.get(attribute)
            if reference is None and (name, attribute) not in _NEEDED:
                continue
            self._must_exist(node, reference or "", attribute)
        if name in _DATA:
            for tag in ("sourceRef", "targetRef"):
                for entry in children(node, tag):
                    self._must_exist(node, text_of(entry), tag)

    def _must_exist(self, node: Any, reference: str, attribute: str) -> None:
        prefix, _, name = reference.rpartition(":")
        if prefix and node.nsmap.get(prefix, self._namespace) != self._namespace:
            return  # it is in another file
        if name not in self._by_id:
            self._complaints.error(
                node,
                "dangling-reference",
                N_('{attribute} refers to "{reference}", which is not in the file.'),
                N_("Connect it again or remove it."),
                attribute=attribute,
                reference=reference,
            )

    def _listed_flows(self, node: Any) -> None:
        """An element may leave its flows unlisted, but those it lists are its own."""
        for tag, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
            for entry in children(node, tag):
                reference = text_of(entry)
                flow = self._by_id.get(reference.rpartition(":")[2])
                if flow is None:
                    self._must_exist(node, reference, tag)
                elif flow.tag == bpmn("sequenceFlow") and flow.get(end) != node.get("id"):
                    self._complaints.error(
                        node,
                        "flow-listed",
                        N_('The element lists "{flow}" as {direction}, but that flow connects others.'),
                        N_("Connect the flow again, or remove it from the element's list."),
                        flow=reference,
                        direction=tag,
                    )

    def _direction(self, node: Any) -> None:
        """10.6.1: a converging gateway merges only, a diverging one splits only, a mixed one does both."""
        direction = node.get("gatewayDirection", "Unspecified")
        arriving, leaving = self._arriving[node.get("id")], self._leaving[node.get("id")]
        fits = {
            "Converging": arriving > 1 and leaving <= 1,
            "Diverging": arriving <= 1 and leaving > 1,
            "Mixed": arriving > 1 and leaving > 1,
        }
        if not fits.get(direction, True):
            self._complaints.error(
                node,
                "gateway-direction",
                N_("The gateway is said to be {direction}, but has {arriving} incoming and {leaving} outgoing flows."),
                N_("Connect it accordingly, or remove gatewayDirection."),
                direction=direction,
                arriving=arriving,
                leaving=leaving,
            )

    def _members(self, lane: Any) -> None:
        """A lane holds elements of its own process (10.8)."""
        process = _process_of(lane)
        for entry in children(lane, "flowNodeRef"):
            member = self._by_id.get(text_of(entry).rpartition(":")[2])
            if member is None or _process_of(member) is not process:
                self._complaints.error(
                    lane,
                    "lane-reference",
                    N_('The lane holds "{element}", which is no element of its process.'),
                    N_("Put the elements into the lanes again."),
                    element=text_of(entry),
                )


def _process_of(node: Any) -> Any:
    return next(node.iterancestors(bpmn("process")), None)


def _is_picture(node: Any) -> bool:
    process = node if node.tag == bpmn("process") else _process_of(node)
    return process is not None and not is_true(process, "isExecutable") and node is not process
