"""The equipment supplier at work behind the web application: its shipped processes with some cases, for page tests.

The users are those of `tests.web` (one per bundle) and `clerk`, who holds the roles of the people in the process.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from engine import jobs
from engine.access import Actor, actor_for, engine_actor
from engine.commands import deployments, organisations, process_instances, user_tasks, users
from engine.database import Database
from engine.handling import load_handlers
from engine.model import ProcessInstance, User, UserTask
from tests.builders import diagram, flow, script_task, user_task
from tests.web import ORGANISATION, Installation, add_user, installation, installation_on_disk

ROOT = Path(__file__).resolve().parent.parent
FOLDER = "equipment_supplier"
PEOPLE = ("cs_clerk", "cs_supervisor", "general_manager", "finance", "sales", "repair_supervisor", "repair_technician")
REPORT: dict[str, object] = {
    "customer_name": "苏州恒越精密机械有限公司",
    "contact_name": "方敏华",
    "contact_phone": "0512-0000 0000",
    "equipment": "GZ-12 灌装称重线",
    "fault_description": "3 号称重模块通讯中断，每班 4 至 6 次",
    "channel": "customer_call",
    "warranty": "out",
}
INTAKE: dict[str, object] = {"customer_class": "normal", "urgency": "normal"}
SOLVED: dict[str, object] = {
    "phone_cooperation": "yes",
    "phone_questions": "问到第 6 问，插头松动",
    "tree_result": "solved",
    "expert_result": "not_asked",
    "phone_answer": "插紧通讯插头后恢复",
}
UNSOLVED: dict[str, object] = {
    "phone_cooperation": "yes",
    "phone_questions": "问到第 6 问，重启后 3 分钟内复现",
    "tree_result": "located",
    "fault_location": "称重模块通讯板",
    "expert_result": "not_solved",
    "expert_name": "冯波",
}


def shipped_files() -> dict[str, bytes]:
    """The definitions of the equipment supplier, by file name."""
    folders = (ROOT / "processes" / FOLDER, ROOT / "forms" / FOLDER)
    endings = (".bpmn", ".dmn", ".form")
    return {
        path.name: path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix in endings
    }


def failing_process() -> bytes:
    """A process that stops at its first step: the variable it computes with is missing."""
    return diagram(
        '<bpmn:startEvent id="start"/>'
        + script_task("compute", "amount * 2 + missing_number", "doubled")
        + '<bpmn:exclusiveGateway id="which" name="哪一种"/>'
        + user_task("after", "cs_clerk")
        + '<bpmn:endEvent id="end"/><bpmn:endEvent id="other"/>'
        + flow("start", "compute")
        + flow("compute", "which")
        + flow("which", "after", "doubled &gt; 10")
        + flow("which", "other", "doubled &lt;= 10")
        + flow("after", "end"),
        "failing",
    )


class Supplier:
    """An installation with the supplier's definitions, and what happens in it."""

    def __init__(self, built: Installation) -> None:
        self.built = built
        self.database: Database = built.database
        load_handlers(("handlers.equipment_supplier",))
        data: dict[str, Any] = yaml.safe_load((ROOT / "processes" / FOLDER / "organisation.yaml").read_text("utf-8"))
        data["organisation"]["key"] = ORGANISATION
        with self.database.transaction() as tx:
            organisations.set_up(tx, {**data, "roles": _others(data["roles"])})
            deployments.deploy(tx, engine_actor(ORGANISATION), shipped_files(), "首次部署")
            clerk = add_user(tx, "clerk", PEOPLE[0])
            for role in PEOPLE[1:]:
                users.grant_role(tx, engine_actor(ORGANISATION), clerk, role)
        self.actor = self.actor_of("clerk")

    def actor_of(self, username: str) -> Actor:
        """A user at work now."""
        with self.database.reading() as tx:
            key = tx.session.scalars(select(User.key).where(User.username == username)).one()
            return actor_for(tx.session, key, tx.now)

    def start(self, process_id: str = "after_sales_service", **values: object) -> int:
        """Start a case; gives its key."""
        given = {**REPORT, **values} if process_id == "after_sales_service" else values
        with self.database.transaction("web") as tx:
            return process_instances.start(tx, self.actor, process_id, given).key

    def complete(self, case: int, **values: object) -> None:
        """Complete the open task of a case, then run what is due."""
        with self.database.transaction("web") as tx:
            task = tx.session.scalars(
                select(UserTask.key).where(UserTask.process_instance_key == case, UserTask.state == "open")
            ).one()
            user_tasks.complete(tx, self.actor, task, values)
        jobs.run_due(self.database)

    def solve(self, case: int) -> None:
        """Play a case to its short end: solved by phone."""
        self.complete(case, **INTAKE)
        self.complete(case, **SOLVED)

    def plan(self, case: int) -> None:
        """Play a case on to the plan: the phone has not helped, and the customer waits for a reply."""
        self.complete(case, **INTAKE)
        self.complete(case, **UNSOLVED)

    def deploy(self, files: dict[str, bytes], note: str = "") -> None:
        """Deploy further files."""
        with self.database.transaction("web") as tx:
            deployments.deploy(tx, engine_actor(ORGANISATION), files, note)

    def stop(self) -> int:
        """Start a case that stops with an incident at once; gives its key."""
        self.deploy({"failing.bpmn": failing_process()})
        return self.start("failing", amount=3)

    def later(self, **time: float) -> None:
        """Let time pass."""
        self.built.clock.advance(timedelta(**time))

    def case(self, key: int) -> ProcessInstance:
        """A case as it stands."""
        with self.database.reading() as tx:
            return tx.session.get_one(ProcessInstance, key)


def supplier(folder: Path | None = None) -> Supplier:
    """A new supplier, in memory or (for browsers) on disk."""
    return Supplier(installation_on_disk(folder) if folder else installation())


def _others(roles: dict[str, Any]) -> dict[str, Any]:
    """The roles that `tests.web` does not have already under the same key."""
    return {key: role for key, role in roles.items() if key not in ("administrator", "compliance")}
