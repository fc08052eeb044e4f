"""The worklist and the page of a task, as a browser without scripts sees them."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine.access import engine_actor
from engine.commands import deployments, user_tasks, users
from engine.model import Comment, Document, Draft, Event, TaskState, User, UserTask
from tests.bench.timing import counted
from tests.supplier import INTAKE, REPORT, SOLVED, UNSOLVED, Supplier, supplier
from tests.web import ORGANISATION, add_user, csrf_token, post

ROOT = Path(__file__).parents[3]


def task_of(shop: Supplier, case: int) -> UserTask:
    """The open task of a case that was made last."""
    with shop.database.reading() as tx:
        query = select(UserTask).where(UserTask.process_instance_key == case, UserTask.state == TaskState.OPEN)
        return tx.session.scalars(query.order_by(UserTask.key.desc())).first()  # type: ignore[return-value]


def colleague(shop: Supplier, username: str = "colleague", *roles: str) -> FlaskClient:
    """Somebody else with the clerk's role (or others), signed in."""
    first, *others = roles or ("cs_clerk",)
    with shop.database.transaction() as tx:
        user = add_user(tx, username, first)
        for role in others:
            users.grant_role(tx, engine_actor(ORGANISATION), user, role)
    return shop.built.client(username)


def submit(client: FlaskClient, key: int, **fields: object) -> TestResponse:
    return post(client, f"/tasks/{key}", **fields)


def filled(**changes: object) -> dict[str, object]:
    """The first task's form, filled in."""
    return {**REPORT, **INTAKE, **changes}


# ---- the worklist


def test_the_worklist_shows_what_is_mine_and_what_i_may_claim_with_counts() -> None:
    shop = supplier()
    first, second = shop.start(), shop.start(customer_name="杭州瑞康食品")
    with shop.database.transaction() as tx:
        user_tasks.claim(tx, shop.actor, task_of(shop, first).key)
    page = shop.built.client("clerk").get("/tasks").text
    for case in (first, second):
        assert shop.case(case).number in page
    assert re.search(r'My tasks<span class="count">1</span>', page)
    assert re.search(r'Open to claim<span class="count">1</span>', page)
    assert re.search(r'Overdue<span class="count">0</span>', page)


def test_the_filters_are_addresses() -> None:
    shop = supplier()
    late = shop.case(shop.start()).number
    shop.later(hours=3)
    fresh = shop.case(shop.start(customer_name="杭州瑞康食品")).number
    client = shop.built.client("clerk")
    for address, wanted, unwanted in (
        ("/tasks?due=overdue", late, fresh),
        ("/tasks?due=soon", fresh, late),
        ("/tasks?q=瑞康", fresh, late),
        (f"/tasks?q={late.lower()}", late, fresh),
    ):
        page = client.get(address).text
        assert wanted in page, address
        assert f">{unwanted}<" not in page, address
    assert fresh not in client.get("/tasks?scope=mine").text
    assert "Nothing fits these filters" in client.get("/tasks?process=no_such").text


def test_a_column_can_be_ordered_by_both_ways_and_nothing_else_can() -> None:
    shop = supplier()
    numbers = [shop.case(shop.start()).number for _ in range(3)]
    client = shop.built.client("clerk")

    def shown(address: str) -> list[str]:
        return re.findall(r'<td class="c-case">([^<]+)</td>', client.get(address).text)

    assert shown("/tasks?sort=case") == numbers
    assert shown("/tasks?sort=-case") == numbers[::-1]
    assert 'aria-sort="descending"' in client.get("/tasks?sort=-case").text
    assert sorted(shown("/tasks?sort=password_hash&scope=x&due=y&page=z")) == numbers


def test_late_in_principle_is_amber_and_every_other_lateness_red() -> None:
    shop = supplier()
    warned, plain = shop.start(), shop.start()
    shop.plan(plain)  # its open tasks: the reply to the customer (2 hours, no warning) and the plan
    shop.later(hours=3)
    client = shop.built.client("clerk")
    page = client.get("/tasks").text
    rows = {match[1]: match[0] for match in re.finditer(r'<tr id="task-\d+".*?<td class="c-case">([^<]+)', page, re.S)}
    assert 'class="due soon"' in rows[shop.case(warned).number]
    assert "(in principle)" in rows[shop.case(warned).number]
    assert 'class="due late"' in page
    case = client.get(f"/cases/{warned}").text
    assert "(in principle)" in case
    assert "due late" not in case


