"""Who may open what: every endpoint of the URL map, for every role and for nobody.

`EXPECTED` is written by hand, independent of the declarations in the code: a new endpoint fails until somebody has said
here who may use it. Objects of others (a foreign task, another organisation's case) are told apart behind this door, by
the commands and queries, and tested with them.
"""

from __future__ import annotations

from functools import cache

import pytest
from flask import url_for
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from engine.access import BUNDLES, Permission
from tests.web import Installation, csrf_token, installation

PUBLIC = "public"
SIGNED_IN = "signed in"

EXPECTED: dict[str, str | frozenset[Permission]] = {
    "static": PUBLIC,
    "health": PUBLIC,
    "home": SIGNED_IN,
    "auth.sign_in": PUBLIC,
    "auth.check_sign_in": PUBLIC,
    "auth.sign_out": PUBLIC,
    "auth.profile": SIGNED_IN,
    "auth.change_password": SIGNED_IN,
    "cases.diagram": frozenset({Permission.PROCESS_INSTANCE_READ}),
    "cases.index": frozenset({Permission.PROCESS_INSTANCE_READ}),
    "cases.markers": frozenset({Permission.PROCESS_INSTANCE_READ}),
    "cases.show": frozenset({Permission.PROCESS_INSTANCE_READ}),
    "documents.file": frozenset({Permission.DOCUMENT_READ}),
    "documents.folder": frozenset({Permission.DOCUMENT_READ}),
    "documents.pdf": frozenset({Permission.DOCUMENT_READ}),
    "documents.show": frozenset({Permission.DOCUMENT_READ}),
    "admin.index": frozenset(
        {Permission.CALENDAR_READ, Permission.PRICE_LIST_READ, Permission.REGISTER_READ, Permission.USER_MANAGE}
    ),
    "admin.prices": frozenset({Permission.PRICE_LIST_READ}),
    "admin.save_prices": frozenset({Permission.PRICE_LIST_EDIT}),
    "admin.calendars": frozenset({Permission.CALENDAR_READ}),
    "admin.save_calendar": frozenset({Permission.CALENDAR_EDIT}),
    "admin.people": frozenset({Permission.USER_MANAGE}),
    "admin.new_person": frozenset({Permission.USER_MANAGE}),
    "admin.add_person": frozenset({Permission.USER_MANAGE}),
    "admin.person": frozenset({Permission.USER_MANAGE}),
    "admin.grant_role": frozenset({Permission.USER_MANAGE}),
    "admin.revoke_role": frozenset({Permission.USER_MANAGE}),
    "admin.registers": frozenset({Permission.REGISTER_READ}),
    "admin.register": frozenset({Permission.REGISTER_READ}),
    "admin.export_register": frozenset({Permission.REGISTER_READ}),
    "compliance.index": frozenset({Permission.EVENT_READ}),
    "compliance.deviation": frozenset({Permission.EVENT_READ}),
    "compliance.archived_case": frozenset({Permission.EVENT_READ}),
    "compliance.case": frozenset({Permission.EVENT_READ}),
    "compliance.export_case": frozenset({Permission.EVENT_EXPORT}),
    "compliance.export": frozenset({Permission.EVENT_EXPORT}),
    "operations.index": frozenset({Permission.INCIDENT_READ}),
    "operations.incidents": frozenset({Permission.INCIDENT_READ}),
    "operations.jobs": frozenset({Permission.INCIDENT_READ}),
    "operations.retry": frozenset({Permission.INCIDENT_RESOLVE}),
    "operations.retry_selected": frozenset({Permission.INCIDENT_RESOLVE}),
    "operations.confirm_cancel": frozenset({Permission.PROCESS_INSTANCE_CANCEL}),
    "operations.cancel": frozenset({Permission.PROCESS_INSTANCE_CANCEL}),
    "owners.index": frozenset({Permission.PROCESS_DEFINITION_READ}),
    "owners.process": frozenset({Permission.PROCESS_DEFINITION_READ}),
    "owners.decision": frozenset({Permission.PROCESS_DEFINITION_READ}),
    "owners.form": frozenset({Permission.PROCESS_DEFINITION_READ}),
    "owners.diagram": frozenset({Permission.PROCESS_DEFINITION_READ}),
    "owners.table_file": frozenset({Permission.PROCESS_DEFINITION_READ}),
    "owners.form_file": frozenset({Permission.PROCESS_DEFINITION_READ}),
    "owners.deploy_form": frozenset({Permission.DEPLOYMENT_CREATE}),
    "owners.deploy": frozenset({Permission.DEPLOYMENT_CREATE}),
    "preferences.change_language": PUBLIC,
    "preferences.change_theme": PUBLIC,
    "preferences.change_keys": PUBLIC,
    "notifications.follow": frozenset({Permission.NOTIFICATION_READ}),
    "notifications.index": frozenset({Permission.NOTIFICATION_READ}),
    "notifications.read": frozenset({Permission.NOTIFICATION_READ}),
    "search.index": frozenset({Permission.PROCESS_INSTANCE_READ, Permission.USER_TASK_READ}),
    "start.form": frozenset({Permission.PROCESS_INSTANCE_CREATE}),
    "start.index": frozenset({Permission.PROCESS_INSTANCE_CREATE}),
    "start.start": frozenset({Permission.PROCESS_INSTANCE_CREATE}),
    "tasks.assign": frozenset({Permission.USER_TASK_ASSIGN, Permission.USER_TASK_CLAIM}),
    "tasks.assign_form": frozenset({Permission.USER_TASK_READ}),
    "tasks.batch": frozenset({Permission.USER_TASK_CLAIM}),
    "tasks.claim": frozenset({Permission.USER_TASK_CLAIM}),
    "tasks.comment": frozenset({Permission.COMMENT_CREATE}),
    "tasks.diagram": frozenset({Permission.USER_TASK_READ}),
    "tasks.markers": frozenset({Permission.USER_TASK_READ}),
    "tasks.release": frozenset({Permission.USER_TASK_CLAIM}),
    "tasks.save_draft": frozenset({Permission.USER_TASK_COMPLETE}),
    "tasks.show": frozenset({Permission.USER_TASK_READ}),
    "tasks.submit": frozenset({Permission.USER_TASK_COMPLETE}),
    "tasks.worklist": frozenset({Permission.USER_TASK_READ}),
}
"""Endpoint to who may use it; a set of permissions means: holders of one of them."""

