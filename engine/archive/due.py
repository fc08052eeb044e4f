"""Which cases may leave: ended, their retention over, nothing left to do, and the same for all they are linked with.

A process says how long its cases are kept with the property ``retention`` (ISO 8601, for instance ``P10Y``); otherwise
it is three years (document 004, 五、(二): 服务记录保存 3 年).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from engine import feel
from engine.errors import N_, BaoxiuError
from engine.model import InstanceState, Job, ProcessDefinition, ProcessInstance
from engine.runtime.definitions import specification

DEFAULT_RETENTION = "P3Y"
PROPERTY = "retention"
_CUTOFF = feel.compile_expression("moment - duration(retention)", names=())


class UnreadableRetention(BaoxiuError):
    """A process says something else than a duration for its retention."""

    template = N_('The retention of the process {process} is "{value}"; a duration such as P3Y is wanted.')
    status = 422


def families_due(session: Session, organisation_key: str, now: datetime) -> list[list[int]]:
    """The keys of the cases that may leave, those linked with each other together, in order of their first key."""
    ended = _over(session, organisation_key, now)
    leaders = {key: key for key in ended}
    for key, others in ended.items():
        for other in others:
            if other in leaders:
                leaders[_leader(leaders, key)] = _leader(leaders, other)
    staying = {_leader(leaders, key) for key, others in ended.items() if not leaders.keys() >= set(others)}
    staying |= {_leader(leaders, key) for key in _needed(session, organisation_key, ended) if key in leaders}
    families: dict[int, list[int]] = {}
    for key in sorted(ended):
        families.setdefault(_leader(leaders, key), []).append(key)
    return [keys for leader, keys in families.items() if leader not in staying]


def cutoff(now: datetime, process_id: str, retention: str) -> datetime:
    """Cases that ended before this moment (aware) may leave. Raises `UnreadableRetention`."""
    scope = {"moment": feel.from_python(now), "retention": retention}
    moment = _CUTOFF.evaluate(scope, feel.Environment(now=lambda: now))
    if not isinstance(moment, feel.DateTime):
        raise UnreadableRetention(process=process_id, value=retention)
    return moment.to_python()


def _over(session: Session, organisation_key: str, now: datetime) -> dict[int, tuple[int, ...]]:
    """The ended cases whose time is over, each with the cases that called or started it."""
    found: dict[int, tuple[int, ...]] = {}
    definitions = session.scalars(
        select(ProcessDefinition).where(ProcessDefinition.organisation_key == organisation_key)
    )
    for definition in definitions.all():
        retention = specification(session, definition).properties.get(PROPERTY, DEFAULT_RETENTION)
        rows = session.execute(
            select(ProcessInstance.key, ProcessInstance.parent_instance_key, ProcessInstance.origin_instance_key).where(
                ProcessInstance.organisation_key == organisation_key,
                ProcessInstance.state.in_([InstanceState.COMPLETED, InstanceState.CANCELLED]),
                ProcessInstance.definition_key == definition.key,
                ProcessInstance.ended_at < cutoff(now, definition.process_id, retention),
                ~select(Job.key).where(Job.process_instance_key == ProcessInstance.key).exists(),
            )
        )
        found |= {key: tuple(other for other in others if other is not None) for key, *others in rows}
    return found


def _needed(session: Session, organisation_key: str, ended: Mapping[int, object]) -> Iterable[int]:
    """The cases that called or started one that stays."""
    other = aliased(ProcessInstance)
    rows = session.execute(
        select(other.key, other.parent_instance_key, other.origin_instance_key).where(
            other.organisation_key == organisation_key,
            or_(other.parent_instance_key.is_not(None), other.origin_instance_key.is_not(None)),
        )
    )
    return {before for key, *befores in rows if key not in ended for before in befores if before is not None}


def _leader(leaders: dict[int, int], key: int) -> int:
    """The case that stands for a family (union-find with halving of the path)."""
    while leaders[key] != key:
        leaders[key] = leaders[leaders[key]]
        key = leaders[key]
    return key
