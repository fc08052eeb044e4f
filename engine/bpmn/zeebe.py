"""Reading the ``zeebe:`` extension elements of a flow node, and refusing what we do not know."""

from __future__ import annotations

from typing import Any

from engine.bpmn.complaints import REMOVE, Complaints
from engine.bpmn.model import Assignment, Binding, CalledDecision, CalledElement, IoMapping, Schedule, Script
from engine.bpmn.tags import BPMN, XSI, ZEEBE, extension, extensions, is_true, split, zeebe
from engine.errors import N_

_JOBS = frozenset({"taskDefinition", "taskHeaders"})
_ALLOWED: dict[str, frozenset[str]] = {
    "userTask": frozenset(
        {"userTask", "assignmentDefinition", "formDefinition", "taskSchedule", "priorityDefinition", "taskHeaders"}
    ),
    "serviceTask": _JOBS,
    "sendTask": _JOBS,
    "scriptTask": frozenset({"script"}),
    "businessRuleTask": frozenset({"calledDecision"}),
    "callActivity": frozenset({"calledElement"}),
    "receiveTask": frozenset(),
    "intermediateThrowEvent": _JOBS,
    "endEvent": _JOBS,
}
_EVERYWHERE = frozenset({"properties", "ioMapping"})
# Signs of other tools that never say what is executed.
_COSMETIC = ("modeler", "color", "bioc", "template")


