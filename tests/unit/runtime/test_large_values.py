"""A large value is stored once, however many variables, events and decisions hold it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from engine import history
from engine.access import Actor, engine_actor
from engine.commands import process_instances, user_tasks
from engine.database import Database
from engine.dmn import read_dmn
from engine.large_values import LARGE, ValueMissing
from engine.model import Event, LargeValue, ProcessInstance, UserTask, Variable
from engine.queries.decisions import backtest
from engine.queries.events import csv_rows
from engine.runtime.variables import load_variables
from tests.builders import ORGANISATION, deploy, diagram, flow, new_database, new_user, script_task, user_task

LONG = "长" * (LARGE + 1)
LONGER = "更长" * (LARGE + 1)
TABLE = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="test">'
    '<decision id="size" name="size"><decisionTable id="t" hitPolicy="UNIQUE">'
    '<input id="i"><inputExpression id="e" typeRef="number"><text>string length(report)</text></inputExpression>'
    '</input><output id="o" name="size"/>'
    '<rule id="r1"><inputEntry id="c1"><text>&lt;= 5000</text></inputEntry>'
    '<outputEntry id="d1"><text>"some"</text></outputEntry></rule>'
    '<rule id="r2"><inputEntry id="c2"><text>&gt; 5000</text></inputEntry>'
    '<outputEntry id="d2"><text>"much"</text></outputEntry></rule></decisionTable></decision></definitions>'
)
DECIDE = (
    '<bpmn:businessRuleTask id="decide"><bpmn:extensionElements>'
    '<zeebe:calledDecision decisionId="size" resultVariable="size"/></bpmn:extensionElements></bpmn:businessRuleTask>'
)
REPORTING = diagram(
    '<bpmn:startEvent id="start"/>'
    + user_task("write")
    + DECIDE
    + script_task("double", "report + report", "doubled")
    + script_task("forget", "&quot;short&quot;", "doubled")
    + user_task("read")
    + '<bpmn:endEvent id="end"/>'
    + flow("start", "write")
    + flow("write", "decide")
    + flow("decide", "double")
    + flow("double", "forget")
    + flow("forget", "read")
    + flow("read", "end")
)


def workshop() -> tuple[Database, Actor]:
    database = new_database()
    deploy(database, p_bpmn=REPORTING, size_dmn=TABLE.encode())
    return database, new_user(database, "clerk", "clerk")


def start(database: Database, clerk: Actor, report: str) -> int:
    with database.transaction() as tx:
        return process_instances.start(tx, clerk, "p", {"report": report}).key


def complete(database: Database, clerk: Actor, case: int, **values: object) -> None:
    with database.transaction() as tx:
        open_task = select(UserTask.key).where(UserTask.process_instance_key == case, UserTask.state == "open")
        user_tasks.complete(tx, clerk, tx.session.scalars(open_task).one(), values)


def stored(database: Database, case: int) -> list[str]:
    with database.reading() as tx:
        texts = tx.session.scalars(select(LargeValue.text).where(LargeValue.process_instance_key == case))
        return sorted(text.strip('"') for text in texts)


def test_it_stands_in_variable_event_and_decision_by_reference_and_is_kept_once() -> None:
    database, clerk = workshop()
    case = start(database, clerk, LONG)
    complete(database, clerk, case, report=LONG)
    assert stored(database, case) == [LONG]
    with database.reading() as tx:
        assert load_variables(tx.session, case)["report"] == LONG
        assert tx.session.scalar(select(func.max(func.length(Variable.value)))) < LARGE
        payloads = tx.session.scalars(select(Event.payload).where(Event.process_instance_key == case)).all()
        assert all(len(str(payload)) < LARGE for payload in payloads)
        assert list(history.verify(tx.session)) == []
        rows = list(csv_rows(tx.session, ORGANISATION, case))
    assert sum(LONG in cell for row in rows for cell in row) == 2


def test_a_short_value_is_kept_where_it_is() -> None:
    database, clerk = workshop()
    case = start(database, clerk, "短")
    assert stored(database, case) == []


def test_a_decision_on_it_can_be_taken_again() -> None:
    database, clerk = workshop()
    case = start(database, clerk, LONG)
    complete(database, clerk, case)
    changed = read_dmn(TABLE.replace("5000<", "4000<").encode(), name="new.dmn")
    with database.reading() as tx:
        result = backtest(tx, engine_actor(ORGANISATION), changed)
    assert dict(result.transitions) == {("size", '"some"', '"much"'): 1}


def test_one_that_only_variables_held_goes_with_the_last_of_them() -> None:
    database, clerk = workshop()
    case = start(database, clerk, LONG)
    complete(database, clerk, case)
    assert stored(database, case) == [LONG]  # the doubled one, which no event knows, is gone again


def test_a_changed_one_stays_while_the_log_knows_it() -> None:
    database, clerk = workshop()
    case = start(database, clerk, LONG)
    complete(database, clerk, case, report=LONGER)
    assert stored(database, case) == sorted([LONG, LONGER])
    with database.reading() as tx:
        assert load_variables(tx.session, case)["report"] == LONGER


def test_erasing_the_log_erases_what_no_variable_holds() -> None:
    database, clerk = workshop()
    case = start(database, clerk, LONG)
    complete(database, clerk, case, report=LONGER)
    with database.transaction() as tx:
        history.erase(tx.session, case)
    assert stored(database, case) == [LONGER]
    with database.reading() as tx:
        assert list(history.verify(tx.session)) == []


def test_a_forged_or_missing_one_is_found() -> None:
    database, clerk = workshop()
    case = start(database, clerk, LONG)
    with database.transaction() as tx:
        tx.session.get_one(LargeValue, (case, tx.session.scalars(select(LargeValue.sha256)).one())).text = '"forged"'
    with database.reading() as tx:
        assert [found.sequence for found in history.verify(tx.session)] == [1]
    with database.transaction() as tx:
        tx.session.delete(tx.session.scalars(select(LargeValue)).one())
    with database.reading() as tx:
        assert [found.sequence for found in history.verify(tx.session)] == [1]
        with pytest.raises(ValueMissing, match=f"of the case {case} is missing"):
            load_variables(tx.session, case)


def test_two_cases_do_not_share_it() -> None:
    database, clerk = workshop()
    cases = [start(database, clerk, LONG) for _ in range(2)]
    with database.transaction() as tx:
        history.erase(tx.session, cases[0])
    assert stored(database, cases[1]) == [LONG]


def test_the_keys_of_cases_are_counted_on() -> None:
    database, clerk = workshop()
    keys = [start(database, clerk, "短") for _ in range(3)]
    assert keys == [1, 2, 3]
    with database.reading() as tx:
        assert list(tx.session.scalars(select(ProcessInstance.key))) == keys


def test_amounts_next_to_it_keep_their_digits() -> None:
    database, clerk = workshop()
    case = start(database, clerk, LONG)
    complete(database, clerk, case, amount=Decimal("0.10"))
    with database.reading() as tx:
        assert str(load_variables(tx.session, case)["amount"]) == "0.10"
