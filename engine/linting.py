"""What is wrong with a set of files before it is deployed: each file by itself, and all of them together.

Pure: what exists outside the files (handlers, roles, forms and decisions deployed before) comes in as `Surroundings`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as dataclass_replace
from typing import TypeVar

from engine.bpmn import Element, Specification, read_processes
from engine.bpmn.style import check_style
from engine.calendar import WORKING_TIME_NAMES
from engine.dmn import DmnError, Model, check_model, read_dmn
from engine.dropped import check_outputs
from engine.errors import N_, BaoxiuError
from engine.findings import Finding
from engine.form_schema import Form, read_form
from engine.semantics import check_soundness
from engine.settings import soundness_states
from engine.unwritten import check_variables
from engine.xml import BrokenXml

Files = Mapping[str, bytes]

ENGINE_NAMES = WORKING_TIME_NAMES | {"members", "case"}
"""What every decision may use besides variables: the functions of engine.runtime, and the case itself."""
Parsed = TypeVar("Parsed")

COMPANIONS = (".scenarios.yaml", "organisation.yaml", ".md")
"""Files that may lie beside the diagrams and are no definitions."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the files may refer to besides each other; `soundness_states` caps the proof that processes end."""

    handlers: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    processes: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()
    soundness_states: int = field(default_factory=soundness_states)


@dataclass(slots=True)
class Contents:
    """What was read: definitions by file name, and everything that was found."""

    processes: dict[str, tuple[Specification, ...]] = field(default_factory=dict[str, tuple[Specification, ...]])
    models: dict[str, Model] = field(default_factory=dict[str, Model])
    forms: dict[str, Form] = field(default_factory=dict[str, Form])
    findings: list[Finding] = field(default_factory=list[Finding])


def lint(files: Files, surroundings: Surroundings) -> Contents:
    """Read all files and check them; nothing is executed."""
    contents = _read(files)
    known = _with(surroundings, contents)
    forms = {form.id: form for form in contents.forms.values()}
    for name, specifications in contents.processes.items():
        for specification in specifications:
            found = _check_process(specification, known)
            contents.findings.extend(finding.in_file(name) for finding in found)
            contents.findings.extend(finding.in_file(name) for finding in check_variables(specification, forms))
            contents.findings.extend(finding.in_file(name) for finding in check_outputs(specification, forms))
    contents.findings.extend(_twice(contents))
    return contents


def _read(files: Files) -> Contents:
    contents = Contents()
    for name, content in sorted(files.items()):
        if name.endswith(".bpmn"):
            resource = _attempt(contents, name, lambda content=content, name=name: read_processes(content, name))
            if resource is not None:
                contents.processes[name] = resource.processes
                contents.findings.extend(finding.in_file(name) for finding in resource.findings)
                contents.findings.extend(check_style(content, name))
        elif name.endswith(".dmn"):
            model = _attempt(contents, name, lambda content=content, name=name: read_table(content, name))
            if model is not None:
                contents.models[name] = model
                contents.findings.extend(finding.in_file(name) for finding in check_model(model))
        elif name.endswith(".form"):
            _read_form(contents, name, content)
        elif not name.endswith(COMPANIONS):
            contents.findings.append(
                Finding(
                    "unknown-file",
                    N_("{name} is no diagram, table or form."),
                    {"name": name},
                    N_("Deploy .bpmn, .dmn and .form files."),
                    file=name,
                )
            )
    return contents


def read_table(content: bytes, name: str) -> Model:
    """A decision file, whose expressions may use what the engine passes to every decision."""
    return read_dmn(content, name=name, names=ENGINE_NAMES)


def _read_form(contents: Contents, name: str, content: bytes) -> None:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        contents.findings.append(_unreadable(name, "it is not UTF-8"))
        return
    form = read_form(text, name)
    contents.forms[name] = form
    contents.findings.extend(finding.in_file(name) for finding in form.findings)


def _attempt(contents: Contents, name: str, read: Callable[[], Parsed]) -> Parsed | None:
    try:
        return read()
    except (BrokenXml, DmnError) as error:
        contents.findings.append(_unreadable(name, str(error)))
        return None


