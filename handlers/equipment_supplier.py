"""What the equipment supplier's processes compute (document 000): sums, deviation, contract, ledger, callbacks.

All of it is arithmetic on the case's variables and the valid price list, so every handler runs inline.
Two computations of the document need no handler: due times (2 h, 0.5 h, 1 h) are ``working time after(…)`` in the
diagram, and the gate of node 8 (inspection, data, signature) is what its form and the site record require.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import cast
from zoneinfo import ZoneInfo

from engine.errors import N_
from engine.handling import FiledPaper, HandlerContext, HandlerFailure, Outcome, PriceBook, RegisterEntry, handler
from handlers.values import CENT, ZERO, MissingInput, NoRate, as_number, months_after, number, rows

LEDGER = "service_ledger"
LEDGER_FIELDS = (
    "customer_name",
    "contact_name",
    "contact_phone",
    "equipment",
    "serial_number",
    "channel",
    "warranty",
    "fault_description",
    "phone_answer",
)
DUE_FIELDS = ("customer_name", "contact_name", "contact_phone", "equipment")
KNOWN_FOR = timedelta(days=3 * 366)
VISIT_MONTHS = 3
MOST_DUE = 10
RESULT_OF = {"phone_solved": "phone_answer", "declined": "decline_reason", "completed": "work_done"}
"""Which variable tells the result of the case, by the ledger's event."""


class EmptyFrequency(HandlerFailure):
    """The table of callback frequencies gives no days."""

    template = N_("The callback frequency is {value}; a list of days such as [7, 30, 90] is wanted. Correct the table.")


@dataclass(frozen=True, slots=True)
class Sums:
    """What a quote adds up to, in yuan: as quoted line by line, at list prices, and at cost floors.

    A part that is not on the price list counts with its quoted unit price in all three sums, so that a discount has to
    come from what is listed; `unlisted` names it for the reviewers.
    """

    parts: Decimal
    labour: Decimal
    list_price: Decimal
    cost_floor: Decimal
    unlisted: tuple[str, ...]


@handler("quote_sum", inline=True)
def quote_sum(context: HandlerContext) -> Outcome:
    """Add up 《售后服务材料费用清单》 and compare it with the price list (node 3, work item 3)."""
    sums = add_up(context.variables, context.prices)
    travel = number(context.variables, "travel_cost", ZERO)
    variables: dict[str, object] = {
        "parts_total": sums.parts,
        "labour_total": sums.labour,
        "calculated_price": sums.parts + sums.labour + travel,
    }
    return Outcome(variables | _assessment(context, sums))


@handler("price_deviation", inline=True)
def price_deviation(context: HandlerContext) -> Outcome:
    """Deviation of the present quote from the price list, and cover of the cost floor (node 4, standards 1-3)."""
    return Outcome(_assessment(context, add_up(context.variables, context.prices)))


@handler("contract_draft", inline=True)
def contract_draft(context: HandlerContext) -> Outcome:
    """Fill in 《售后服务合同》 with the reviewed price (node 5, work item 4)."""
    price = number(context.variables, "quoted_price").quantize(CENT, ROUND_HALF_UP)
    service = _texts(context.variables, "equipment", "fault_description")
    return Outcome(
        {
            "contract_number": f"{context.case.number}-HT",
            "contract_date": context.now.astimezone(SHANGHAI).date(),
            "contract_service": "：".join(service),
            "contract_price": price,
            "contract_price_words": amount_in_words(price),
        }
    )


@handler("ledger_entry", inline=True)
def ledger_entry(context: HandlerContext) -> Outcome:
    """Write a line of 《售后服务台账》. Header ``event``: ``phone_solved``, ``declined`` or ``completed``."""
    event = context.headers.get("event", "completed")
    fields: dict[str, object] = {name: context.variables.get(name) for name in LEDGER_FIELDS}
    fields |= {
        "case_number": context.case.number,
        "reported_at": context.case.started_at,
        "ledger_event": event,
        "result": context.variables.get(RESULT_OF.get(event, "work_done")),
    }
    return Outcome(entries=(RegisterEntry(LEDGER, fields),))


@handler("customers_due", inline=True)
def customers_due(context: HandlerContext) -> Outcome:
    """Who has not been visited for three months: 定期对客户进行拜访 (客服部职责, the interval is proposed).

    The customers of the ledger of three years; those nobody has visited first, then by the day of the last visit.
    """
    since = context.now - KNOWN_FOR
    visits = context.records.papers("visit_record", since, context.now)
    visited = {visit.fields.get("customer_name"): _day(visit) for visit in visits}
    known = {line.fields.get("customer_name"): line for line in context.records.papers(LEDGER, since, context.now)}
    today = context.now.astimezone(SHANGHAI).date()
    due = [
        {name: line.fields.get(name) for name in DUE_FIELDS} | {"last_visit": visited.get(customer)}
        for customer, line in known.items()
        if customer not in visited or months_after(visited[customer], VISIT_MONTHS) <= today
    ]
    return Outcome({"customers_due": sorted(due, key=lambda row: str(row["last_visit"] or ""))[:MOST_DUE]})


