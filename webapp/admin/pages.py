"""The first page of the settings; importing it brings all the others."""

from __future__ import annotations

from flask import render_template

from engine.access import Permission
from webapp.access import requires
from webapp.admin import calendars, people, prices, registers
from webapp.admin.blueprint import PARTS, pages

__all__ = ["calendars", "pages", "people", "prices", "registers"]


@pages.get("")
@requires(Permission.PRICE_LIST_READ, Permission.CALENDAR_READ, Permission.REGISTER_READ, Permission.USER_MANAGE)
def index() -> str:
    """What can be set, as far as the actor may open it."""
    return render_template("admin/index.html")


@pages.context_processor
def _parts() -> dict[str, object]:
    return {"setting_parts": PARTS}
