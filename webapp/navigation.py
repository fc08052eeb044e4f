"""The main navigation: one entry per room, shown to those who may open it, in the order of a day's work."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, g, request, url_for

from engine.errors import N_
from webapp.access import may_open


@dataclass(frozen=True, slots=True)
class Room:
    """An entry: the endpoint it opens, its label (a message id), its icon of the sprite."""

    endpoint: str
    label: str
    icon: str

    @property
    def blueprint(self) -> str:
        return self.endpoint.partition(".")[0]


ROOMS = (
    Room("tasks.worklist", N_("Tasks"), "list"),
    Room("start.index", N_("Start"), "play"),
    Room("cases.index", N_("Cases"), "folder"),
    Room("owners.index", N_("Processes"), "flow"),
    Room("operations.index", N_("Operations"), "pulse"),
    Room("compliance.index", N_("Compliance"), "shield"),
    Room("admin.index", N_("Settings"), "gear"),
)


def open_rooms() -> list[Room]:
    """The rooms that exist and that the actor may open."""
    return [room for room in ROOMS if may_open(current_app._get_current_object(), room.endpoint, g.actor)]  # type: ignore[attr-defined]


def current_room(override: str = "") -> str:
    """The endpoint of the room the page belongs to; a page of another blueprint names its room in `override`."""
    if override:
        return override
    return next((room.endpoint for room in ROOMS if room.blueprint == request.blueprint), "")


def home_url() -> str:
    """Where somebody who has just signed in goes: the first room, or else their own profile."""
    rooms = open_rooms()
    return url_for(rooms[0].endpoint if rooms else "auth.profile")


def safe_next(target: str) -> str:
    """`target` if it is a path of this application, else the home; nobody is led to another site."""
    is_ours = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if is_ours else home_url()
