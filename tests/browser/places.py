"""Every page of the application with suitable arguments and somebody who may open it, made from the URL map.

An endpoint without an example is an error, so that a new page cannot be forgotten by the tests that walk through all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine.archive import archive
from engine.model import ArchivedCase, Document, Incident, ProcessInstance, User, UserTask
from engine.queries.deviations import Check
from tests.company import (
    ACCOUNTANT,
    ADMINISTRATOR,
    CLERK,
    COMPLIANCE,
    MANAGER,
    ORGANISATION,
    OWNER,
    SALES,
    SUPERVISOR,
    TECHNICIAN,
    Company,
)

PROCESS, DECISION, FORM = "after_sales_service", "quote_review_route", "solution_plan"
CASE_TABS = ("timeline", "variables", "documents", "decisions", "jobs", "linked")
OWNER_TABS = ("processes", "decisions", "forms", "deployments")


@dataclass(frozen=True, slots=True)
class Place:
    """A page: a name for pictures, its address, and who opens it (empty: nobody is signed in)."""

    name: str
    path: str
    username: str


@dataclass(frozen=True, slots=True)
class Example:
    """Arguments of an endpoint, query parameters among them; `name` tells several of one endpoint apart."""

    username: str
    name: str
    arguments: Mapping[str, Any]


def by(username: str, name: str = "", **arguments: Any) -> Example:
    """An example in one line."""
    return Example(username, name, arguments)


def places(company: Company) -> list[Place]:
    """All addresses that can be opened with GET, in the order of the URL map. Fails where an example is missing."""
    archived = _archived(company)
    with company.database.reading() as tx:
        examples = _examples(tx.session) | {"compliance.archived_case": [by(COMPLIANCE, key=archived)]}
    endpoints = {rule.endpoint for rule in company.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    missing = sorted(endpoints - examples.keys())
    assert not missing, f"tests/browser/places.py has no example for {', '.join(missing)}"
    return [place for endpoint in sorted(endpoints) for place in _places(company, endpoint, examples[endpoint])]


def _places(company: Company, endpoint: str, examples: list[Example]) -> Iterator[Place]:
    with company.app.test_request_context():
        for example in examples:
            path = company.app.url_for(endpoint, **example.arguments)
            name = "-".join(part for part in (endpoint.replace(".", "-"), example.name) if part)
            yield Place(name, path, example.username)


def _examples(session: Session) -> dict[str, list[Example]]:
    return {
        "home": [by(CLERK)],
        "health": [by("")],
        "static": [by("", filename="dist/manifest.json")],
        "auth.sign_in": [by("")],
        "auth.profile": [by(CLERK)],
        "search.index": [by(CLERK), by(CLERK, "found", q="通讯"), by(ADMINISTRATOR, "nothing", q="没有这样的")],
        "notifications.index": [by(SUPERVISOR), by(OWNER, "none"), by(SUPERVISOR, "unread", show="unread")],
        "start.index": [by(CLERK)],
        "start.form": [by(CLERK, process_id=PROCESS)],
        "admin.index": [by(ADMINISTRATOR), by(CLERK, "clerk")],
        "admin.calendars": [by(ADMINISTRATOR), by(CLERK, "clerk")],
        "admin.people": [by(ADMINISTRATOR)],
        "admin.new_person": [by(ADMINISTRATOR)],
        "admin.person": [by(ADMINISTRATOR, key=session.scalars(select(User.key).where(User.username == CLERK)).one())],
        "admin.prices": [by(SUPERVISOR), by(CLERK, "clerk")],
        "admin.registers": [by(CLERK)],
        "admin.register": [by(CLERK, key="service_ledger")],
        **_task_examples(session),
        **_case_examples(session),
        "operations.index": [by(ADMINISTRATOR), by(ADMINISTRATOR, "all", group="all")],
        "operations.confirm_cancel": [by(ADMINISTRATOR, key=_stopped(session))],
        "operations.incidents": [by(ADMINISTRATOR)],
        "operations.jobs": [by(ADMINISTRATOR)],
        "compliance.index": [by(COMPLIANCE)],
        "compliance.case": [by(COMPLIANCE, key=_ended(session))],
        "compliance.deviation": [by(COMPLIANCE, str(check), check=check) for check in Check],
        "owners.index": [by(OWNER, tab, tab=tab) for tab in OWNER_TABS],
        "owners.process": [by(OWNER, process_id=PROCESS)],
        "owners.decision": [by(OWNER, decision_id=DECISION)],
        "owners.form": [by(OWNER, form_id=FORM), by(OWNER, "document", form_id="service_contract")],
        "owners.deploy_form": [by(OWNER)],
        "owners.diagram": [by(OWNER, process_id=PROCESS, version=1)],
        "owners.table_file": [by(OWNER, decision_id=DECISION, version=1)],
        "owners.form_file": [by(OWNER, form_id=FORM, version=1)],
    }


def _task_examples(session: Session) -> dict[str, list[Example]]:
    def task(element: str, state: str = "open") -> int:
        wanted = select(UserTask.key).where(UserTask.element_id == element, UserTask.state == state)
        return session.scalars(wanted.order_by(UserTask.key.desc()).limit(1)).one()

    plan = task("solution_plan")
    return {
        "tasks.worklist": [
            by(CLERK),
            by(CLERK, "overdue", due="overdue"),
            by(TECHNICIAN, "mine", scope="mine"),
            by(CLERK, "nothing", q="没有这样的"),
            by(SALES, "sales"),
        ],
        "tasks.show": [
            by(CLERK, "plan", key=plan),
            by(CLERK, "intake", key=task("fault_intake")),
            by(CLERK, "phone", key=task("phone_support")),
            by(CLERK, "agree", key=task("agree_solution")),
            by(CLERK, "done", key=task("solution_plan", "completed")),
            by(SUPERVISOR, "review", key=task("superior_review")),
            by(MANAGER, "manager", key=task("manager_approval")),
            by(ACCOUNTANT, "finance", key=task("finance_review")),
            by(SALES, "price", key=task("price_negotiation")),
            by(TECHNICIAN, "site", key=task("site_service")),
        ],
        "tasks.assign_form": [by(ADMINISTRATOR, key=plan)],
        "tasks.diagram": [by(CLERK, key=plan)],
        "tasks.markers": [by(CLERK, key=plan)],
    }


def _case_examples(session: Session) -> dict[str, list[Example]]:
    ended, stopped = _ended(session), _stopped(session)
    record = select(Document.key).where(Document.process_instance_key == ended, Document.kind == "record")
    records = {
        kind: session.scalars(record.where(Document.document_type == kind).limit(1)).one()
        for kind in ("service_order", "service_contract", "material_cost_list", "site_record", "callback_record")
    }
    file = session.scalars(select(Document.key).where(Document.kind == "attachment").limit(1)).one()
    return {
        "cases.index": [by(CLERK), by(ADMINISTRATOR, "incidents", incidents=1), by(ADMINISTRATOR, "nothing", q="没有")],
        "cases.show": [
            *[by(ADMINISTRATOR, tab, key=ended, tab=tab) for tab in CASE_TABS],
            by(ADMINISTRATOR, "stopped", key=stopped),
            by(CLERK, "running", key=_running(session)),
        ],
        "cases.diagram": [by(ADMINISTRATOR, key=ended)],
        "cases.markers": [by(ADMINISTRATOR, key=ended)],
        "documents.show": [by(ADMINISTRATOR, kind, key=key) for kind, key in records.items()],
        "documents.file": [by(ADMINISTRATOR, key=file)],
        "documents.pdf": [by(ADMINISTRATOR, key=records["service_order"])],
        "documents.folder": [by(ADMINISTRATOR, case_key=ended)],
    }


def _ended(session: Session) -> int:
    """A case that has gone all the way."""
    filed = _element(session, "file_material", "completed")
    return session.scalars(
        select(ProcessInstance.key).where(ProcessInstance.key.in_(filed), ProcessInstance.state == "completed").limit(1)
    ).one()


def _archived(company: Company) -> int:
    """A case that has left for the archive: one that nobody is linked with is made old enough."""
    with company.database.reading() as tx:
        left = tx.session.scalar(select(ArchivedCase.process_instance_key).limit(1))
    if left is not None:
        return left
    linked = select(ProcessInstance.origin_instance_key).where(ProcessInstance.origin_instance_key.is_not(None))
    with company.database.transaction() as tx:
        case = tx.session.scalars(
            select(ProcessInstance)
            .where(ProcessInstance.ended_at.is_not(None), ProcessInstance.key.not_in(linked))
            .where(ProcessInstance.origin_instance_key.is_(None), ProcessInstance.key != _ended(tx.session))
            .limit(1)
        ).one()
        case.ended_at -= timedelta(days=4 * 366)  # type: ignore[operator]
    assert archive(company.database, ORGANISATION, company.archive)
    return case.key


def _running(session: Session) -> int:
    """A case that is being worked on at its plan."""
    return session.scalars(
        select(ProcessInstance.key).where(ProcessInstance.key.in_(_element(session, "agree_solution", "open"))).limit(1)
    ).one()


def _stopped(session: Session) -> int:
    return session.scalars(select(Incident.process_instance_key).where(Incident.resolved_at.is_(None)).limit(1)).one()


def _element(session: Session, element: str, state: str) -> list[int]:
    condition: ColumnElement[bool] = UserTask.element_id == element
    return list(session.scalars(select(UserTask.process_instance_key).where(condition, UserTask.state == state)))
