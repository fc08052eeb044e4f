"""What every answer carries so that a browser trusts nothing but us, and what a session may and may not do."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import Flask, g, request
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

MEGABYTE = 1024 * 1024
LARGEST_REQUEST = 30 * MEGABYTE
"""An attachment is 25 MB at most; the rest is for the form around it."""
LARGEST_FORM = 2 * MEGABYTE
MOST_FORM_PARTS = 5000
SESSION_LIFETIME = timedelta(hours=12)

_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""bpmn-js sets style attributes and draws data: images, which is why these two are allowed; scripts never are."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), payment=(), usb=()",
}


class _SessionInterface(SecureCookieSessionInterface):
    """Marks the cookie Secure whenever the request came over https; plain http works on one's own machine."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def init_security(app: Flask) -> None:
    """Sessions, CSRF protection of every state-changing request, size limits and headers."""
    app.session_interface = _SessionInterface()
    app.config.update(
        SESSION_COOKIE_NAME="baoxiu",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=SESSION_LIFETIME,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=MOST_FORM_PARTS,
        WTF_CSRF_TIME_LIMIT=None,  # the token lives as long as the session: a form left open over lunch still submits
        WTF_CSRF_SSL_STRICT=False,  # Referrer-Policy and SameSite say it already; proxies lose the Referer
    )
    CSRFProtect(app)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.after_request(_add_headers)


def csp_nonce() -> str:
    """The nonce of this answer's scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _POLICY.format(nonce=csp_nonce()))
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.update(("Cookie", "Accept-Language"))
    return response
