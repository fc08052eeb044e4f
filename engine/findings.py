"""What a reader of a diagram, table or form found in it: where, what, why, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Severity(StrEnum):
    """An error refuses the deployment; a warning is shown and deploys."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `template` and `remedy` are gettext message ids filled with `params`.

    `element` is the id of the BPMN or DMN element, or the key of the form component; empty when the finding is
    about the whole file. `code` is a stable name for filters and tests.
    """

    code: str
    template: str
    params: Mapping[str, object] = field(default_factory=dict[str, object])
    remedy: str = ""
    element: str = ""
    file: str = ""
    line: int = 0
    severity: Severity = Severity.ERROR

    @property
    def message(self) -> str:
        """The finding in English."""
        return self.template.format_map(dict(self.params))

    @property
    def advice(self) -> str:
        """What to do, in English; empty when the message says it."""
        return self.remedy.format_map(dict(self.params))

    def in_file(self, name: str) -> Finding:
        """The same finding, said of a file."""
        return replace(self, file=name)

    def __str__(self) -> str:
        place = ":".join(part for part in (self.file, self.element) if part)
        return f"{self.severity} {place}: {self.message}{' ' + self.advice if self.remedy else ''}"


def errors_in(findings: list[Finding]) -> list[Finding]:
    """Those that refuse a deployment."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]
