"""Builders: what a test needs, said in the test."""

from __future__ import annotations

import os
import weakref
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from engine.access import Actor, actor_for, engine_actor
from engine.clock import Clock, FakeClock
from engine.commands import deployments, organisations, users
from engine.database import Database
from engine.model import Base

ORGANISATION = "workshop"
PASSWORD = "a long password"
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday 2 March 2026, 09:00 in Shanghai."""

BPMN = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' targetNamespace="http://baoxiu.example/test">{messages}'
    '<bpmn:process id="{process_id}" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'
)


def diagram(body: str, process_id: str = "p", messages: str = "") -> bytes:
    """A BPMN file with one process."""
    return BPMN.format(process_id=process_id, body=body, messages=messages).encode()


def flow(source: str, target: str, condition: str = "", flow_id: str = "") -> str:
    """A sequence flow; `condition` is FEEL without the leading ``=``."""
    inner = (
        f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">={condition}</bpmn:conditionExpression>'
        if condition
        else ""
    )
    name = flow_id or f"{source}-{target}"
    return f'<bpmn:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def user_task(task_id: str, group: str = "clerk", extra: str = "") -> str:
    """A user task offered to a role."""
    return (
        f'<bpmn:userTask id="{task_id}" name="{task_id}"><bpmn:extensionElements><zeebe:userTask/>'
        f'<zeebe:assignmentDefinition candidateGroups="{group}"/>{extra}</bpmn:extensionElements></bpmn:userTask>'
    )


def service_task(task_id: str, task_type: str, retries: int = 3) -> str:
    """A service task for a handler."""
    return (
        f'<bpmn:serviceTask id="{task_id}"><bpmn:extensionElements>'
        f'<zeebe:taskDefinition type="{task_type}" retries="{retries}"/></bpmn:extensionElements></bpmn:serviceTask>'
    )


def script_task(task_id: str, expression: str, result: str) -> str:
    """A script task; `expression` is FEEL without the leading ``=``."""
    return (
        f'<bpmn:scriptTask id="{task_id}"><bpmn:extensionElements>'
        f'<zeebe:script expression="={expression}" resultVariable="{result}"/>'
        "</bpmn:extensionElements></bpmn:scriptTask>"
    )


def small_process() -> bytes:
    """The benchmark's diagram: start → user task → script → exclusive gateway → user task → end."""
    return diagram(
        '<bpmn:startEvent id="start"/>'
        + user_task("first")
        + script_task("double", "amount * 2", "doubled")
        + '<bpmn:exclusiveGateway id="choice" default="choice-second"/>'
        + user_task("second")
        + '<bpmn:endEvent id="end"/><bpmn:endEvent id="rejected"/>'
        + flow("start", "first")
        + flow("first", "double")
        + flow("double", "choice")
        + flow("choice", "second")
        + flow("choice", "rejected", "doubled &gt; 1000")
        + flow("second", "end"),
        "small",
    )


def organisation_data(**roles: Mapping[str, Any]) -> dict[str, Any]:
    """An organisation's file: a clerk, a boss, an administrator, an auditor, and what is given."""
    standard: dict[str, Mapping[str, Any]] = {
        "clerk": {"name": "客服内勤", "superior": "boss"},
        "boss": {"name": "客服主管"},
        "administrator": {"name": "系统管理员", "permissions": ["administrator"]},
        "auditor": {"name": "合规", "permissions": ["compliance"]},
        "owner": {"name": "流程负责人", "permissions": ["owner"]},
    }
    return {
        "organisation": {"key": ORGANISATION, "name": "维修厂", "name.en": "Workshop", "zone": "Asia/Shanghai"},
        "roles": {**standard, **roles},
        "calendars": {
            "default": {
                "name": "工作日",
                "data": {
                    "zone": "Asia/Shanghai",
                    "weekly": {day: [["09:00", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")},
                    "holidays": None,
                    "exceptions": {},
                },
            }
        },
    }


def new_database(url: str = "", clock: Clock | None = None) -> Database:
    """An empty database with the newest schema and the test organisation.

    Without an address: in memory, or on PostgreSQL where BAOXIU_TEST_DATABASE=postgresql (make verify runs both).
    """
    database = Database(url or default_url(), clock or FakeClock(MONDAY))
    weakref.finalize(database, database.engine.dispose)  # no test has to close what it opened
    Base.metadata.create_all(database.engine)
    with database.transaction() as tx:
        organisations.set_up(tx, organisation_data())
    return database


def default_url() -> str:
    """Where tests keep their data when they do not say it."""
    if os.environ.get("BAOXIU_TEST_DATABASE") == "postgresql":
        from tests.postgresql import new_postgresql_database

        return new_postgresql_database()
    return "sqlite://"


def deploy(database: Database, **files: bytes) -> None:
    """Deploy files; ``small_bpmn=…`` is the file small.bpmn."""
    named = {name[::-1].replace("_", ".", 1)[::-1]: content for name, content in files.items()}
    with database.transaction() as tx:
        deployments.deploy(tx, engine_actor(ORGANISATION), named)


def new_user(database: Database, username: str, *roles: str) -> Actor:
    """A user with roles, at work."""
    with database.transaction() as tx:
        user = users.add_user(tx, engine_actor(ORGANISATION), username, username, PASSWORD, roles)
        return actor_for(tx.session, user.key, tx.now)
