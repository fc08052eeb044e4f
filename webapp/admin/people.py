"""Users: adding them, giving them roles for a time, taking roles away."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for

from engine.access import Permission
from engine.commands import users
from engine.database import Transaction
from engine.errors import InvalidInput
from engine.model import User
from engine.queries import people as people_queries
from webapp.access import requires
from webapp.admin.blueprint import Answer, pages
from webapp.i18n import explain, gettext, in_language
from webapp.services import services

LONGEST_NAME = 100
LONGEST_PASSWORD = 1000


@pages.get("/users")
@requires(Permission.USER_MANAGE)
def people() -> str:
    """Everybody with a role in the organisation."""
    with services().database.reading() as tx:
        found = people_queries.people(tx, g.actor)
    return render_template("admin/people.html", people=found)


@pages.get("/users/new")
@requires(Permission.USER_MANAGE)
def new_person() -> str:
    """The form for a new user."""
    return _new_page({}, [], {})


@pages.post("/users")
@requires(Permission.USER_MANAGE)
def add_person() -> Answer:
    """Add a user with at least one role."""
    typed = {name: request.form.get(name, "").strip() for name in ("username", "display_name")}
    password, roles = request.form.get("password", ""), request.form.getlist("role")
    errors = _missing(typed, password, roles)
    if errors:
        return _new_page(typed, roles, errors), 422
    try:
        with services().database.transaction("web") as tx:
            user = users.add_user(tx, g.actor, typed["username"], typed["display_name"], password, dict.fromkeys(roles))
    except users.PasswordTooShort as error:
        return _new_page(typed, roles, {"password": explain(error)}), 422
    except InvalidInput as error:
        return _new_page(typed, roles, {"username": explain(error)}), 422
    flash(gettext("%(name)s can sign in now.", name=user.display_name), "ok")
    return redirect(url_for("admin.person", key=user.key), 303)


@pages.get("/users/<int:key>")
@requires(Permission.USER_MANAGE)
def person(key: int) -> str:
    """A user with the roles they hold and held."""
    return _person_page(key)


@pages.post("/users/<int:key>/roles")
@requires(Permission.USER_MANAGE)
def grant_role(key: int) -> Answer:
    """Give a user a role, until the end of a day when one is given."""
    role, until_text = request.form.get("role", ""), request.form.get("until", "").strip()
    if not role:
        return _person_page(key, role, until_text, {"role": gettext("Choose a role.")}), 422
    try:
        until = _end_of(until_text)
    except ValueError:
        return _person_page(key, role, until_text, {"until": gettext("Choose a day, for example 2026-12-31.")}), 422
    try:
        with services().database.transaction("web") as tx:
            users.grant_role(tx, g.actor, _user(tx, key), role, until)
    except users.RoleHeld as error:
        return _person_page(key, role, until_text, {"role": explain(error)}), 422
    except InvalidInput as error:
        return _person_page(key, role, until_text, {"until": explain(error)}), 422
    flash(gettext("The role was given."), "ok")
    return redirect(url_for("admin.person", key=key), 303)


@pages.post("/users/<int:key>/roles/<role>/revoke")
@requires(Permission.USER_MANAGE)
def revoke_role(key: int, role: str) -> Answer:
    """Take a role away now."""
    try:
        with services().database.transaction("web") as tx:
            users.revoke_role(tx, g.actor, _user(tx, key), role)
    except users.OwnRole as error:
        return _person_page(key, problem=explain(error)), 422
    flash(gettext("The role was taken away."), "ok")
    return redirect(url_for("admin.person", key=key), 303)


def _user(tx: Transaction, key: int) -> User:
    """A user of the organisation. Raises `NotFound` for one of another."""
    people_queries.person(tx, g.actor, key)
    return tx.session.get_one(User, key)


def _end_of(text: str) -> datetime | None:
    """The end of a day in the organisation's zone; None for no day. Raises ValueError for what is no day."""
    if not text:
        return None
    following = date.fromisoformat(text) + timedelta(days=1)
    return datetime.combine(following, time(), ZoneInfo(g.account.zone))


def _missing(typed: dict[str, str], password: str, roles: list[str]) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not typed["username"]:
        errors["username"] = gettext("Write a name to sign in with, for example linxiaoyan.")
    if not typed["display_name"] or len(typed["display_name"]) > LONGEST_NAME:
        errors["display_name"] = gettext("Write the person's name, %(most)s characters at most.", most=LONGEST_NAME)
    if not password or len(password) > LONGEST_PASSWORD:
        errors["password"] = gettext("Write a first password; the user changes it on the profile page.")
    if not roles:
        errors["role"] = gettext("Choose at least one role: without one nobody can sign in.")
    return errors


def _new_page(typed: dict[str, str], chosen: list[str], errors: dict[str, str]) -> str:
    with services().database.reading() as tx:
        roles = people_queries.roles(tx, g.actor)
    return render_template(
        "admin/new_person.html", typed=typed, chosen=chosen, errors=errors, roles=roles, least=users.MIN_PASSWORD
    )


def _person_page(
    key: int, role: str = "", until: str = "", errors: dict[str, str] | None = None, problem: str = ""
) -> str:
    with services().database.reading() as tx:
        found = people_queries.person(tx, g.actor, key)
        roles = people_queries.roles(tx, g.actor)
    held = {each.role_key for each in found.held_now}
    return render_template(
        "admin/person.html",
        person=found,
        options=[(each.key, in_language(each.name, each.name_en)) for each in roles if each.key not in held],
        role=role,
        until=until,
        errors=errors or {},
        problem=problem,
    )
