"""Creating the demo: organisations, people, and cases played through the ordinary commands on a clock of the past."""

from __future__ import annotations

import mimetypes
from collections.abc import Container, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import func, or_, select

from engine import handling
from engine.access import Actor, actor_for, engine_actor
from engine.calendar import Calendar
from engine.clock import FakeClock
from engine.commands import comments, deployments, organisations, process_instances, start_timers, user_tasks
from engine.data_files import ORGANISATION_FILE, definition_files, organisation_folders, processes_root
from engine.database import Database, Transaction
from engine.demo.files import content_of
from engine.demo.story import Act, BrokenDemo, acts_of, read_stories
from engine.errors import N_, BaoxiuError
from engine.handling import HandlerContext, HandlerFailure, Outcome
from engine.model import (
    Incident,
    Membership,
    Organisation,
    ProcessInstance,
    Role,
    TaskState,
    User,
    UserTask,
)
from engine.scenarios import quiet, run_until, told

PASSWORD = "baoxiu-demo"  # noqa: S105 - it is printed at the start: a demo has no secrets
BEFORE = timedelta(days=1)
"""How long before its first case an organisation is set up."""


class Breakdown(HandlerFailure):
    """What the one broken handler of the demo says."""

    template = N_("The document service did not answer within 10 seconds.")


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who can sign in to the demo."""

    username: str
    display_name: str
    role: str
    organisation: str

    def __str__(self) -> str:
        return f"{self.username:<14} {PASSWORD}   {self.display_name}，{self.role}"


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What was created."""

    organisations: tuple[str, ...]
    logins: tuple[Login, ...]
    cases: int
    incidents: int


def is_empty(database: Database) -> bool:
    """Whether nobody has set anything up in the database yet."""
    with database.reading() as tx:
        return not tx.session.scalar(select(func.count()).select_from(Organisation))


def create_demo(database: Database, root: Path, now: datetime, only: Container[str] | None = None) -> DemoSummary:
    """Fill an empty database from the folders ``processes`` and ``forms`` below `root`; `now` is aware.

    `only` are the organisations wanted; all of them without it.
    The handlers must be loaded. The database's clock plays in the past meanwhile and is itself again afterwards;
    nothing else may use the database until then. Raises `BrokenDemo` and whatever deploying raises.
    """
    real = database.clock
    clock = FakeClock(now)
    database.clock = clock
    folders = [folder for folder in organisation_folders(root / "processes") if only is None or folder.name in only]
    try:
        for folder in folders:
            clock.set(now)
            _create(database, clock, folder, now)
    finally:
        database.clock = real
    with database.reading() as tx:
        cases = tx.session.scalar(select(func.count()).select_from(ProcessInstance)) or 0
        incidents = tx.session.scalar(select(func.count()).select_from(Incident)) or 0
    return DemoSummary(tuple(folder.name for folder in folders), tuple(demo_logins(database)), cases, incidents)


def demo_logins(database: Database) -> list[Login]:
    """The demo's users that are in the database, with the roles they came with."""
    names = {
        user["username"]
        for folder in organisation_folders(processes_root())
        for user in _organisation_data(folder).get("demo_users", [])
    }
    with database.reading() as tx:
        rows = tx.session.execute(
            select(User.username, User.display_name, Role.name, Membership.organisation_key)
            .join(Membership, Membership.user_key == User.key)
            .join(Role, (Role.organisation_key == Membership.organisation_key) & (Role.key == Membership.role_key))
            .where(User.username.in_(names))
            .order_by(Membership.organisation_key, Membership.key)
        )
        return [Login(*row) for row in rows]


def _organisation_data(folder: Path) -> Mapping[str, Any]:
    return yaml.safe_load((folder / ORGANISATION_FILE).read_text(encoding="utf-8"))


def _create(database: Database, clock: FakeClock, folder: Path, now: datetime) -> None:
    data = _organisation_data(folder)
    acts = acts_of(read_stories(folder), Calendar.from_data(_calendar_data(data)), now)
    beginning = (acts[0].at if acts else now) - BEFORE
    clock.set(beginning)
    with database.transaction("cli") as tx:
        organisation = organisations.set_up(tx, _with_prices(data, beginning, now))
        organisations.add_demo_users(tx, data, PASSWORD)
        key = organisation.key
    with database.transaction("cli") as tx:
        deployments.deploy(tx, engine_actor(key), definition_files(folder), "demo")
        start_timers.disarm(tx, key)  # the story tells which cases there are
    if acts:
        _Stage(database, clock, key).play(acts, now)
    clock.set(now)
    with database.transaction("cli") as tx:
        start_timers.arm(tx, key)


