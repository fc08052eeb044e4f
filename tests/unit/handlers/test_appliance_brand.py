"""The computations of the appliance brand: one outlet per region, and which outlet is checked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.handling import CaseFacts, FiledPaper, HandlerContext
from handlers import appliance_brand as brand
from tests.on_record import Filed, Prices

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def context(*lines: FiledPaper, key: str = "1", **values: object) -> HandlerContext:
    case = CaseFacts(1, "CC-2026-0001", "service_outlet_inspection", NOW)
    return HandlerContext(values, {}, case, "appliance_brand", NOW, Prices(), key, records=Filed(lines))


def outlet(region: str, state: str | None, days_ago: int = 9, **fields: object) -> FiledPaper:
    known = {"region": region, "outlet_name": f"{region}维修", "outlet_state": state, **fields}
    return FiledPaper("outlet_database", "WD-1", NOW - timedelta(days=days_ago), known)


def test_a_region_is_taken_by_a_contracted_outlet_only() -> None:
    taken = brand.region_unique(context(outlet("镜湖", "contracted"), region="镜湖"))
    assert taken.variables == {"region_occupied": True, "present_outlet": "镜湖维修"}
    for lines in ([outlet("镜湖", None)], [outlet("弋江", "contracted")], []):
        assert brand.region_unique(context(*lines, region="镜湖")).variables["region_occupied"] is False


def test_an_outlet_whose_contract_ended_leaves_the_region_free() -> None:
    lines = outlet("镜湖", "contracted"), outlet("镜湖", "ended", 1)
    assert brand.region_unique(context(*lines, region="镜湖")).variables["region_occupied"] is False


def test_the_draw_reaches_every_outlet_and_repeats_for_one_job() -> None:
    lines = [outlet(region, "contracted") for region in ("镜湖", "弋江", "鸠江")]
    drawn = {str(key): brand.random_check(context(*lines, key=str(key))).variables["region"] for key in range(40)}
    assert set(drawn.values()) == {"镜湖", "弋江", "鸠江"}
    assert brand.random_check(context(*lines, key="7")).variables["region"] == drawn["7"]


def test_the_last_check_is_remembered() -> None:
    lines = outlet("镜湖", "contracted"), outlet("镜湖", "contracted", 1, check_result="unqualified")
    assert brand.random_check(context(*lines)).variables["failed_before"] is True


def test_without_outlets_there_is_nothing_to_check() -> None:
    assert brand.random_check(context()).variables["outlet_found"] is False


def test_an_outlet_that_the_assessor_met_takes_the_region_too() -> None:
    met = brand.region_unique(context(region="镜湖", other_outlet="老店"))
    assert met.variables == {"region_occupied": True, "present_outlet": "老店"}
    on_record = brand.region_unique(context(outlet("镜湖", "contracted"), region="镜湖", other_outlet="老店"))
    assert on_record.variables["present_outlet"] == "镜湖维修"


def test_a_named_outlet_is_checked_and_not_drawn() -> None:
    lines = outlet("镜湖", "contracted"), outlet("弋江", "contracted")
    for key in range(8):
        chosen = brand.random_check(context(*lines, key=str(key), region="弋江", outlet_name="弋江维修")).variables
        assert chosen == {"outlet_found": True, "outlet_name": "弋江维修", "region": "弋江", "failed_before": False}


def test_the_record_says_how_the_last_check_of_a_named_outlet_went() -> None:
    def failed(*lines: FiledPaper, told: bool) -> object:
        named = context(*lines, region="镜湖", outlet_name="镜湖维修", failed_before=told)
        return brand.random_check(named).variables["failed_before"]

    assert failed(outlet("镜湖", "contracted", check_result="unqualified"), told=False) is True
    assert failed(outlet("镜湖", "contracted", check_result="qualified"), told=True) is False
    assert failed(outlet("镜湖", "contracted"), told=True) is True
    assert failed(told=True) is True
    assert failed(told=False) is False
