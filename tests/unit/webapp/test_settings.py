"""The settings: price lists, working time, users, registers."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO

import pytest
from sqlalchemy import func, select

from engine.access import actor_for
from engine.model import Event, Membership, Organisation, PriceList, PriceListItem, Role, User, WorkingCalendar
from tests.supplier import Supplier, supplier
from tests.web import PASSWORD, post

ROW = {"code": "LAB-E", "name": "电气工时", "model": "", "unit": "小时", "list_price": "240", "cost_floor": "160"}


def price_rows(*rows: dict[str, str]) -> dict[str, list[str]]:
    return {column: [row[column] for row in rows] for column in ROW}


def user_key(shop: Supplier, username: str) -> int:
    with shop.database.reading() as tx:
        return tx.session.scalars(select(User.key).where(User.username == username)).one()


def hours(**changes: str) -> dict[str, str]:
    week = {f"hours_{day}": "09:00-17:30" for day in ("mon", "tue", "wed", "thu", "fri")}
    return {**week, "hours_sat": "", "hours_sun": "", "holidays": "CN", "revision": "1", **changes}


def test_the_settings_show_what_the_actor_may_open() -> None:
    shop = supplier()
    page = shop.built.client("staff").get("/settings").text
    assert "Price lists" in page
    assert "Registers" in page
    assert "Users" not in page
    assert "Users" in shop.built.client("administrator").get("/settings").text


# ---- prices


def test_a_price_list_is_read_by_all_and_edited_by_editors() -> None:
    shop = supplier()
    assert "LAB-E" in shop.built.client("staff").get("/settings/prices").text
    assert 'name="list_price"' not in shop.built.client("staff").get("/settings/prices").text
    assert 'name="list_price"' in shop.built.client("price_editor").get("/settings/prices").text
    answer = post(shop.built.client("staff"), "/settings/prices", version="2026", revision=1, **price_rows(ROW))
    assert answer.status_code == 403


def test_saving_prices_replaces_the_lines_and_is_logged() -> None:
    shop = supplier()
    client = shop.built.client("price_editor")
    rows = price_rows({**ROW, "list_price": "1,250.50"}, dict.fromkeys(ROW, ""))
    answer = post(client, "/settings/prices", version="2026", revision=1, **rows)
    assert answer.status_code == 303
    with shop.database.reading() as tx:
        wanted = select(PriceListItem).join(PriceList).where(PriceList.version == "2026")
        item = tx.session.scalars(wanted).one()
        assert f"{item.list_price:f}" == "1250.50"
        event = tx.session.scalars(select(Event).where(Event.lifecycle == "changed").order_by(Event.key.desc())).first()
        assert event is not None
        assert event.detail["price_list"] == "2026"


def test_rows_come_and_go_without_a_script_and_nothing_typed_is_lost() -> None:
    client = supplier().built.client("price_editor")
    other = {**ROW, "code": "X-1", "name": "没有保存"}
    page = post(client, "/settings/prices", version="2026", revision=1, _add="1", **price_rows(ROW, other)).text
    assert page.count('name="code"') == 3
    assert "没有保存" in page
    page = post(client, "/settings/prices", version="2026", revision=1, _remove="0", **price_rows(ROW, other)).text
    assert page.count('name="code"') == 1
    assert "没有保存" in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"list_price": "abc"}, "Write an amount"),
        ({"list_price": "-1"}, "Write an amount"),
        ({"list_price": "NaN"}, "Write an amount"),
        ({"list_price": "1e99"}, "Write an amount"),
        ({"cost_floor": "241"}, "the cost floor is above the list price"),
        ({"code": ""}, "Fill this in."),
    ],
)
def test_a_wrong_line_is_said_at_its_field_and_everything_stays(change: dict[str, str], said: str) -> None:
    rows = price_rows({**ROW, **change, "unit": "没有保存"})
    answer = post(supplier().built.client("price_editor"), "/settings/prices", version="2026", revision=1, **rows)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "没有保存" in answer.text


def test_a_code_twice_is_said_at_its_line() -> None:
    rows = price_rows(ROW, ROW)
    answer = post(supplier().built.client("price_editor"), "/settings/prices", version="2026", revision=1, **rows)
    assert answer.status_code == 422
    assert 'href="#code-1"' in answer.text


def test_prices_that_somebody_else_has_saved_are_a_conflict_and_what_was_typed_stays() -> None:
    client = supplier().built.client("price_editor")
    post(client, "/settings/prices", version="2026", revision=1, **price_rows(ROW))
    mine = price_rows({**ROW, "name": "我的改动"})
    answer = post(client, "/settings/prices", version="2026", revision=1, **mine)
    assert answer.status_code == 409
    assert "我的改动" in answer.text
    assert 'name="revision" value="2"' in answer.text
    assert post(client, "/settings/prices", version="2026", revision=2, **mine).status_code == 303


def test_a_price_list_that_is_not_there_does_not_exist() -> None:
    client = supplier().built.client("price_editor")
    assert client.get("/settings/prices?version=1999").status_code == 404
    assert post(client, "/settings/prices", version="1999", revision=1, **price_rows(ROW)).status_code == 404


# ---- working time


def test_working_time_is_saved_as_people_write_it() -> None:
    shop = supplier()
    client = shop.built.client("calendar_editor")
    assert "09:00–17:30" in client.get("/settings/calendars").text
    answer = post(
        client,
        "/settings/calendars/default",
        **hours(hours_mon="9:00－12:00， 13:00至17:30"),
        exception_day="2026-12-01",
        exception_hours="",
        exception_note="盘点",
    )
    assert answer.status_code == 303
    with shop.database.reading() as tx:
        data = tx.session.scalars(select(WorkingCalendar)).one().data
    assert data["weekly"]["mon"] == [["09:00", "12:00"], ["13:00", "17:30"]]
    assert data["exceptions"] == {"2026-12-01": {"hours": [], "note": "盘点"}}
    assert data["holidays"] == "CN"
    page = client.get("/settings/calendars").text
    assert "09:00–12:00, 13:00–17:30" in page
    assert "盘点" in page


def test_the_next_days_are_shown_as_typed_without_saving() -> None:
    shop = supplier()
    client = shop.built.client("calendar_editor")
    page = post(client, "/settings/calendars/default", **hours(hours_sat="10:00-11:00"), _preview="1")
    assert page.status_code == 200
    assert "not saved yet" in page.text
    assert page.text.count("10:00–11:00") == 2
    assert "10:00–11:00" not in client.get("/settings/calendars").text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hours_mon": "morning"}, "Write opening and closing times"),
        ({"hours_mon": "25:00-26:00"}, "Write a time as HH:MM"),
        ({"hours_mon": "09:00-12:00, 11:00-13:00"}, "overlaps"),
        ({"exception_day": "", "exception_hours": "09:00-10:00", "exception_note": ""}, "Choose a day."),
        ({"exception_day": "2026-13-01", "exception_hours": "", "exception_note": "x"}, "Write a date"),
    ],
)
def test_hours_that_cannot_be_are_said_at_their_field(change: dict[str, str], said: str) -> None:
    client = supplier().built.client("calendar_editor")
    for button in ({}, {"_preview": "1"}):
        answer = post(client, "/settings/calendars/default", **hours(hours_tue="08:00-09:00", **change), **button)
        assert answer.status_code == 422
        assert said in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert "08:00-09:00" in answer.text


def test_rows_of_exceptions_come_and_go_without_a_script() -> None:
    client = supplier().built.client("calendar_editor")
    row = {"exception_day": "2026-12-01", "exception_hours": "", "exception_note": "盘点"}
    page = post(client, "/settings/calendars/default", **hours(), **row, _add="1").text
    assert page.count('name="exception_day"') == 2
    page = post(client, "/settings/calendars/default", **hours(), **row, _remove="0").text
    assert page.count('name="exception_day"') == 0


def test_working_time_that_somebody_else_has_saved_is_a_conflict() -> None:
    client = supplier().built.client("calendar_editor")
    post(client, "/settings/calendars/default", **hours())
    answer = post(client, "/settings/calendars/default", **hours(hours_mon="07:00-08:00"))
    assert answer.status_code == 409
    assert "07:00-08:00" in answer.text
    assert 'name="revision" value="2"' in answer.text


def test_working_time_is_read_by_all_and_edited_by_editors() -> None:
    client = supplier().built.client("staff")
    assert "The next 14 days" in client.get("/settings/calendars").text
    assert post(client, "/settings/calendars/default", **hours()).status_code == 403
    assert client.get("/settings/calendars?key=nothing").status_code == 404


# ---- users


def test_a_user_is_added_with_roles_and_signs_in() -> None:
    shop = supplier()
    client = shop.built.client("administrator")
    answer = post(
        client, "/settings/users", username="qian", display_name="钱建军", password=PASSWORD, role=["finance", "sales"]
    )
    assert answer.status_code == 303
    assert "钱建军" in client.get("/settings/users").text
    qian = user_key(shop, "qian")
    with shop.database.reading() as tx:
        assert actor_for(tx.session, qian, tx.now).roles == {"finance", "sales"}
    assert shop.built.client("qian").get("/profile").status_code == 200


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"username": ""}, "Write a name to sign in with"),
        ({"username": "two words"}, "is no user name"),
        ({"username": "clerk"}, "the name is taken"),
        ({"display_name": ""}, "Write the person"),
        ({"password": "short"}, "at least 8 characters"),
        ({"role": []}, "Choose at least one role"),
    ],
)
def test_a_user_who_cannot_be_is_refused_at_the_field(change: dict[str, object], said: str) -> None:
    shop = supplier()
    fields = {"username": "qian", "display_name": "钱建军", "password": PASSWORD, "role": ["finance"], **change}
    answer = post(shop.built.client("administrator"), "/settings/users", **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert PASSWORD not in answer.text


def test_a_role_is_given_until_the_end_of_a_day_and_taken_away() -> None:
    shop = supplier()
    client, key = shop.built.client("administrator"), user_key(shop, "owner")
    answer = post(client, f"/settings/users/{key}/roles", role="compliance", until="2026-11-30")
    assert answer.status_code == 303
    with shop.database.reading() as tx:
        membership = tx.session.scalars(
            select(Membership).where(Membership.role_key == "compliance", Membership.user_key == key)
        ).one()
        assert membership.valid_until is not None
        assert membership.valid_until.isoformat() == "2026-11-30T16:00:00+00:00"
    assert shop.built.client("owner").get("/compliance").status_code == 200
    again = post(client, f"/settings/users/{key}/roles", role="compliance")
    assert again.status_code == 422
    assert "already" in again.text
    shop.later(minutes=1)
    assert post(client, f"/settings/users/{key}/roles/compliance/revoke").status_code == 303
    with shop.database.reading() as tx:
        assert actor_for(tx.session, key, tx.now + timedelta(seconds=1)).roles == {"owner"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"role": ""}, "Choose a role."),
        ({"role": "compliance", "until": "soon"}, "Choose a day"),
        ({"role": "compliance", "until": "2020-01-01"}, "the day has passed"),
    ],
)
def test_a_role_that_cannot_be_given_is_said_at_the_field(fields: dict[str, str], said: str) -> None:
    shop = supplier()
    answer = post(shop.built.client("administrator"), f"/settings/users/{user_key(shop, 'owner')}/roles", **fields)
    assert answer.status_code == 422
    assert said in answer.text


def test_administrators_do_not_lock_themselves_out() -> None:
    shop = supplier()
    client, key = shop.built.client("administrator"), user_key(shop, "administrator")
    answer = post(client, f"/settings/users/{key}/roles/administrator/revoke")
    assert answer.status_code == 422
    assert "another administrator" in answer.text
    assert client.get("/settings/users").status_code == 200


def test_users_of_another_organisation_do_not_exist() -> None:
    shop = supplier()
    key = user_key(shop, "owner")
    with shop.database.transaction() as tx:
        tx.session.add(Organisation(key="elsewhere", name="别处", created_at=tx.now))
        tx.session.flush()
        tx.session.add(Role(organisation_key="elsewhere", key="owner", name="owner", bundles=["owner"]))
        tx.session.flush()
        membership = tx.session.scalars(select(Membership).where(Membership.user_key == key)).one()
        membership.organisation_key = "elsewhere"
    client = shop.built.client("administrator")
    assert client.get(f"/settings/users/{key}").status_code == 404
    assert post(client, f"/settings/users/{key}/roles", role="compliance").status_code == 404
    assert post(client, f"/settings/users/{key}/roles/owner/revoke").status_code == 404


# ---- registers


def test_a_register_shows_its_lines_and_finds_them() -> None:
    shop = supplier()
    for name in ("杭州瑞康", "常熟立信"):
        shop.solve(shop.start(customer_name=name))
    client = shop.built.client("staff")
    assert client.get("/settings/registers").location == "/settings/registers/service_ledger"
    page = client.get("/settings/registers/service_ledger").text
    assert "杭州瑞康" in page
    assert "常熟立信" in page
    page = client.get("/settings/registers/service_ledger?q=瑞康").text
    assert "杭州瑞康" in page
    assert "常熟立信" not in page
    assert client.get("/settings/registers/nothing").status_code == 404


def test_only_cases_that_one_may_open_are_linked_from_a_register() -> None:
    shop = supplier()
    key = shop.start()
    shop.solve(key)
    assert f"/cases/{key}" not in shop.built.client("staff").get("/settings/registers/service_ledger").text
    assert f"/cases/{key}" in shop.built.client("administrator").get("/settings/registers/service_ledger").text


def test_a_register_is_exported_as_it_reads_and_that_is_recorded() -> None:
    shop = supplier()
    shop.solve(shop.start(customer_name="=SUM(A1)"))
    shop.solve(shop.start(customer_name="常熟立信"))
    client = shop.built.client("staff", "zh_CN")
    text = post(client, "/settings/registers/service_ledger/export").text
    assert text.startswith("﻿")
    lines = list(csv.DictReader(StringIO(text[1:])))
    assert {line["客户名称"] for line in lines} == {"'=SUM(A1)", "常熟立信"}
    narrowed = post(client, "/settings/registers/service_ledger/export", q="立信").text
    assert "SUM" not in narrowed
    with shop.database.reading() as tx:
        exports = select(func.count()).where(Event.lifecycle == "exported")
        assert tx.session.scalar(exports) == 2