def test_an_empty_list_says_why_and_where_to_go() -> None:
    shop = supplier()
    page = shop.built.client("clerk").get("/tasks").text
    assert "Everything is done" in page
    key = task_of(shop, shop.start()).key
    other = colleague(shop)
    post(shop.built.client("clerk"), f"/tasks/{key}/claim")
    page = other.get("/tasks").text
    assert "Everything is done" in page
    assert "See the team" in page


def test_a_task_is_claimed_from_its_row_and_the_second_one_is_told_who_has_it() -> None:
    shop = supplier()
    key = task_of(shop, shop.start()).key
    client, other = shop.built.client("clerk"), colleague(shop)
    answer = post(client, f"/tasks/{key}/claim", next="/tasks?scope=mine")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/tasks?scope=mine")
    assert post(other, f"/tasks/{key}/claim", next="/tasks").status_code == 303
    assert "clerk claimed this task at Today 10:26" in other.get("/tasks").text


def test_selected_tasks_are_claimed_and_released_together() -> None:
    shop = supplier()
    keys = [task_of(shop, shop.start()).key for _ in range(3)]
    client = shop.built.client("clerk")
    token = csrf_token(client)
    client.post("/tasks/batch", data={"csrf_token": token, "action": "claim", "key": keys[:2], "next": "/tasks"})
    assert "2 tasks claimed" in client.get("/tasks?scope=mine").text
    client.post("/tasks/batch", data={"csrf_token": token, "action": "release", "key": [*keys, "x"], "next": "/tasks"})
    assert re.search(r'My tasks<span class="count">0</span>', client.get("/tasks").text)


def test_the_worklist_asks_the_same_number_of_questions_for_any_number_of_tasks() -> None:
    shop = supplier()
    client = shop.built.client("clerk")

    def asked() -> int:
        client.get("/tasks")
        with counted(shop.database) as counts:
            assert client.get("/tasks").status_code == 200
        return counts.statements

    shop.start()
    few = asked()
    for _ in range(8):
        shop.start()
    assert asked() == few


# ---- the page of a task


def test_the_page_shows_form_standards_evidence_facts_and_who_is_next() -> None:
    shop = supplier()
    page = shop.built.client("clerk").get(f"/tasks/{task_of(shop, shop.start()).key}").text
    assert 'value="苏州恒越精密机械有限公司"' in page
    assert "000 节点 1" in page
    assert 'id="slot-service_ledger"' in page
    assert 'href="tel:051200000000"' in page
    assert "After submitting:" in page
    assert "Phone support" in page


def test_a_paper_that_is_required_and_produced_is_listed_once() -> None:
    shop = supplier()
    diagram = Path("processes/equipment_supplier/after_sales_service.bpmn")
    content = (ROOT / diagram).read_bytes()
    produced = b'<zeebe:property name="produces" value="service_ledger"'
    assert content.count(produced) >= 1
    required = produced.replace(b"produces", b"requires") + b" />\n          " + produced
    with shop.database.transaction() as tx:
        deployments.deploy(tx, engine_actor(ORGANISATION), {diagram.name: content.replace(produced, required, 1)})
    case = shop.start()
    key, client = task_of(shop, case).key, shop.built.client("clerk")
    page = client.get(f"/tasks/{key}").text
    assert page.count('id="slot-service_ledger"') == 1
    assert "missing" in page
    submit(client, key, **filled())
    assert task_of(shop, case).key == key  # what is required is not there


def test_a_foreign_task_does_not_exist() -> None:
    shop = supplier()
    key = task_of(shop, shop.start()).key
    outsider = colleague(shop, "outsider", "staff")
    for address in (
        f"/tasks/{key}",
        f"/tasks/{key}/assign",
        f"/tasks/{key}/diagram.bpmn",
        f"/tasks/{key}/markers.json",
    ):
        assert outsider.get(address).status_code == 404, address
    for address in ("", "/draft", "/claim", "/release", "/assign", "/comments"):
        answer = post(outsider, f"/tasks/{key}{address}", text="x", username="clerk", reason="x")
        assert answer.status_code == 404, address
    assert outsider.get("/tasks/999999").status_code == 404


