"""Deploying files: all of them or none. Unchanged definitions keep their version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, select

from engine import handling
from engine.access import Actor, Permission, require
from engine.commands import start_timers
from engine.database import Transaction
from engine.errors import InvalidInput
from engine.findings import Finding, errors_in
from engine.history import Entry, Lifecycle, record_for_organisation
from engine.linting import Contents, Files, FilesRefused, Surroundings, lint
from engine.model import (
    DecisionDefinition,
    Deployment,
    DeploymentResource,
    FormDefinition,
    Organisation,
    ProcessDefinition,
    Resource,
    Role,
)

Definition = type[ProcessDefinition] | type[DecisionDefinition] | type[FormDefinition]
MAX_FILES = 500


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deployment did: definitions that got a new version, those that stayed, and the warnings."""

    key: int
    changed: list[str] = field(default_factory=list[str])
    unchanged: list[str] = field(default_factory=list[str])
    warnings: list[Finding] = field(default_factory=list[Finding])


def check(tx: Transaction, organisation_key: str, files: Files) -> Contents:
    """Lint files against what the organisation has; nothing is written."""
    return lint(files, surroundings(tx, organisation_key))


def deploy(tx: Transaction, actor: Actor, files: Files, note: str = "") -> Deployed:
    """Deploy files (name → bytes) for the actor's organisation.

    Raises `FilesRefused` with every finding when any file has an error; then nothing is deployed.
    """
    require(actor, Permission.DEPLOYMENT_CREATE)
    if len(files) > MAX_FILES:
        raise InvalidInput(value=len(files), reason=f"a deployment has at most {MAX_FILES} files")
    tx.session.get_one(Organisation, actor.organisation_key, with_for_update=True)
    contents = check(tx, actor.organisation_key, files)
    errors = errors_in(contents.findings)
    if errors:
        raise FilesRefused(errors)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    _store(tx, files, hashes)
    deployment = Deployment(
        organisation_key=actor.organisation_key, deployed_at=tx.now, deployed_by=actor.username, note=note
    )
    tx.session.add(deployment)
    tx.session.flush()
    tx.session.execute(
        insert(DeploymentResource),
        [{"deployment_key": deployment.key, "name": name, "sha256": digest} for name, digest in hashes.items()],
    )
    result = Deployed(deployment.key, warnings=contents.findings)
    for row_type, key_name, rows in _definitions(contents):
        changed = _add_versions(tx, deployment, row_type, key_name, rows, hashes, result)
        if row_type is ProcessDefinition and changed:
            start_timers.arm(tx, actor.organisation_key, changed)
    detail = {"deployment": deployment.key, "changed": result.changed, "files": hashes}
    entry = Entry(Lifecycle.DEPLOYED, tx.now, performer=actor.username, source=tx.source, reason=note, detail=detail)
    record_for_organisation(tx.session, actor.organisation_key, [entry], tx.now)
    tx.session.flush()
    return result


def surroundings(tx: Transaction, organisation_key: str) -> Surroundings:
    """What an organisation's diagrams may refer to: registered handlers, its roles and what it has deployed."""

    def keys(column: Any, *conditions: Any) -> frozenset[str]:
        table = column.class_
        where = (table.organisation_key == organisation_key, *conditions)
        return frozenset(tx.session.scalars(select(column).where(*where).distinct()))

    return Surroundings(
        handlers=handling.known_handlers(),
        roles=keys(Role.key),
        processes=keys(ProcessDefinition.process_id),
        decisions=keys(DecisionDefinition.decision_id),
        forms=keys(FormDefinition.form_id, FormDefinition.document == ""),
        documents=keys(FormDefinition.form_id, FormDefinition.document != ""),
    )


def _store(tx: Transaction, files: Files, hashes: Mapping[str, str]) -> None:
    wanted = {hashes[name]: content for name, content in files.items()}
    known = set(tx.session.scalars(select(Resource.sha256).where(Resource.sha256.in_(wanted))))
    new = [{"sha256": digest, "content": content} for digest, content in wanted.items() if digest not in known]
    if new:
        tx.session.execute(insert(Resource), new)


Rows = list[dict[str, Any]]


def _definitions(contents: Contents) -> Iterable[tuple[Definition, str, Rows]]:
    processes: Rows = [
        {
            "process_id": specification.process_id,
            "version_tag": specification.version_tag,
            "name": specification.name or specification.process_id,
            "gloss": specification.gloss,
            "resource_name": name,
        }
        for name, specifications in contents.processes.items()
        for specification in specifications
        if specification.is_executable
    ]
    decisions: Rows = [
        {"decision_id": decision.id, "name": decision.name or decision.id, "resource_name": name}
        for name, model in contents.models.items()
        for decision in model.decisions.values()
    ]
    forms: Rows = [
        {
            "form_id": form.id,
            "name": form.properties.get("name", ""),
            "name_en": form.properties.get("name.en", ""),
            "document": str(form.document.kind) if form.document else "",
            "resource_name": name,
        }
        for name, form in contents.forms.items()
    ]
    return (
        (ProcessDefinition, "process_id", processes),
        (DecisionDefinition, "decision_id", decisions),
        (FormDefinition, "form_id", forms),
    )


def _add_versions(
    tx: Transaction,
    deployment: Deployment,
    row_type: Definition,
    key_name: str,
    rows: Rows,
    hashes: Mapping[str, str],
    result: Deployed,
) -> list[str]:
    """Add what differs from its newest version; gives the keys of that."""
    changed: list[str] = []
    latest = _latest(tx, deployment.organisation_key, row_type, key_name)
    for row in rows:
        key, digest = row[key_name], hashes[row["resource_name"]]
        version, known = latest.get(key, (0, ""))
        if known == digest:
            result.unchanged.append(key)
            continue
        definition = row_type(
            **row,
            organisation_key=deployment.organisation_key,
            version=version + 1,
            sha256=digest,
            deployment_key=deployment.key,
            deployed_at=deployment.deployed_at,
        )
        tx.session.add(definition)
        changed.append(key)
    result.changed.extend(changed)
    tx.session.flush()
    return changed


def _latest(tx: Transaction, organisation_key: str, row_type: Definition, key_name: str) -> dict[str, tuple[int, str]]:
    column: Any = getattr(row_type, key_name)
    newest = (
        select(column.label("id"), func.max(row_type.version).label("version"))
        .where(row_type.organisation_key == organisation_key)
        .group_by(column)
        .subquery()
    )
    rows = tx.session.execute(
        select(column, row_type.version, row_type.sha256)
        .join(newest, (newest.c.id == column) & (newest.c.version == row_type.version))
        .where(row_type.organisation_key == organisation_key)
    )
    return {key: (version, digest) for key, version, digest in rows}
