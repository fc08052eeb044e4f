"""The pages of compliance: deviations, the event log of a case, and exports."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import select, update

from engine import history
from engine.archive import archive
from engine.history import Entry, Lifecycle
from engine.model import Event, Organisation, ProcessInstance
from engine.queries.events import CSV_COLUMNS, guarded
from engine.settings import Settings
from tests.supplier import INTAKE, Supplier, supplier
from tests.web import ORGANISATION, post
from webapp.services import Services


def lines_of(text: str) -> list[dict[str, str]]:
    assert text.startswith("﻿")
    return list(csv.DictReader(StringIO(text[1:])))


def test_a_whole_log_is_said_to_be_whole_first() -> None:
    shop = supplier()
    key = shop.start()
    page = shop.built.client("compliance").get(f"/compliance/cases/{key}")
    assert page.status_code == 200
    assert "The log is whole" in page.text
    assert page.text.index("The log is whole") < page.text.index("Case begun")


def test_a_log_that_was_changed_afterwards_is_said_to_be_broken() -> None:
    shop = supplier()
    key = shop.start()
    with shop.database.transaction() as tx:
        tx.session.execute(
            update(Event).where(Event.process_instance_key == key, Event.sequence == 2).values(reason="x")
        )
    page = shop.built.client("compliance").get(f"/compliance/cases/{key}").text
    assert "does not hold in 1 place" in page
    assert "Event 2: its facts are not the ones that were recorded" in page


def test_a_log_that_lost_its_end_is_said_to_be_broken() -> None:
    shop = supplier()
    key = shop.start()
    with shop.database.transaction() as tx:
        tx.session.get_one(ProcessInstance, key).event_sequence += 1
    assert "does not hold" in shop.built.client("compliance").get(f"/compliance/cases/{key}").text


def test_values_are_shown_until_they_are_erased_and_the_log_stays_whole() -> None:
    shop = supplier()
    key = shop.start()
    client = shop.built.client("compliance")
    assert "0512-0000 0000" in client.get(f"/compliance/cases/{key}").text
    with shop.database.transaction() as tx:
        history.erase(tx.session, key)
    page = client.get(f"/compliance/cases/{key}").text
    assert "0512-0000 0000" not in page
    assert "erased" in page
    assert "The log is whole" in page


def test_the_log_is_filtered_by_what_happened_and_by_whom() -> None:
    shop = supplier()
    key = shop.start()
    shop.complete(key, **INTAKE)
    client = shop.built.client("compliance")
    page = client.get(f"/compliance/cases/{key}?lifecycle=changed").text
    assert "Filled in" in page
    assert 'id="event-1"' not in page
    assert 'id="event-1"' in client.get(f"/compliance/cases/{key}?performer=clerk").text
    assert 'id="event-1"' not in client.get(f"/compliance/cases/{key}?performer=-").text
    assert "No event fits" in client.get(f"/compliance/cases/{key}?performer=somebody").text


def test_a_task_completed_late_is_a_violation_and_in_principle_a_warning() -> None:
    shop = supplier()
    first, second = shop.start(), shop.start()
    shop.later(hours=4)
    shop.complete(first, **INTAKE)
    client = shop.built.client("compliance")
    page = client.get("/compliance").text
    # The intake's limit holds in principle only: severity warning.
    assert "No violation: 1 task was completed late, under a limit that holds in principle." in page
    assert shop.case(first).number in page
    assert shop.case(second).number in client.get("/compliance/deviations/overdue").text
    assert client.get("/compliance/deviations/nothing").status_code == 404


def test_evidence_that_was_overridden_is_listed_with_its_reason() -> None:
    shop = supplier()
    key = shop.start()
    with shop.database.transaction() as tx:
        entry = Entry(Lifecycle.OVERRIDDEN, tx.now, "phone_support", performer="clerk", reason="客户拒绝拍照")
        history.record(tx.session, tx.session.get_one(ProcessInstance, key), [entry], tx.now)
    page = shop.built.client("compliance").get("/compliance").text
    assert "In 1 place somebody went on without a required piece of evidence." in page
    assert "客户拒绝拍照" in page


def test_the_export_holds_every_event_and_is_itself_recorded() -> None:
    shop = supplier()
    key = shop.start()
    client = shop.built.client("compliance")
    answer = post(client, f"/compliance/cases/{key}/export")
    lines = lines_of(answer.text)
    assert answer.mimetype == "text/csv"
    assert f"events-{shop.case(key).number}.csv" in answer.headers["Content-Disposition"]
    assert [int(line["sequence"]) for line in lines] == list(range(1, shop.case(key).event_sequence + 1))
    assert tuple(lines[0]) == CSV_COLUMNS
    assert lines[0]["case_number"] == shop.case(key).number
    assert "0512-0000 0000" in lines[0]["values"]
    whole = lines_of(post(client, "/compliance/export").text)
    assert len(whole) > len(lines)
    with shop.database.reading() as tx:
        exports = tx.session.scalars(select(Event).where(Event.lifecycle == "exported").order_by(Event.key)).all()
        assert [event.performer for event in exports] == ["compliance", "compliance"]
        assert exports[0].detail["case"] == lines[0]["case_number"]
        assert list(history.verify(tx.session)) == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_of_an_export_is_a_formula(text: str) -> None:
    assert guarded(text) == f"'{text}"
    shop = supplier()
    key = shop.start()
    client = shop.built.client("administrator")
    post(client, f"/operations/cases/{key}/cancel", reason=f"x{text}")
    with shop.database.transaction() as tx:
        tx.session.execute(update(Event).where(Event.lifecycle == "case_cancelled").values(reason=text))
    lines = lines_of(post(shop.built.client("compliance"), f"/compliance/cases/{key}/export").text)
    assert any(line["reason"] == f"'{text}" for line in lines)


def test_administrators_read_the_log_but_do_not_export_it() -> None:
    shop = supplier()
    key = shop.start()
    client = shop.built.client("administrator")
    assert client.get(f"/compliance/cases/{key}").status_code == 200
    assert post(client, "/compliance/export").status_code == 403


def test_the_log_of_another_organisations_case_does_not_exist() -> None:
    shop = supplier()
    key = shop.start()
    with shop.database.transaction() as tx:
        tx.session.add(Organisation(key="elsewhere", name="别处", created_at=tx.now))
        tx.session.flush()
        tx.session.get_one(ProcessInstance, key).organisation_key = "elsewhere"
        tx.session.execute(update(Event).where(Event.process_instance_key == key).values(organisation_key="elsewhere"))
    client = shop.built.client("compliance")
    assert client.get(f"/compliance/cases/{key}").status_code == 404
    assert post(client, f"/compliance/cases/{key}/export").status_code == 404
    whole = lines_of(post(client, "/compliance/export").text)
    assert {line["organisation"] for line in whole} == {ORGANISATION}


def test_a_case_in_the_archive_is_found_by_its_number_and_read_there(tmp_path: Path) -> None:
    shop = supplier()
    key = shop.start()
    shop.solve(key)
    number = shop.case(key).number
    shop.later(days=4 * 366)
    shop.built.app.extensions["baoxiu"] = replace(services_of(shop), settings=settings_of(shop, tmp_path))
    done = archive(shop.database, ORGANISATION, tmp_path)
    assert done is not None
    client = shop.built.client("compliance")
    found = client.get("/compliance", query_string={"q": number}).text
    assert f'href="/compliance/archive/{key}"' in found
    page = client.get(f"/compliance/archive/{key}").text
    assert "This case left the database" in page
    assert "The log is whole" in page
    assert shop.built.client("staff").get(f"/compliance/archive/{key}").status_code == 403
    done.file.unlink()
    gone = client.get(f"/compliance/archive/{key}")
    assert gone.status_code == 404
    assert done.file.name in gone.text


def services_of(shop: Supplier) -> Services:
    return cast("Services", shop.built.app.extensions["baoxiu"])


def settings_of(shop: Supplier, folder: Path) -> Settings:
    return replace(services_of(shop).settings, archive=folder)
