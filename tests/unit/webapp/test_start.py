"""Starting cases by hand."""

from __future__ import annotations

from sqlalchemy import func, select

from engine.model import ProcessInstance
from tests.builders import diagram, flow, user_task
from tests.supplier import REPORT, Supplier, supplier
from tests.web import add_user, post


def cases(shop: Supplier) -> int:
    with shop.database.reading() as tx:
        return tx.session.scalar(select(func.count()).select_from(ProcessInstance)) or 0


def by_hand(group: str) -> bytes:
    """A process without a start form whose first step is a role's."""
    body = '<bpmn:startEvent id="start"/>' + user_task("first", group) + '<bpmn:endEvent id="end"/>'
    return diagram(body + flow("start", "first") + flow("first", "end"), "by_hand")


def test_only_processes_meant_to_be_started_by_people_are_listed() -> None:
    shop = supplier()
    page = shop.built.client("clerk").get("/start").text
    assert "After-sales service management" in page
    assert "/start/periodic_service_callback" not in page


def test_a_process_without_a_form_is_started_by_the_role_of_its_first_step() -> None:
    shop = supplier()
    shop.deploy({"by_hand.bpmn": by_hand("finance")})
    with shop.database.transaction() as tx:
        add_user(tx, "seller", "sales")
    client, other = shop.built.client("clerk"), shop.built.client("seller")
    assert "/start/by_hand" in client.get("/start").text
    assert "/start/by_hand" not in other.get("/start").text
    assert other.get("/start/by_hand").status_code == 404
    assert post(other, "/start/by_hand").status_code == 404
    answer = post(client, "/start/by_hand")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/tasks/")


def test_the_case_leads_to_its_first_task() -> None:
    shop = supplier()
    client = shop.built.client("clerk")
    answer = post(client, "/start/after_sales_service", **REPORT)
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    assert "Case SH-2026-0001 is started." in page
    assert "<h1>" in page
    assert "Fault intake" in page


def test_who_cannot_do_the_first_task_goes_to_the_list() -> None:
    shop = supplier()
    with shop.database.transaction() as tx:
        add_user(tx, "seller", "sales")
    client = shop.built.client("seller")
    answer = post(client, "/start/after_sales_service", **REPORT)
    assert answer.headers["Location"] == "/tasks"
    assert "is started." in client.get("/tasks").text


def test_a_refused_start_keeps_what_was_typed_and_starts_nothing() -> None:
    shop = supplier()
    client = shop.built.client("clerk")
    answer = post(client, "/start/after_sales_service", **{**REPORT, "contact_phone": "?", "warranty": ""})
    assert answer.status_code == 422
    assert 'href="#field-contact_phone"' in answer.text
    assert str(REPORT["customer_name"]) in answer.text
    assert cases(shop) == 0


def test_the_form_is_shown_again_without_being_sent() -> None:
    shop = supplier()
    client = shop.built.client("clerk")
    answer = post(client, "/start/after_sales_service", _refresh="1", customer_name="half a name")
    assert answer.status_code == 200
    assert "half a name" in answer.text
    assert 'role="alert"' not in answer.text
    assert cases(shop) == 0


def test_an_unknown_process_and_who_may_not_start_are_turned_away() -> None:
    shop = supplier()
    assert shop.built.client("clerk").get("/start/no_such").status_code == 404
    assert shop.built.client("compliance").get("/start").status_code == 403
