"""People in FEEL: ``members(role)`` gives the active members of a role as options of a form (whom to send)."""

from __future__ import annotations

from engine import feel
from engine.access import members_of
from engine.database import Transaction

MEMBERS = "members"


def people_functions(tx: Transaction, organisation_key: str) -> dict[str, feel.Function]:
    """The FEEL functions about an organisation's people at the moment of a transaction."""

    def members(role: object) -> object:
        """A list of {label: display name, value: user name}, by user name; null for what is no role key."""
        if not isinstance(role, str):
            return None
        users = members_of(tx.session, organisation_key, role, tx.now)
        return [{"label": user.display_name, "value": user.username} for user in users]

    return {MEMBERS: feel.Function(MEMBERS, ("role",), members)}
