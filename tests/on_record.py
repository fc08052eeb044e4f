"""What handlers read besides the case, without a database: a price list, and what the organisation has on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.handling import FiledPaper, PastCase, PastTask, PriceItem


@dataclass(frozen=True)
class Prices:
    """A price list (`engine.handling.PriceBook`); without items nothing is found."""

    items: Mapping[str, PriceItem] = field(default_factory=dict[str, PriceItem])
    version: str = "2026"

    def find(self, code_or_name: str, model: str = "") -> PriceItem | None:
        """By code, else by name and model."""
        named = (item for item in self.items.values() if item.name == code_or_name and model in ("", item.model))
        return self.items.get(code_or_name) or next(named, None)


@dataclass
class Filed:
    """Papers, cases and tasks (`engine.handling.Records`)."""

    lines: Sequence[FiledPaper] = field(default_factory=list[FiledPaper])
    known_cases: Sequence[PastCase] = field(default_factory=list[PastCase])
    known_tasks: Sequence[PastTask] = field(default_factory=list[PastTask])

    def papers(self, document_type: str, since: datetime, until: datetime) -> Sequence[FiledPaper]:
        """Those of a type that were filed in the period."""
        return [line for line in self.lines if line.document_type == document_type and since <= line.filed_at < until]

    def cases(self, process_id: str, since: datetime, until: datetime) -> Sequence[PastCase]:
        """Those of a process that were started in the period."""
        return [case for case in self.known_cases if case.process_id == process_id and since <= case.started_at < until]

    def tasks(self, process_id: str, element_id: str, since: datetime, until: datetime) -> Sequence[PastTask]:
        """Those of an element that appeared in the period."""
        return [task for task in self.known_tasks if task.element_id == element_id and since <= task.created_at < until]
