"""What administrators and people do outside of cases, step by step, as in `tests.crash.steps`.

None of it moves a case: one transaction, no points but its own beginning and end (`Step.is_small`).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import select

from engine.access import engine_actor
from engine.commands import calendars, deployments, exports, notifications, organisations, prices, start_timers, users
from engine.commands.prices import PriceLine
from engine.database import Database
from engine.model import Event, Job, Notification, PriceListItem, ProcessInstance, SignInFailures, User, WorkingCalendar
from tests.builders import ORGANISATION, PASSWORD, new_user, organisation_data
from tests.crash import linked, steps
from tests.crash.steps import Step, person

NEW_PASSWORD = "another long password"


def data() -> dict[str, Any]:
    """The organisation's file a year on: a role, a calendar, a price list and a demo user more."""
    more = organisation_data(driver={"name": "司机"})
    more["calendars"]["night"] = {**more["calendars"]["default"], "name": "夜班"}
    line = {"code": "P", "name": "泵", "list_price": 20, "cost_floor": 10}
    more["price_lists"] = [
        {"version": "2026", "valid_from": "2026-01-01", "valid_until": "2026-12-31", "items": [line]}
    ]
    more["demo_users"] = [{"username": "demo", "name": "演示", "roles": ["clerk"]}]
    return more


def prepare(database: Database) -> None:
    """An administrator, a clerk who is mentioned in a remark, the owner, and compliance."""
    steps.prepare(database)
    new_user(database, "chen", "owner")
    new_user(database, "qian", "auditor")
    steps.start(database)
    steps.comment(database)


def set_up(database: Database) -> None:
    with database.transaction() as tx:
        organisations.set_up(tx, data())


def add_demo_users(database: Database) -> None:
    with database.transaction() as tx:
        organisations.add_demo_users(tx, data(), PASSWORD)


def deploy(database: Database) -> None:
    with database.transaction() as tx:
        deployments.deploy(tx, person(database, "chen"), {"daily.bpmn": linked.daily()}, "every day")


def disarm(database: Database) -> None:
    with database.transaction() as tx:
        start_timers.disarm(tx, ORGANISATION)


def arm(database: Database) -> None:
    with database.transaction() as tx:
        start_timers.arm(tx, ORGANISATION)


def add_user(database: Database) -> None:
    he = person(database, "he")
    with database.transaction() as tx:
        users.add_user(tx, he, "wang", "王", PASSWORD, ["clerk", "driver"])


def the_user(database: Database, username: str) -> User:
    """A user as stored."""
    with database.reading() as tx:
        return tx.session.scalars(select(User).where(User.username == username)).one()


def grant(database: Database) -> None:
    he, lin = person(database, "he"), the_user(database, "lin")
    with database.transaction() as tx:
        users.grant_role(tx, he, lin, "boss")


def revoke(database: Database) -> None:
    he, lin = person(database, "he"), the_user(database, "lin")
    with database.transaction() as tx:
        users.revoke_role(tx, he, lin, "boss")


def change_password(database: Database) -> None:
    lin = the_user(database, "lin")
    with database.transaction() as tx:
        users.change_password(tx, lin.key, PASSWORD, NEW_PASSWORD)


def guess(database: Database) -> None:
    with database.transaction() as tx:
        users.note_failure(tx, "lin")


def sign_in(database: Database) -> None:
    with database.transaction() as tx:
        users.note_success(tx, tx.session.scalars(select(User).where(User.username == "lin")).one(), NEW_PASSWORD)


def save_calendar(database: Database) -> None:
    he = person(database, "he")
    with database.reading() as tx:
        row = tx.session.scalars(select(WorkingCalendar).where(WorkingCalendar.key == "default")).one()
    changed = {**row.data, "weekly": {"mon": [["08:00", "12:00"]]}}
    with database.transaction() as tx:
        calendars.save(tx, he, "default", changed, row.revision)


def save_prices(database: Database) -> None:
    lines = [
        PriceLine("P", "泵", "", "台", Decimal(30), Decimal(10)),
        PriceLine("V", "阀", "", "", Decimal(5), Decimal(1)),
    ]
    with database.transaction() as tx:
        prices.save(tx, engine_actor(ORGANISATION), "2026", lines, 1)


def mark_read(database: Database) -> None:
    zhou = person(database, "zhou")
    with database.transaction() as tx:
        notifications.mark_read(tx, zhou)


def take_events(database: Database) -> None:
    qian = person(database, "qian")
    with database.transaction() as tx:
        exports.take_events(tx, qian, tx.session.scalars(select(ProcessInstance)).first())


def take_register(database: Database) -> None:
    qian = person(database, "qian")
    with database.transaction() as tx:
        exports.take_register(tx, qian, "ledger")


def organisation_log(database: Database) -> list[str]:
    """The organisation's events as ``lifecycle detail``, the detail without what is long."""
    with database.reading() as tx:
        events = tx.session.scalars(select(Event).where(Event.process_instance_key == 0).order_by(Event.key))
        return [f"{event.lifecycle} {_short(event.detail)}" for event in events]


def _short(detail: dict[str, Any]) -> str:
    return " ".join(str(value) for value in detail.values() if isinstance(value, str | bool))


def rows(*columns: Any) -> Callable[[Database], list[str]]:
    """What a table says, for commands that no log tells."""

    def told(database: Database) -> list[str]:
        with database.reading() as tx:
            return [" ".join(str(value) for value in row) for row in tx.session.execute(select(*columns))]

    return told


def valid_passwords(database: Database) -> list[str]:
    """Which of the two passwords is lin's."""
    lin = the_user(database, "lin")
    return [password for password in (PASSWORD, NEW_PASSWORD) if users.verify_password(lin, password)]


def forgotten(database: Database) -> list[str]:
    """Says so when no failed sign-in is remembered."""
    return [] if rows(SignInFailures.username)(database) else ["none"]


def unread(database: Database) -> list[str]:
    """Whether zhou's notice has been read."""
    with database.reading() as tx:
        return [str(at is not None) for at in tx.session.scalars(select(Notification.read_at))]


def armed(database: Database) -> list[str]:
    """``armed`` or ``quiet``: whether the daily case will begin."""
    return ["armed" if "start_timer" in rows(Job.kind)(database) else "quiet"]


small = partial(Step, is_small=True)

STEPS = (
    small("set up", set_up, "P 泵", told=rows(PriceListItem.code, PriceListItem.name)),
    small("demo users", add_demo_users, "demo", told=rows(User.username)),
    small("deploy", deploy, "deployed ", told=lambda database: organisation_log(database)[2:]),
    small("disarm", disarm, "quiet", told=armed),
    small("arm", arm, "armed", told=armed),
    small("add user", add_user, "wang", told=rows(User.username)),
    small("grant role", grant, "changed lin boss True", told=organisation_log),
    small("revoke role", revoke, "changed lin boss False", told=organisation_log),
    small("change password", change_password, NEW_PASSWORD, told=valid_passwords),
    small("failed sign-in", guess, "lin 1", told=rows(SignInFailures.username, SignInFailures.count)),
    small("sign-in", sign_in, "none", told=forgotten),
    small("calendar", save_calendar, "changed default", told=organisation_log),
    small("prices", save_prices, "changed 2026", told=organisation_log),
    small("take events", take_events, "exported events csv C-2026-0001", told=organisation_log),
    small("take register", take_register, "exported register ledger csv", told=organisation_log),
    small("mark read", mark_read, "True", told=unread),
)
"""What changes the organisation."""
