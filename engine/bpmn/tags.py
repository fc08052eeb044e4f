"""Names of the BPMN and zeebe vocabularies, and small steps through the XML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
_NAME = re.compile(r"[^\W\d][\w.\-]{0,254}")
XSI = "http://www.w3.org/2001/XMLSchema-instance"

TASKS = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "scriptTask",
        "businessRuleTask",
        "sendTask",
        "receiveTask",
    }
)
SUBPROCESSES = frozenset({"subProcess", "transaction"})
ACTIVITIES = TASKS | SUBPROCESSES | {"callActivity"}
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS
REFUSED_NODES = {
    "complexGateway": "A complex gateway",
    "adHocSubProcess": "An ad-hoc subprocess",
    "subChoreography": "A choreography",
    "choreographyTask": "A choreography",
    "callChoreography": "A choreography",
    "dataStoreReference": "A data store",
    "implicitThrowEvent": "An implicit throw event",
}
PICTURES = frozenset(
    {"textAnnotation", "association", "group", "dataObject", "dataObjectReference", "documentation", "laneSet"}
)


def bpmn(name: str) -> str:
    """The full tag of a BPMN element."""
    return f"{{{BPMN}}}{name}"


def zeebe(name: str) -> str:
    """The full tag of a zeebe element."""
    return f"{{{ZEEBE}}}{name}"


def split(tag: str) -> tuple[str, str]:
    """Namespace and local name of a tag."""
    namespace, _, name = tag.rpartition("}")
    return namespace.removeprefix("{"), name


def children(node: Any, name: str) -> Iterator[Any]:
    """The BPMN children with this name."""
    return node.iterchildren(bpmn(name))


def child(node: Any, name: str) -> Any:
    """The first BPMN child with this name, or None."""
    return next(children(node, name), None)


def extensions(node: Any) -> Iterator[Any]:
    """What stands in the extension elements of a node."""
    for holder in children(node, "extensionElements"):
        yield from holder


def extension(node: Any, name: str) -> Any:
    """The first zeebe extension with this name, or None."""
    for holder in children(node, "extensionElements"):
        found = holder.find(zeebe(name))
        if found is not None:
            return found
    return None


def text_of(node: Any) -> str:
    """The text of a node without surrounding blanks; empty for None."""
    return "" if node is None else "".join(node.itertext()).strip()


def documentation(node: Any) -> str:
    """The documentation of a node."""
    return text_of(child(node, "documentation"))


def is_true(node: Any, attribute: str, default: bool = False) -> bool:
    """A boolean attribute."""
    value = node.get(attribute)
    return default if value is None else value.strip() in ("true", "1")


def is_name(text: str | None) -> bool:
    """Whether a text can be an id (an XML name without colon)."""
    return bool(text) and _NAME.fullmatch(text or "") is not None
