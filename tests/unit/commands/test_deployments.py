"""Deployment: everything or nothing, and every finding says file, element and what to do."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from engine.access import engine_actor
from engine.commands import deployments
from engine.errors import NotAllowed
from engine.findings import Finding
from engine.linting import FilesRefused
from engine.model import Deployment, DeploymentResource, FormDefinition, ProcessDefinition, Resource
from tests.builders import (
    ORGANISATION,
    deploy,
    diagram,
    flow,
    new_database,
    new_user,
    service_task,
    small_process,
    user_task,
)

START, END = '<bpmn:startEvent id="start"/>', '<bpmn:endEvent id="end"/>'


def around(element: str, element_id: str) -> bytes:
    """A process of one element between start and end."""
    return diagram(START + element + END + flow("start", element_id) + flow(element_id, "end"))


def refused(**files: bytes) -> list[Finding]:
    """Deploy files that must be refused, beside a sound one; gives the findings and checks that nothing was kept."""
    database = new_database()
    with pytest.raises(FilesRefused) as caught:
        deploy(database, sound_bpmn=small_process(), **files)
    with database.reading() as tx:
        for table in (Deployment, DeploymentResource, ProcessDefinition, Resource):
            assert tx.session.scalar(select(func.count()).select_from(table)) == 0
    return caught.value.findings


@pytest.mark.parametrize(
    ("element", "word"),
    [
        (service_task("work", "nobody_does_this"), "nobody_does_this"),
        (user_task("work", "no_such_role"), "no_such_role"),
        (user_task("work", extra='<zeebe:formDefinition formId="no_such_form"/>'), "no_such_form"),
        (
            user_task(
                "work",
                extra='<zeebe:properties><zeebe:property name="produces" value="no_such_paper"/></zeebe:properties>',
            ),
            "no_such_paper",
        ),
        (
            '<bpmn:businessRuleTask id="work"><bpmn:extensionElements><zeebe:calledDecision '
            'decisionId="no_such_table" resultVariable="x"/></bpmn:extensionElements></bpmn:businessRuleTask>',
            "no_such_table",
        ),
        (
            '<bpmn:callActivity id="work"><bpmn:extensionElements><zeebe:calledElement processId="no_such_process"/>'
            "</bpmn:extensionElements></bpmn:callActivity>",
            "no_such_process",
        ),
    ],
)
def test_what_a_diagram_refers_to_must_exist(element: str, word: str) -> None:
    [finding] = refused(bad_bpmn=around(element, "work"))
    assert (finding.file, finding.element) == ("bad.bpmn", "work")
    assert word in finding.message
    assert finding.advice


@pytest.mark.parametrize(
    "element",
    [
        '<bpmn:adHocSubProcess id="work"/>',
        '<bpmn:complexGateway id="work"/>',
        '<bpmn:userTask id="work"><bpmn:extensionElements><zeebe:userTask/><zeebe:taskSchedule dueDate="=now( +"/>'
        "</bpmn:extensionElements></bpmn:userTask>",
    ],
)
def test_what_we_do_not_execute_is_refused_by_element(element: str) -> None:
    findings = refused(bad_bpmn=around(element, "work"))
    assert "work" in {finding.element for finding in findings}
    assert all(finding.file == "bad.bpmn" and (finding.advice or finding.message) for finding in findings)


def test_a_broken_condition_is_refused_by_its_flow() -> None:
    body = (
        START
        + '<bpmn:exclusiveGateway id="choice" default="choice-end"/>'
        + user_task("work")
        + END
        + flow("start", "choice")
        + flow("choice", "end")
        + flow("choice", "work", "amount &gt;")
        + flow("work", "end")
    )
    findings = refused(bad_bpmn=diagram(body))
    assert {"choice-work"} == {finding.element for finding in findings}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml",
        b"<open>",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        b"<x>" * 500 + b"</x>" * 500,
        b"\xff\xfe\x00",
        b'<definitions xmlns="urn:else"/>',
    ],
)
@pytest.mark.parametrize("ending", ["bpmn", "dmn", "form"])
def test_files_that_are_no_definitions_are_refused(content: bytes, ending: str) -> None:
    findings = refused(**{f"bad_{ending}": content})
    assert {finding.file for finding in findings} == {f"bad.{ending}"}


def test_every_finding_of_every_file_is_reported_at_once() -> None:
    form = json.dumps({"type": "default", "id": "f", "components": [{"type": "quantumfield", "key": "a"}]}).encode()
    findings = refused(
        one_bpmn=around(user_task("work", "nobody"), "work"),
        two_bpmn=diagram(START + END + flow("start", "end"), "q") + b"<",
        three_form=form,
    )
    assert {finding.file for finding in findings} == {"one.bpmn", "two.bpmn", "three.form"}


def test_the_same_process_id_in_two_files_is_refused() -> None:
    findings = refused(copy_bpmn=small_process())
    assert [finding.code for finding in findings] == ["id-used-twice"]


def test_an_unchanged_definition_keeps_its_version() -> None:
    database = new_database()
    for _ in range(2):
        deploy(database, small_bpmn=small_process())
    changed = small_process().replace(b"amount * 2", b"amount * 3")
    deploy(database, small_bpmn=changed)
    with database.reading() as tx:
        versions = tx.session.scalars(select(ProcessDefinition.version).order_by(ProcessDefinition.version)).all()
    assert list(versions) == [1, 2]


def test_deploying_needs_the_permission() -> None:
    database = new_database()
    clerk = new_user(database, "clerk", "clerk")
    with pytest.raises(NotAllowed), database.transaction() as tx:
        deployments.deploy(tx, clerk, {"small.bpmn": small_process()})
    owner = new_user(database, "owner", "owner")
    with database.transaction() as tx:
        assert deployments.deploy(tx, owner, {"small.bpmn": small_process()}).changed == ["small"]


def test_another_organisation_does_not_see_what_was_deployed() -> None:
    database = new_database()
    deploy(database, small_bpmn=small_process())
    with database.reading() as tx:
        assert "small" in deployments.surroundings(tx, ORGANISATION).processes
        assert not deployments.surroundings(tx, engine_actor("elsewhere").organisation_key).processes


def test_a_form_is_listed_under_the_name_in_its_properties() -> None:
    database = new_database()
    schema = {
        "type": "default",
        "id": "intake",
        "properties": {"name": "1 故障受理", "name.en": "Fault intake"},
        "components": [{"type": "textfield", "id": "field", "key": "customer_name", "label": "客户名称"}],
    }
    deploy(database, intake_form=json.dumps(schema).encode())
    with database.reading() as tx:
        form = tx.session.scalars(select(FormDefinition)).one()
    assert (form.name, form.name_en, form.document) == ("1 故障受理", "Fault intake", "")
