"""A changed table is tried on the decisions of past cases."""

from __future__ import annotations

from decimal import Decimal

from engine.access import engine_actor
from engine.commands import process_instances
from engine.dmn import read_dmn
from engine.queries.decisions import backtest
from tests.builders import ORGANISATION, deploy, diagram, flow, new_database, new_user

TABLE = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="test">'
    '<decision id="discount" name="discount"><decisionTable id="t" hitPolicy="UNIQUE">'
    '<input id="i"><inputExpression id="e" typeRef="number"><text>amount</text></inputExpression></input>'
    '<output id="o" name="route"/>'
    '<rule id="r1"><inputEntry id="c1"><text>&lt;= 100</text></inputEntry>'
    '<outputEntry id="d1"><text>"clerk"</text></outputEntry></rule>'
    '<rule id="r2"><inputEntry id="c2"><text>&gt; 100</text></inputEntry>'
    '<outputEntry id="d2"><text>"boss"</text></outputEntry></rule></decisionTable></decision></definitions>'
)
PROCESS = diagram(
    '<bpmn:startEvent id="start"/><bpmn:businessRuleTask id="decide"><bpmn:extensionElements>'
    '<zeebe:calledDecision decisionId="discount" resultVariable="route"/></bpmn:extensionElements>'
    '</bpmn:businessRuleTask><bpmn:endEvent id="end"/>' + flow("start", "decide") + flow("decide", "end")
)


def test_cases_that_would_have_come_out_otherwise_are_named() -> None:
    database = new_database()
    deploy(database, p_bpmn=PROCESS, discount_dmn=TABLE.encode())
    clerk = new_user(database, "clerk", "clerk")
    numbers: list[str] = []
    for amount in (50, 100, 120, 200):
        with database.transaction() as tx:
            numbers.append(process_instances.start(tx, clerk, "p", {"amount": Decimal(amount)}).number)
    changed = read_dmn(TABLE.replace("100<", "150<").encode(), name="new.dmn")
    with database.reading() as tx:
        result = backtest(tx, engine_actor(ORGANISATION), changed)
    assert [outcome.label for outcome in result.changed] == [numbers[2]]
    assert (result.evaluated, result.unchanged) == (4, 3)
    assert dict(result.transitions) == {("discount", '"boss"', '"clerk"'): 1}
