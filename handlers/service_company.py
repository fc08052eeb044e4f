"""What the service company's processes compute (document 004): fees, service records, the month's and the agents' KPIs.

Everything reads the case, the valid price list or what is on record, so every handler runs inline. The document's
other computations need no handler: limits by channel, the 24 hours, 3 working days and 3 years stand in the diagrams.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import cast
from zoneinfo import ZoneInfo

from engine.errors import N_
from engine.handling import (
    FiledPaper,
    HandlerContext,
    HandlerFailure,
    LinkedCase,
    Outcome,
    PastTask,
    RegisterEntry,
    handler,
)
from handlers.values import CENT, ZERO, NoRate, number

ZONE = ZoneInfo("Asia/Shanghai")
"""The zone of the service company: months and quarters are those of its days."""


TENTH = Decimal("0.1")
REQUESTS = "service_request_handling"
RECORDS = "service_records"
KPI_SHEET = "kpi_sheet"
FAILED = ("talk", "move_or_dismiss")
"""The verdicts that say an agent missed the goals."""
REMEMBERED = timedelta(days=3 * 366)
"""How far back verdicts are looked for: as long as records are kept."""
LONGEST_SERVICE = timedelta(days=92)
"""How long before its record is filed a case may have been diagnosed and still be counted for its agent."""
_QUARTER = re.compile(r"(20\d\d)Q([1-4])")


class NoQuarter(HandlerFailure):
    """The period of a performance review is no quarter."""

    template = N_("The period is {value}; a quarter such as 2026Q1 is wanted. Correct the variable and try again.")


# ---- one service ----------------------------------------------------------------------------------------------------


@handler("service_fee", inline=True)
def service_fee(context: HandlerContext) -> Outcome:
    """Fee out of warranty: hourly rate of the kind of service times duration, and material (三（三）2)."""
    code = str(context.variables.get("service_item") or "")
    item = context.prices.find(code)
    if item is None:
        raise NoRate(version=context.prices.version, code=code)
    hours, material = number(context.variables, "service_hours"), number(context.variables, "material_cost", ZERO)
    fee = (hours * item.list_price + material).quantize(CENT, ROUND_HALF_UP)
    return Outcome(
        {
            "service_name": item.name,
            "hourly_rate": item.list_price,
            "fee": fee,
            "price_list_version": context.prices.version,
        }
    )


@handler("service_record", inline=True)
def service_record(context: HandlerContext) -> Outcome:
    """Write the line of 《服务记录》 of a finished service: talk, handling, feedback and what is counted (四（三）1).

    The line's `keep_until` is the day three years later; the diagram waits for the very moment.
    """
    case = context.variables
    kept = ("origin_case", "customer_name", "channel", "product", "problem_category", "priority", "response_seconds")
    line: dict[str, object] = {name: case.get(name) for name in (*kept, "in_time", "rating")}
    line |= {
        "record_entry": "service",
        "outcome": outcome_of(case),
        "first_contact": solved_in_first_talk(case),
        "communication": _joined(case, "contact_note", "problem_description"),
        "handling": _joined(case, "diagnosis", "advice_given", "solution", "work_done"),
        "feedback": _joined(case, "confirmed_by", "survey_comment"),
        "keep_until": _three_years_after(context.now.astimezone(ZONE)).date(),
    }
    return Outcome({"archived_at": context.now.astimezone(ZONE)}, entries=(RegisterEntry(RECORDS, line),))


def outcome_of(case: Mapping[str, object]) -> str:
    """How a service ended: ``emergency``, ``unreached``, ``declined``, ``complaint`` or ``solved``."""
    if case.get("emergency") is True:
        return "emergency"
    if case.get("contact_result") == "not_reached":
        return "unreached"
    if case.get("fee_decision") == "declined":
        return "declined"
    return "complaint" if case.get("complaint_result") is not None else "solved"


def solved_in_first_talk(case: Mapping[str, object]) -> bool | None:
    """Whether the first diagnosis solved the problem and the customer agreed (三（二）1, 90 % of common problems).

    None where the goal does not apply: complex problems have one of their own, and whoever was not reached or was in
    an emergency had no first talk of this kind.
    """
    if outcome_of(case) in ("emergency", "unreached") or case.get("first_result") == "complex":
        return None
    return case.get("first_result") == "solved" and case.get("reassessed") is not True


def _three_years_after(moment: datetime) -> datetime:
    try:
        return moment.replace(year=moment.year + 3)
    except ValueError:  # the 29th of February
        return moment.replace(year=moment.year + 3, month=3, day=1)


# ---- the month ------------------------------------------------------------------------------------------------------


@handler("monthly_kpi", inline=True)
def monthly_kpi(context: HandlerContext) -> Outcome:
    """Count last month's service records and write the figures into 《每月汇总》 (四（三）2; 三（一）, 三（二）1)."""
    since, until = last_month(context.now)
    lines = _services(context.records.papers(RECORDS, since, until))
    support = context.records.tasks(REQUESTS, "technical_support", since, until)
    online = [line["response_seconds"] for line in lines if line.get("channel") == "online"]
    average = _average(online)
    figures: dict[str, object] = {
        "review_month": f"{since.year}-{since.month:02}",
        "record_count": len(lines),
        "first_contact_rate": share(line.get("first_contact") for line in lines),
        "response_rate": share(line.get("in_time") for line in lines),
        "online_average_minutes": None if average is None else (average / 60).quantize(CENT, ROUND_HALF_UP),
        "solution_rate": share(_in_time(task, context.now) for task in support),
        "satisfaction_average": _floor(_average(line.get("rating") for line in lines), CENT),
        "top_problems": frequent_problems(lines),
    }
    entry = RegisterEntry("monthly_report", {**figures, "report_entry": "figures"})
    return Outcome(figures, entries=(entry,))


