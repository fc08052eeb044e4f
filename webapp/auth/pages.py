"""Signing in and out, and the profile with the password."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.commands.users import MIN_PASSWORD, PasswordTooShort, TooManyAttempts, WrongPassword
from webapp.access import public, signed_in
from webapp.auth import identity
from webapp.i18n import explain, gettext, ngettext
from webapp.navigation import safe_next
from webapp.preferences import keys_are_on

pages = Blueprint("auth", __name__)
Answer = str | Response | tuple[str, int]


@pages.get("/sign-in")
@public
def sign_in() -> Answer:
    """The sign-in form; who is signed in already goes on."""
    if g.actor is not None:
        return redirect(safe_next(request.args.get("next", "")))
    return _sign_in_form()


@pages.post("/sign-in")
@public
def check_sign_in() -> Answer:
    """Start a session, or the form again with what was wrong."""
    try:
        identity.sign_in(request.form.get("username", ""), request.form.get("password", ""))
    except identity.SignInRefused as error:
        return _sign_in_form(_refusal(error)), error.status
    except (TooManyAttempts, identity.WithoutRole) as error:
        return _sign_in_form(explain(error)), error.status
    identity.load_account()
    return redirect(safe_next(request.form.get("next", "")), 303)


@pages.post("/sign-out")
@public
def sign_out() -> Response:
    """End the session; pages kept by the browser are dropped."""
    identity.end_session()
    response = redirect(url_for("auth.sign_in"), 303)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@pages.get("/profile")
@signed_in
def profile() -> Answer:
    """What the user can see and change about themselves."""
    return _profile({})


@pages.post("/profile/password")
@signed_in
def change_password() -> Answer:
    """Set a new password, or the form again with messages at the fields."""
    new = request.form.get("new", "")
    errors: dict[str, str] = {}
    if new != request.form.get("again", ""):
        errors["again"] = gettext("The two new passwords differ.")
    else:
        try:
            identity.change_password(g.actor, request.form.get("old", ""), new)
        except WrongPassword:
            errors["old"] = gettext("This is not your present password.")
        except PasswordTooShort as error:
            errors["new"] = explain(error)
    if errors:
        return _profile(errors), 422
    flash(gettext("The password has been changed. You stay signed in here; every other session has ended."), "ok")
    return redirect(url_for("auth.profile"), 303)


def _sign_in_form(error: str = "") -> str:
    return render_template(
        "auth/sign_in.html",
        error=error,
        username=request.form.get("username", ""),
        next=request.values.get("next", ""),
        organisation=identity.only_organisation(),
    )


def _profile(errors: dict[str, str]) -> str:
    return render_template(
        "auth/profile.html", errors=errors, least=MIN_PASSWORD, keys_on=keys_are_on(), account=g.account
    )


def _refusal(error: identity.SignInRefused) -> str:
    left = error.attempts_left
    if not left:
        return explain(error)
    return ngettext(
        "The user name or the password is not right. %(num)s more try.",
        "The user name or the password is not right. %(num)s more tries.",
        left,
    )
