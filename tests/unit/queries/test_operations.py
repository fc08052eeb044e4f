"""How the list of cases is read: from an index, without looking at the cases themselves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import event

from engine.commands import process_instances
from engine.queries.operations import Filter, Group, cases
from tests.builders import deploy, new_database, new_user, small_process


def test_cases_of_a_version_are_found_and_counted_in_an_index() -> None:
    database = new_database("sqlite://")  # asks SQLite for its plan
    deploy(database, small_bpmn=small_process())
    clerk = new_user(database, "clerk", "clerk")
    boss = new_user(database, "boss", "administrator")
    for _ in range(3):
        with database.transaction() as tx:
            process_instances.start(tx, clerk, "small", {"amount": Decimal(1)})
    asked: list[tuple[str, Any]] = []
    event.listen(database.engine, "before_cursor_execute", lambda c, cu, s, p, x, m: asked.append((s, p)))
    with database.reading() as tx:
        found = cases(tx, boss, Filter(Group.RUNNING, definition_key=1))
    assert (found.total, [version.running for version in found.versions]) == (3, [3])
    plans: dict[str, list[str]] = {}
    with database.engine.connect() as connection:
        for statement, values in list(asked):
            if "process_instance.definition_key" in statement and "FROM process_instance" in statement:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                plans[statement] = [row[3] for row in plan]
    steps = [step for plan in plans.values() for step in plan]
    index = "ix_process_instance_organisation_key_state_key_definition_key (organisation_key=? AND state=?)"
    read = [step for step in steps if f"USING COVERING INDEX {index}" in step]
    assert len(read) >= 3, steps  # the page's keys, how many they are, how many each version has
    assert not [step for step in steps if step.startswith("SCAN process_instance")]
