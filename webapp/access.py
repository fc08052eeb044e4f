"""Every endpoint says who may use it; one that says nothing does not start.

The declaration is the outer of two doors: commands and queries check again, object by object.

    @pages.get("/tasks")
    @requires(Permission.USER_TASK_READ)
    def worklist() -> str: ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response

from engine.access import Actor, Permission, require
from engine.errors import N_

View = TypeVar("View", bound=Callable[..., object])
_ATTRIBUTE = "baoxiu_access"
STATIC = "static"

SIGN_IN_FIRST = N_("Sign in first.")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use an endpoint: everybody, everybody signed in, or holders of one of the permissions."""

    name: str
    permissions: frozenset[Permission] = frozenset()
    anonymous: bool = False

    def allows(self, actor: Actor | None) -> bool:
        """Whether this actor (None: nobody signed in) gets through this door."""
        if self.anonymous:
            return True
        return actor is not None and (not self.permissions or not self.permissions.isdisjoint(actor.permissions))


PUBLIC = Access("public", anonymous=True)
SIGNED_IN = Access("signed in")


def public(view: View) -> View:
    """Anybody may use the endpoint, also without signing in."""
    return _declare(view, PUBLIC)


def signed_in(view: View) -> View:
    """Everybody who is signed in may use the endpoint: it shows and changes what is the actor's own."""
    return _declare(view, SIGNED_IN)


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Holders of one of the permissions may use the endpoint."""
    if not permissions:
        raise ValueError("name a permission, or say @signed_in or @public")
    name = " or ".join(sorted(permission.value for permission in permissions))

    def declare(view: View) -> View:
        return _declare(view, Access(name, frozenset(permissions)))

    return declare


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What the endpoint declares; None where it declares nothing. Static files are public."""
    return PUBLIC if endpoint == STATIC else getattr(app.view_functions[endpoint], _ATTRIBUTE, None)


def may_open(app: Flask, endpoint: str, actor: Actor | None) -> bool:
    """Whether the endpoint exists and the actor gets through its door; for links."""
    access = access_of(app, endpoint) if endpoint in app.view_functions else None
    return access is not None and access.allows(actor)


def check_declarations(app: Flask) -> None:
    """Raise RuntimeError when an endpoint does not say who may use it."""
    silent = sorted(rule.endpoint for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) is None)
    if silent:
        raise RuntimeError(f"say @requires(…), @signed_in or @public on: {', '.join(silent)}")


def enforce(app: Flask) -> None:
    """Check every request against its endpoint's declaration before the view runs."""

    @app.before_request
    def check_access() -> Response | None:
        if request.endpoint is None:
            return None
        access = access_of(app, request.endpoint)
        actor: Actor | None = g.actor
        if access is not None and access.allows(actor):
            return None
        if actor is None:
            return _to_sign_in()
        for permission in sorted(access.permissions) if access else ():
            require(actor, permission)
        return abort(403)


def _to_sign_in() -> Response:
    """A page leads to the sign-in form and back; what is no page (a form, a script's request) is told plainly."""
    if request.method not in ("GET", "HEAD") or "HX-Request" in request.headers:
        abort(401, SIGN_IN_FIRST)
    return redirect(url_for("auth.sign_in", next=request.full_path.rstrip("?")))


def _declare(view: View, access: Access) -> View:
    if hasattr(view, _ATTRIBUTE):
        raise ValueError(f"{view.__name__} declares its access twice")
    setattr(view, _ATTRIBUTE, access)
    return view
