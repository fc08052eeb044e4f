"""Collecting what is wrong with a file while it is being read."""

from __future__ import annotations

from typing import Any

from engine.errors import N_
from engine.findings import Finding, Severity
from engine.xml import line_of

REMOVE = N_("Remove it or draw it with what Baoxiu executes (docs/bpmn-support.md).")


class Complaints:
    """The findings of one file, in the order in which they were made."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []

    def error(self, node: Any, code: str, template: str, remedy: str = "", **params: object) -> None:
        """Something that refuses the deployment. `node` is an XML element or an `Element`-like with id and line."""
        self._add(node, code, template, remedy, params, Severity.ERROR)

    def warning(self, node: Any, code: str, template: str, remedy: str = "", **params: object) -> None:
        """Something to look at."""
        self._add(node, code, template, remedy, params, Severity.WARNING)

    def unsupported(self, node: Any, what: str) -> None:
        """A construct that we do not execute."""
        self.error(node, "unsupported", N_("{what} is not executed."), REMOVE, what=what)

    @property
    def has_errors(self) -> bool:
        """Whether the deployment is refused so far."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    def _add(
        self, node: Any, code: str, template: str, remedy: str, params: dict[str, object], severity: Severity
    ) -> None:
        element, line = _place(node)
        self.findings.append(
            Finding(
                code=code,
                template=template,
                params=params,
                remedy=remedy,
                element=element,
                file=self.file,
                line=line,
                severity=severity,
            )
        )


def _place(node: Any) -> tuple[str, int]:
    """The id of the nearest XML element around that has one, or of a model object, and the line."""
    if not hasattr(node, "tag"):
        return getattr(node, "id", "") or getattr(node, "process_id", ""), getattr(node, "line", 0)
    line = line_of(node)
    while node is not None:
        if node.get("id"):
            return node.get("id"), line
        node = node.getparent()
    return "", line
