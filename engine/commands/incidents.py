"""Incidents: trying again what failed."""

from __future__ import annotations

from sqlalchemy import select

from engine.access import Actor, Permission, require
from engine.commands.process_instances import running_case
from engine.database import Transaction
from engine.errors import N_, Conflict, NotFound
from engine.history import Lifecycle
from engine.model import Incident, Job

RETRIES = 3


class IncidentResolved(Conflict):
    """The incident has been resolved in the meantime."""

    template = N_("This incident was resolved by {resolved_by} at {at}.")


def retry(tx: Transaction, actor: Actor, key: int) -> Incident:
    """Try the failed step again: a job gets new attempts, a stopped token moves on at once.

    Raises `IncidentResolved`, `NotFound`.
    """
    require(actor, Permission.INCIDENT_RESOLVE)
    incident = tx.session.scalar(
        select(Incident).where(Incident.key == key, Incident.organisation_key == actor.organisation_key)
    )
    if incident is None:
        raise NotFound(what="incident", key=key)
    running = running_case(tx, actor, incident.process_instance_key)
    tx.session.refresh(incident)
    if incident.resolved_at is not None:
        raise IncidentResolved(resolved_by=incident.resolved_by, at=incident.resolved_at, detail="")
    incident.resolved_by = actor.username
    if incident.job_key is None:
        tx.session.flush()
        running.execution.retry(incident.element_instance)
    else:
        job = tx.session.get(Job, incident.job_key)
        if job is None:
            raise NotFound(what="job", key=incident.job_key)
        job.failed, job.retries, job.due_at = False, RETRIES, tx.now
        incident.resolved_at = tx.now
        running.instance.incidents -= 1
        entry = running.entry(Lifecycle.INCIDENT_RESOLVED, performer=actor)
        entry.element_id, entry.element_instance = incident.element_id, incident.element_instance
        running.entries.append(entry)
        tx.leaves_job(tx.now)
    running.save()
    return incident
