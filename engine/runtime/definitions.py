"""Parsed definitions, cached by content and shared by all instances, threads and organisations.

A cache entry is keyed by the hash of the bytes it was read from, so it can never be stale.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.bpmn import Binding, Specification, read_processes
from engine.dmn import Model, read_dmn
from engine.errors import NotFound
from engine.form_schema import Form, read_form
from engine.model import DecisionDefinition, FormDefinition, ProcessDefinition, Resource

Parsed = TypeVar("Parsed")
CACHED_FILES = 512


class _Cache(Generic[Parsed]):
    """The most recently used parsed files, by the hash of their bytes."""

    def __init__(self, parse: Callable[[bytes, str], Parsed]) -> None:
        self._parse = parse
        self._entries: OrderedDict[str, Parsed] = OrderedDict()
        self._lock = Lock()

    def get(self, session: Session, sha256: str, name: str) -> Parsed:
        with self._lock:
            if sha256 in self._entries:
                self._entries.move_to_end(sha256)
                return self._entries[sha256]
        content = session.scalar(select(Resource.content).where(Resource.sha256 == sha256))
        if content is None:
            raise NotFound(what="resource", key=sha256)
        parsed = self._parse(content, name)
        with self._lock:
            self._entries[sha256] = parsed
            while len(self._entries) > CACHED_FILES:
                self._entries.popitem(last=False)
        return parsed


def _read_specifications(content: bytes, name: str) -> dict[str, Specification]:
    return {specification.process_id: specification for specification in read_processes(content, name).processes}


_specifications = _Cache(_read_specifications)
_models: _Cache[Model] = _Cache(lambda content, name: read_dmn(content, name=name))
_forms: _Cache[Form] = _Cache(lambda content, name: read_form(content.decode("utf-8"), name))


def specification(session: Session, definition: ProcessDefinition) -> Specification:
    """The specification of a deployed process."""
    return _specifications.get(session, definition.sha256, definition.resource_name)[definition.process_id]


def decision_model(session: Session, definition: DecisionDefinition) -> Model:
    """The decision model a deployed decision belongs to."""
    return _models.get(session, definition.sha256, definition.resource_name)


def form(session: Session, definition: FormDefinition) -> Form:
    """A deployed form or document type."""
    return _forms.get(session, definition.sha256, definition.resource_name)


def process_definition(
    session: Session,
    organisation_key: str,
    process_id: str,
    binding: Binding = Binding.LATEST,
    deployment_key: int | None = None,
    version_tag: str | None = None,
) -> ProcessDefinition:
    """The version of a process that a binding means. Raises `NotFound`."""
    query = select(ProcessDefinition).where(
        ProcessDefinition.organisation_key == organisation_key, ProcessDefinition.process_id == process_id
    )
    if binding is Binding.DEPLOYMENT and deployment_key is not None:
        query = query.where(ProcessDefinition.deployment_key <= deployment_key)
    if binding is Binding.VERSION_TAG:
        query = query.where(ProcessDefinition.version_tag == (version_tag or ""))
    found = session.scalar(query.order_by(ProcessDefinition.version.desc()).limit(1))
    if found is None:
        raise NotFound(what="process", key=process_id)
    return found


def decision_definition(
    session: Session,
    organisation_key: str,
    decision_id: str,
    binding: Binding = Binding.LATEST,
    deployment_key: int | None = None,
    version_tag: str | None = None,
) -> DecisionDefinition:
    """The version of a decision that a binding means. Raises `NotFound`."""
    query = select(DecisionDefinition).where(
        DecisionDefinition.organisation_key == organisation_key, DecisionDefinition.decision_id == decision_id
    )
    if binding is Binding.DEPLOYMENT and deployment_key is not None:
        query = query.where(DecisionDefinition.deployment_key <= deployment_key)
    if binding is Binding.VERSION_TAG:
        query = query.where(DecisionDefinition.version_tag == (version_tag or ""))
    found = session.scalar(query.order_by(DecisionDefinition.version.desc()).limit(1))
    if found is None:
        raise NotFound(what="decision", key=decision_id)
    return found


def form_definition(session: Session, organisation_key: str, form_id: str) -> FormDefinition:
    """The latest version of a form or document type. Raises `NotFound`."""
    found = session.scalar(
        select(FormDefinition)
        .where(FormDefinition.organisation_key == organisation_key, FormDefinition.form_id == form_id)
        .order_by(FormDefinition.version.desc())
        .limit(1)
    )
    if found is None:
        raise NotFound(what="form", key=form_id)
    return found
