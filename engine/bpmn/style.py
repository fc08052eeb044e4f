"""How readable a diagram is: bpmnlint's recommended rules, as warnings.

The rules run on a copy that we have read and written ourselves: no DOCTYPE, no comments, bounded, and with every flow
listed at its ends, which the rules look at and many tools leave out. Which rules are off, and why, is said in
docs/decisions/0009-bpmnlint.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from bpmn_io import BpmnModdle
from bpmn_io.lint import Linter
from bpmn_io.lint.resolver.node_resolver import NodeResolver
from bpmn_io.moddle_xml import ParseError

from engine.bpmn.tags import BPMN, bpmn, children, is_true
from engine.errors import N_
from engine.findings import Finding, Severity
from engine.xml import read_xml, write_xml

LARGEST = 3_000
"""Sequence flows and flow nodes beyond which the rules, some of them quadratic, are not asked."""

_SAID: dict[str, tuple[str, str]] = {
    "end-event-required": (N_("There is no end event."), N_("End the process with an end event.")),
    "label-required": (N_("The element has no name."), N_("Name it; people read the name in their lists.")),
    "no-duplicate-sequence-flows": (
        N_("Two sequence flows connect the same elements."),
        N_("Keep one of them, or join their conditions."),
    ),
    "no-gateway-join-fork": (
        N_("The gateway both joins and splits."),
        N_("Join in one gateway and split in another one."),
    ),
    "no-implicit-end": (N_("The path ends without an end event."), N_("Draw an end event behind it.")),
    "no-implicit-split": (
        N_("Several unconditional flows leave the element."),
        N_("Draw a parallel gateway behind it."),
    ),
    "no-overlapping-elements": (N_("The element overlaps another one."), N_("Move them apart.")),
    "superfluous-gateway": (N_("The gateway neither joins nor splits."), N_("Remove it.")),
    "superfluous-termination": (
        N_("Nothing is left to terminate at this end."),
        N_("Use a plain end event."),
    ),
}
_UNUSED = (N_("The element is defined but used nowhere."), N_("Use it or remove it."))
_SAME_NAME = (N_("Another definition has the same name or code."), N_("Keep one of them."))
_RULES = {**dict.fromkeys(_SAID, "warn"), "global": "warn"}


def check_style(content: bytes, name: str) -> list[Finding]:
    """The warnings about a BPMN file, of its executable processes only. Raises `engine.xml.BrokenXml`."""
    root = read_xml(content, name)
    for process in list(children(root, "process")):
        if not is_true(process, "isExecutable"):
            root.remove(process)  # a picture may look as it likes
    if sum(1 for _ in root.iter(f"{{{BPMN}}}*")) > LARGEST:
        template = N_("The file has more than {largest} elements; its style was not checked.")
        return [_warning("style-unchecked", "", name, template, N_("Split the process."), largest=LARGEST)]
    _list_flows(root)
    try:
        model = BpmnModdle().from_xml(write_xml(root).decode("utf-8")).root_element
    except ParseError as error:
        return [_warning("style-unchecked", "", name, N_("The style was not checked: {reason}"), reason=str(error))]
    linter = Linter(config={"rules": _RULES}, resolver=NodeResolver())  # a new one: rules remember what they saw
    reports = cast("dict[str, list[dict[str, Any]]]", linter.lint(model))
    return [_finding(rule, report, name) for rule, found in reports.items() for report in _once(found)]


def _list_flows(root: Any) -> None:
    elements = {node.get("id"): node for node in root.iter(f"{{{BPMN}}}*") if node.get("id")}
    for tag in ("incoming", "outgoing"):
        for entry in list(root.iter(bpmn(tag))):
            entry.getparent().remove(entry)
    for flow in list(root.iter(bpmn("sequenceFlow"))):
        for tag, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
            owner = elements.get(flow.get(end))
            if owner is not None:
                entry = owner.makeelement(bpmn(tag), {})
                entry.text = flow.get("id")
                owner.insert(0, entry)


def _once(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A rule says each thing once of each element, and a doubled flow is said of the flow, not of its ends."""
    seen: set[tuple[object, object]] = set()
    for report in found:
        key = (report.get("id"), report.get("message"))
        if key not in seen and not str(key[1]).startswith("Duplicate"):
            seen.add(key)
            yield report


def _finding(rule: str, report: dict[str, Any], name: str) -> Finding:
    element, said = str(report.get("id") or ""), str(report.get("message") or "")
    if report.get("category") == "rule-error":
        return _warning("style-unchecked", element, name, N_("The style was not checked: {reason}"), reason=said)
    if rule == "global":
        message, advice = _UNUSED if said.endswith("unused") else _SAME_NAME
        if said.endswith("name"):
            message, advice = _SAID["label-required"]
    else:
        message, advice = _SAID[rule]
    return _warning(f"style-{rule}", element, name, message, advice)


def _warning(code: str, element: str, name: str, template: str, advice: str = "", **params: object) -> Finding:
    return Finding(code, template, params, advice, element=element, file=name, severity=Severity.WARNING)