def _unreadable(name: str, reason: str) -> Finding:
    return Finding("unreadable", N_("The file cannot be read: {reason}"), {"reason": reason}, file=name)


def _with(surroundings: Surroundings, contents: Contents) -> Surroundings:
    forms = list(contents.forms.values())
    return dataclass_replace(
        surroundings,
        processes=surroundings.processes
        | {specification.process_id for group in contents.processes.values() for specification in group},
        decisions=surroundings.decisions | {key for model in contents.models.values() for key in model.decisions},
        forms=surroundings.forms | {form.id for form in forms if form.document is None},
        documents=surroundings.documents | {form.id for form in forms if form.document is not None},
    )


def _twice(contents: Contents) -> Iterator[Finding]:
    places: dict[tuple[str, str], list[str]] = {}
    for name, specifications in contents.processes.items():
        for specification in specifications:
            places.setdefault(("process", specification.process_id), []).append(name)
    for name, model in contents.models.items():
        for key in model.decisions:
            places.setdefault(("decision", key), []).append(name)
    for name, form in contents.forms.items():
        places.setdefault(("form", form.id), []).append(name)
    for (kind, key), names in places.items():
        if len(names) > 1:
            params = {"kind": kind, "key": key, "files": ", ".join(names)}
            yield Finding(
                "id-used-twice",
                N_("The {kind} id {key} is used in several files: {files}."),
                params,
                N_("Give each of them an id of its own."),
                element=key,
                file=names[-1],
            )


def _check_process(specification: Specification, known: Surroundings) -> Iterator[Finding]:
    start_form = specification.properties.get("start_form", "")
    if start_form and start_form not in known.forms:
        yield _unknown("form", start_form, specification.process_id, N_("Deploy the form together with the diagram."))
    if specification.can_run:
        yield from check_soundness(specification, known.soundness_states)
    for element in specification.elements.values():
        yield from _check_element(element, known)


def _check_element(element: Element, known: Surroundings) -> Iterator[Finding]:
    if element.task_type and element.task_type not in known.handlers:
        advice = N_("Register a handler of that name in a module that BAOXIU_HANDLERS names, or correct the type.")
        yield _unknown("handler", element.task_type, element.id, advice)
    if element.form_id and element.form_id not in known.forms:
        yield _unknown("form", element.form_id, element.id, N_("Deploy the form together with the diagram."))
    decision = element.called_decision.decision_id if element.called_decision else ""
    if decision and not decision.startswith("=") and decision not in known.decisions:
        yield _unknown("decision", decision, element.id, N_("Deploy the table together with the diagram."))
    called = element.called_element.process_id if element.called_element else ""
    if called and not called.startswith("=") and called not in known.processes:
        yield _unknown("process", called, element.id, N_("Deploy the called process before or together with this one."))
    for role in static_groups(element):
        if role not in known.roles:
            yield _unknown("role", role, element.id, N_("Add the role to the organisation, or correct its key."))
    for key in evidence_keys(element):
        if key not in known.documents:
            yield _unknown(
                "document type", key, element.id, N_("Deploy a form whose id it is and whose properties say document.")
            )


def static_groups(element: Element) -> list[str]:
    """The candidate groups that a diagram names literally (none for a FEEL expression)."""
    text = (element.assignment.candidate_groups or "").strip() if element.assignment else ""
    if text.startswith("="):
        return []
    return [group.strip() for group in text.split(",") if group.strip()]


def evidence_keys(element: Element) -> list[str]:
    """The document types an element produces or requires."""
    words: Iterable[str] = (element.properties.get(name, "") for name in ("produces", "requires"))
    return [key for text in words for key in text.split()]


def _unknown(kind: str, key: str, element: str, advice: str) -> Finding:
    params = {"kind": kind, "key": key}
    return Finding(f"unknown-{kind.split()[0]}", N_('There is no {kind} "{key}".'), params, advice, element=element)


class FilesRefused(BaoxiuError):
    """A set of files has errors; none of it was deployed."""

    template = N_("The files have {count} errors and were not deployed. First: {first}")
    status = 422

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__(count=len(findings), first=str(findings[0]))
