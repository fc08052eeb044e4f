"""The events of a case in one short sentence each, for people who work on it."""

from __future__ import annotations

from engine.bpmn import Specification
from engine.errors import N_
from engine.history import Lifecycle
from engine.queries.tasks import Happening
from webapp.i18n import gettext, in_language

_SENTENCES: dict[str, str] = {
    Lifecycle.CASE_STARTED: N_("The case was started"),
    Lifecycle.ASSIGNED: N_("{step} was assigned"),
    Lifecycle.CLAIMED: N_("{step} was claimed"),
    Lifecycle.RELEASED: N_("{step} was released"),
    Lifecycle.COMPLETED: N_("{step} was completed"),
    Lifecycle.TIMER_FIRED: N_("A deadline passed: {step}"),
    Lifecycle.ESCALATED: N_("Escalated: {step}"),
    Lifecycle.EVIDENCE_ATTACHED: N_("Evidence was added to {step}"),
    Lifecycle.DECISION_EVALUATED: N_("Decided: {step}"),
    Lifecycle.MESSAGE_RECEIVED: N_("A message arrived: {step}"),
    Lifecycle.INCIDENT: N_("The process stopped at {step}"),
    Lifecycle.INCIDENT_RESOLVED: N_("The process goes on at {step}"),
    Lifecycle.CASE_COMPLETED: N_("The case was finished"),
    Lifecycle.CASE_CANCELLED: N_("The case was cancelled"),
}
SHOWN = frozenset(str(lifecycle) for lifecycle in _SENTENCES)
_KINDS: dict[str, str] = {
    Lifecycle.TIMER_FIRED: "warn",
    Lifecycle.ESCALATED: "warn",
    Lifecycle.INCIDENT: "bad",
    Lifecycle.CASE_CANCELLED: "bad",
}


def in_words(happening: Happening, specification: Specification) -> tuple[str, str]:
    """The sentence in the user's language, and the state class of its mark."""
    element = specification.elements.get(happening.element_id)
    step = in_language(element.name, element.gloss) if element and element.name else happening.element_id
    sentence = gettext(_SENTENCES[happening.lifecycle]).format(step=step)
    return sentence, _KINDS.get(happening.lifecycle, "")