def _calendar_data(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**data["calendars"]["default"]["data"], "key": "default"}


def _with_prices(data: Mapping[str, Any], first: datetime, last: datetime) -> Mapping[str, Any]:
    """The organisation's file with a price list for every year of the story: the newest one, where there is none."""
    lists: list[Mapping[str, Any]] = list(data.get("price_lists", []))
    zone = ZoneInfo(data["organisation"].get("zone", "Asia/Shanghai"))
    for year in range(first.astimezone(zone).year, last.astimezone(zone).year + 1):
        covered = any(_year(entry["valid_from"]) <= year <= _year(entry["valid_until"]) for entry in lists)
        if lists and not covered:
            new = {"version": str(year), "valid_from": date(year, 1, 1), "valid_until": date(year, 12, 31)}
            lists.append({**lists[-1], **new})
    return {**data, "price_lists": lists}


def _year(value: date | str) -> int:
    return (value if isinstance(value, date) else date.fromisoformat(value)).year


class _Stage:
    """Plays the acts of one organisation in order of time; what falls due between them runs at its own time."""

    def __init__(self, database: Database, clock: FakeClock, organisation: str) -> None:
        self._database = database
        self._clock = clock
        self._organisation = organisation
        self._actors = self._people()
        self._cases: dict[int, int] = {}
        self._broken: dict[str, set[int]] = {}

    def _people(self) -> dict[str, Actor]:
        """Somebody for each role: the first user who holds it."""
        with self._database.reading() as tx:
            rows = tx.session.execute(
                select(Membership.role_key, Membership.user_key)
                .where(Membership.organisation_key == self._organisation)
                .order_by(Membership.key.desc())
            ).all()
            return {role: actor_for(tx.session, user, tx.now, self._organisation) for role, user in rows}

    def play(self, acts: Sequence[Act], now: datetime) -> None:
        """Play everything and let time pass until now."""
        with quiet(), ExitStack() as stack:
            for task_type in {act.failing for act in acts if act.failing}:
                stack.enter_context(handling.replaced(task_type, self._breaking(task_type)))
            for act in acts:
                run_until(self._database, self._clock, act.at)
                self._do(act)
            run_until(self._database, self._clock, now)

    def _breaking(self, task_type: str) -> handling.HandlerFunction:
        """The handler, broken down for the cases that say so."""
        real = handling.find_handler(task_type).function

        def function(context: HandlerContext) -> Outcome:
            if context.case.key in self._broken[task_type]:
                raise Breakdown(detail="")
            return real(context)

        self._broken[task_type] = set()
        return function

    def _do(self, act: Act) -> None:
        actor = self._actors.get(act.role)
        if actor is None:
            raise BrokenDemo(case=act.case, problem=f"nobody holds the role {act.role}")
        try:
            with self._database.transaction("web") as tx:
                if act.verb == "start":
                    self._start(tx, actor, act)
                else:
                    self._work(tx, actor, act)
        except BaoxiuError as error:
            raise BrokenDemo(case=act.case, problem=f"{act.verb} {act.element}: {told(error)}") from error

    def _start(self, tx: Transaction, actor: Actor, act: Act) -> None:
        key = process_instances.start(tx, actor, act.process, act.values).key
        self._cases[act.case] = key
        if act.failing:
            self._broken[act.failing].add(key)

    def _work(self, tx: Transaction, actor: Actor, act: Act) -> None:
        task = self._open_task(tx, act)
        if act.verb == "claim":
            user_tasks.claim(tx, actor, task)
        elif act.verb == "comment":
            comments.add_to_task(tx, actor, task, act.text)
        else:
            for document_type, names in act.attach.items():
                for name in names:
                    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
                    user_tasks.attach(tx, actor, task, document_type, name, media_type, content_of(name))
            user_tasks.complete(tx, actor, task, act.values)

    def _open_task(self, tx: Transaction, act: Act) -> int:
        """The open task of the element, of the case or of one that it started."""
        case = self._cases[act.case]
        family = select(ProcessInstance.key).where(
            or_(
                ProcessInstance.key == case,
                ProcessInstance.origin_instance_key == case,
                ProcessInstance.parent_instance_key == case,
            )
        )
        task = tx.session.scalar(
            select(UserTask.key)
            .where(
                UserTask.process_instance_key.in_(family),
                UserTask.element_id == act.element,
                UserTask.state == TaskState.OPEN,
            )
            .limit(1)
        )
        if task is None:
            raise BrokenDemo(case=act.case, problem=f"no task {act.element} is open")
        return task
