"""What the repair department's processes compute (document 003): the order, the stock, the cash of the day.

Everything reads the case, the valid price list or what is on record, so every handler runs inline. Payment form,
cut-off and dates need no handler: they stand in the tables and the diagrams.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import cast
from zoneinfo import ZoneInfo

from engine.errors import N_
from engine.handling import FiledPaper, HandlerContext, HandlerFailure, Outcome, RegisterEntry, handler

ZONE = ZoneInfo("Asia/Shanghai")
"""The zone of the department: its days and hours are counted there."""
ZERO = Decimal(0)
CHARGE_CODES = ("TEST", "REPAIR", "PART", "DEVICE")
"""检测项目、维修项目、组件更换、设备整体更换, in the order of the text."""
ORDERS = "repair_ticket"
ORDER_FIELDS = ("customer_name", "device_name", "fault_description", "transport")
ACCOUNT = "stock_account"
REPORTS = "stock_reports"
RECEIPTS = "cash_receipts"
FINANCE_DAY = "repair_dept_finance_day"
DAY_OFF = "end_day_off"
DEPOSIT, SAFE_DEPOSIT = "deposit", "deposit_safe"
"""The steps with which the cash until four, and that from the safe, is in the bank."""
CUT_OFF = time(16)
"""下午4点: cash until then is banked with the deposit, as the table `cash_cutoff` sorts it."""
CLOSING = time(18)
"""下班: when the account of a day closes, as the event `closing_time` of the diagram waits for it (proposed)."""
SINCE_EVER = datetime(2000, 1, 1, tzinfo=ZONE)
INSTANT = timedelta(microseconds=1)
"""Records are read up to a moment that is left out; what was filed right now counts too."""


class NoCharges(HandlerFailure):
    """The valid price list has none of the four kinds of charges."""

    template = N_('The price list "{version}" has none of the items {codes}. Add them on the price list page.')


@handler("repair_order", inline=True)
def repair_order(context: HandlerContext) -> Outcome:
    """Enter the order (电脑下单) and list the charges that have to be told. Raises `NoCharges`."""
    items = [item for code in CHARGE_CODES if (item := context.prices.find(code)) is not None]
    if not items:
        raise NoCharges(version=context.prices.version, codes=", ".join(CHARGE_CODES))
    line: dict[str, object] = {name: context.variables.get(name) for name in ORDER_FIELDS}
    line |= {"case_number": context.case.number, "reported_at": context.case.started_at}
    line["order_number"] = context.case.number
    return Outcome(
        {
            "order_number": context.case.number,
            "fee_items": [{"name": item.name, "fee": item.list_price} for item in items],
        },
        entries=(RegisterEntry(ORDERS, line),),
    )


@handler("stock_slips", inline=True)
def stock_slips(context: HandlerContext) -> Outcome:
    """Name the slips that were entered before, in the account of another case or with the same item in this one.

    It looks once more after the movements were filled in: of two cases that are open at once, such as those of the day
    and of the week, the second knows what the first has entered meanwhile.
    """
    cases = {_slip(move): paper.case_number for paper in _other_accounts(context) for move in _moves(paper.fields)}
    repeated: list[str] = []
    here: set[tuple[str, str]] = set()
    for move in _moves(context.variables):
        slip, item = _slip(move), _text(move, "item")
        case = cases.get(slip) or (context.case.number if (slip, item) in here else "")
        here.add((slip, item))
        if slip and case:
            repeated.append(f"{_text(move, 'slip_number')} {item}（{case}）")
    return Outcome({"repeated_slips": "；".join(repeated) or None})


@handler("stock_report", inline=True)
def stock_report(context: HandlerContext) -> Outcome:
    """Receipts, issues and balance of each item for the day, the week or the month (日、周、月报表)."""
    period = str(context.variables.get("period") or "day")
    since = period_start(period, context.case.started_at)
    own = FiledPaper(ACCOUNT, context.case.number, context.now, {"movements": context.variables.get("movements")})
    lines = stock_lines([*_other_accounts(context), own], since)
    text = "；".join(f"{x['item']}：入 {x['received']}，出 {x['issued']}，存 {x['balance']}" for x in lines) or "无"
    report: dict[str, object] = {
        "report_from": since.date(),
        "report_until": context.case.started_at.astimezone(ZONE).date(),
        "stock_text": text,
    }
    entry = RegisterEntry(REPORTS, report | {"period": period, "case_number": context.case.number})
    return Outcome(report | {"stock_lines": lines}, entries=(entry,))


def _other_accounts(context: HandlerContext) -> list[FiledPaper]:
    """The accounts of all other cases; of one that was corrected the last, which takes the place of those before."""
    newest: dict[str, FiledPaper] = {}
    for paper in context.records.papers(ACCOUNT, SINCE_EVER, context.now + INSTANT):
        newest.pop(paper.case_number, None)
        newest[paper.case_number] = paper
    newest.pop(context.case.number, None)
    return list(newest.values())


def period_start(period: str, at: datetime) -> datetime:
    """The first moment of the period: of the day, of the Monday of the week, or of the month before (for ``month``)."""
    day = at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "week":
        return day - timedelta(days=day.weekday())
    if period == "month":
        return (day.replace(day=1) - timedelta(days=1)).replace(day=1)
    return day


def stock_lines(papers: Iterable[FiledPaper], since: datetime) -> list[dict[str, object]]:
    """Of each item what came and went since then, and what is left of everything ever entered.

    A slip counts where it was entered first, and there each of its items once.
    """
    received: dict[str, Decimal] = {}
    issued: dict[str, Decimal] = {}
    balance: dict[str, Decimal] = {}
    cases: dict[str, str] = {}
    for paper in papers:
        for move in _unrepeated(paper, cases):
            item, came, went = str(move.get("item")), _number(move.get("received")), _number(move.get("issued"))
            balance[item] = balance.get(item, ZERO) + came - went
            if paper.filed_at >= since:
                received[item] = received.get(item, ZERO) + came
                issued[item] = issued.get(item, ZERO) + went
    return [
        {"item": item, "received": received.get(item, ZERO), "issued": issued.get(item, ZERO), "balance": balance[item]}
        for item in sorted(balance)
    ]


def _unrepeated(paper: FiledPaper, cases: dict[str, str]) -> Iterator[Mapping[str, object]]:
    """The movements of an account whose slips stand in no earlier one, as `cases` knows and is told here."""
    here: set[tuple[str, str]] = set()
    for move in _moves(paper.fields):
        slip, item = _slip(move), _text(move, "item")
        if slip and (cases.setdefault(slip, paper.case_number) != paper.case_number or (slip, item) in here):
            continue
        here.add((slip, item))
        yield move


def _slip(move: Mapping[str, object]) -> str:
    """The number of the slip, for comparing; empty in the accounts from before movements had one."""
    return _text(move, "slip_number").casefold()


def _text(fields: Mapping[str, object], name: str) -> str:
    return str(fields.get(name) or "").strip()


@handler("cash_sum", inline=True)
def cash_sum(context: HandlerContext) -> Outcome:
    """What the register of receipts says since the last account: the cash line by line, the sums by card and on credit.

    The account is of the day the case began on, and closes at 18:00 of it, however late the safe is counted: what
    comes in after closing or on a day off is carried over to the next account, so a receipt belongs to exactly one.
    What a cancelled account has banked is not counted again.
    """
    day = context.case.started_at.astimezone(ZONE).date()
    until = min(context.now + INSTANT, _closing(context.case.started_at))
    papers = context.records.papers(RECEIPTS, _previous_closing(context), until)
    cash = [_cash_line(paper, day) for paper in papers if paper.fields.get("payment_method") == "cash"]
    return Outcome(
        {
            "cash_date": day,
            "cash_lines": cash,
            "card_total": _total(papers, "card"),
            "credit_total": _total(papers, "credit"),
        }
    )


def _closing(at: datetime) -> datetime:
    """The moment from which receipts belong to the next account; what came in at 18:00 sharp is still of this one."""
    return datetime.combine(at.astimezone(ZONE), CLOSING, ZONE) + INSTANT


def _cut_off(at: datetime) -> datetime:
    """The moment from which receipts are not in the deposit of the account that was begun then."""
    return min(at, datetime.combine(at.astimezone(ZONE), CUT_OFF, ZONE)) + INSTANT


def _previous_closing(context: HandlerContext) -> datetime:
    """Where the last account before this one ended; the first account counts all there is.

    A day off has no account. A cancelled one reaches as far as its cash went to the bank: to four o'clock with its
    deposit, to closing with that of the safe, nowhere without either.
    """
    before = context.case.started_at
    cases = [c for c in context.records.cases(FINANCE_DAY, SINCE_EVER, before) if DAY_OFF not in c.ends]
    cancelled = [c for c in cases if c.state == "cancelled"]
    since = min((c.started_at for c in cancelled), default=before)
    banked, cleared = _done(context, DEPOSIT, since), _done(context, SAFE_DEPOSIT, since)
    ends = [_closing(c.started_at) for c in cases if c not in cancelled or c.number in cleared]
    ends += [_cut_off(c.started_at) for c in cancelled if c.number in banked]
    return max(ends, default=SINCE_EVER)


def _done(context: HandlerContext, element_id: str, since: datetime) -> set[str]:
    """The accounts in which somebody completed a step."""
    tasks = context.records.tasks(FINANCE_DAY, element_id, since, context.now + INSTANT)
    return {task.case_number for task in tasks if task.ended_at is not None}


def _cash_line(paper: FiledPaper, day: date) -> dict[str, object]:
    received = paper.filed_at.astimezone(ZONE).date()
    return {
        "case_number": paper.case_number,
        "received_date": received,
        "received_time": _clock_time(paper.filed_at),
        "carried_over": received < day,
        "amount": _number(paper.fields.get("amount")),
    }


def _clock_time(at: datetime) -> str:
    """The time of day, rounded up to the second: what came in after 16:00:00 never reads as four o'clock."""
    return (at + timedelta(seconds=1) - INSTANT).astimezone(ZONE).strftime("%H:%M:%S")


def _total(papers: Iterable[FiledPaper], method: str) -> Decimal:
    amounts = (_number(p.fields.get("amount")) for p in papers if p.fields.get("payment_method") == method)
    return sum(amounts, ZERO)


def _moves(fields: Mapping[str, object]) -> list[Mapping[str, object]]:
    found = fields.get("movements")
    if not isinstance(found, Sequence) or isinstance(found, str):
        return []
    return [cast(Mapping[str, object], move) for move in cast(Sequence[object], found) if isinstance(move, Mapping)]


def _number(value: object) -> Decimal:
    return Decimal(value) if isinstance(value, Decimal | int) else ZERO