def last_month(now: datetime) -> tuple[datetime, datetime]:
    """The first moments of last month and of this one, on the company's clocks."""
    until = now.astimezone(ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (until - timedelta(days=1)).replace(day=1), until


def frequent_problems(lines: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Problem categories by how often they came, with their share in percent; the most frequent first."""
    counts = Counter(str(line["problem_category"]) for line in lines if line.get("problem_category"))
    total = sum(counts.values())
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return [
        {"category": name, "count": count, "percent": (Decimal(count) * 100 / total).quantize(TENTH, ROUND_HALF_UP)}
        for name, count in ranked
    ]


# ---- the quarter ----------------------------------------------------------------------------------------------------


@handler("assessment_result", inline=True)
def assessment_result(context: HandlerContext) -> Outcome:
    """Enter each agent's practical test into 《考核指标》, where the performance review finds it (四（一）2)."""
    again = context.variables.get("retrained_agents")
    retrained = set(cast("Sequence[object]", again)) if isinstance(again, Sequence) else set[object]()
    quarter = cast("Mapping[str, object]", context.variables["quarter"])
    lines = [
        {
            "sheet_entry": "test",
            "period": quarter["name"],
            "agent": row["agent"],
            "test_result": "retrained" if row["agent"] in retrained else "passed",
            "test_score": row["score"],
        }
        for row in cast("Sequence[Mapping[str, object]]", context.variables["assessments"])
    ]
    return Outcome(entries=tuple(RegisterEntry(KPI_SHEET, line) for line in lines))


@handler("start_reviews", inline=True)
def start_reviews(context: HandlerContext) -> Outcome:
    """Start a performance review of last quarter for everybody who answered or diagnosed a request in it (四（二）)."""
    period = last_quarter(context.now)
    since, until = quarter_bounds(period)
    elements = ("answer_customer", "first_diagnosis")
    tasks = [task for element in elements for task in context.records.tasks(REQUESTS, element, since, until)]
    agents = sorted({task.completed_by for task in tasks if task.completed_by})
    return Outcome(
        cases=tuple(LinkedCase("performance_review", {"agent": agent, "period": period}) for agent in agents)
    )


@handler("agent_kpi", inline=True)
def agent_kpi(context: HandlerContext) -> Outcome:
    """Count the three indicators of one agent in one quarter, and the failures in a row before it (四（二）1, 2).

    A service counts for whoever made its first diagnosis; an indicator without data is null. What another system has
    counted (`given_…`: the telephone system, the rating system) stands instead of what is on record here, and
    `earlier_failures` says how many there were in a row before the first verdict on record.
    """
    agent, period = str(context.variables.get("agent") or ""), str(context.variables.get("period") or "")
    since, until = quarter_bounds(period)
    answers = context.records.tasks(REQUESTS, "answer_customer", since, until)
    diagnoses = context.records.tasks(REQUESTS, "first_diagnosis", since - LONGEST_SERVICE, until)
    own = _first_diagnosed_by(agent, diagnoses)
    lines = [line for line in _services(context.records.papers(RECORDS, since, until)) if line["origin_case"] in own]
    sheet = [paper.fields for paper in context.records.papers(KPI_SHEET, context.now - REMEMBERED, context.now)]
    mine = [line for line in sheet if line.get("agent") == agent]
    figures: dict[str, object] = {
        "response_rate": share(_in_time(task, context.now) for task in answers if task.completed_by == agent),
        "solution_rate": share(line.get("first_contact") for line in lines),
        "satisfaction": _floor(_average(line.get("rating") for line in lines), CENT),
    }
    figures = {name: _first(context.variables.get(f"given_{name}"), value) for name, value in figures.items()}
    figures["test_result"] = _test_of(mine, period)
    earlier = int(number(context.variables, "earlier_failures", ZERO))
    entry = RegisterEntry(KPI_SHEET, {**figures, "sheet_entry": "indicators", "agent": agent, "period": period})
    return Outcome({**figures, "previous_failures": failures_in_a_row(mine, period, earlier)}, entries=(entry,))


def failures_in_a_row(lines: Sequence[Mapping[str, object]], period: str, earlier: int = 0) -> int:
    """How many verdicts before a quarter, counted back from it without a gap, say that the goals were missed.

    A quarter that was reviewed twice counts with its last verdict. `earlier` failures are added where nothing older is
    on record.
    """
    verdicts = {str(line["period"]): line.get("verdict") for line in lines if line.get("sheet_entry") == "verdict"}
    count, before = 0, quarter_before(period)
    while verdicts.get(before) in FAILED:
        count, before = count + 1, quarter_before(before)
    oldest = min(verdicts, default=period)
    return count + earlier if before < oldest else count


def quarter_bounds(period: str) -> tuple[datetime, datetime]:
    """The first moments of a quarter such as ``2026Q1`` and of the next one. Raises `NoQuarter`."""
    year, number = _parts(period)
    end = (year + 1, 1) if number == 4 else (year, number * 3 + 1)
    return datetime(year, number * 3 - 2, 1, tzinfo=ZONE), datetime(*end, 1, tzinfo=ZONE)


def quarter_before(period: str) -> str:
    """The quarter before one. Raises `NoQuarter`."""
    year, number = _parts(period)
    return f"{year - 1}Q4" if number == 1 else f"{year}Q{number - 1}"


def last_quarter(now: datetime) -> str:
    """The quarter that is over."""
    local = now.astimezone(ZONE)
    return quarter_before(f"{local.year}Q{(local.month + 2) // 3}")


def _parts(period: str) -> tuple[int, int]:
    found = _QUARTER.fullmatch(period)
    if found is None:
        raise NoQuarter(value=period)
    return int(found[1]), int(found[2])


def _first_diagnosed_by(agent: str, diagnoses: Sequence[PastTask]) -> set[str]:
    """The cases whose first diagnosis the agent made."""
    first: dict[str, str] = {}
    for task in diagnoses:
        first.setdefault(task.case_number, task.completed_by)
    return {number for number, who in first.items() if who == agent}


def _test_of(lines: Sequence[Mapping[str, object]], period: str) -> object:
    """The agent's practical test of the quarter; the last one, where there were several."""
    results = [
        line.get("test_result") for line in lines if line.get("sheet_entry") == "test" and line.get("period") == period
    ]
    return results[-1] if results else None


# ---- counting -------------------------------------------------------------------------------------------------------


def share(answers: Iterable[object]) -> Decimal | None:
    """How many percent of the answers are true; what is neither true nor false is left out, nothing at all gives None.

    Rounded down to one decimal, so that nothing below a goal is shown as having reached it.
    """
    known = [answer for answer in answers if isinstance(answer, bool)]
    return _floor(Decimal(sum(known)) * 100 / len(known), TENTH) if known else None


def _in_time(task: PastTask, now: datetime) -> bool | None:
    """Whether a task was done by its due time; None where it has none, or is open and not due yet."""
    if task.due_at is None or (task.ended_at is None and now <= task.due_at):
        return None
    return task.ended_at is not None and task.ended_at <= task.due_at


def _services(papers: Sequence[FiledPaper]) -> list[Mapping[str, object]]:
    """The lines that tell of a service; a register of records also has one for each backup."""
    return [paper.fields for paper in papers if paper.fields.get("record_entry") == "service"]


def _average(values: Iterable[object]) -> Decimal | None:
    numbers = [Decimal(value) for value in values if isinstance(value, Decimal | int) and not isinstance(value, bool)]
    return sum(numbers, ZERO) / len(numbers) if numbers else None


def _first(given: object, counted: object) -> object:
    return counted if given is None else given


def _floor(value: Decimal | None, step: Decimal) -> Decimal | None:
    return None if value is None else value.quantize(step, ROUND_FLOOR)


def _joined(values: Mapping[str, object], *names: str) -> str:
    return "；".join(text for name in names if isinstance(text := values.get(name), str) and text)
