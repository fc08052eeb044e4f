"""Price lists: a table whose rows come and go, also without a script."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from flask import flash, g, redirect, render_template, request, url_for

from engine.access import Permission
from engine.commands import prices as price_commands
from engine.commands.prices import BadPrice, PriceLine, PriceListChanged
from engine.errors import InvalidInput
from engine.model import PriceListItem
from engine.queries import prices as price_queries
from webapp.access import requires
from webapp.admin.blueprint import Answer, pages
from webapp.i18n import explain, gettext
from webapp.services import services

TEXTS = ("code", "name", "model", "unit")
AMOUNTS = ("list_price", "cost_floor")
COLUMNS = (*TEXTS, *AMOUNTS)
LONGEST = {"code": 60, "name": 200, "model": 200, "unit": 20, "list_price": 20, "cost_floor": 20}
MOST_DIGITS = 12
MOST_DECIMALS = 4


@dataclass(slots=True)
class Row:
    """A line of the table as typed, with what is wrong by column."""

    texts: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def is_blank(self) -> bool:
        return not any(self.texts.values())


@pages.get("/prices")
@requires(Permission.PRICE_LIST_READ)
def prices() -> str:
    """A price list; whoever may edit it sees a form."""
    return _page(request.args.get("version", ""))


@pages.post("/prices")
@requires(Permission.PRICE_LIST_EDIT)
def save_prices() -> Answer:
    """Save the list, or show the form again with a row more or less."""
    version = request.form.get("version", "")
    revision = request.form.get("revision", 0, type=int)
    rows = _typed()
    if "_add" in request.form:
        return _page(version, [*rows, Row(dict.fromkeys(COLUMNS, ""))], revision)
    if "_remove" in request.form:
        removed = request.form.get("_remove", -1, type=int)
        return _page(version, [row for number, row in enumerate(rows) if number != removed], revision)
    rows = [row for row in rows if not row.is_blank]
    lines = [_line(row) for row in rows]
    if any(row.errors for row in rows):
        return _page(version, rows, revision), 422
    return _save(version, rows, [line for line in lines if line is not None], revision)


def _save(version: str, rows: list[Row], lines: list[PriceLine], revision: int) -> Answer:
    try:
        with services().database.transaction("web") as tx:
            price_commands.save(tx, g.actor, version, lines, revision)
    except PriceListChanged as error:
        with services().database.reading() as tx:
            found = price_queries.prices(tx, g.actor, version)
        # Saving again is then a decision: the form carries the revision that is there now.
        return _page(version, rows, found.chosen.revision if found else revision, conflict=explain(error)), 409
    except BadPrice as error:
        return _with_problem(version, rows, revision, error)
    except InvalidInput as error:
        return _page(version, rows, revision, problem=explain(error)), 422
    flash(gettext("The price list %(version)s was saved.", version=version), "ok")
    return redirect(url_for("admin.prices", version=version), 303)


def _with_problem(version: str, rows: list[Row], revision: int, error: BadPrice) -> Answer:
    """The page with the message at the line it is about."""
    number = error.params["line"]
    if isinstance(number, int) and 0 < number <= len(rows):
        about_price = "price" in str(error.params["reason"]) or "cost" in str(error.params["reason"])
        column = "cost_floor" if about_price else "code"
        rows[number - 1].errors[column] = gettext(str(error.params["reason"]))
        return _page(version, rows, revision), 422
    return _page(version, rows, revision, problem=explain(error)), 422


def _page(
    version: str,
    rows: list[Row] | None = None,
    revision: int = 0,
    conflict: str = "",
    problem: str = "",
) -> str:
    with services().database.reading() as tx:
        found = price_queries.prices(tx, g.actor, version)
    if rows is None and found is not None:
        rows, revision = [_row(item) for item in found.items], found.chosen.revision
    return render_template(
        "admin/prices.html",
        found=found,
        rows=rows or [],
        revision=revision,
        columns=COLUMNS,
        amounts=AMOUNTS,
        longest=LONGEST,
        problems=_problems(rows or [], problem),
        conflict=conflict,
        may_edit=g.actor.may(Permission.PRICE_LIST_EDIT),
    )


def _problems(rows: list[Row], problem: str) -> list[tuple[str, str]]:
    found = [("", problem)] if problem else []
    for number, row in enumerate(rows):
        label = gettext("Row %(row)s", row=number + 1)
        found += [(f"{column}-{number}", f"{label}: {text}") for column, text in row.errors.items()]
    return found


def _row(item: PriceListItem) -> Row:
    return Row(
        {
            "code": item.code,
            "name": item.name,
            "model": item.model,
            "unit": item.unit,
            "list_price": f"{item.list_price:f}",
            "cost_floor": f"{item.cost_floor:f}",
        }
    )


def _typed() -> list[Row]:
    """The rows as they were sent: one text per column and row."""
    columns = [[text.strip() for text in request.form.getlist(name)] for name in COLUMNS]
    return [Row(dict(zip(COLUMNS, texts, strict=True))) for texts in zip(*columns, strict=False)]


def _line(row: Row) -> PriceLine | None:
    """The line a row stands for; None with the errors on the row where it stands for none."""
    for name in ("code", "name"):
        if not row.texts[name]:
            row.errors[name] = gettext("Fill this in.")
    for name in TEXTS:
        if len(row.texts[name]) > LONGEST[name]:
            row.errors[name] = gettext("Write %(most)s characters at most.", most=LONGEST[name])
    amounts = {name: _amount(row.texts[name]) for name in AMOUNTS}
    for name, amount in amounts.items():
        if amount is None:
            row.errors[name] = gettext("Write an amount of 0 or more, for example 1980 or 8.50.")
    list_price, cost_floor = amounts["list_price"], amounts["cost_floor"]
    if list_price is None or cost_floor is None or row.errors:
        return None
    texts = row.texts
    return PriceLine(texts["code"], texts["name"], texts["model"], texts["unit"], list_price, cost_floor)


def _amount(text: str) -> Decimal | None:
    """An amount as people write it (1,980.00 also); None for anything else."""
    plain = text.replace(",", "").replace("，", "").replace(" ", "")
    if not plain.isascii() or len(plain) > LONGEST["list_price"]:
        return None
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount < 0 or amount.adjusted() >= MOST_DIGITS:
        return None
    exponent = amount.as_tuple().exponent
    return amount if isinstance(exponent, int) and exponent >= -MOST_DECIMALS else None
