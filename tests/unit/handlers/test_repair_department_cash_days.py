"""Receipts of real cases through the days' accounts: handed back in the reception, counted for bank and safe."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.handling import load_handlers
from engine.scenarios.player import play
from engine.scenarios.reader import read_scenarios
from engine.scenarios.world import World, build_world

FOLDER = Path(__file__).parents[3] / "processes" / "repair_department"
REPAIRED = """
process: repair_dept_reception
scenarios:
- name: a device that is ready to be handed back
  start:
    at: "2026-03-07T09:00"
    as: front_desk
    with:
      {channel: visit, customer_name: 汪海燕, contact_phone: 139-0000 0501, device_name: DY-20, fault_description: 卡纸}
  steps:
  - {complete: confirm_problem, as: front_desk, with: {problem_confirmed: 搓纸轮磨损, problem_result: repair}}
  - {complete: arrange_transport, as: front_desk, with: {transport: brought, transport_date: "2026-03-07"}}
  - complete: agree_date
    as: front_desk
    with: {date_result: agreed, fees_told: true, repair_date: "2026-03-10", agreed_fee: 120, warranty_terms: 90 天}
  - {complete: agree_payment, as: front_desk, with: {payment_method: cash}}
  - complete: assign_task
    as: repair_team
    with: {technician: 尚建国, planned_start: "2026-03-07T09:00"}
  - {complete: diagnose, as: repair_team, with: {diagnosis: 搓纸轮磨损, replacement_scope: none}}
  - {complete: repair, as: repair_team, with: {repair_outcome: repaired, work_done: 清洁并调整搓纸轮}}
  - {complete: quality_check, as: repair_team, with: {quality_result: passed, quality_findings: 连续 50 页不卡纸}}
  expect: {open: [hand_back]}
"""
DAYS = """
process: repair_dept_finance_day
scenarios:
- name: Saturday; one pays before four, one after the count at closing, one on Sunday
  start: {at: "2026-03-07T16:00", event: four_o_clock}
  steps:
  - {complete: deposit, as: finance, with: {banked: 0}}
  - {complete: hand_back, as: front_desk, at: "2026-03-07T18:00", with: {amount: 1, device_returned: true}}
  - {complete: hand_back, as: front_desk, at: "2026-03-07T18:01", with: {amount: 2, device_returned: true}}
  - {complete: lock_safe, as: finance, at: "2026-03-07T18:10", with: {locked: 0, safe_difference: 18:00 的还没有交来}}
  - {complete: guard, as: safe_guard, with: {guard_name: 鞠永胜, camera_on: true}}
  - {complete: hand_back, as: front_desk, at: "2026-03-08T17:00", with: {amount: 4, device_returned: true}}
  - {complete: deposit_safe, as: finance, at: "2026-03-09T09:30", with: {safe_banked: 0}}
  - {complete: hand_back, as: front_desk, at: "2026-03-09T16:00", with: {amount: 8, device_returned: true}}
  expect: {ends: [end_day_cleared], variables: {bank_amount: 0}}
- name: Monday; the bank gets the weekend's and what came until four, the safe what came after
  start: {at: "2026-03-09T16:00", event: four_o_clock}
  steps:
  - expect:
      variables:
        bank_amount: 14
      decisions:
      - {cash_cutoff: {rules: [3], value: bank}}
      - {cash_cutoff: {rules: [3], value: bank}}
      - {cash_cutoff: {rules: [1], value: bank}}
  - {refused: deposit, as: finance, with: {banked: 13, bank_slip: H-1}, errors: [bank_difference]}
  - {complete: deposit, as: finance, at: "2026-03-09T16:30", with: {banked: 14, bank_slip: H-1}}
  - {complete: hand_back, as: front_desk, at: "2026-03-09T16:31", with: {amount: 16, device_returned: true}}
  - {wait: "2026-03-09T18:00"}
  - {expect: {variables: {bank_amount: 14, safe_amount: 16}}}
  - {complete: lock_safe, as: finance, at: "2026-03-09T18:10", with: {locked: 16}}
  - {complete: guard, as: safe_guard, with: {guard_name: 鞠永胜, camera_on: true}}
  - {complete: hand_back, as: front_desk, at: "2026-03-09T20:00", with: {amount: 32, device_returned: true}}
  - {complete: deposit_safe, as: finance, at: "2026-03-10T09:30", with: {safe_banked: 16, safe_slip: H-2}}
  expect: {ends: [end_day_cleared], documents: [daily_cash]}
- name: Tuesday; what came after Monday's closing is banked
  start: {at: "2026-03-10T16:00", event: four_o_clock}
  steps:
  - {expect: {open: [deposit], variables: {bank_amount: 32}}}
  - {complete: deposit, as: finance, at: "2026-03-10T16:20", with: {banked: 32, bank_slip: H-3}}
  - {complete: hand_back, as: front_desk, at: "2026-03-10T16:31", with: {amount: 64, device_returned: true}}
  - {cancel: 保险箱打不开, at: "2026-03-10T17:00"}
  expect: {ends: [], documents: [daily_cash]}
- name: Tuesday again; what is banked is not counted again, and the rest is for the safe
  start: {at: "2026-03-10T17:10", event: four_o_clock}
  steps:
  - {expect: {open: [deposit], variables: {bank_amount: 0}, decisions: [{cash_cutoff: {rules: [2], value: safe}}]}}
  - {cancel: 明天一起入账, at: "2026-03-10T17:20"}
  expect: {ends: [], documents: []}
- name: Wednesday; what the cancelled accounts did not bank
  start: {at: "2026-03-11T16:00", event: four_o_clock}
  expect: {open: [deposit], variables: {bank_amount: 64}}
"""
DEVICES = 7


@pytest.fixture(scope="module")
def world() -> World:
    load_handlers(["handlers.repair_department"])
    return build_world(FOLDER)


def test_every_receipt_is_in_one_account(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.database, "dispose", lambda: None)  # one scenario goes on where the one before ended
    repaired, days = tmp_path / "repaired.scenarios.yaml", tmp_path / "days.scenarios.yaml"
    repaired.write_text(REPAIRED, encoding="utf-8")
    days.write_text(DAYS, encoding="utf-8")
    for scenario in [*read_scenarios(repaired) * DEVICES, *read_scenarios(days)]:
        played = play(world, scenario)
        assert not played.failures, (scenario.name, played.failures)
