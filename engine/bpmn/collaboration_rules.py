"""What BPMN says about pools and message flows (9.2, 9.3, 7.6.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.bpmn.complaints import Complaints
from engine.bpmn.tags import ACTIVITIES, BPMN, bpmn, child, children, split
from engine.errors import N_

_ACTIVITIES = ACTIVITIES | {"adHocSubProcess"}
_SENDERS = _ACTIVITIES | {"participant", "endEvent", "intermediateThrowEvent", "implicitThrowEvent"}
_RECEIVERS = _ACTIVITIES | {"participant", "startEvent", "intermediateCatchEvent", "boundaryEvent"}
_SENDS, _RECEIVES = "sourceRef", "targetRef"


def check_collaborations(root: Any, complaints: Complaints) -> None:
    """Every broken rule becomes a finding."""
    by_id = {node.get("id"): node for node in root.iter(f"{{{BPMN}}}*") if node.get("id")}
    for collaboration in children(root, "collaboration"):
        pools = {
            _local(pool.get("processRef")): pool.get("id")
            for pool in children(collaboration, "participant")
            if pool.get("processRef")
        }
        for participant in children(collaboration, "participant"):
            _multiplicity(participant, complaints)
        for flow in children(collaboration, "messageFlow"):
            _MessageFlow(flow, by_id, pools, complaints).check()


class _MessageFlow:
    """One message flow with what it connects; ends that do not exist were complained about before."""

    def __init__(self, flow: Any, by_id: dict[str, Any], pools: dict[str, str], complaints: Complaints) -> None:
        self._flow = flow
        self._complaints = complaints
        self._pools = pools
        self._ends = {end: by_id.get(_local(flow.get(end))) for end in (_SENDS, _RECEIVES)}

    def check(self) -> None:
        for end, node in self._ends.items():
            if not self._flow.get(end):
                self._error(N_("The message flow lacks its source or target."), N_("Connect it."))
            elif node is not None and not _fits(node, end):
                self._error(
                    N_('No message flow can be connected so with "{element}".'),
                    N_("Connect it with a pool, an activity, or an event that sends or receives a message."),
                    element=node.get("id"),
                )
        pools = [pool for node in self._ends.values() for pool in self._pool_of(node)]
        if len(pools) == 2 and pools[0] == pools[1]:
            self._error(
                N_("The message flow stays within one pool."),
                N_("Use a sequence flow, or a message event without a message flow."),
            )

    def _pool_of(self, node: Any) -> Iterator[str]:
        if node is None:
            return
        if split(node.tag)[1] == "participant":
            yield node.get("id")
            return
        for process in node.iterancestors(bpmn("process")):
            yield self._pools.get(process.get("id"), process.get("id"))

    def _error(self, template: str, remedy: str, **params: object) -> None:
        self._complaints.error(self._flow, "message-flow", template, remedy, **params)


def _fits(node: Any, end: str) -> bool:
    name = split(node.tag)[1]
    if name not in (_SENDERS if end == _SENDS else _RECEIVERS):
        return False
    definitions = [split(entry.tag)[1] for entry in node if split(entry.tag)[1].endswith("EventDefinition")]
    return not definitions or "messageEventDefinition" in definitions


def _multiplicity(participant: Any, complaints: Complaints) -> None:
    found = child(participant, "participantMultiplicity")
    if found is None:
        return
    texts = (found.get("minimum", "0"), found.get("maximum", "1"))
    numbers = [int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1 for text in texts]
    if min(numbers) < 0 or numbers[1] < max(1, numbers[0]):
        complaints.error(
            participant,
            "multiplicity",
            N_("The pool's multiplicity from {minimum} to {maximum} is none."),
            N_("Give whole numbers, the maximum not below the minimum and not below 1."),
            minimum=texts[0],
            maximum=texts[1],
        )


def _local(reference: str | None) -> str:
    return (reference or "").rpartition(":")[2]
