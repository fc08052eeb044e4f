"""Language, colours and keys: switches that work without a script, kept in cookies, the language also with the user."""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, request
from werkzeug.wrappers import Response

from webapp.access import public
from webapp.auth import identity
from webapp.i18n import LOCALE_COOKIE, LOCALES
from webapp.navigation import safe_next

THEME_COOKIE = "theme"
THEMES = ("system", "light", "dark")
KEYS_COOKIE = "keys"
_ONE_YEAR = 365 * 24 * 3600

pages = Blueprint("preferences", __name__, url_prefix="/preferences")


@pages.post("/language")
@public
def change_language() -> Response:
    """Speak `locale` from now on; for the signed-in user on every machine."""
    locale = request.form.get("locale", "")
    if locale not in LOCALES:
        abort(400)
    if g.actor is not None:
        identity.set_locale(g.actor, locale)
    return _keep(LOCALE_COOKIE, locale)


@pages.post("/theme")
@public
def change_theme() -> Response:
    """Light, dark, or as the system says."""
    chosen = request.form.get("theme", "")
    if chosen not in THEMES:
        abort(400)
    return _keep(THEME_COOKIE, chosen)


@pages.post("/keys")
@public
def change_keys() -> Response:
    """Single-key shortcuts on or off."""
    return _keep(KEYS_COOKIE, "off" if request.form.get("keys") == "off" else "on")


def theme() -> str:
    """``light`` or ``dark`` where the user has chosen one, else empty."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in ("light", "dark") else ""


def keys_are_on() -> bool:
    """Whether single-key shortcuts work in this browser."""
    return request.cookies.get(KEYS_COOKIE) != "off"


def _keep(cookie: str, value: str) -> Response:
    response = redirect(safe_next(request.form.get("next", "")), 303)
    response.set_cookie(cookie, value, max_age=_ONE_YEAR, httponly=True, samesite="Lax", secure=request.is_secure)
    return response
