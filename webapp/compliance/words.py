"""Deviations and events in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import N_
from engine.queries.deviations import COUNTED, Check, Deviation
from webapp.i18n import gettext, ngettext

LIFECYCLES: Mapping[str, str] = {
    "case_started": N_("Case begun"),
    "case_completed": N_("Case completed"),
    "case_cancelled": N_("Case cancelled"),
    "started": N_("Started"),
    "enabled": N_("Waiting to be done"),
    "assigned": N_("Assigned"),
    "claimed": N_("Claimed"),
    "released": N_("Given back to the group"),
    "completed": N_("Completed"),
    "cancelled": N_("Withdrawn by the process"),
    "timer_fired": N_("The time is up"),
    "escalated": N_("Escalated"),
    "evidence_attached": N_("Evidence kept"),
    "decision_evaluated": N_("Decision taken"),
    "message_received": N_("Message received"),
    "incident": N_("Incident"),
    "incident_resolved": N_("Tried again"),
    "commented": N_("Remark"),
    "notified": N_("Notified"),
    "migrated": N_("Moved to another version"),
    "overridden": N_("Overridden"),
    "deployed": N_("Deployed"),
    "changed": N_("Filled in"),
    "exported": N_("Exported"),
    "archived": N_("Archived"),
}
"""What each lifecycle is called (message ids)."""


def sentence(found: Deviation) -> str:
    """What a check has found, as a sentence; what holds in principle only is counted apart."""
    bad, mild = _counted(found.violations), _counted(found.warnings)
    match found.check:
        case Check.LATE:
            if not found.total:
                return gettext("No task was completed after its due time.")
            if not found.violations:
                return ngettext(
                    "No violation: %(count)s task was completed late, under a limit that holds in principle.",
                    "No violation: %(count)s tasks were completed late, all under limits that hold in principle.",
                    found.warnings,
                    count=mild,
                )
            first = ngettext(
                "%(count)s task was completed after its due time",
                "%(count)s tasks were completed after their due time",
                found.violations,
                count=bad,
            )
        case Check.OVERDUE:
            if not found.total:
                return gettext("No open task is past its due time.")
            if not found.violations:
                return ngettext(
                    "No violation: %(count)s open task is late, under a limit that holds in principle.",
                    "No violation: %(count)s open tasks are late, all under limits that hold in principle.",
                    found.warnings,
                    count=mild,
                )
            first = ngettext(
                "%(count)s open task is past its due time",
                "%(count)s open tasks are past their due time",
                found.violations,
                count=bad,
            )
        case Check.OVERRIDDEN:
            if not found.total:
                return gettext("Nobody went on without a required piece of evidence.")
            return ngettext(
                "In %(count)s place somebody went on without a required piece of evidence.",
                "In %(count)s places somebody went on without a required piece of evidence.",
                found.violations,
                count=bad,
            )
    if not found.warnings:
        return gettext("%(sentence)s.", sentence=first)
    return ngettext(
        "%(sentence)s; %(count)s more under a limit that holds in principle is a warning, no violation.",
        "%(sentence)s; %(count)s more under limits that hold in principle are warnings, no violations.",
        found.warnings,
        sentence=first,
        count=mild,
    )


def _counted(number: int) -> str:
    return f"{COUNTED:,}+" if number > COUNTED else f"{number:,}"
