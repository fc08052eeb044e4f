"""The blueprint that the modules of this room share, and its parts."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint
from werkzeug.wrappers import Response

from engine.errors import N_

pages = Blueprint("admin", __name__, url_prefix="/settings")
Answer = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the settings: the endpoint it opens, its name and what it is for (message ids)."""

    endpoint: str
    label: str
    purpose: str


PARTS = (
    Part("admin.prices", N_("Price lists"), N_("What parts and labour cost, and the floor below which nobody sells.")),
    Part("admin.calendars", N_("Working time"), N_("When the organisation works; deadlines count in these hours.")),
    Part("admin.registers", N_("Registers"), N_("The ledgers that the processes write, line by line.")),
    Part("admin.people", N_("Users"), N_("Who signs in, in which roles, and until when.")),
)
