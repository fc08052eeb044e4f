"""The computations of the service company: fees, service records, and the figures of a month and of a quarter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.handling import (
    CaseFacts,
    FiledPaper,
    HandlerContext,
    Outcome,
    PastTask,
    PriceItem,
    known_handlers,
)
from handlers import service_company as company
from handlers import values
from tests.on_record import Filed, Prices

NOW = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
"""The 1st of April 2026, 09:00 in Shanghai."""
MARCH = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
VISIT = PriceItem("SRV-VISIT", "上门维修", "", "小时", Decimal(220), Decimal(150))


class Month(Filed):
    """A month that is written down line by line."""

    lines: list[FiledPaper]
    known_tasks: list[PastTask]

    def service(self, number: str, at: datetime = MARCH, **fields: object) -> None:
        line = {"record_entry": "service", "origin_case": number, **fields}
        self.lines.append(FiledPaper("service_records", "JL-1", at, line))

    def sheet(self, period: str, agent: str = "suwanqing", **fields: object) -> None:
        line = {"period": period, "agent": agent, **fields}
        self.lines.append(FiledPaper("kpi_sheet", "JX-1", MARCH, line))

    def task(
        self,
        element: str,
        took: int | None,
        number: str = "FW-1",
        by: str = "suwanqing",
        limit: int | None = 30,
        at: datetime = MARCH,
    ) -> None:
        """A task due after `limit` seconds that took so many; None: it is open still."""
        due = None if limit is None else at + timedelta(seconds=limit)
        ended = None if took is None else at + timedelta(seconds=took)
        self.known_tasks.append(PastTask(number, element, at, due, ended, by if ended else ""))


def context(filed: Filed | None = None, now: datetime = NOW, **variables: object) -> HandlerContext:
    case = CaseFacts(1, "FW-2026-0001", "service_request_handling", now)
    return HandlerContext(
        variables, {}, case, "service_company", now, Prices({VISIT.code: VISIT}), "key", records=filed or Filed()
    )


def line_of(outcome: Outcome) -> Mapping[str, object]:
    (entry,) = outcome.entries
    return entry.fields


# ---- one service


@pytest.mark.parametrize(
    ("hours", "material", "fee"), [("1.5", "45.50", "375.50"), ("0.5", None, "110"), ("1", "0", "220")]
)
def test_the_fee_is_rate_times_duration_and_material(hours: str, material: str | None, fee: str) -> None:
    cost = None if material is None else Decimal(material)
    case = context(service_item="SRV-VISIT", service_hours=Decimal(hours), material_cost=cost)
    variables = company.service_fee(case).variables
    assert variables["fee"] == Decimal(fee)
    assert (variables["service_name"], variables["hourly_rate"]) == ("上门维修", 220)
    assert variables["price_list_version"] == "2026"


def test_a_kind_of_service_without_a_rate_is_refused() -> None:
    with pytest.raises(values.NoRate, match="SRV-X"):
        company.service_fee(context(service_item="SRV-X", service_hours=Decimal(1)))


@pytest.mark.parametrize("hours", [None, "2", True])
def test_hours_that_are_no_number_are_refused(hours: object) -> None:
    with pytest.raises(values.MissingInput, match="service_hours"):
        company.service_fee(context(service_item="SRV-VISIT", service_hours=hours))


def test_the_record_tells_talk_handling_and_feedback() -> None:
    outcome = company.service_record(
        context(
            origin_case="FW-2026-0001",
            customer_name="徐梅",
            problem_description="滤网灯亮",
            diagnosis="没有复位",
            advice_given="长按复位",
            first_result="solved",
            confirmed_by="徐梅",
            response_seconds=Decimal(20),
            in_time=True,
            rating=Decimal(5),
        )
    )
    line = line_of(outcome)
    assert (line["record_entry"], line["outcome"], line["first_contact"]) == ("service", "solved", True)
    assert (line["communication"], line["handling"], line["feedback"]) == ("滤网灯亮", "没有复位；长按复位", "徐梅")
    assert line["keep_until"] == date(2029, 4, 1)
    assert outcome.variables["archived_at"] == NOW


def test_what_is_archived_on_a_leap_day_is_kept_for_three_whole_years() -> None:
    leap_day = datetime(2028, 2, 29, 2, 0, tzinfo=UTC)
    assert line_of(company.service_record(context(now=leap_day)))["keep_until"] == date(2031, 3, 1)


@pytest.mark.parametrize(
    ("case", "outcome", "first"),
    [
        ({"first_result": "solved"}, "solved", True),
        ({"first_result": "solved", "reassessed": True}, "solved", False),
        ({"first_result": "faulty"}, "solved", False),
        ({"first_result": "complex"}, "solved", None),
        ({"first_result": "faulty", "fee_decision": "declined"}, "declined", False),
        ({"first_result": "solved", "reassessed": True, "complaint_result": "accepted"}, "complaint", False),
        ({"contact_result": "not_reached"}, "unreached", None),
        ({"contact_result": "answered", "emergency": True}, "emergency", None),
    ],
)
def test_only_common_problems_count_for_the_first_talk(
    case: Mapping[str, object], outcome: str, first: bool | None
) -> None:
    assert company.outcome_of(case) == outcome
    assert company.solved_in_first_talk(case) is first


# ---- the month


def test_the_month_is_counted_from_its_records() -> None:
    filed = Month()
    for number in range(1, 11):
        filed.service(f"FW-{number}", first_contact=number > 1, in_time=True, rating=Decimal(4), channel="phone")
    filed.service("FW-11", first_contact=None, in_time=False, channel="online", response_seconds=Decimal(200))
    filed.service("FW-12", first_contact=None, in_time=None, channel="online", response_seconds=Decimal(100))
    filed.lines.append(FiledPaper("service_records", "JL-1", MARCH, {"record_entry": "backup"}))
    variables = company.monthly_kpi(context(filed)).variables
    assert variables["review_month"] == "2026-03"
    assert variables["record_count"] == 12
    assert variables["first_contact_rate"] == 90
    assert variables["response_rate"] == Decimal("90.9")
    assert variables["online_average_minutes"] == Decimal("2.50")
    assert variables["satisfaction_average"] == 4


def test_the_figures_are_written_into_the_report() -> None:
    line = line_of(company.monthly_kpi(context()))
    assert (line["report_entry"], line["record_count"], line["first_contact_rate"]) == ("figures", 0, None)
    assert (line["satisfaction_average"], line["online_average_minutes"], line["top_problems"]) == (None, None, [])


def test_a_month_begins_and_ends_at_midnight_in_shanghai() -> None:
    filed = Month()
    midnight = datetime(2026, 2, 28, 16, 0, tzinfo=UTC)
    for number, at in enumerate(
        [midnight - timedelta(seconds=1), midnight, NOW - timedelta(hours=9, seconds=1), NOW - timedelta(hours=9)]
    ):
        filed.service(f"FW-{number}", at)
    assert company.monthly_kpi(context(filed)).variables["record_count"] == 2


def test_complex_problems_count_by_their_own_limit() -> None:
    filed = Month()
    filed.task("technical_support", 3, limit=3)
    filed.task("technical_support", 4, limit=3)
    filed.task("technical_support", None, limit=3)
    filed.task("technical_support", None, at=NOW - timedelta(hours=10), limit=36_000)
    assert company.monthly_kpi(context(filed)).variables["solution_rate"] == Decimal("33.3")


def test_the_most_frequent_problem_comes_first() -> None:
    lines = [{"problem_category": name} for name in ("quality", "fee", "operation", "quality", None, "fee", "quality")]
    assert company.frequent_problems(lines) == [
        {"category": "quality", "count": 3, "percent": Decimal("50.0")},
        {"category": "fee", "count": 2, "percent": Decimal("33.3")},
        {"category": "operation", "count": 1, "percent": Decimal("16.7")},
    ]


@pytest.mark.parametrize(
    ("yes", "of", "percent"), [(9, 10, "90"), (899, 999, "89.9"), (8999, 10000, "89.9"), (1, 3, "33.3")]
)
def test_a_share_below_a_goal_is_never_rounded_up_to_it(yes: int, of: int, percent: str) -> None:
    assert company.share([True] * yes + [False] * (of - yes)) == Decimal(percent)


# ---- the quarter


def test_each_test_is_entered_for_the_review() -> None:
    outcome = company.assessment_result(
        context(
            quarter={"name": "2026Q1"},
            assessments=[
                {"agent": "suwanqing", "score": Decimal(92), "result": "passed"},
                {"agent": "pangyu", "score": Decimal(81), "result": "passed"},
            ],
            retrained_agents=["pangyu"],
        )
    )
    assert [entry.register for entry in outcome.entries] == ["kpi_sheet", "kpi_sheet"]
    assert [entry.fields["test_result"] for entry in outcome.entries] == ["passed", "retrained"]
    assert {entry.fields["period"] for entry in outcome.entries} == {"2026Q1"}


def test_everybody_who_served_last_quarter_is_reviewed_once() -> None:
    filed = Month()
    filed.task("answer_customer", 10)
    filed.task("first_diagnosis", 10)
    filed.task("first_diagnosis", 10, by="luojiayi")
    filed.task("first_diagnosis", None, by="nobody")
    filed.task("answer_customer", 10, by="of_another_quarter", at=NOW)
    cases = company.start_reviews(context(filed)).cases
    assert [case.process_id for case in cases] == ["performance_review"] * 2
    assert [dict(case.variables) for case in cases] == [
        {"agent": "luojiayi", "period": "2026Q1"},
        {"agent": "suwanqing", "period": "2026Q1"},
    ]


def test_an_agent_is_measured_by_own_answers_and_first_diagnoses() -> None:
    filed = Month()
    filed.task("answer_customer", 30)
    filed.task("answer_customer", 31)
    filed.task("answer_customer", 500, by="luojiayi")
    filed.task("first_diagnosis", 60, "FW-1", limit=None)
    filed.task("first_diagnosis", 60, "FW-1", "luojiayi", limit=None)
    filed.task("first_diagnosis", 60, "FW-2", "luojiayi", limit=None)
    filed.service("FW-1", first_contact=False, rating=Decimal(3))
    filed.service("FW-2", first_contact=True, rating=Decimal(5))
    filed.sheet("2026Q1", sheet_entry="test", test_result="retrained")
    filed.sheet("2025Q4", sheet_entry="test", test_result="passed")
    outcome = company.agent_kpi(context(filed, agent="suwanqing", period="2026Q1"))
    assert dict(outcome.variables) == {
        "response_rate": 50,
        "solution_rate": 0,
        "satisfaction": 3,
        "test_result": "retrained",
        "previous_failures": 0,
    }
    line = line_of(outcome)
    assert (line["sheet_entry"], line["agent"], line["period"]) == ("indicators", "suwanqing", "2026Q1")


def test_what_other_systems_counted_stands_instead() -> None:
    filed = Month()
    filed.task("answer_customer", 500)
    case = context(
        filed, agent="suwanqing", period="2026Q1", given_response_rate=Decimal(97), given_satisfaction=Decimal("4.2")
    )
    outcome = company.agent_kpi(case)
    assert (outcome.variables["response_rate"], outcome.variables["satisfaction"]) == (97, Decimal("4.2"))
    assert outcome.variables["solution_rate"] is None
    assert line_of(outcome)["response_rate"] == 97


@pytest.mark.parametrize(
    ("verdicts", "earlier", "count"),
    [
        ({}, 0, 0),
        ({}, 2, 2),
        ({"2025Q4": "talk"}, 0, 1),
        ({"2025Q3": "talk", "2025Q4": "talk"}, 0, 2),
        ({"2025Q3": "talk", "2025Q4": "talk"}, 1, 3),
        ({"2025Q3": "talk", "2025Q4": "none"}, 1, 0),
        ({"2025Q2": "talk", "2025Q4": "talk"}, 1, 1),
        ({"2025Q2": "reward", "2025Q3": "talk", "2025Q4": "move_or_dismiss"}, 5, 2),
        ({"2026Q1": "talk"}, 0, 0),
    ],
)
def test_failures_count_back_without_a_gap(verdicts: Mapping[str, str], earlier: int, count: int) -> None:
    lines = [{"sheet_entry": "verdict", "period": period, "verdict": verdict} for period, verdict in verdicts.items()]
    assert company.failures_in_a_row(lines, "2026Q1", earlier) == count


def test_only_the_agents_own_verdicts_count() -> None:
    filed = Month()
    filed.sheet("2025Q4", sheet_entry="verdict", verdict="talk")
    filed.sheet("2025Q4", "luojiayi", sheet_entry="verdict", verdict="none")
    variables = company.agent_kpi(context(filed, agent="suwanqing", period="2026Q1")).variables
    assert variables["previous_failures"] == 1


@pytest.mark.parametrize(
    ("period", "before", "first", "after"),
    [
        ("2026Q1", "2025Q4", date(2026, 1, 1), date(2026, 4, 1)),
        ("2026Q4", "2026Q3", date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_quarters(period: str, before: str, first: date, after: date) -> None:
    since, until = company.quarter_bounds(period)
    assert (since.date(), until.date()) == (first, after)
    assert company.quarter_before(period) == before
    assert company.last_quarter(until) == period
    assert company.last_quarter(since) == before


@pytest.mark.parametrize("period", ["", "2026", "2026Q5", "Q1", "2026Q11"])
def test_what_is_no_quarter_is_refused(period: str) -> None:
    with pytest.raises(company.NoQuarter):
        company.agent_kpi(context(agent="suwanqing", period=period))


def test_all_handlers_of_the_diagrams_are_registered() -> None:
    names = {"service_fee", "service_record", "monthly_kpi", "assessment_result", "start_reviews", "agent_kpi"}
    assert names <= known_handlers()
