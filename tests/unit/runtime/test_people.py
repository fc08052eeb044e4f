"""``members(role)`` in FEEL."""

from __future__ import annotations

from engine import feel
from engine.runtime.environment import Surroundings
from tests.builders import ORGANISATION, new_database, new_user


def test_the_members_of_a_role_are_options_by_name() -> None:
    database = new_database()
    new_user(database, "zhaohaitao", "clerk")
    new_user(database, "qianjianjun", "boss")
    with database.reading() as tx:
        surroundings = Surroundings(tx, ORGANISATION)
        expression = feel.compile_expression('[members("clerk"), members("nobody"), members(1)]')
        found = expression.evaluate(surroundings.functions, surroundings.environment())
    assert found == [[{"label": "zhaohaitao", "value": "zhaohaitao"}], [], None]
