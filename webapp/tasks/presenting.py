"""What the task's page shows, put together from the queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import g, url_for

from engine import feel
from engine.access import Permission
from engine.commands import evidence
from engine.database import Transaction
from engine.form_schema import Form, FormView, Line, Message
from engine.model import Document
from engine.queries import steps, tasks
from engine.runtime.environment import NAMES
from webapp.forms import Posted
from webapp.i18n import explain_message, form_locale, gettext, in_language
from webapp.tasks.happenings import SHOWN, in_words

FILE_PREFIX = "file."
MOST_FACTS = 8
LONGEST_FACT = 160


@dataclass(slots=True)
class Refusal:
    """Why a submission was refused: messages at fields, at evidence, at files, somebody was faster, or it failed."""

    fields: Mapping[str, Message] = field(default_factory=dict[str, Message])
    documents: Mapping[str, Message] = field(default_factory=dict[str, Message])
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    conflict: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a piece of evidence. `status`: ``ok``, ``missing`` (something is wrong with it) or ``open``.

    `is_there`: nothing has to be added before the task can be submitted.
    """

    key: str
    name: str
    kind: str
    use: str
    required: bool
    takes_files: bool
    accept: str
    status: str
    is_there: bool
    error: str
    documents: Sequence[Document]
    paragraphs: Sequence[str] = ()


def present(
    tx: Transaction,
    task: tasks.OpenedTask,
    typed: Posted | None,
    *,
    refusal: Refusal | None = None,
    draft_saved_at: str = "",
    remark: str = "",
    remark_error: str = "",
) -> dict[str, Any]:
    """The context of ``tasks/task.html``. `typed`: what stands in the form instead of the case's values."""
    refusal = refusal or Refusal()
    may_work = task.may_work and g.actor.may(Permission.USER_TASK_COMPLETE)
    view, values = _form(task, typed, refusal, may_work)
    slots = _slots(task, values, refusal)
    remarks = tasks.remarks_of(tx, g.actor, task.case_key)
    return {
        "task": task,
        "view": view,
        "lines": [] if may_work else _lines(tx, task),
        "unsent": _unsent(task, typed) if typed and not may_work else [],
        "slots": slots,
        "evidence_names": _evidence_names(task),
        "problems": _problems(slots),
        "refusal": refusal,
        "may_work": may_work,
        "may_claim": task.is_open and task.assignee_key is None and g.actor.may(Permission.USER_TASK_CLAIM),
        "may_release": task.is_open and task.assignee_key is not None and task.may_assign,
        "may_comment": g.actor.may(Permission.COMMENT_CREATE),
        "colleagues": tasks.colleagues_for(tx, g.actor, task) if task.may_assign else [],
        "draft_saved_at": draft_saved_at,
        "next_steps": steps.next_steps(task.running, task.element.id) if may_work else [],
        "way": steps.steps_of_case(tx, task.case_key),
        "facts": _facts(tx, task),
        "remarks": remarks,
        "remark": remark,
        "remark_error": remark_error,
        "happenings": [
            (in_words(each, task.running.specification), each) for each in tasks.happenings_of(tx, task.case_key, SHOWN)
        ],
        "file_prefix": FILE_PREFIX,
        "action": url_for("tasks.submit", key=task.key),
    }


def _form(
    task: tasks.OpenedTask, typed: Posted | None, refusal: Refusal, is_editable: bool
) -> tuple[FormView | None, dict[str, Any]]:
    """The form to fill in and the values it holds now."""
    if task.form is None or not is_editable:
        return None, {}
    values: dict[str, Any] = {}
    texts: Mapping[str, Sequence[str]] = {}
    if typed is not None:
        submission = task.form.submit(typed, task.sees(), task.environment(), draft=True)
        values, texts = submission.values, submission.typed
    view = task.form.render_model(values, refusal.fields, form_locale(), task.sees(), task.environment(), texts)
    return view, values


def _lines(tx: Transaction, task: tasks.OpenedTask) -> list[Any]:
    """What was submitted, to be read; of an open task, what the case holds already."""
    if task.form is None:
        return []
    values = held(task, task.form) if task.is_open else tasks.submitted_values(tx, task)
    return list(task.form.lines(values, form_locale(), task.environment()))


def held(task: tasks.OpenedTask, form: Form) -> dict[str, object]:
    """What the case holds under the names of a form's fields."""
    seen = task.sees()
    return {name: seen[name] for name in form.names if name in seen}


