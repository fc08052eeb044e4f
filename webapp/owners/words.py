"""What kinds of things in a diagram, a table or a form are called (message ids)."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import N_

ELEMENT_TYPES: Mapping[str, str] = {
    "userTask": N_("User task"),
    "serviceTask": N_("Service task"),
    "sendTask": N_("Send task"),
    "receiveTask": N_("Receive task"),
    "businessRuleTask": N_("Decision"),
    "scriptTask": N_("Computation"),
    "manualTask": N_("Manual task"),
    "task": N_("Task"),
    "callActivity": N_("Called process"),
    "subProcess": N_("Subprocess"),
    "startEvent": N_("Timer start"),
    "intermediateCatchEvent": N_("Timer"),
}

DOCUMENT_KINDS: Mapping[str, str] = {
    "": N_("Form"),
    "record": N_("Record"),
    "register": N_("Register"),
    "reference": N_("Reference"),
    "attachment": N_("Attachment"),
}

HIT_POLICIES: Mapping[str, str] = {
    "UNIQUE": N_("exactly one rule applies"),
    "ANY": N_("rules that apply agree"),
    "PRIORITY": N_("the most important conclusion counts"),
    "FIRST": N_("the first rule that applies counts"),
    "RULE ORDER": N_("all rules that apply, in their order"),
    "OUTPUT ORDER": N_("all conclusions, the most important first"),
    "COLLECT": N_("all rules that apply are collected"),
}


def plain(text: str) -> str:
    """A cell of a table for people: a text without its quotation marks, a dash for nothing, all else as written."""
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"' and '"' not in text[1:-1]:
        return text[1:-1]
    return "–" if text == "null" else text


def gloss_and_text(description: str) -> tuple[str, str]:
    """The English name, which is the first line of a description, and what follows it; the name may be empty."""
    first, _, rest = description.strip().partition("\n")
    return (first.strip(), rest.strip()) if first.isascii() else ("", description.strip())
