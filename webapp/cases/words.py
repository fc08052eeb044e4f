"""Events in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.errors import N_
from engine.model import Event
from webapp.i18n import gettext

_TEXTS: Mapping[str, str] = {
    "started": N_("Started"),
    "enabled": N_("Waiting to be done"),
    "assigned": N_("Assigned to {assignee}"),
    "claimed": N_("Claimed"),
    "released": N_("Given back to the group"),
    "completed": N_("Completed"),
    "cancelled": N_("Withdrawn by the process"),
    "timer_fired": N_("The time is up"),
    "escalated": N_("Escalated"),
    "evidence_attached": N_("Evidence kept: {document}"),
    "decision_evaluated": N_("Decided by {decision}, version {version}"),
    "message_received": N_("Message received: {message}"),
    "incident": N_("Stopped: {error}"),
    "incident_resolved": N_("Tried again"),
    "commented": N_("Remark"),
    "notified": N_("Told: {users}"),
    "migrated": N_("Moved to another version"),
    "overridden": N_("Overridden"),
    "case_started": N_("The case begins, version {version}"),
    "case_completed": N_("The case is completed"),
    "case_cancelled": N_("The case was cancelled"),
    "deployed": N_("Deployed"),
    "changed": N_("Filled in: {fields}"),
    "exported": N_("Exported"),
    "archived": N_("Archived"),
}
"""What each lifecycle means to people."""

_KINDS: Mapping[str, str] = {"incident": "bad", "timer_fired": "warn", "escalated": "warn", "case_cancelled": "warn"}


def event_text(event: Event) -> str:
    """What happened, in the user's language."""
    template = _TEXTS.get(event.lifecycle, event.lifecycle)
    return gettext(template).format_map(_Words(event.detail or {}))


def event_kind(event: Event) -> str:
    """The colour class of the entry: ``bad``, ``warn`` or none."""
    return _KINDS.get(event.lifecycle, "")


class _Words(Mapping[str, str]):
    """An event's details as words: lists joined, a missing one as a dash."""

    def __init__(self, details: Mapping[str, Any]) -> None:
        self._details = details

    def __getitem__(self, name: str) -> str:
        value: Any = self._details.get(name)
        if isinstance(value, list):
            items: list[Any] = value
            return ", ".join(str(item) for item in items) or "–"
        return "–" if value in (None, "") else str(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._details)

    def __len__(self) -> int:
        return len(self._details)
