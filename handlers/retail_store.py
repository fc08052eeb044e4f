"""What the retail store's processes compute (document 003): windows and charges, the day's sums, the next edition.

Everything reads the case, the valid price list or what is on record, so every handler runs inline. The document's other
computations need no handler: one week, three days and three notices stand in the diagrams and the table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine import feel
from engine.errors import N_
from engine.handling import FiledPaper, HandlerContext, HandlerFailure, Outcome, handler
from handlers.values import ZERO, months_after

ZONE = ZoneInfo("Asia/Shanghai")
"""The zone of the stores: purchases and closings are dated by its days."""
CHARGE_CODES = ("CARE", "REP-S", "REP-M", "REP-L")
"""The scopes of repair (维修范围) on the price list, the smallest first (article 10)."""
KINDS = ("return", "exchange", "free_repair", "paid_repair", "refuse", "withdrawn")
SALES_REGISTER = "after_sales_register"
STOCK_REGISTER = "stock_out_register"
EDITIONS = "regulation_version"
CLOSING = "retail_daily_close"
ACCOUNTS = "close_day"
"""The step of the closing in which the accounts of the day are filled in."""
ANSWER_WITHIN = timedelta(days=7)
"""Whoever misses an article is answered within a week (article 35)."""
LOOK_BACK = timedelta(days=60)
"""How far back registrations without an answer are looked for."""
SINCE_EVER = datetime(2000, 1, 1, tzinfo=ZONE)


class NoCharges(HandlerFailure):
    """The valid price list has none of the scopes of repair."""

    template = N_('The price list "{version}" has none of the items {codes}. Add them on the price list page.')


class NoPurchaseDate(HandlerFailure):
    """The case does not say when the article was bought."""

    template = N_("The purchase date is {value}; a date is wanted. Correct the variable of the case and try again.")


# ---- one case -------------------------------------------------------------------------------------------------------


@handler("case_terms", inline=True)
def case_terms(context: HandlerContext) -> Outcome:
    """How old the purchase is, the last day of each window (articles 6 to 10), and the charges to be told (article 30).

    One clock for all windows: from the day of purchase to the day on which the case was taken in.
    """
    bought = _purchase_date(context.variables.get("purchase_date"))
    taken_in = context.case.started_at.astimezone(ZONE).date()
    three_months = months_after(bought, 3)
    return Outcome(
        {
            "days_since_purchase": (taken_in - bought).days,
            "days_to_three_months": (three_months - taken_in).days,
            "return_until": bought + timedelta(days=7),
            "quality_return_until": bought + timedelta(days=15),
            "exchange_until": bought + timedelta(days=30),
            "free_repair_until": three_months,
            "repair_charges": repair_charges(context),
        }
    )


def repair_charges(context: HandlerContext) -> list[dict[str, object]]:
    """Code, name and fee of each scope of repair on the valid price list. Raises `NoCharges`."""
    items = [item for code in CHARGE_CODES if (item := context.prices.find(code)) is not None]
    if not items:
        raise NoCharges(version=context.prices.version, codes=", ".join(CHARGE_CODES))
    return [{"code": item.code, "name": item.name, "fee": item.list_price} for item in items]


def _purchase_date(value: object) -> date:
    if not isinstance(value, feel.Date):
        raise NoPurchaseDate(value=value)
    return date(value.year, value.month, value.day)


# ---- the day --------------------------------------------------------------------------------------------------------


@handler("daily_sum", inline=True)
def daily_sum(context: HandlerContext) -> Outcome:
    """Count what was entered since the last closing, and list the stock-outs to be answered (articles 22 and 35).

    The period begins with the closing before (or the day, for the first one) and ends with this one, so that a line
    belongs to exactly one day even when it was entered after closing.
    """
    until = context.case.started_at
    since = _last_closing(context) or until.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [paper.fields for paper in context.records.papers(SALES_REGISTER, since, until)]
    handled = Counter(str(line.get("handling")) for line in lines if line.get("register_entry") == "handled")
    refunds = [line for line in lines if line.get("register_entry") == "refunded"]
    payments = [line for line in lines if line.get("register_entry") == "collected"]
    refund_cash = _total(refunds, "refund_amount", "refund_method")
    fee_cash = _total(payments, "paid_amount", "payment_method")
    stock = context.records.papers(STOCK_REGISTER, until - LOOK_BACK, until)
    figures: dict[str, object] = {f"{kind}_count": handled[kind] for kind in KINDS}
    figures |= {
        "close_date": until.astimezone(ZONE).date(),
        "dissatisfied_count": sum(line.get("satisfaction") == "dissatisfied" for line in lines),
        "refund_total": _total(refunds, "refund_amount"),
        "refund_cash": refund_cash,
        "fee_total": _total(payments, "paid_amount"),
        "fee_cash": fee_cash,
        "cash_net": fee_cash - refund_cash,
        "stock_out_count": sum(_is_registration(paper) and paper.filed_at >= since for paper in stock),
        "stock_outs_due": stock_outs_due(stock, until.astimezone(ZONE).date()),
    }
    return Outcome(figures)


def stock_outs_due(papers: Sequence[FiledPaper], today: date) -> list[dict[str, object]]:
    """Registered stock-outs whose customer has no answer yet, the most urgent first.

    `days_left` counts to the day on which the week ends: 0 is today, negative is late.
    """
    answered = {paper.case_number for paper in papers if paper.fields.get("stock_entry") == "answered"}
    due: list[dict[str, object]] = []
    for paper in papers:
        if _is_registration(paper) and paper.case_number not in answered:
            answer_by = (paper.filed_at.astimezone(ZONE) + ANSWER_WITHIN).date()
            shown = {name: paper.fields.get(name) for name in ("article", "customer_name", "contact_phone")}
            days_left = (answer_by - today).days
            due.append({"case_number": paper.case_number, **shown, "answer_by": answer_by, "days_left": days_left})
    return due


def _is_registration(paper: FiledPaper) -> bool:
    return paper.fields.get("stock_entry") == "registered"


def _last_closing(context: HandlerContext) -> datetime | None:
    """When the last closing was that counted; a cancelled one did where its accounts are done and not returned."""
    before = context.case.started_at
    cases = context.records.cases(CLOSING, before - LOOK_BACK, before)
    tasks = context.records.tasks(CLOSING, ACCOUNTS, before - LOOK_BACK, context.now)
    done = {task.case_number: task.ended_at is not None for task in tasks}
    counted = [c.started_at for c in cases if c.state != "cancelled" or done.get(c.number, False)]
    return counted[-1] if counted else None


def _total(lines: Iterable[Mapping[str, object]], amount: str, method: str = "") -> Decimal:
    """The sum of an amount over lines; with `method`, of those that were paid in cash."""
    paid = (line.get(amount) for line in lines if not method or line.get(method) == "cash")
    return sum((Decimal(value) for value in paid if isinstance(value, Decimal | int)), ZERO)


# ---- the regulation -------------------------------------------------------------------------------------------------


@handler("regulation_edition", inline=True)
def regulation_edition(context: HandlerContext) -> Outcome:
    """The edition in force and the number of the next one (articles 39 and 40); the text as issued is the first."""
    papers = context.records.papers(EDITIONS, SINCE_EVER, context.now)
    numbers = [paper.fields.get("regulation_number") for paper in papers]
    current = max((int(number) for number in numbers if isinstance(number, Decimal | int)), default=1)
    return Outcome(
        {"current_version": f"第 {current} 版", "new_number": current + 1, "new_version": f"第 {current + 1} 版"}
    )
