"""Who somebody is at a moment: the organisation, the roles they hold there, and what these allow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.access import Member, Permission, engine_actor, member_for
from engine.clock import FakeClock
from engine.commands import organisations, users
from engine.database import Database
from engine.errors import NotFound
from engine.model import Membership, User
from tests.bench.timing import counted
from tests.builders import MONDAY, ORGANISATION, new_database, new_user, organisation_data


def member(database: Database, user_key: int, organisation_key: str = "") -> Member:
    with database.reading() as tx:
        return member_for(tx.session, user_key, tx.now, organisation_key)


def change(database: Database, statement: Any) -> None:
    with database.transaction() as tx:
        tx.session.execute(statement)


def test_a_member_holds_all_their_roles_in_the_order_of_the_keys() -> None:
    database = new_database()
    found = member(database, new_user(database, "li", "owner", "clerk").user_key)
    assert found.actor.roles == {"clerk", "owner"}
    assert found.roles == (("客服内勤", ""), ("流程负责人", ""))
    assert (found.organisation, found.zone) == (("维修厂", "Workshop"), "Asia/Shanghai")
    assert found.actor.may(Permission.DEPLOYMENT_CREATE)
    assert not found.actor.may(Permission.USER_MANAGE)


def test_who_it_is_takes_one_statement_however_many_roles_there_are() -> None:
    database = new_database()
    key = new_user(database, "li", "clerk", "boss", "owner", "auditor").user_key
    with counted(database) as counts:
        member(database, key)
    assert counts.statements == 1


def test_of_several_organisations_the_wanted_one_counts_and_else_the_first() -> None:
    database = new_database()
    key = new_user(database, "li", "clerk").user_key
    other = organisation_data()
    other["organisation"] = {**other["organisation"], "key": "other", "name": "门店"}
    with database.transaction() as tx:
        organisations.set_up(tx, other)
        users.grant_role(tx, engine_actor("other"), tx.session.get_one(User, key), "boss")
        assert member_for(tx.session, key, tx.now, "other").actor.roles == {"boss"}  # granted in this transaction
    assert member(database, key).actor.organisation_key == ORGANISATION
    assert member(database, key).actor.roles == {"clerk"}
    assert member(database, key, "other").organisation == ("门店", "Workshop")
    with pytest.raises(NotFound, match="membership"):
        member(database, key, "third")


def test_a_role_counts_from_its_moment_until_its_moment() -> None:
    clock = FakeClock(MONDAY)
    database = new_database(clock=clock)
    key = new_user(database, "li", "clerk").user_key
    with database.transaction() as tx:
        until = MONDAY + timedelta(hours=1)
        users.grant_role(tx, engine_actor(ORGANISATION), tx.session.get_one(User, key), "owner", until)
    clock.advance(timedelta(minutes=59))
    assert member(database, key).actor.roles == {"clerk", "owner"}
    clock.advance(timedelta(minutes=1))
    assert member(database, key).actor.roles == {"clerk"}


def test_nobody_is_who_is_unknown_inactive_or_without_a_role() -> None:
    database = new_database()
    key = new_user(database, "li", "clerk").user_key
    with pytest.raises(NotFound, match="user"):
        member(database, key + 1)
    change(database, update(User).where(User.key == key).values(is_active=False))
    with pytest.raises(NotFound, match="user"):
        member(database, key)
    change(database, update(User).where(User.key == key).values(is_active=True))
    with database.reading() as tx:
        end = tx.session.scalars(select(Membership.valid_from).where(Membership.user_key == key)).one()
    change(database, update(Membership).where(Membership.user_key == key).values(valid_until=end))
    with pytest.raises(NotFound, match="membership"):
        member(database, key)
