"""When something goes wrong: a page in the user's language that says what happened and one way on."""

from __future__ import annotations

import logging
import secrets

from flask import Flask, g, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from engine.errors import N_, BaoxiuError
from webapp.i18n import explain, gettext

Answer = tuple[str, int]
log = logging.getLogger("baoxiu.web")

_TITLES = {
    400: N_("This request cannot be understood"),
    401: N_("Sign in first"),
    403: N_("You may not do this"),
    404: N_("This page does not exist"),
    405: N_("This request cannot be understood"),
    409: N_("This has changed in the meantime"),
    413: N_("This file is too large"),
    422: N_("This cannot be used as it is"),
    429: N_("Too many tries"),
    500: N_("Something went wrong on our side"),
    503: N_("This cannot be done right now"),
    507: N_("There is no room left"),
}
_DETAILS = {
    400: N_("Go back, reload the page and try again."),
    401: N_("Your session has ended. Sign in in another tab, then send this again: what you typed is still here."),
    403: N_("Ask an administrator if you need this for your work."),
    404: N_("It may have moved, or it belongs to somebody else. Check the address."),
    405: N_("Go back, reload the page and try again."),
    409: N_("Reload the page to see how it stands now."),
    413: N_("A file may have 25 MB at most. Make it smaller or send it in parts."),
    422: N_("Go back and check what you entered."),
    429: N_("Wait a little, then try again."),
    500: N_("It has been recorded as {reference}. Nothing that was saved is lost; try again in a moment."),
}
_CSRF = N_("The page was open for too long or belongs to another session. Go back, reload it and send it again.")


def init_failures(app: Flask) -> None:
    """Answer errors of the engine, of HTTP and of our own with a page of the shell."""
    app.register_error_handler(BaoxiuError, _on_engine_error)
    app.register_error_handler(CSRFError, lambda error: failure_page(400, gettext(_CSRF)))
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, _on_anything)


def failure_page(status: int, detail: str = "") -> Answer:
    """The error page for a status, with `detail` (already in the user's language) or the usual advice."""
    g.setdefault("actor", None)
    g.setdefault("account", None)
    title = gettext(_TITLES.get(status, _TITLES[500] if status >= 500 else _TITLES[400]))
    advice = detail or gettext(_DETAILS.get(status, _DETAILS[400]))
    return render_template("failure.html", status=status, title=title, detail=advice), status


def _on_engine_error(error: BaoxiuError) -> Answer:
    if error.status == 500:
        return _on_anything(error)
    if error.status > 500:  # nobody's mistake, but what to do about it is known
        log.error("request failed: %s", error)
    return failure_page(error.status, explain(error))


def _on_http_error(error: HTTPException) -> Response | Answer:
    if error.code is None or error.code < 400:
        return error.get_response()
    return failure_page(error.code) if error.code < 500 else _on_anything(error)


def _on_anything(error: Exception) -> Answer:
    """Whatever it is, the log has it under the reference that the user can tell an administrator."""
    reference = secrets.token_hex(4)
    log.exception("request failed, reference %s", reference, exc_info=error)
    return failure_page(500, gettext(_DETAILS[500]).format(reference=reference))