def test_a_submitted_form_leads_to_the_next_task_of_the_case_and_says_what_happened() -> None:
    shop = supplier()
    case = shop.start()
    client = shop.built.client("clerk")
    answer = submit(client, task_of(shop, case).key, **filled())
    following = task_of(shop, case)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/tasks/{following.key}")
    page = client.get(answer.headers["Location"]).text
    assert "Fault intake is submitted. Next: Phone support (Customer-service clerk)." in page


def test_the_end_of_a_case_is_told() -> None:
    shop = supplier()
    case = shop.start()
    shop.complete(case, **INTAKE)
    client = shop.built.client("clerk")
    answer = submit(client, task_of(shop, case).key, **SOLVED)
    assert answer.headers["Location"] == "/tasks"
    page = client.get("/tasks").text
    assert "Phone support is submitted." in page


def test_a_refused_form_comes_back_with_everything_typed_and_stays_a_draft() -> None:
    shop = supplier()
    key = task_of(shop, shop.start()).key
    client = shop.built.client("clerk")
    answer = submit(client, key, **filled(customer_name="", contact_phone="x", serial_number="GZ12-0117"))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'href="#field-customer_name"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'value="GZ12-0117"' in answer.text
    assert 'value="GZ12-0117"' in client.get(f"/tasks/{key}").text


def test_missing_evidence_and_wrong_fields_are_said_at_once() -> None:
    shop = supplier()
    case = shop.start()
    shop.complete(case, **INTAKE)
    client = shop.built.client("clerk")
    values = {**UNSOLVED, "phone_cooperation": "no", "phone_questions": ""}
    answer = submit(client, task_of(shop, case).key, **values)
    assert answer.status_code == 422
    assert 'href="#field-phone_questions"' in answer.text
    assert 'href="#slot-remote_evidence"' in answer.text


def test_a_draft_is_saved_while_typing_and_comes_back() -> None:
    shop = supplier()
    key = task_of(shop, shop.start()).key
    client = shop.built.client("clerk")
    fetch = {"X-Requested-With": "fetch"}
    data = {"csrf_token": csrf_token(client), **filled(serial_number="typed so far")}
    answer = client.post(f"/tasks/{key}/draft", data=data, headers=fetch)
    assert (answer.status_code, answer.text) == (200, "Draft saved at 10:26.")
    page = client.get(f"/tasks/{key}").text
    assert 'value="typed so far"' in page
    assert "Draft saved at 10:26." in page
    saved = submit(client, key, _save="1", **filled(serial_number="saved by button"))
    assert saved.status_code == 303
    assert 'value="saved by button"' in client.get(f"/tasks/{key}").text


def test_a_draft_is_its_writers_alone() -> None:
    shop = supplier()
    key = task_of(shop, shop.start()).key
    client, other = shop.built.client("clerk"), colleague(shop)
    submit(client, key, _save="1", **filled(serial_number="mine"))
    assert 'value="mine"' not in other.get(f"/tasks/{key}").text


def test_of_two_people_the_second_gets_409_with_who_and_when_and_what_they_typed() -> None:
    shop = supplier()
    case = shop.start()
    key = task_of(shop, case).key
    first, second = shop.built.client("clerk"), colleague(shop)
    assert submit(first, key, **filled()).status_code == 303
    answer = submit(second, key, **filled(fault_description="only at night"))
    assert answer.status_code == 409
    assert "clerk completed this task at Today 10:26" in answer.text
    assert "only at night" in answer.text
    assert "only at night" in second.get(f"/tasks/{key}").text
    assert 'class="button primary"' not in answer.text


def test_a_task_that_a_colleague_holds_is_read_only_and_not_submitted() -> None:
    shop = supplier()
    key = task_of(shop, shop.start()).key
    client, other = shop.built.client("clerk"), colleague(shop)
    post(client, f"/tasks/{key}/claim")
    page = other.get(f"/tasks/{key}").text
    assert "clerk has this task, since Today 10:26." in page
    assert 'name="customer_name"' not in page
    answer = submit(other, key, **filled(serial_number="kept"))
    assert answer.status_code == 409
    assert "kept" in answer.text


