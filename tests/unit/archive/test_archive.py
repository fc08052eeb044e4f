"""Ended cases leave for an archive when their retention is over, and can be read there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine import backup, history, verification
from engine.access import Actor
from engine.archive import ArchiveDamaged, ArchiveMissing, UnreadableRetention, archive, leave, opened
from engine.archive.due import cutoff
from engine.clock import FakeClock
from engine.commands import process_instances, user_tasks
from engine.database import Database
from engine.model import ArchivedCase, Base, Event, ProcessInstance, TaskState, User, UserTask
from tests.builders import (
    MONDAY,
    ORGANISATION,
    deploy,
    diagram,
    flow,
    new_database,
    new_user,
    small_process,
    user_task,
)

FOUR_YEARS = timedelta(days=4 * 366)


class Shop:
    """A workshop with a clerk whose clock can be moved."""

    def __init__(self) -> None:
        self.clock = FakeClock(MONDAY)
        self.database: Database = new_database(clock=self.clock)
        deploy(self.database, small_bpmn=small_process())
        self.clerk: Actor = new_user(self.database, "lin", "clerk")

    def start(self, process_id: str = "small", amount: int = 10) -> int:
        with self.database.transaction("web") as tx:
            return process_instances.start(tx, self.clerk, process_id, {"amount": amount}).key

    def finish(self, case: int) -> int:
        """Do all its tasks."""
        while True:
            with self.database.transaction("web") as tx:
                mine = select(UserTask.key).where(UserTask.process_instance_key == case)
                task = tx.session.scalars(mine.where(UserTask.state == TaskState.OPEN)).first()
                if task is None:
                    return case
                user_tasks.complete(tx, self.clerk, task, {})

    def cases(self) -> set[int]:
        with self.database.reading() as tx:
            return set(tx.session.scalars(select(ProcessInstance.key)))

    def problems(self) -> list[object]:
        with self.database.reading() as tx:
            return [*history.verify(tx.session), *verification.verify(tx.session)]


def test_an_ended_case_leaves_after_three_years_and_everything_else_stays(tmp_path: Path) -> None:
    shop = Shop()
    old, running = shop.finish(shop.start()), shop.start()
    assert archive(shop.database, ORGANISATION, tmp_path) is None
    shop.clock.advance(FOUR_YEARS)
    young = shop.finish(shop.start())
    done = archive(shop.database, ORGANISATION, tmp_path)
    assert done is not None
    assert (done.cases, done.file.parent) == (1, tmp_path)
    assert shop.cases() == {running, young}
    assert shop.problems() == []
    with shop.database.reading() as tx:
        note = tx.session.scalars(select(ArchivedCase)).one()
        assert (note.process_instance_key, note.file, note.sha256) == (old, done.file.name, done.sha256)
        event = tx.session.scalars(select(Event).where(Event.lifecycle == "archived")).one()
        assert event.detail == {"file": done.file.name, "sha256": done.sha256, "cases": 1}
        left = select(func.count()).where(Event.process_instance_key == old)
        assert tx.session.scalar(left) == 0
    assert archive(shop.database, ORGANISATION, tmp_path) is None


def test_the_keys_of_archived_cases_are_not_given_again(tmp_path: Path) -> None:
    shop = Shop()
    old = shop.finish(shop.start())
    shop.clock.advance(FOUR_YEARS)
    archive(shop.database, ORGANISATION, tmp_path)
    assert shop.cases() == set()
    new = shop.finish(shop.start())
    assert new > old
    shop.clock.advance(FOUR_YEARS)
    again = archive(shop.database, ORGANISATION, tmp_path)
    assert again is not None
    assert again.cases == 1


def test_an_archive_is_whole_and_holds_no_passwords(tmp_path: Path) -> None:
    shop = Shop()
    old = shop.finish(shop.start())
    shop.clock.advance(FOUR_YEARS)
    done = archive(shop.database, ORGANISATION, tmp_path)
    assert done is not None
    with opened(tmp_path, done.file.name, done.sha256, shop.clock) as database, database.reading() as tx:
        assert list(tx.session.scalars(select(ProcessInstance.key))) == [old]
        assert [*history.verify(tx.session), *verification.verify(tx.session)] == []
        assert set(tx.session.execute(select(User.password_hash, User.is_active))) == {("", False)}
    restored = Database(f"sqlite:///{tmp_path / 'restored.db'}", shop.clock)
    assert backup.restore(restored, done.file)["process_instance"] == 1
    restored.dispose()


def test_a_process_says_how_long_its_cases_are_kept(tmp_path: Path) -> None:
    kept = '<bpmn:extensionElements><zeebe:properties><zeebe:property name="retention" value="{}"/>'
    kept += "</zeebe:properties></bpmn:extensionElements>"
    body = '<bpmn:startEvent id="start"/>' + user_task("do") + '<bpmn:endEvent id="end"/>'
    body += flow("start", "do") + flow("do", "end")
    shop = Shop()
    deploy(shop.database, ten_bpmn=diagram(kept.format("P10Y") + body, "ten"))
    shop.finish(shop.start("ten"))
    shop.clock.advance(FOUR_YEARS)
    assert archive(shop.database, ORGANISATION, tmp_path) is None
    shop.clock.advance(2 * FOUR_YEARS)
    assert archive(shop.database, ORGANISATION, tmp_path) is not None


def test_a_retention_that_is_no_duration_is_said() -> None:
    now = datetime(2030, 2, 28, tzinfo=UTC)
    assert cutoff(now, "p", "P3Y") == datetime(2027, 2, 28, tzinfo=UTC)
    assert cutoff(now, "p", "P90D") == now - timedelta(days=90)
    with pytest.raises(UnreadableRetention, match='"soon"'):
        cutoff(now, "p", "soon")


def test_linked_cases_leave_together_or_not_at_all(tmp_path: Path) -> None:
    shop = Shop()
    parent, child = shop.finish(shop.start()), shop.start()
    with shop.database.transaction() as tx:
        tx.session.get_one(ProcessInstance, child).origin_instance_key = parent
    shop.clock.advance(FOUR_YEARS)
    assert archive(shop.database, ORGANISATION, tmp_path) is None
    shop.finish(child)
    assert archive(shop.database, ORGANISATION, tmp_path) is None
    shop.clock.advance(FOUR_YEARS)
    done = archive(shop.database, ORGANISATION, tmp_path)
    assert done is not None
    assert done.cases == 2
    assert shop.cases() == set()


def test_a_case_that_was_called_by_one_that_stays_stays(tmp_path: Path) -> None:
    shop = Shop()
    child, parent = shop.finish(shop.start()), shop.start()
    with shop.database.transaction() as tx:
        tx.session.get_one(ProcessInstance, child).origin_instance_key = parent
    shop.clock.advance(FOUR_YEARS)
    assert archive(shop.database, ORGANISATION, tmp_path) is None


def test_a_death_before_the_last_case_has_left_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop()
    for _ in range(3):
        shop.finish(shop.start())
    shop.clock.advance(FOUR_YEARS)
    monkeypatch.setattr(leave, "AT_ONCE", 1)
    deleted: list[list[int]] = []
    real = leave._delete

    def dying(tx: object, keys: list[int], done: leave.Archived) -> None:
        if deleted:
            raise KeyboardInterrupt
        deleted.append(keys)
        real(tx, keys, done)  # type: ignore[arg-type]

    monkeypatch.setattr(leave, "_delete", dying)
    with pytest.raises(KeyboardInterrupt):
        archive(shop.database, ORGANISATION, tmp_path)
    assert len(shop.cases()) == 2
    assert shop.problems() == []
    monkeypatch.setattr(leave, "_delete", real)
    shop.clock.advance(timedelta(seconds=1))
    again = archive(shop.database, ORGANISATION, tmp_path)
    assert again is not None
    assert again.cases == 2
    assert shop.cases() == set()
    assert shop.problems() == []


def test_a_file_that_is_missing_or_was_changed_is_not_read(tmp_path: Path) -> None:
    shop = Shop()
    shop.finish(shop.start())
    shop.clock.advance(FOUR_YEARS)
    done = archive(shop.database, ORGANISATION, tmp_path)
    assert done is not None
    with pytest.raises(ArchiveMissing), opened(tmp_path / "other", done.file.name, done.sha256, shop.clock):
        pass
    content = bytearray(done.file.read_bytes())
    content[-1] ^= 1
    done.file.write_bytes(content)
    with pytest.raises(ArchiveDamaged), opened(tmp_path, done.file.name, done.sha256, shop.clock):
        pass


def test_every_table_is_known_to_the_archive() -> None:
    """A new table must say whether its rows leave with a case; a case's rows are found by their column."""
    unknown = {
        table.name
        for table in Base.metadata.sorted_tables
        if table.name not in leave.KEPT_WHOLE | leave.LEFT | {"process_instance", "attachment"}
        and not leave._is_of_cases(table)
    }
    assert unknown == set()


def test_an_organisation_archives_its_own_cases_only(tmp_path: Path) -> None:
    shop = Shop()
    shop.finish(shop.start())
    shop.clock.advance(FOUR_YEARS)
    assert archive(shop.database, "another", tmp_path) is None
