"""The demo: created on any date, full of work for every role, the same each time."""

from __future__ import annotations

import zlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine import history
from engine.calendar import Calendar
from engine.clock import FakeClock
from engine.data_files import organisation_folders, processes_root
from engine.database import Database
from engine.demo import BrokenDemo, DemoSummary, create_demo, demo_logins, is_empty
from engine.demo.files import content_of
from engine.demo.story import acts_of
from engine.handling import load_handlers
from engine.model import (
    Base,
    Comment,
    Document,
    Incident,
    InstanceState,
    Notification,
    ProcessInstance,
    TaskState,
    UserTask,
)
from engine.settings import DEFAULT_HANDLERS
from tests.builders import organisation_data
from tests.unit.scenarios.workshop import CHEAP, write_workshop

TUESDAY = datetime(2026, 11, 24, 2, 26, tzinfo=UTC)
SPRING_FESTIVAL_NIGHT = datetime(2029, 2, 13, 19, 0, tzinfo=UTC)
"""A holiday, in the night, in a year that neither the shipped price lists nor the known holidays reach."""


def demo(now: datetime, only: tuple[str, ...] = ("equipment_supplier",)) -> tuple[Database, DemoSummary]:
    load_handlers(DEFAULT_HANDLERS.split(","))
    database = Database("sqlite://", FakeClock(now))
    Base.metadata.create_all(database.engine)
    assert is_empty(database)
    return database, create_demo(database, processes_root().parent, now, only)


def test_the_demo_is_full_of_work() -> None:
    database, summary = demo(TUESDAY)
    assert not is_empty(database)
    assert database.clock.now() == TUESDAY
    assert (summary.organisations, summary.incidents) == (("equipment_supplier",), 1)
    assert len(summary.logins) == 13
    assert [str(login) for login in demo_logins(database)] == [str(login) for login in summary.logins]
    with database.reading() as tx:
        states = Counter(map(tuple, tx.session.execute(select(ProcessInstance.process_id, ProcessInstance.state))))
        tasks = tx.session.scalars(select(UserTask).where(UserTask.state == TaskState.OPEN)).all()
        kinds = Counter(tx.session.scalars(select(Document.kind)))
        counts = [tx.session.scalar(select(func.count()).select_from(table)) for table in (Comment, Notification)]
        incident = tx.session.scalars(select(Incident)).one()
        assert list(history.verify(tx.session)) == []
    assert sum(count for (process, _), count in states.items() if process == "after_sales_service") == 40
    assert states["after_sales_service", InstanceState.COMPLETED] >= 5
    assert states["periodic_service_callback", InstanceState.ACTIVE] == 3
    assert (incident.element_id, incident.resolved_at) == ("draft_contract", None)
    assert {"record", "register", "attachment"} == set(kinds)
    assert all(counts)
    due = [task.due_at - TUESDAY for task in tasks if task.due_at]
    assert any(left < timedelta(0) for left in due)
    assert any(timedelta(0) < left < timedelta(hours=1) for left in due)
    assert any(left > timedelta(hours=1) for left in due)
    assert any(task.escalated_at for task in tasks)
    assert {task.assignee_key is None for task in tasks} == {True, False}
    assert len({task.element_id for task in tasks}) >= 13


def test_the_demo_works_on_any_date_and_tells_the_same_story() -> None:
    def elements(now: datetime) -> list[tuple[str, str]]:
        database, _ = demo(now)
        with database.reading() as tx:
            rows = tx.session.execute(
                select(UserTask.case_title, UserTask.element_id).where(
                    UserTask.state == TaskState.OPEN, UserTask.process_id == "after_sales_service"
                )
            )
            return sorted((title, element) for title, element in rows)

    assert elements(SPRING_FESTIVAL_NIGHT) == elements(TUESDAY)


@pytest.mark.parametrize("folder", organisation_folders(processes_root()), ids=lambda folder: folder.name)
def test_every_organisation_has_people_and_cases(folder: Path) -> None:
    database, summary = demo(TUESDAY, (folder.name,))
    assert summary.cases >= 6
    assert {login.organisation for login in summary.logins} == {folder.name}
    with database.reading() as tx:
        open_tasks = tx.session.scalars(select(UserTask.element_id).where(UserTask.state == TaskState.OPEN)).all()
    assert len(set(open_tasks)) >= 3


def test_a_folder_without_a_story_gives_people_and_no_cases(tmp_path: Path) -> None:
    write_workshop(tmp_path, CHEAP)
    database = Database("sqlite://", FakeClock(TUESDAY))
    Base.metadata.create_all(database.engine)
    summary = create_demo(database, tmp_path, TUESDAY)
    assert (summary.organisations, summary.cases) == (("workshop",), 0)


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ({"until": "nowhere"}, "the way short has no step nowhere"),
        ({"waited": "soon"}, "soon is no duration such as PT2H"),
        ({}, "nothing is called amount"),
    ],
)
def test_a_broken_story_is_told_with_its_case(case: dict[str, str], told: str) -> None:
    data = {**organisation_data()["calendars"]["default"]["data"], "key": "default"}
    story = {
        "process": "repair",
        "start": {"start": "form", "as": "clerk"},
        "steps": {"check": {"complete": "check", "as": "clerk", "with": {"amount": "$amount"}}},
        "ways": {"short": ["check"]},
        "customers": {"a": {}},
        "faults": {"b": {}},
        "cases": [{"customer": "a", "fault": "b", "way": "short", "waited": "PT1H", **case}],
    }
    with pytest.raises(BrokenDemo, match=f"demo.yaml, case 0: {told}"):
        acts_of([story], Calendar.from_data(data), TUESDAY)


def test_days_are_told_from_the_day_of_the_step() -> None:
    data = {**organisation_data()["calendars"]["default"]["data"], "key": "default"}
    story = {
        "process": "repair",
        "start": {
            "start": "form",
            "as": "clerk",
            "with": {"bought": "$bought", "promised": "$day+3", "visit": "$next_dayT16:00"},
        },
        "steps": {},
        "ways": {"short": []},
        "customers": {"a": {}},
        "faults": {"b": {"bought": "$day-30"}},
        "cases": [{"customer": "a", "fault": "b", "way": "short", "waited": "PT0S"}],
    }
    (start,) = acts_of([story], Calendar.from_data(data), TUESDAY)
    assert start.values == {"bought": "2026-10-25", "promised": "2026-11-27", "visit": "2026-11-25T16:00"}


def test_uploads_are_files_that_viewers_open() -> None:
    picture = content_of("a.png")
    assert picture == content_of("a.png") != content_of("b.png")
    start = picture.index(b"IDAT")
    length = int.from_bytes(picture[start - 4 : start])
    assert len(zlib.decompress(picture[start + 4 : start + 4 + length])) == 200 * (1 + 3 * 320)
    page = content_of("a.pdf")
    place = int(page.split(b"startxref\n")[1].split(b"\n")[0])
    assert page[place : place + 4] == b"xref"
    assert content_of("a.csv").startswith(b"time,value")
