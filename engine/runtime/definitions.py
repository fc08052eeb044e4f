"""Parsed definitions, cached by content and shared by all instances, threads and organisations.

A cache entry is keyed by the hash of the bytes it was read from, so it can never be stale.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection, Select, bindparam, func, select
from sqlalchemy.orm import Session

from engine.bpmn import Binding, Specification, read_processes
from engine.dmn import Model, read_dmn
from engine.errors import NotFound
from engine.form_schema import Form, read_form
from engine.model import DecisionDefinition, FormDefinition, Organisation, ProcessDefinition, Resource
from engine.statements import Read

Parsed = TypeVar("Parsed")
CACHED_FILES = 512


Reads = Session | Connection
"""Statements are sent the same way to either."""
_Versioned = type[ProcessDefinition] | type[DecisionDefinition]


class Stored(Protocol):
    """What says which file something was read from: the mapped objects and the rows below."""

    sha256: Any
    resource_name: Any


class StoredProcess(Stored, Protocol):
    """A process in a file."""

    process_id: Any


@dataclass(slots=True)
class StoredFile:
    """A file that was deployed."""

    sha256: str
    resource_name: str


@dataclass(slots=True)
class Version:
    """A version of a decision, as commands hold it: it never changes."""

    key: int
    version: int
    sha256: str
    resource_name: str
    deployment_key: int


@dataclass(slots=True)
class Definition(Version):
    """A version of a process."""

    process_id: str
    name: str
    gloss: str
    zone: str
    """The zone of its organisation."""

    @classmethod
    def seen(cls, definition: ProcessDefinition, zone: str) -> Definition:
        """The same of a mapped object."""
        names = [field.name for field in fields(cls) if field.name != "zone"]
        return cls(**{name: getattr(definition, name) for name in names}, zone=zone)


_VERSION = [DecisionDefinition.__table__.c[field.name] for field in fields(Version)]
_OWN = [ProcessDefinition.__table__.c[field.name] for field in fields(Definition) if field.name != "zone"]
DEFINITION = [*_OWN, Organisation.zone]
"""The columns of a `Definition`; the organisation is joined."""


class _Cache(Generic[Parsed]):
    """The most recently used parsed files, by the hash of their bytes."""

    def __init__(self, parse: Callable[[bytes, str], Parsed]) -> None:
        self._parse = parse
        self._entries: OrderedDict[str, Parsed] = OrderedDict()
        self._lock = Lock()

    def get(self, session: Reads, sha256: str, name: str) -> Parsed:
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


def specification(session: Reads, definition: StoredProcess) -> Specification:
    """The specification of a deployed process."""
    return _specifications.get(session, definition.sha256, definition.resource_name)[definition.process_id]


def decision_model(session: Reads, definition: Stored) -> Model:
    """The decision model a deployed decision belongs to."""
    return _models.get(session, definition.sha256, definition.resource_name)


def form(session: Reads, definition: Stored) -> Form:
    """A deployed form or document type."""
    return _forms.get(session, definition.sha256, definition.resource_name)


def process_definition(
    session: Reads,
    organisation_key: str,
    process_id: str,
    binding: Binding = Binding.LATEST,
    deployment_key: int | None = None,
    version_tag: str | None = None,
) -> Definition:
    """The version of a process that a binding means. Raises `NotFound`."""
    bound = _Bound(organisation_key, process_id, binding, deployment_key, version_tag)
    row = bound.first(session, ProcessDefinition, "process_id")
    if row is None:
        raise NotFound(what="process", key=process_id)
    return Definition(*row)


def decision_definition(
    session: Reads,
    organisation_key: str,
    decision_id: str,
    binding: Binding = Binding.LATEST,
    deployment_key: int | None = None,
    version_tag: str | None = None,
) -> Version:
    """The version of a decision that a binding means. Raises `NotFound`."""
    bound = _Bound(organisation_key, decision_id, binding, deployment_key, version_tag)
    row = bound.first(session, DecisionDefinition, "decision_id")
    if row is None:
        raise NotFound(what="decision", key=decision_id)
    return Version(*row)


@dataclass(frozen=True, slots=True)
class _Bound:
    """Which version of something is meant."""

    organisation_key: str
    id: str
    binding: Binding
    deployment_key: int | None
    version_tag: str | None

    def first(self, session: Reads, table: _Versioned, id_column: str) -> list[Any] | None:
        """The columns of the version that is meant."""
        of_deployment = self.binding is Binding.DEPLOYMENT and self.deployment_key is not None
        query = _newest(table, id_column, of_deployment, self.binding is Binding.VERSION_TAG)
        wanted = {"organisation": self.organisation_key, "id": self.id}
        return query.first(
            _connection(session), {**wanted, "deployment": self.deployment_key, "tag": self.version_tag or ""}
        )


def _connection(session: Reads) -> Connection:
    return session if isinstance(session, Connection) else session.connection()


@cache
def _newest(
    table: _Versioned,
    id_column: str,
    of_deployment: bool,
    with_tag: bool,
) -> Read:
    columns = table.__table__.c
    chosen: Select[Any] = select(*_VERSION) if table is DecisionDefinition else _processes()
    query = chosen.where(columns.organisation_key == bindparam("organisation"), columns[id_column] == bindparam("id"))
    if of_deployment:
        query = query.where(columns.deployment_key <= bindparam("deployment"))
    if with_tag:
        query = query.where(columns.version_tag == bindparam("tag"))
    newest = query.order_by(columns.version.desc()).limit(1)
    return Read(lambda _: newest, ["organisation", "id", "deployment", "tag"])


def _processes() -> Select[Any]:
    of_organisation = Organisation.key == ProcessDefinition.organisation_key
    return select(*DEFINITION).join_from(ProcessDefinition, Organisation, of_organisation)


_NEWEST_OF_ALL = _processes().where(
    ProcessDefinition.key.in_(
        select(func.max(ProcessDefinition.key))
        .where(ProcessDefinition.organisation_key == bindparam("organisation"))
        .group_by(ProcessDefinition.process_id)
    )
)


def newest_definitions(session: Reads, organisation_key: str) -> list[Definition]:
    """The newest version of every process of an organisation."""
    rows = session.execute(_NEWEST_OF_ALL, {"organisation": organisation_key})
    return [Definition(*row) for row in rows]


_NEWEST_FORM = Read(
    lambda _: (
        select(FormDefinition.key, FormDefinition.document, FormDefinition.sha256, FormDefinition.resource_name)
        .where(FormDefinition.organisation_key == bindparam("organisation"), FormDefinition.form_id == bindparam("id"))
        .order_by(FormDefinition.version.desc())
        .limit(1)
    ),
    ["organisation", "id"],
)


@dataclass(slots=True)
class FormVersion:
    """The newest version of a form or document type."""

    key: int
    document: str
    sha256: str
    resource_name: str


def form_definition(session: Reads, organisation_key: str, form_id: str) -> FormVersion:
    """The latest version of a form or document type. Raises `NotFound`."""
    row = _NEWEST_FORM.first(_connection(session), {"organisation": organisation_key, "id": form_id})
    if row is None:
        raise NotFound(what="form", key=form_id)
    return FormVersion(*row)