def _day(paper: FiledPaper) -> date:
    return paper.filed_at.astimezone(SHANGHAI).date()


@handler("callback_schedule", inline=True)
def callback_schedule(context: HandlerContext) -> Outcome:
    """The dates of a callback series from the table's days after the return (node 9, standards 2 and 3).

    `callback_missed`: the customer was not reached before the departure, so the first callback is due at once.
    """
    days = context.variables.get("callback_days")
    if not isinstance(days, Sequence) or isinstance(days, str) or not days:
        raise EmptyFrequency(value=days)
    offsets = [as_number("callback_days", day) for day in cast(Sequence[object], days)]
    dates = [context.now + timedelta(days=float(offset)) for offset in sorted(offsets)]
    if context.variables.get("callback_missed") is True:
        dates[0] = context.now
    return Outcome({"callback_dates": dates, "callback_number": 1})


def add_up(variables: Mapping[str, object], prices: PriceBook) -> Sums:
    """The sums of a quote; reads parts, labour_item, labour_hours and travel_cost."""
    parts = list_price = cost_floor = ZERO
    unlisted: list[str] = []
    for part in rows(variables, "parts"):
        name, model = str(part.get("name") or ""), str(part.get("model") or "")
        quantity, unit_price = number(part, "quantity"), number(part, "unit_price")
        item = prices.find(name, model)
        parts += quantity * unit_price
        list_price += quantity * (item.list_price if item else unit_price)
        cost_floor += quantity * (item.cost_floor if item else unit_price)
        if item is None:
            unlisted.append(f"{name} {model}".strip())
    return _with_labour(variables, prices, Sums(parts, ZERO, list_price, cost_floor, tuple(unlisted)))


def _with_labour(variables: Mapping[str, object], prices: PriceBook, sums: Sums) -> Sums:
    code, hours = str(variables.get("labour_item") or ""), number(variables, "labour_hours", ZERO)
    travel = number(variables, "travel_cost", ZERO)
    rate = prices.find(code) if hours else None
    if hours and rate is None:
        raise NoRate(version=prices.version, code=code)
    labour = hours * rate.list_price if rate else ZERO
    floor = hours * rate.cost_floor if rate else ZERO
    return replace(
        sums, labour=labour, list_price=sums.list_price + labour + travel, cost_floor=sums.cost_floor + floor + travel
    )


def deviation_percent(list_price: Decimal, quoted_price: Decimal) -> Decimal:
    """By how many percent of the list price a quote lies below it (negative: above), rounded up to two decimals.

    Rounding up never moves a quote over a boundary with at most two decimals: what is beyond 10 % stays beyond,
    exactly 10 % stays 10, and the smallest discount stays a discount. A list price of 0 cannot be undercut.
    """
    if not list_price:
        return ZERO
    return ((list_price - quoted_price) * 100 / list_price).quantize(CENT, ROUND_CEILING)


def _assessment(context: HandlerContext, sums: Sums) -> dict[str, object]:
    quoted = number(context.variables, "quoted_price")
    return {
        "list_price": sums.list_price,
        "cost_floor": sums.cost_floor,
        "price_list_version": context.prices.version,
        "unlisted_parts": "、".join(sums.unlisted) or None,
        "deviation_percent": deviation_percent(sums.list_price, quoted),
        "floor_covered": quoted >= sums.cost_floor,
    }


def _texts(values: Mapping[str, object], *names: str) -> list[str]:
    return [text for name in names if isinstance(text := values.get(name), str) and text]


DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")
SHANGHAI = ZoneInfo("Asia/Shanghai")
"""The zone of the equipment supplier: contracts are dated by its days."""


def amount_in_words(amount: Decimal) -> str:
    """An amount in yuan in Chinese capitals, as on contracts: 8668 is 捌仟陆佰陆拾捌元整. From 0 to below 10^16."""
    cents = int((amount * 100).to_integral_value(ROUND_HALF_UP))
    if not 0 <= cents < 10**18:
        raise MissingInput(name="amount", value=amount)
    yuan, rest = divmod(cents, 100)
    jiao, fen = divmod(rest, 10)
    text = f"{_whole_in_words(yuan)}元" if yuan or not rest else ""
    if not rest:
        return text + "整"
    text += f"{DIGITS[jiao]}角" if jiao else DIGITS[0] if text else ""
    return text + (f"{DIGITS[fen]}分" if fen else "整")


def _whole_in_words(number: int) -> str:
    text, skipped = "", False
    for group in range((len(str(number)) - 1) // 4, -1, -1):
        value = number // 10 ** (4 * group) % 10_000
        if value:
            # A zero is read where digits are left out between what is read: 100001 is 壹拾万零壹.
            text += (DIGITS[0] if text and (skipped or value < 1_000) else "") + _group_in_words(value) + GROUPS[group]
        skipped = not value
    return text or DIGITS[0]


def _group_in_words(value: int) -> str:
    text, skipped = "", False
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if digit:
            text += (DIGITS[0] if text and skipped else "") + DIGITS[digit] + PLACES[place]
        skipped = not digit
    return text
