"""The pages of process owners: what is deployed, and deploying."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from engine.model import Deployment, ProcessDefinition
from tests.builders import diagram, flow, user_task
from tests.supplier import Supplier, failing_process, shipped_files, supplier
from tests.web import csrf_token

BROKEN = diagram(
    '<bpmn:startEvent id="start"/>' + user_task("nobody", "no_such_role") + flow("start", "nobody"), "broken"
)


def send(client: FlaskClient, do: str, note: str = "", **files: bytes) -> TestResponse:
    """Upload files; ``small_bpmn=…`` is the file small.bpmn."""
    parts = [(BytesIO(content), name[::-1].replace("_", ".", 1)[::-1]) for name, content in files.items()]
    fields = {"csrf_token": csrf_token(client), "do": do, "note": note, "files": parts}
    return client.post("/processes/deploy", data=fields, content_type="multipart/form-data")


def deployed(shop: Supplier) -> tuple[int, int]:
    with shop.database.reading() as tx:
        return (
            tx.session.scalar(select(func.count()).select_from(Deployment)) or 0,
            tx.session.scalar(select(func.count()).select_from(ProcessDefinition)) or 0,
        )


def test_versions_are_listed_with_their_running_and_ended_cases() -> None:
    shop = supplier()
    shop.solve(shop.start())
    shop.start()
    shop.start()
    page = shop.built.client("owner").get("/processes").text
    assert "售后服务管理流程" in page
    assert "首次部署" in page
    assert '<td class="num">2</td><td class="num">1</td>' in page


@pytest.mark.parametrize("tab", ["decisions", "forms", "deployments", "nothing"])
def test_every_kind_of_definition_has_its_list(tab: str) -> None:
    page = supplier().built.client("owner").get(f"/processes?tab={tab}")
    assert page.status_code == 200
    wanted = {"decisions": "quote_review_route", "forms": "fault_intake", "deployments": "首次部署"}
    assert wanted.get(tab, "after_sales_service") in page.text


def test_a_process_says_who_does_each_step_with_what_and_until_when() -> None:
    client = supplier().built.client("owner", "zh_CN")
    page = client.get("/processes/process/after_sales_service").text
    assert "1 故障受理" in page
    assert "客服内勤" in page
    assert "/processes/form/fault_intake" in page
    assert "/processes/decision/quote_review_route" in page
    assert "《售后服务单》" in page
    assert "working time after(case.started_at, duration(&#34;PT2H&#34;))" in page
    assert client.get("/processes/process/nothing").status_code == 404
    assert client.get("/processes/process/after_sales_service?version=9").status_code == 404


def test_the_file_of_a_version_is_the_one_that_was_deployed() -> None:
    client = supplier().built.client("owner")
    files = shipped_files()
    for address, name in (
        ("process/after_sales_service/1/file.bpmn", "after_sales_service.bpmn"),
        ("decision/phone_solvable/1/file.dmn", "phone_solvable.dmn"),
        ("form/fault_intake/1/file.form", "fault_intake.form"),
    ):
        answer = client.get(f"/processes/{address}")
        assert answer.data == files[name]
        assert name in answer.headers["Content-Disposition"]


def test_a_decision_is_shown_as_its_table_with_all_rules() -> None:
    page = supplier().built.client("owner").get("/processes/decision/quote_review_route")
    assert page.status_code == 200
    assert page.text.count('<td class="out') >= 5
    assert "Conditions" in page.text


def test_every_form_has_a_preview_that_cannot_be_filled_in() -> None:
    shop = supplier()
    client = shop.built.client("owner")
    for name in shipped_files():
        if name.endswith(".form"):
            page = client.get(f"/processes/form/{name.removesuffix('.form')}")
            assert page.status_code == 200, name
            assert "fieldset" in page.text or "no fields" in page.text


def test_files_with_an_error_are_refused_as_a_whole_with_every_finding() -> None:
    shop = supplier()
    client = shop.built.client("owner")
    before = deployed(shop)
    answer = send(client, "deploy", "新流程", broken_bpmn=BROKEN, good_bpmn=failing_process(), text_form=b"no json")
    assert answer.status_code == 422
    assert deployed(shop) == before
    for said in ("broken.bpmn", "nobody", "no_such_role", "Add the role to the organisation", "text.form", "新流程"):
        assert said in answer.text


@pytest.mark.parametrize("content", [b"<a><b></a>", b'<!DOCTYPE x [<!ENTITY e "e">]><x>&e;</x>', b"", b"\xff\xfe\x00"])
def test_hostile_or_broken_files_are_findings(content: bytes) -> None:
    shop = supplier()
    before = deployed(shop)
    for name in ("x_bpmn", "x_dmn", "x_form", "x_exe"):
        answer = send(shop.built.client("owner"), "deploy", **{name: content})
        assert answer.status_code == 422, name
        assert "Nothing was deployed" in answer.text
    assert deployed(shop) == before


def test_a_check_deploys_nothing() -> None:
    shop = supplier()
    before = deployed(shop)
    answer = send(shop.built.client("owner"), "check", failing_bpmn=failing_process())
    assert answer.status_code == 200
    assert "can be deployed" in answer.text
    assert deployed(shop) == before


def test_a_deployment_makes_a_version_with_its_note() -> None:
    shop = supplier()
    client = shop.built.client("owner")
    answer = send(client, "deploy", "试运行", failing_bpmn=failing_process())
    assert answer.status_code == 303
    page = client.get("/processes?tab=deployments").text
    assert "试运行" in page
    assert "failing.bpmn" in page
    assert "1 new version, 0 unchanged" in page
    send(client, "deploy", failing_bpmn=failing_process())
    assert "0 new versions, 1 unchanged" in client.get("/processes").text


def test_no_file_is_said_at_the_field() -> None:
    answer = send(supplier().built.client("owner"), "deploy", "备注留着")
    assert answer.status_code == 422
    assert "Choose at least one file" in answer.text
    assert "备注留着" in answer.text


def test_compliance_looks_but_does_not_deploy() -> None:
    client = supplier().built.client("compliance")
    assert client.get("/processes").status_code == 200
    assert client.get("/processes/deploy").status_code == 403
    assert send(client, "deploy", x_bpmn=BROKEN).status_code == 403
