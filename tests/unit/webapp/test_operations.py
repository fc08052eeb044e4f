"""The pages of administrators: all cases, what has stopped, jobs, and cancelling."""

from __future__ import annotations

from sqlalchemy import select

from engine.model import Event, Incident, Organisation, ProcessInstance
from tests.supplier import Supplier, supplier
from tests.web import post


def incident_key(shop: Supplier) -> int:
    with shop.database.reading() as tx:
        return tx.session.scalars(select(Incident.key).where(Incident.resolved_at.is_(None))).one()


def test_all_cases_are_listed_with_where_they_stand() -> None:
    shop = supplier()
    key = shop.start()
    page = shop.built.client("administrator").get("/operations")
    assert page.status_code == 200
    assert shop.case(key).number in page.text
    assert "Fault intake" in page.text
    assert "苏州恒越精密机械有限公司" in page.text


def test_a_filter_shows_the_cases_of_its_group_only() -> None:
    shop = supplier()
    open_case, solved = shop.case(shop.start()).number, shop.start(customer_name="杭州瑞康")
    shop.solve(solved)
    closed = shop.case(solved).number
    client = shop.built.client("administrator")
    assert closed not in client.get("/operations").text
    assert open_case in client.get("/operations").text
    assert closed in client.get("/operations?group=completed").text
    assert open_case not in client.get("/operations?group=completed").text
    assert closed in client.get("/operations?group=all&q=瑞康").text
    assert open_case not in client.get("/operations?group=all&q=瑞康").text


def test_a_task_past_its_due_time_puts_its_case_among_the_overdue() -> None:
    shop = supplier()
    number = shop.case(shop.start()).number
    client = shop.built.client("administrator")
    assert number not in client.get("/operations?group=overdue").text
    shop.later(hours=4)
    assert number in client.get("/operations?group=overdue").text


def test_what_an_address_says_wrong_counts_as_not_said() -> None:
    shop = supplier()
    number = shop.case(shop.start()).number
    page = shop.built.client("administrator").get("/operations?group=x&sort=y&page=z&definition=q")
    assert number in page.text


def test_the_number_of_statements_does_not_grow_with_the_cases() -> None:
    from tests.bench.timing import counted

    shop = supplier()
    shop.start()
    client = shop.built.client("administrator")
    client.get("/operations")
    with counted(shop.database) as few:
        client.get("/operations")
    for _ in range(12):
        shop.start()
    with counted(shop.database) as many:
        client.get("/operations")
    assert many.statements == few.statements


def test_an_incident_says_its_cause_and_is_tried_again() -> None:
    shop = supplier()
    case = shop.stop()
    client = shop.built.client("administrator")
    page = client.get("/operations/incidents")
    assert shop.case(case).number in page.text
    assert "try again" in page.text
    key = incident_key(shop)
    answer = post(client, f"/operations/incidents/{key}/retry", next=f"/cases/{case}")
    assert (answer.status_code, answer.location) == (303, f"/cases/{case}")
    with shop.database.reading() as tx:
        assert tx.session.get_one(Incident, key).resolved_at is not None


def test_an_incident_that_somebody_else_has_resolved_is_told_not_repeated() -> None:
    shop = supplier()
    shop.stop()
    client, key = shop.built.client("administrator"), incident_key(shop)
    post(client, f"/operations/incidents/{key}/retry")
    post(client, f"/operations/incidents/{key}/retry")
    assert "was resolved by administrator" in client.get("/operations/incidents").text


def test_selected_incidents_are_tried_again_each_for_itself() -> None:
    shop = supplier()
    shop.stop()
    client, key = shop.built.client("administrator"), incident_key(shop)
    answer = post(client, "/operations/incidents/retry", key=[str(key), "99999"])
    assert answer.status_code == 303
    page = client.get("/operations/incidents").text
    assert "1 step is being tried again." in page
    assert "There is no incident 99999." in page


def test_the_jobs_are_listed_with_their_cases() -> None:
    shop = supplier()
    key = shop.start()
    shop.plan(key)
    number = shop.case(key).number
    client = shop.built.client("administrator")
    assert number in client.get("/operations/jobs?group=waiting").text
    assert number not in client.get("/operations/jobs?group=failed").text
    shop.later(days=3)
    assert number in client.get("/operations/jobs").text


def test_a_case_is_cancelled_for_a_reason_only() -> None:
    shop = supplier()
    key = shop.start()
    client = shop.built.client("administrator")
    assert client.get(f"/operations/cases/{key}/cancel").status_code == 200
    refused = post(client, f"/operations/cases/{key}/cancel", reason="  ")
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    assert shop.case(key).state == "active"
    answer = post(client, f"/operations/cases/{key}/cancel", reason="客户撤销报修")
    assert (answer.status_code, answer.location) == (303, f"/cases/{key}")
    assert shop.case(key).state == "cancelled"
    with shop.database.reading() as tx:
        cancelled = select(Event).where(Event.process_instance_key == key, Event.lifecycle == "case_cancelled")
        assert tx.session.scalars(cancelled).one().reason == "客户撤销报修"


def test_a_reason_for_a_case_that_has_ended_stays_on_the_page() -> None:
    shop = supplier()
    key = shop.start()
    shop.solve(key)
    answer = post(shop.built.client("administrator"), f"/operations/cases/{key}/cancel", reason="客户撤销报修")
    assert answer.status_code == 409
    assert "客户撤销报修" in answer.text


def test_a_case_of_another_organisation_does_not_exist() -> None:
    shop = supplier()
    key = shop.start()
    with shop.database.transaction() as tx:
        tx.session.add(Organisation(key="elsewhere", name="别处", created_at=tx.now))
        tx.session.flush()
        tx.session.get_one(ProcessInstance, key).organisation_key = "elsewhere"
    client = shop.built.client("administrator")
    assert client.get(f"/operations/cases/{key}/cancel").status_code == 404
    assert post(client, f"/operations/cases/{key}/cancel", reason="x").status_code == 404
    assert "No case is running" in client.get("/operations").text