class Extensions:
    """The extension elements of one flow node as data."""

    def __init__(self, node: Any, element_type: str, complaints: Complaints) -> None:
        self._node = node
        self._type = element_type
        self._complaints = complaints
        self._check()

    def properties(self) -> dict[str, str]:
        """``zeebe:properties``."""
        return read_properties(self._node)

    def assignment(self) -> Assignment:
        """``zeebe:assignmentDefinition``."""
        found = extension(self._node, "assignmentDefinition")
        if found is None:
            return Assignment()
        return Assignment(_given(found, "assignee"), _given(found, "candidateGroups"), _given(found, "candidateUsers"))

    def schedule(self) -> Schedule:
        """``zeebe:taskSchedule``."""
        found = extension(self._node, "taskSchedule")
        return Schedule() if found is None else Schedule(_given(found, "dueDate"), _given(found, "followUpDate"))

    def priority(self) -> str | None:
        """``zeebe:priorityDefinition``."""
        found = extension(self._node, "priorityDefinition")
        return None if found is None else _given(found, "priority")

    def form_id(self) -> str | None:
        """``zeebe:formDefinition``."""
        found = extension(self._node, "formDefinition")
        if found is None:
            return None
        form_id = _given(found, "formId")
        if form_id is None:
            self._complaints.error(
                self._node,
                "form-reference",
                N_("The form is not given by its id."),
                N_("Choose a linked form (formId)."),
            )
        return form_id

    def task_definition(self) -> tuple[str | None, str]:
        """Type and retries of ``zeebe:taskDefinition``."""
        found = extension(self._node, "taskDefinition")
        if found is None:
            return None, "3"
        return _given(found, "type"), _given(found, "retries") or "3"

    def headers(self) -> dict[str, str]:
        """``zeebe:taskHeaders``."""
        found = extension(self._node, "taskHeaders")
        if found is None:
            return {}
        return {header.get("key", ""): header.get("value", "") for header in found.iterchildren(zeebe("header"))}

    def called_decision(self) -> CalledDecision | None:
        """``zeebe:calledDecision``."""
        found = extension(self._node, "calledDecision")
        if found is None or not _given(found, "decisionId") or not _given(found, "resultVariable"):
            self._complaints.error(
                self._node,
                "called-decision",
                N_("The business rule task names no decision or no result variable."),
                N_("Add zeebe:calledDecision with decisionId and resultVariable."),
            )
            return None
        binding, tag = self._binding(found)
        return CalledDecision(found.get("decisionId").strip(), found.get("resultVariable").strip(), binding, tag)

    def called_element(self) -> CalledElement | None:
        """``zeebe:calledElement``."""
        found = extension(self._node, "calledElement")
        if found is None or not _given(found, "processId"):
            self._complaints.error(
                self._node,
                "called-element",
                N_("The call activity names no process."),
                N_("Add zeebe:calledElement with processId."),
            )
            return None
        binding, tag = self._binding(found)
        return CalledElement(
            found.get("processId").strip(),
            binding,
            tag,
            is_true(found, "propagateAllParentVariables", default=True),
            is_true(found, "propagateAllChildVariables", default=True),
        )

    def script(self) -> Script | None:
        """``zeebe:script``."""
        found = extension(self._node, "script")
        if found is None or not _given(found, "expression") or not _given(found, "resultVariable"):
            self._complaints.error(
                self._node,
                "script",
                N_("The script task has no FEEL expression or no result variable."),
                N_("Add zeebe:script with expression and resultVariable; other languages are not executed."),
            )
            return None
        return Script(found.get("expression").strip(), found.get("resultVariable").strip())

    def mappings(self, direction: str) -> tuple[IoMapping, ...]:
        """The inputs or outputs of ``zeebe:ioMapping``."""
        found = extension(self._node, "ioMapping")
        if found is None:
            return ()
        return tuple(self._mapping(line) for line in found.iterchildren(zeebe(direction)))

    def _mapping(self, line: Any) -> IoMapping:
        source, target = line.get("source", "").strip(), line.get("target", "").strip()
        if not source or not all(part.isidentifier() for part in target.split(".")):
            self._complaints.error(
                self._node,
                "mapping",
                N_('The mapping from "{source}" to "{target}" is not complete.'),
                N_("Give a source and a variable name as target."),
                source=source,
                target=target,
            )
        return IoMapping(source, target)

    def _binding(self, found: Any) -> tuple[Binding, str | None]:
        text, tag = found.get("bindingType", "latest"), _given(found, "versionTag")
        try:
            binding = Binding(text)
        except ValueError:
            binding = Binding.LATEST
            self._complaints.error(
                self._node,
                "binding",
                N_('The binding "{binding}" is unknown.'),
                N_("Use latest, deployment or versionTag."),
                binding=text,
            )
        if binding is Binding.VERSION_TAG and tag is None:
            self._complaints.error(self._node, "binding", N_("The version tag is missing."), N_("Add versionTag."))
        return binding, tag

    def _check(self) -> None:
        allowed = _ALLOWED.get(self._type, frozenset()) | _EVERYWHERE
        for found in extensions(self._node):
            namespace, name = split(found.tag)
            if namespace == ZEEBE and name not in allowed:
                self._complaints.error(
                    self._node, "extension", N_("zeebe:{name} is not executed here."), REMOVE, name=name
                )
            elif namespace != ZEEBE and not _is_cosmetic(namespace):
                self._complaints.warning(
                    self._node,
                    "foreign-extension",
                    N_("The extension {name} of another tool has no effect."),
                    N_("Say it with the zeebe extensions or remove it."),
                    name=found.tag,
                )
        check_attributes(self._node, self._complaints)


def read_properties(node: Any) -> dict[str, str]:
    """``zeebe:properties`` of any node."""
    found = extension(node, "properties")
    if found is None:
        return {}
    return {line.get("name", ""): line.get("value", "") for line in found.iterchildren(zeebe("property"))}


def check_attributes(node: Any, complaints: Complaints) -> None:
    """Attributes of other tools say something that we do not do."""
    for key in node.attrib:
        namespace, name = split(key)
        if namespace and namespace not in (BPMN, XSI) and not _is_cosmetic(namespace):
            if namespace == ZEEBE and name.startswith("modelerTemplate"):
                continue
            complaints.warning(
                node,
                "foreign-extension",
                N_("The attribute {name} of another tool has no effect."),
                N_("Say it with the zeebe extensions or remove it."),
                name=key,
            )


def _is_cosmetic(namespace: str) -> bool:
    return any(sign in namespace.lower() for sign in _COSMETIC)


def _given(node: Any, attribute: str) -> str | None:
    value = (node.get(attribute) or "").strip()
    return value or None