def test_a_completed_task_shows_what_was_submitted() -> None:
    shop = supplier()
    case = shop.start()
    key = task_of(shop, case).key
    client = shop.built.client("clerk")
    submit(client, key, **filled(serial_number="GZ12-0117"))
    page = client.get(f"/tasks/{key}").text
    assert "clerk completed this task" in page
    assert "GZ12-0117" in page
    assert "<form" in page
    assert 'name="serial_number"' not in page


def test_a_row_more_and_a_row_less_need_no_script_and_keep_what_is_typed() -> None:
    shop = supplier()
    case = shop.start()
    shop.plan(case)
    with shop.database.reading() as tx:
        key = tx.session.scalars(
            select(UserTask.key).where(UserTask.process_instance_key == case, UserTask.element_id == "solution_plan")
        ).one()
    client = shop.built.client("clerk")
    answer = submit(client, key, _add="parts", fault_points="the board")
    assert answer.status_code == 200
    assert 'name="parts[0].name"' in answer.text
    assert "the board" in answer.text
    typed = {"parts": "0", "parts[0].name": "cable", "fault_points": "the board"}
    assert "cable" not in submit(client, key, _remove="parts[0]", **typed).text


def test_a_file_is_kept_with_its_hash_and_what_was_typed_stays() -> None:
    shop = supplier()
    case = shop.start()
    shop.complete(case, **INTAKE)
    key = task_of(shop, case).key
    client = shop.built.client("clerk")
    typed = {**UNSOLVED, "phone_cooperation": "no"}
    answer = submit(client, key, _attach="remote_evidence", **typed, **upload("panel.png", b"picture"))
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    assert "panel.png" in page
    assert str(UNSOLVED["fault_location"]) in page
    with shop.database.reading() as tx:
        document = tx.session.scalars(select(Document).where(Document.kind == "attachment")).one()
    assert document.sha256[:8] in page


def test_a_required_file_can_be_brought_here_a_required_record_cannot() -> None:
    app = supplier().built.app
    with app.test_request_context(headers={"Cookie": "locale=en"}):
        about = app.jinja_env.get_template("tasks/evidence.html").module.about  # type: ignore[attr-defined]
        words = {
            kind: about({"kind": kind, "use": "requires", "status": "open", "required": True})
            for kind in ("attachment", "record", "register")
        }
    assert words == {
        "attachment": "No file yet. At most 25 MB each",
        "record": "An earlier task has to produce it",
        "register": "An earlier task has to produce it",
    }


def upload(name: str, content: bytes, document: str = "remote_evidence") -> dict[str, object]:
    return {f"file.{document}": (BytesIO(content), name)}


def test_a_file_that_cannot_be_kept_is_said_at_its_place() -> None:
    shop = supplier()
    case = shop.start()
    shop.complete(case, **INTAKE)
    key = task_of(shop, case).key
    typed = {**UNSOLVED, "phone_cooperation": "no"}
    client = shop.built.client("clerk")
    answer = submit(client, key, _attach="remote_evidence", **typed, **upload("empty.png", b""))
    assert answer.status_code == 422
    assert "empty.png is empty" in answer.text
    assert str(UNSOLVED["fault_location"]) in answer.text


def test_files_chosen_without_uploading_go_with_the_submission() -> None:
    shop = supplier()
    case = shop.start()
    shop.complete(case, **INTAKE)
    typed = {**UNSOLVED, "phone_cooperation": "no", "records_findings": "x", "records_result": "located"}
    client = shop.built.client("clerk")
    answer = submit(client, task_of(shop, case).key, **typed, **upload("panel.png", b"picture"))
    assert answer.status_code == 303, re.findall(r'<li><a href="#[^"]*">[^<]*', answer.text)


