"""A variable that nothing writes is a warning where that can be said, and silence where it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.bpmn import Specification, read_processes
from engine.form_schema import Form, read_form
from engine.unwritten import check_variables
from tests.bpmn_xml import (
    ROOTS,
    START_END,
    boundary,
    definitions,
    extensions,
    mappings,
    message,
    multi_instance,
    script,
    service,
    tag,
    user,
)

ROOT = Path(__file__).parents[3]
START_FORM = extensions('<zeebe:properties><zeebe:property name="start_form" value="intake"/></zeebe:properties>')
FORM = '<zeebe:formDefinition formId="{}"/>'
PLAIN = "s > a; a > e"


def form(form_id: str, *keys: str) -> Form:
    fields = [{"type": "textfield", "key": key, "id": key, "label": key} for key in keys]
    return read_form(json.dumps({"type": "default", "id": form_id, "schemaVersion": 16, "components": fields}), "f")


FORMS = {"intake": form("intake", "customer", "urgency"), "review": form("review", "review_result")}


def read(body: str, flows: str = PLAIN, start_form: bool = True) -> Specification:
    return read_processes(definitions((START_FORM if start_form else "") + START_END + body, flows, ROOTS)).processes[0]


def names(body: str, flows: str = PLAIN, start_form: bool = True) -> list[tuple[str, str]]:
    found = list(check_variables(read(body, flows, start_form), FORMS))
    assert all(each.code == "unwritten-variable" and each.message and each.advice for each in found)
    return [(each.element, str(each.params["name"])) for each in found]


def test_where_everything_that_writes_is_seen_an_unwritten_variable_is_named() -> None:
    body = user("a", FORM.format("review"), mappings({"x": "=amount + 1"}))
    assert names(body) == [("a", "amount")]


def test_forms_scripts_decisions_mappings_and_loops_write() -> None:
    decision = tag("businessRuleTask", "d", extensions('<zeebe:calledDecision decisionId="t" resultVariable="route"/>'))
    reads = "=[customer, review_result, two, route.next, x, item, results, case.number, loopCounter]"
    body = (
        user("a", FORM.format("review"), mappings({"x": "=1"}))
        + script("sc", "=1 + 1", "two")
        + decision
        + script("mi", reads, "all").replace(
            "</bpmn:scriptTask>", multi_instance("=[1]", output="results", element="=all") + "</bpmn:scriptTask>"
        )
    )
    assert names(body, "s > a; a > sc; sc > d; d > mi; mi > e") == []


@pytest.mark.parametrize(
    "writer",
    [
        service("a"),
        user("a"),
        user("a", FORM.format("deployed_before")),
        tag("callActivity", "a", extensions('<zeebe:calledElement processId="x"/>')),
        tag("receiveTask", "a", messageRef="M"),
        user("a", FORM.format("review")) + boundary("m", "a", message()),
    ],
)
def test_where_others_may_write_anything_nothing_is_said(writer: str) -> None:
    more = "; m > e" if 'id="m"' in writer else ""
    body = writer + script("z", "=amount + key", "y")
    found = [name for _, name in names(body, "s > a; a > z; z > e" + more)]
    assert "amount" not in found


def test_whoever_starts_a_case_without_a_form_may_give_anything() -> None:
    assert names(user("a", FORM.format("review"), mappings({"x": "=amount"})), start_form=False) == []


@pytest.mark.parametrize("typed", ["review_reslut", "review_resul", "review_results", "review_rezult", "reviewresult"])
def test_a_mistyped_name_is_named_wherever_it_stands(typed: str) -> None:
    body = user("a", FORM.format("review")) + service("b")
    [found] = check_variables(read(body, f"s > a; a > b | ={typed} = 1; a > e; b > e"), FORMS)
    assert (found.element, found.params["meant"]) == ("f1_a_b", "review_result")


@pytest.mark.parametrize("other", ["step2", "step10", "x", "urge", "result_of_review"])
def test_names_that_differ_on_purpose_are_let_be(other: str) -> None:
    assert (
        names(script("a", "=1", "step1") + service("b") + script("c", f"={other}", "z"), "s > a; a > b; b > c; c > e")
        == []
    )


def test_members_of_filtered_items_are_no_variables() -> None:
    body = user("a", FORM.format("review"), mappings({"x": "=[{price: 1}][price > 0]", "y": "=for i in [1] return i"}))
    assert names(body) == []


@pytest.mark.parametrize("path", sorted((ROOT / "processes").rglob("*.bpmn")), ids=lambda path: path.stem)
def test_our_own_diagrams_read_what_they_write(path: Path) -> None:
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "forms").rglob("*.form")]
    forms = {read.id: read for read in (read_form(text, "f") for text in texts)}
    for process in read_processes(path.read_bytes(), path.name).processes:
        assert [str(found) for found in check_variables(process, forms)] == []
