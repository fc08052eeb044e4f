"""What every answer carries, and how errors are told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Blueprint, request

from engine.connections import DatabaseBusy
from engine.database import StorageFull
from engine.errors import BaoxiuError, Conflict, InvalidInput, NotAllowed, NotFound
from tests.web import Installation, csrf_token, installation, post
from webapp.access import public, requires
from webapp.security import LARGEST_REQUEST

TEMPLATES = Path(__file__).resolve().parents[2] / "webapp" / "templates"
HOSTILE = "<script>alert(1)</script>"
ERRORS: dict[str, BaoxiuError] = {
    "missing": NotFound(what="user", key=HOSTILE),
    "forbidden": NotAllowed(permission="user:manage"),
    "conflict": Conflict(detail=HOSTILE),
    "invalid": InvalidInput(value=HOSTILE, reason="the name is taken"),
    "busy": DatabaseBusy(seconds=30),
    "full": StorageFull(detail=HOSTILE),
    "broken": BaoxiuError(detail="secret of the machine"),
}


def failing() -> Installation:
    """An installation with a page per kind of error."""
    pages = Blueprint("failing", __name__)

    @pages.get("/failing/<kind>")
    @public
    def fail(kind: str) -> str:
        raise ERRORS.get(kind) or ZeroDivisionError("secret of the machine")

    @pages.post("/upload")
    @public
    def upload() -> str:
        return str(len(request.get_data()))

    return installation(pages=pages)


@pytest.mark.parametrize("address", ["/sign-in", "/profile", "/nothing", "/healthz", "/static/dist/manifest.json"])
def test_every_answer_tells_the_browser_to_trust_only_us(address: str) -> None:
    with installation().client("staff").get(address) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert re.search(r"script-src 'self' 'nonce-[\w-]{20,}'(;|$)", policy)
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_nonce_is_another_one_in_every_answer_and_stands_in_the_page() -> None:
    client = installation().client()
    first, second = client.get("/sign-in"), client.get("/sign-in")
    nonces = [re.findall(r'nonce="([^"]+)"', answer.text) for answer in (first, second)]
    assert nonces[0] != nonces[1]
    assert f"'nonce-{nonces[0][0]}'" in first.headers["Content-Security-Policy"]


def test_no_template_has_a_script_of_its_own() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), f"{path.name}: put the script into webapp/frontend/js"
        assert not re.search(r"""\son\w+\s*=\s*["']""", text), f"{path.name}: no handlers in attributes"
        assert "hx-on" not in text, f"{path.name}: hx-on needs eval"
        unescaped = re.search(r"""[^'"\s]\s*\|\s*safe\b""", text)
        assert not unescaped, f"{path.name}: nothing but a literal goes unescaped"


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_the_session_cookie_is_for_our_server_alone(scheme: str, secure: bool) -> None:
    answer = installation().app.test_client().get("/sign-in", base_url=f"{scheme}://localhost")
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("baoxiu="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert ("Secure" in cookie) == secure
    assert ("Strict-Transport-Security" in answer.headers) == secure


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("missing", 404, "There is no user &lt;script&gt;"),
        ("forbidden", 403, "user:manage is missing"),
        ("conflict", 409, "This has changed in the meantime: &lt;script&gt;"),
        ("invalid", 422, "cannot be used: the name is taken"),
        ("busy", 503, "Nothing was changed; try again"),
        ("full", 507, "free some disk space"),
    ],
)
def test_an_error_of_the_engine_is_a_page_with_its_sentence_and_status(kind: str, status: int, words: str) -> None:
    answer = failing().client().get(f"/failing/{kind}")
    assert answer.status_code == status
    assert words in answer.text
    assert HOSTILE not in answer.text


def test_an_error_is_told_in_the_users_language() -> None:
    client = failing().client(locale="zh_CN")
    assert "没有用户 &lt;script&gt;" in client.get("/failing/missing").text
    assert "用不了：这个名字已有人用" in client.get("/failing/invalid").text


@pytest.mark.parametrize("kind", ["broken", "anything"])
def test_our_own_failures_tell_a_reference_and_nothing_else(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = failing().client().get(f"/failing/{kind}")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    reference = re.search(r"recorded as (\w{8})", answer.text)
    assert reference
    assert reference[1] in caplog.text


def test_a_request_that_is_too_large_is_refused_with_a_page() -> None:
    client = failing().client()
    token = {"X-CSRFToken": csrf_token(client)}
    too_long = {"CONTENT_LENGTH": str(LARGEST_REQUEST + 1)}
    answer = client.post("/upload", data=b"x" * 10, headers=token, environ_overrides=too_long)
    assert answer.status_code == 413
    assert "25 MB" in answer.text


def test_a_script_that_is_signed_out_is_told_so_instead_of_being_led_away() -> None:
    answer = installation().client().get("/profile", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert "Your session has ended" in answer.text


def test_hostile_input_comes_back_escaped() -> None:
    answer = post(installation().client(), "/sign-in", username=HOSTILE, password="x", next=f'/"{HOSTILE}')
    assert HOSTILE not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_a_page_that_is_signed_in_for_is_not_stored_by_others() -> None:
    answer = installation().client("staff").get("/profile")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in answer.headers["Vary"]


def test_health_answers_without_a_session() -> None:
    answer = installation().client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert "Set-Cookie" not in answer.headers


def test_a_permission_opens_its_door_and_no_other_does() -> None:
    from engine.access import Permission

    pages = Blueprint("guarded", __name__)

    @pages.get("/guarded")
    @requires(Permission.USER_MANAGE)
    def guarded() -> str:
        return "in"

    built = installation(pages=pages)
    assert built.client("administrator").get("/guarded").text == "in"
    refused = built.client("staff").get("/guarded")
    assert refused.status_code == 403
    assert "user:manage is missing" in refused.text
    assert built.client().get("/guarded").location == "/sign-in?next=/guarded"