STATE_CHANGING = ("POST", "PUT", "PATCH", "DELETE")
NOBODY = ""
_SAMPLES = {"IntegerConverter": 1, "UUIDConverter": "00000000-0000-0000-0000-000000000000"}
"""Arguments of the addresses by their converter; a text where it is none of these."""


@cache
def built() -> Installation:
    return installation()


@cache
def client_of(bundle: str) -> FlaskClient:
    """A client signed in as the user with one bundle; for requests that do not end the session."""
    return built().client(bundle)


def rules() -> list[Rule]:
    return sorted(built().app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule))


def requests(methods: tuple[str, ...] | None = None) -> list[tuple[str, str, str]]:
    """Endpoint, method and address with sample arguments of everything that can be asked for."""
    found: list[tuple[str, str, str]] = []
    with built().app.test_request_context():
        for rule in rules():
            arguments = {
                name: _SAMPLES.get(type(converter).__name__, "x") for name, converter in rule._converters.items()
            }
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                if methods is None or method in methods:
                    found.append((rule.endpoint, method, url_for(rule.endpoint, **arguments)))
    return found


def may(bundle: str, expected: str | frozenset[Permission]) -> bool:
    if expected == PUBLIC:
        return True
    if not bundle:
        return False
    return expected == SIGNED_IN or bool(BUNDLES[bundle] & frozenset(expected))


def test_every_endpoint_is_listed_and_nothing_is_listed_that_is_gone() -> None:
    endpoints = {rule.endpoint for rule in rules()}
    assert endpoints - EXPECTED.keys() == set(), "say in EXPECTED who may use these"
    assert EXPECTED.keys() - endpoints == set(), "these are gone: strike them from EXPECTED"


@pytest.mark.parametrize("bundle", [NOBODY, *BUNDLES])
def test_a_role_gets_through_its_own_doors_only(bundle: str) -> None:
    wrong: list[str] = []
    for endpoint, method, address in requests():
        if endpoint not in EXPECTED:
            continue
        client = built().client(bundle) if endpoint == "auth.sign_out" else client_of(bundle)
        token = csrf_token(client) if method in STATE_CHANGING else ""
        answer = client.open(address, method=method, headers={"X-CSRFToken": token} if token else {})
        to_sign_in = answer.status_code == 302 and (answer.location or "").startswith("/sign-in")
        refused = answer.status_code in (401, 403) or (to_sign_in and endpoint != "auth.sign_out")
        if refused == may(bundle, EXPECTED[endpoint]):
            wrong.append(f"{bundle or 'nobody'} {method} {address}: {answer.status_code}")
        if answer.status_code >= 500:
            wrong.append(f"{bundle or 'nobody'} {method} {address}: fails with {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize("bundle", [NOBODY, "administrator"])
def test_nothing_changes_without_the_csrf_token(bundle: str) -> None:
    accepted = [
        f"{method} {address}: {answer.status_code}"
        for _, method, address in requests(STATE_CHANGING)
        if (answer := client_of(bundle).open(address, method=method)).status_code != 400
    ]
    assert accepted == []


def test_a_token_of_another_session_is_refused() -> None:
    token = csrf_token(built().client())
    answer = client_of("staff").post("/preferences/theme", data={"csrf_token": token, "theme": "dark"})
    assert answer.status_code == 400


def test_an_endpoint_that_declares_nothing_does_not_start() -> None:
    from webapp.access import check_declarations

    app = installation().app
    app.add_url_rule("/forgotten", "forgotten", lambda: "open to everybody")
    with pytest.raises(RuntimeError, match="forgotten"):
        check_declarations(app)


def test_an_endpoint_that_declares_nothing_is_closed_even_if_it_starts() -> None:
    fresh = installation()
    fresh.app.add_url_rule("/forgotten", "forgotten", lambda: "open to everybody")
    assert fresh.client("administrator").get("/forgotten").status_code == 403
    assert fresh.client().get("/forgotten").status_code == 302
