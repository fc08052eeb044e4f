"""What the machine dealer's field processes compute (document 002): parts, fees, payments, loans and warranty terms.

Urgent handling, field after-sales service and warranty claims share these. All of it is arithmetic on the case's
variables, so every handler runs inline. The clocks of the document (5 minutes, 3 minutes, 1, 2 and 4 hours, the end of
the day) are working time in the diagrams.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from engine.handling import HandlerContext, Outcome, handler
from handlers.values import ZERO, day, money, months_after, number, rows

COSTS = ("parts_cost", "outside_cost", "transport_cost")
"""前三项是成本: parts and material, outside work, transport (field_after_sales 六.2)."""


@handler("parts_query", inline=True)
def parts_query(context: HandlerContext) -> Outcome:
    """Are all wanted parts in stock (紧急处理 三.2, 保修索赔 四.2)? Names the ones that are short, and by how many."""
    short = [
        f"{_text(line, 'name')} {_text(line, 'code')} × {missing.normalize():f}"
        for line in rows(context.variables, "wanted_parts")
        if (missing := number(line, "quantity") - number(line, "stock", ZERO)) > 0
    ]
    return Outcome({"stock_enough": not short, "missing_parts": "、".join(short) or None})


@handler("field_fee_sum", inline=True)
def field_fee_sum(context: HandlerContext) -> Outcome:
    """Estimate of a field job: cost of parts, outside work and transport, and labour (售后服务 六)."""
    parts = sum(
        (number(line, "quantity") * number(line, "unit_price") for line in rows(context.variables, "fee_parts")),
        ZERO,
    )
    given = {"parts_cost": parts} | {name: number(context.variables, name, ZERO) for name in COSTS[1:]}
    labour = number(context.variables, "labour_hours", ZERO) * number(context.variables, "labour_rate", ZERO)
    cost = sum(given.values(), ZERO)
    return Outcome(
        {"parts_cost": money(parts), "labour_cost": money(labour)}
        | {"cost_total": money(cost), "estimate_total": money(cost + labour)}
    )


@handler("payment_plan", inline=True)
def payment_plan(context: HandlerContext) -> Outcome:
    """What is due before, after the work and after the test (售后服务 七.2).

    The last instalment is what the first two leave of the agreed fee, so that the three always add up to it.
    `cost_covered`: the prepayment reaches the cost (收取成本).
    """
    total = number(context.variables, "agreed_fee")
    before = money(total * number(context.variables, "prepay_percent") / 100)
    after = money(total * number(context.variables, "after_work_percent", ZERO) / 100)
    return Outcome(
        {
            "due_before_work": before,
            "due_after_work": after,
            "due_after_test": total - before - after,
            "cost_covered": before >= number(context.variables, "cost_total", ZERO),
        }
    )


@handler("payment_state", inline=True)
def payment_state(context: HandlerContext) -> Outcome:
    """Has arrived what is due (售后服务 七.3, 九.2)? Header ``due``: the variable that says how much."""
    due = number(context.variables, context.headers.get("due", "agreed_fee"))
    received = number(context.variables, "received_amount", ZERO)
    return Outcome({"money_arrived": received >= due, "open_amount": max(due - received, ZERO)})


@handler("loan_balance", inline=True)
def loan_balance(context: HandlerContext) -> Outcome:
    """Which parts on loan are neither returned nor settled (售后服务 十一)."""
    balance = [
        (f"{_text(line, 'name')} {_text(line, 'code')}", _open_quantity(line))
        for line in rows(context.variables, "loan_parts")
    ]
    return Outcome(
        {
            "loans_cleared": all(quantity == 0 for _, quantity in balance),
            "open_loans": "、".join(f"{name} × {left.normalize():f}" for name, left in balance if left) or None,
        }
    )


@handler("warranty_terms", inline=True)
def warranty_terms(context: HandlerContext) -> Outcome:
    """The last day in warranty of the machine and of the last repair, and whether the fault lies within (保修索赔 一).

    Both limits are the manufacturer's: the machine is within the months and within the hours, whichever ends first.
    The last day and the last hour are in warranty.
    """
    values = context.variables
    fault = day(values, "fault_date")
    until = months_after(day(values, "purchase_date"), int(number(values, "warranty_months")))
    repaired = values.get("last_repair_date")
    repair_until = (
        None
        if repaired is None
        else months_after(day(values, "last_repair_date"), int(number(values, "repair_warranty_months", ZERO)))
    )
    return Outcome(
        {
            "warranty_until": until,
            "within_months": fault <= until,
            "within_hours": number(values, "working_hours") <= number(values, "warranty_hours"),
            "repair_warranty_until": repair_until,
            "within_repair_warranty": repair_until is not None and fault <= repair_until,
        }
    )


def _open_quantity(line: Mapping[str, object]) -> Decimal:
    return number(line, "quantity") - number(line, "returned", ZERO) - number(line, "settled", ZERO)


def _text(line: Mapping[str, object], name: str) -> str:
    return str(line.get(name) or "")
