"""The worklist's query: order, pages, groups of due times, and what is counted."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import event, insert

from engine.access import Actor
from engine.clock import FakeClock
from engine.database import Database
from engine.model import ProcessDefinition, ProcessInstance, TaskCandidate, UserTask
from engine.queries.worklist import worklist
from engine.queries.worklist_filter import Due, Filter, Order, Scope
from engine.queries.worklist_statements import MOST, PAGE
from tests.builders import MONDAY, ORGANISATION, deploy, new_database, new_user, small_process


class Office:
    """A database with a clerk and a colleague, and tasks made straight in the tables."""

    def __init__(self, url: str = "") -> None:
        self.database: Database = new_database(url, FakeClock(MONDAY))
        deploy(self.database, small_bpmn=small_process())
        self.clerk: Actor = new_user(self.database, "clerk", "clerk", "boss")
        self.colleague: Actor = new_user(self.database, "colleague", "clerk")
        self._next = 1

    def add(
        self,
        *due: float | None,
        assignee: Actor | None = None,
        roles: tuple[str, ...] = ("clerk",),
        customer: str = "customer",
        priority: int = 50,
    ) -> None:
        """A task for each due time, in hours from now (None: without one)."""
        instances, tasks, candidates = [], [], []
        for hours in due:
            key, self._next = self._next, self._next + 1
            due_at = None if hours is None else MONDAY + timedelta(hours=hours)
            case = {"organisation_key": ORGANISATION, "definition_key": 1, "process_id": "small"}
            instances.append(case | {"key": key, "number": f"C-{key}", "started_at": MONDAY, "started_by": "x"})
            tasks.append(
                case
                | {
                    "key": key,
                    "process_instance_key": key,
                    "element_instance": 1,
                    "element_id": "first",
                    "name": "first",
                }
                | {"assignee_key": assignee.user_key if assignee else None, "due_at": due_at, "priority": priority}
                | {"case_number": f"C-{key}", "case_title": customer, "created_at": MONDAY + timedelta(seconds=key)}
            )
            candidates += [
                {"task_key": key, "candidate": f"role:{role}", "organisation_key": ORGANISATION}
                | {"unclaimed": assignee is None, "due_at": due_at}
                for role in roles
            ]
        with self.database.transaction() as tx:
            tx.session.execute(insert(ProcessInstance), instances)
            tx.session.execute(insert(UserTask), tasks)
            if candidates:
                tx.session.execute(insert(TaskCandidate), candidates)

    def keys(self, actor: Actor | None = None, **wanted: object) -> list[int]:
        """The keys that a list shows."""
        with self.database.reading() as tx:
            return [row.key for row in worklist(tx, actor or self.clerk, Filter(**wanted)).rows]  # type: ignore[arg-type]


def test_the_earliest_is_first_and_what_has_no_due_time_last() -> None:
    office = Office()
    office.add(5, None, -3, 1)
    assert office.keys() == [3, 4, 1, 2]
    assert office.keys(descending=True) == [1, 4, 3, 2]


def test_a_task_offered_to_two_of_my_roles_is_listed_once() -> None:
    office = Office()
    office.add(1, 2, roles=("clerk", "boss"))
    assert office.keys() == [1, 2]
    with office.database.reading() as tx:
        assert worklist(tx, office.clerk, Filter()).total == 2


def test_the_scopes_hold_what_they_say() -> None:
    office = Office()
    office.add(1, assignee=office.clerk)
    office.add(2)
    office.add(3, assignee=office.colleague)
    office.add(4, assignee=office.colleague, roles=("auditor",))
    office.add(5, roles=("auditor",))
    assert office.keys(scope=Scope.MINE) == [1]
    assert office.keys(scope=Scope.CLAIMABLE) == [2]
    assert office.keys(scope=Scope.OPEN) == [1, 2]
    assert office.keys(scope=Scope.TEAM) == [1, 2, 3]
    with office.database.reading() as tx:
        found = worklist(tx, office.clerk, Filter())
    assert list(found.scopes.values()) == [1, 1, 2, 3]


def test_today_and_this_week_hold_what_is_late_and_two_hours_are_working_time() -> None:
    office = Office()
    office.add(-1, 1.5, 3, 24, 6 * 24, 7 * 24)
    assert office.keys(due=Due.OVERDUE) == [1]
    assert office.keys(due=Due.SOON) == [2]
    assert office.keys(due=Due.TODAY) == [1, 2, 3]
    assert office.keys(due=Due.WEEK) == [1, 2, 3, 4, 5]
    evening = MONDAY + timedelta(hours=8)  # 17:00; half an hour is left today
    office.database.clock.set(evening)  # type: ignore[attr-defined]
    office.add(24.5)  # Tuesday 09:30
    assert 7 in office.keys(due=Due.SOON)


def test_other_columns_order_the_whole_list_and_not_only_the_page() -> None:
    office = Office()
    office.add(*range(1, PAGE + 11))
    office.add(500, priority=90)
    assert office.keys(order=Order.PRIORITY, descending=True)[0] == PAGE + 11
    assert office.keys(order=Order.CREATED)[0] == 1


def test_pages_follow_each_other_and_end() -> None:
    office = Office()
    office.add(*range(PAGE + 20))
    assert office.keys() == list(range(1, PAGE + 1))
    assert office.keys(page=2) == list(range(PAGE + 1, PAGE + 21))
    assert office.keys(page=3) == []
    with office.database.reading() as tx:
        assert worklist(tx, office.clerk, Filter()).has_next
        assert not worklist(tx, office.clerk, Filter(page=2)).has_next


def test_a_search_wants_every_word_and_knows_no_patterns() -> None:
    office = Office()
    office.add(1, customer="杭州瑞康食品")
    office.add(2, customer="杭州凯达印染 100%")
    assert office.keys(text="杭州") == [1, 2]
    assert office.keys(text="杭州 瑞康") == [1]
    assert office.keys(text="c-2") == [2]
    assert office.keys(text="0%") == [2]
    assert office.keys(text="_") == []


def test_counting_stops_where_nobody_counts_any_more() -> None:
    office = Office()
    office.add(*[1.0] * (MOST + 50))
    with office.database.reading() as tx:
        found = worklist(tx, office.clerk, Filter())
        last = worklist(tx, office.clerk, Filter(page=999))
    assert (found.total, found.scopes[Scope.OPEN], found.dues[Due.TODAY]) == (MOST + 1,) * 3
    assert [each.count for each in found.processes] == [None]
    assert len(last.rows) == PAGE
    assert not last.has_next


def test_another_organisations_tasks_are_nobodys_here() -> None:
    office = Office()
    office.add(1)
    stranger = Actor(99, "stranger", "", "elsewhere", office.clerk.roles, office.clerk.permissions)
    with office.database.transaction() as tx:
        from engine.commands import organisations
        from tests.builders import organisation_data

        data = organisation_data()
        organisations.set_up(tx, {**data, "organisation": {"key": "elsewhere", "name": "x", "zone": "Asia/Shanghai"}})
    assert office.keys(stranger) == []


def test_the_rows_come_from_indexes_without_sorting() -> None:
    office = Office("sqlite://")  # asks SQLite for its plan
    office.add(*range(20), assignee=office.clerk)
    office.add(*range(20))
    asked: list[tuple[str, object]] = []
    event.listen(office.database.engine, "before_cursor_execute", lambda c, cu, s, p, x, m: asked.append((s, p)))
    with office.database.reading() as tx:
        worklist(tx, office.clerk, Filter())
    [listing] = [each for each in asked if "user_account.display_name" in each[0] and "task_candidate" in each[0]]
    with office.database.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {listing[0]}", listing[1]).all()  # type: ignore[arg-type]
    steps = [row[3] for row in plan]
    scans = [
        step for step in steps if "COVERING INDEX ix_task_candidate" in step or "COVERING INDEX ix_user_task" in step
    ]
    assert len(scans) >= len(office.clerk.candidates) + 1
    assert not [step for step in steps if step.startswith(("SCAN user_task", "SCAN task_candidate"))]
    assert sum(step == "USE TEMP B-TREE FOR ORDER BY" for step in steps) <= 1  # of the page's rows alone


def test_the_process_of_a_list_can_be_chosen() -> None:
    office = Office()
    office.add(1, 2)
    with office.database.reading() as tx:
        assert tx.session.get_one(ProcessDefinition, 1).process_id == "small"
    assert office.keys(process_id="small") == [1, 2]
    assert office.keys(process_id="other") == []