def _unsent(task: tasks.OpenedTask, typed: Posted) -> list[tuple[str, str]]:
    """What the actor had typed into a task they can no longer submit: (label, text)."""
    if task.form is None:
        return []
    submission = task.form.submit(typed, task.sees(), task.environment(), draft=True)
    view = task.form.render_model(
        submission.values, {}, form_locale(), task.sees(), task.environment(), submission.typed
    )
    return [(field.label, field.text or field.display) for field in view.fields() if typed.get(field.name, [""])[0]]


def _slots(task: tasks.OpenedTask, values: Mapping[str, object], refusal: Refusal) -> list[Slot]:
    needs = evidence.needs_of(task.running, task.element, task.scope, values)
    return [_slot(task, need, refusal) for need in _each_paper_once(task, needs)]


def _each_paper_once(task: tasks.OpenedTask, needs: Sequence[evidence.Need]) -> list[evidence.Need]:
    """A paper that a task requires and produces has one slot: the earlier one's, until that is there."""
    produced = {need.key for need in needs if need.use == "produces"}
    awaited = {need.key for need in needs if need.use == "requires" and not is_there(task, need)}
    return [need for need in needs if need.key not in produced or (need.use == "requires") == (need.key in awaited)]


def _slot(task: tasks.OpenedTask, need: evidence.Need, refusal: Refusal) -> Slot:
    said = refusal.documents.get(need.key)
    error = refusal.files.get(need.key, "") or (explain_message(said) if said else "")
    accepts = [each.accept for each in need.form.file_fields if each.accept]
    required = not need.optional and (
        need.use == "requires" or need.kind == "attachment" or (need.takes_files and need.form.requires_files)
    )
    there = is_there(task, need)
    status = "missing" if error else "ok" if there else "open"
    return Slot(
        need.key,
        in_language(need.name, need.name_en),
        need.kind,
        need.use,
        required,
        need.takes_files and need.kind != "reference" and task.may_work,
        accepts[0] if accepts else "",
        status,
        there,
        error,
        need.documents,
        _text_of(task, need) if need.kind == "reference" else (),
    )


def _text_of(task: tasks.OpenedTask, need: evidence.Need) -> list[str]:
    """What a reference document says, to be read without leaving the task."""
    view = need.form.render_model({}, {}, form_locale(), task.sees(), task.environment())
    texts = [item for group in view.groups for item in group.items if item.node == "text"]
    return [paragraph for text in texts for paragraph in text.paragraphs]


def is_there(task: tasks.OpenedTask, need: evidence.Need) -> bool:
    """Complete: the file or document is there, or will be made of the case's data when the task is submitted."""
    if need.kind == "reference":
        is_prices = need.form.properties.get("reference") == "price_list"
        return not is_prices or bool(task.running.surroundings.prices.version)
    if need.use == "requires":
        return bool(need.documents)
    if need.takes_files and (need.kind == "attachment" or need.form.requires_files):
        return bool(need.files)
    return True


def _evidence_names(task: tasks.OpenedTask) -> list[str]:
    """The form's fields that decide which evidence is wanted (`when:…` in the diagram)."""
    own = task.form.names if task.form else frozenset[str]()
    found: set[str] = set()
    for name, text in task.element.properties.items():
        if name.startswith("when:") and text.startswith("="):
            found |= feel.compile_expression(text[1:], names=NAMES).references & own
    return sorted(found)


def _problems(slots: list[Slot]) -> list[tuple[str, str]]:
    """Lines for the summary of a refused form: (id, sentence)."""
    evidence_label = gettext("Evidence")
    return [
        (f"slot-{slot.key}", gettext("%(label)s: %(message)s", label=evidence_label, message=slot.error))
        for slot in slots
        if slot.error
    ]


def _facts(tx: Transaction, task: tasks.OpenedTask) -> list[tuple[str, str, str]]:
    """What is known about the case, from the form it was started with: (label, text, telephone number or empty)."""
    intake = tasks.intake_form(tx, task)
    if intake is None:
        return []
    found: list[tuple[str, str, str]] = []
    for line in intake.lines(held(task, intake), form_locale(), task.environment()):
        if isinstance(line, Line) and line.text and len(found) < MOST_FACTS:
            text = line.text if len(line.text) <= LONGEST_FACT else f"{line.text[:LONGEST_FACT]}…"
            found.append((line.label, f"{text} {line.unit}".strip(), _dialled(line)))
    return found


def _dialled(line: Line) -> str:
    """The number to dial where the answer is a telephone number, else empty."""
    is_phone = "phone" in line.name or "mobile" in line.name
    digits = "".join(sign for sign in line.text if sign.isdigit() or sign == "+")
    return digits if is_phone and len(digits) >= 5 else ""
