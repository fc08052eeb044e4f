"""Signing in and out, sessions, throttling and passwords."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from engine.commands.users import FREE_ATTEMPTS
from engine.model import Membership, User
from tests.web import PASSWORD, installation, post


def test_a_page_leads_to_the_sign_in_form_and_back() -> None:
    client = installation().client()
    answer = client.get("/profile?x=1")
    assert answer.status_code == 302
    assert answer.location == "/sign-in?next=/profile?x%3D1"
    answer = post(client, "/sign-in", username="staff", password=PASSWORD, next="/profile?x=1")
    assert (answer.status_code, answer.location) == (303, "/profile?x=1")
    assert client.get("/profile").status_code == 200


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "x"])
def test_nobody_is_led_to_another_site(target: str) -> None:
    client = installation().client()
    answer = post(client, "/sign-in", username="staff", password=PASSWORD, next=target)
    at_home = client.get("/").location
    assert answer.location == at_home


def test_a_wrong_password_is_refused_with_what_was_typed_and_the_tries_left() -> None:
    client = installation().client()
    answer = post(client, "/sign-in", username="staff", password="wrong")
    assert answer.status_code == 422
    assert 'value="staff"' in answer.text
    assert f"{FREE_ATTEMPTS - 1} more tries" in answer.text


def test_an_unknown_name_is_answered_like_a_wrong_password() -> None:
    client = installation().client()
    known = post(client, "/sign-in", username="staff", password="wrong")
    unknown = post(client, "/sign-in", username="nobody", password="wrong")
    assert unknown.status_code == known.status_code
    assert "4 more tries" in unknown.text


def test_after_too_many_failures_a_name_waits_and_then_may_try_again() -> None:
    built = installation()
    client = built.client()
    for _ in range(FREE_ATTEMPTS):
        post(client, "/sign-in", username="staff", password="wrong")
    answer = post(client, "/sign-in", username="staff", password=PASSWORD)
    assert answer.status_code == 429
    assert "Too many failed attempts" in answer.text
    built.clock.advance(timedelta(minutes=15))
    assert post(client, "/sign-in", username="staff", password=PASSWORD).status_code == 303


def test_success_forgets_the_failures() -> None:
    client = installation().client()
    for _ in range(FREE_ATTEMPTS - 1):
        post(client, "/sign-in", username="staff", password="wrong")
    assert post(client, "/sign-in", username="staff", password=PASSWORD).status_code == 303
    post(client, "/sign-out")
    assert "4 more tries" in post(client, "/sign-in", username="staff", password="wrong").text


def test_signing_out_ends_the_session() -> None:
    client = installation().client("staff")
    assert post(client, "/sign-out").location == "/sign-in"
    assert client.get("/profile").status_code == 302


def test_who_lost_the_last_role_is_signed_out_and_cannot_sign_in() -> None:
    built = installation()
    client = built.client("staff")
    with built.database.transaction() as tx:
        tx.session.execute(update(Membership).values(valid_until=tx.now))
    assert client.get("/profile").status_code == 302
    answer = post(client, "/sign-in", username="staff", password=PASSWORD)
    assert answer.status_code == 403
    assert "no role at the moment" in answer.text


def test_a_changed_password_ends_every_other_session_but_not_this_one() -> None:
    built = installation()
    here, elsewhere = built.client("staff"), built.client("staff")
    answer = post(here, "/profile/password", old=PASSWORD, new="another long one", again="another long one")
    assert answer.status_code == 303
    assert here.get("/profile").status_code == 200
    assert elsewhere.get("/profile").status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again", "message"),
    [
        ("wrong", "long enough", "long enough", "not your present password"),
        (PASSWORD, "short", "short", "at least 8 characters"),
        (PASSWORD, "long enough", "different", "two new passwords differ"),
    ],
)
def test_a_password_that_cannot_be_set_is_refused_at_its_field(old: str, new: str, again: str, message: str) -> None:
    answer = post(installation().client("staff"), "/profile/password", old=old, new=new, again=again)
    assert answer.status_code == 422
    assert message in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_a_new_session_takes_nothing_over_from_an_older_one() -> None:
    client = installation().client()
    with client.session_transaction() as session:
        session["planted"] = "yes"
    post(client, "/sign-in", username="staff", password=PASSWORD)
    with client.session_transaction() as session:
        assert "planted" not in session


def test_a_hash_of_other_parameters_is_renewed_at_the_next_sign_in() -> None:
    built = installation()
    older = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=2).hash(PASSWORD)
    with built.database.transaction() as tx:
        tx.session.execute(update(User).where(User.username == "staff").values(password_hash=older))
    for _ in range(2):
        assert post(built.app.test_client(), "/sign-in", username="staff", password=PASSWORD).status_code == 303
        with built.database.reading() as tx:
            kept = tx.session.scalars(select(User.password_hash).where(User.username == "staff")).one()
        assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