def test_a_task_is_given_to_a_colleague_with_a_reason() -> None:
    shop = supplier()
    key = task_of(shop, shop.start()).key
    client, other = shop.built.client("clerk"), colleague(shop)
    assert client.get(f"/tasks/{key}/assign").status_code == 404  # not mine yet
    post(client, f"/tasks/{key}/claim")
    assert "colleague" in client.get(f"/tasks/{key}/assign").text
    refused = post(client, f"/tasks/{key}/assign", username="", reason="")
    assert refused.status_code == 422
    assert "Say why" in refused.text
    answer = post(client, f"/tasks/{key}/assign", username="colleague", reason="off tomorrow")
    assert answer.status_code == 303
    assert re.search(r'My tasks<span class="count">1</span>', other.get("/tasks").text)
    with shop.database.reading() as tx:
        event = tx.session.scalars(select(Event).where(Event.lifecycle == "assigned")).all()[-1]
    assert event.reason == "off tomorrow"


def test_nobody_outside_the_organisation_is_given_a_task() -> None:
    shop = supplier()
    key = task_of(shop, shop.start()).key
    client = shop.built.client("clerk")
    post(client, f"/tasks/{key}/claim")
    with shop.database.transaction() as tx:
        names = {"username": "stranger", "display_name": "stranger"}
        tx.session.add(User(**names, password_hash="x", session_stamp="x", created_at=tx.now))
    answer = post(client, f"/tasks/{key}/assign", username="stranger", reason="x")
    assert answer.status_code == 404


def test_a_released_task_can_be_claimed_by_others_and_keeps_the_draft() -> None:
    shop = supplier()
    key = task_of(shop, shop.start()).key
    client = shop.built.client("clerk")
    post(client, f"/tasks/{key}/claim")
    submit(client, key, _save="1", **filled(serial_number="kept"))
    assert post(client, f"/tasks/{key}/release").headers["Location"] == "/tasks"
    with shop.database.reading() as tx:
        assert tx.session.get_one(UserTask, key).assignee_key is None
        assert tx.session.scalars(select(Draft)).one()
    assert 'value="kept"' in client.get(f"/tasks/{key}").text


def test_remarks_are_shown_on_the_case_and_an_empty_one_is_refused() -> None:
    shop = supplier()
    key = task_of(shop, shop.start()).key
    client = shop.built.client("clerk")
    answer = post(client, f"/tasks/{key}/comments", text="bring a spare <board>")
    assert answer.status_code == 303
    assert "bring a spare &lt;board&gt;" in client.get(f"/tasks/{key}").text
    refused = post(client, f"/tasks/{key}/comments", text="  ")
    assert refused.status_code == 422
    assert "Write something" in refused.text
    with shop.database.reading() as tx:
        assert len(tx.session.scalars(select(Comment)).all()) == 1


def test_an_overseer_reads_and_reassigns_but_does_not_fill_in() -> None:
    shop = supplier()
    key = task_of(shop, shop.start()).key
    client = shop.built.client("administrator")
    page = client.get(f"/tasks/{key}").text
    assert 'name="customer_name"' not in page
    assert "Assign…" in page
    assert submit(client, key, **filled()).status_code == 403
    assert post(client, f"/tasks/{key}/assign", username="clerk", reason="urgent").status_code == 303


def test_the_small_picture_has_its_diagram_and_markers() -> None:
    shop = supplier()
    key = task_of(shop, shop.start()).key
    client = shop.built.client("clerk")
    assert b"bpmn:process" in client.get(f"/tasks/{key}/diagram.bpmn").data
    assert client.get(f"/tasks/{key}/markers.json").json["now"] == ["fault_intake"]  # type: ignore[index]


def test_the_page_of_a_task_asks_few_questions() -> None:
    shop = supplier()
    key = task_of(shop, shop.start()).key
    client = shop.built.client("clerk")
    client.get(f"/tasks/{key}")
    for number in range(5):
        post(client, f"/tasks/{key}/comments", text=f"remark {number}")
    with counted(shop.database) as counts:
        client.get(f"/tasks/{key}")
    assert counts.statements <= 13  # of them 2 for the frame: who is signed in, and the bell


def test_the_deadline_is_counted_in_working_time() -> None:
    shop = supplier()
    shop.built.clock.advance(timedelta(hours=6, minutes=34))  # 17:00; the office closes at 17:30
    key = task_of(shop, shop.start()).key
    page = shop.built.client("clerk").get(f"/tasks/{key}").text
    assert "2 h left" in page
    assert "2026-11-25 10:30" in page
