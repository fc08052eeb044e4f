"""The variables of one process instance while a command runs: scopes that look outwards, decoded only when read,
and the difference that has to be written back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.orm import Session

from engine import feel, large_values
from engine.model import Variable
from engine.statements import Read, upsert_into

INSTANCE = 0


_READ = Read(
    lambda _: select(Variable.scope, Variable.name, Variable.value).where(
        Variable.process_instance_key == bindparam("instance")
    ),
    ["instance"],
)
_WRITE = upsert_into(Variable, ("value",))


class _Undecoded:
    """The stored text of a variable nobody has read yet."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Variables:
    """The scopes of a process instance (`engine.bpmn.Scopes`); 0 is the instance itself."""

    def __init__(self, parents: Mapping[str, int] | None = None) -> None:
        """`parents`: the open scopes and the ones around them, as `ProcessInstance.scopes` keeps them."""
        self._parents: dict[int, int] = {int(scope): parent for scope, parent in (parents or {}).items()}
        self._values: dict[int, dict[str, object]] = {INSTANCE: {}}
        self._stored: dict[tuple[int, str], str] = {}
        self._changed: set[tuple[int, str]] = set()
        self._dropped: set[int] = set()
        self._let_go: list[str] = []
        """Stored texts that no longer stand where they stood."""
        self._full: Callable[[str], str] = str

    def load(self, connection: Connection, process_instance_key: int) -> None:
        """Read every variable of the instance; one statement. Large values are read when somebody looks at them."""
        self._full = lambda text: large_values.full(connection, process_instance_key, text)
        for scope, name, text in _READ.rows(connection, {"instance": process_instance_key}):
            self._values.setdefault(scope, {})[name] = _Undecoded(text)
            self._stored[scope, name] = text

    # ---- engine.bpmn.Scopes -----------------------------------------------------------------------------------------

    def create(self, scope: int, parent: int, values: Mapping[str, object]) -> None:
        """Open a scope inside `parent`; an existing scope gets the values added."""
        if scope != INSTANCE:
            self._parents[scope] = parent
        self._values.setdefault(scope, {})
        for name, value in values.items():
            self.assign_local(scope, name, value)

    def drop(self, scope: int) -> None:
        """Close a scope with its variables."""
        self._parents.pop(scope, None)
        names = self._values.pop(scope, {})
        stored = [self._stored.pop((scope, name)) for name in names if (scope, name) in self._stored]
        if stored:
            self._dropped.add(scope)
            self._let_go += stored
        self._changed -= {(scope, name) for name in names}

    def assign(self, scope: int, name: str, value: object) -> None:
        """Write to the nearest scope outwards that has the name, else to the instance."""
        for candidate in self._outwards(scope):
            if name in self._values.get(candidate, {}):
                self.assign_local(candidate, name, value)
                return
        self.assign_local(INSTANCE, name, value)

    def assign_local(self, scope: int, name: str, value: object) -> None:
        """Write to exactly this scope."""
        self._values.setdefault(scope, {})[name] = value
        self._changed.add((scope, name))

    def get_local(self, scope: int, name: str) -> object:
        """Read from exactly this scope; None when absent."""
        if name not in self._values.get(scope, {}):
            return None
        return self._decoded(scope, name)

    # ---- reading ----------------------------------------------------------------------------------------------------

    def visible(self, scope: int = INSTANCE) -> View:
        """Everything that can be seen from a scope, as a mapping."""
        return View(self, tuple(self._outwards(scope)))

    def _outwards(self, scope: int) -> Iterator[int]:
        while scope != INSTANCE:
            yield scope
            scope = self._parents.get(scope, INSTANCE)
        yield INSTANCE

    def _decoded(self, scope: int, name: str) -> object:
        value = self._values[scope][name]
        if isinstance(value, _Undecoded):
            value = feel.from_json(self._full(value.text))
            self._values[scope][name] = value
        return value

    def has_scope(self, scope: int) -> bool:
        """Whether an element instance has a scope of its own."""
        return scope in self._parents

    def has(self, scope: int, name: str) -> bool:
        """Whether exactly this scope holds the name."""
        return name in self._values.get(scope, {})

    def names(self, scope: int) -> list[str]:
        """The names exactly this scope holds."""
        return list(self._values.get(scope, {}))

    # ---- writing back -----------------------------------------------------------------------------------------------

    @property
    def parents(self) -> dict[str, int]:
        """The open scopes, as `ProcessInstance.scopes` keeps them."""
        return {str(scope): parent for scope, parent in self._parents.items()}

    @property
    def has_changed(self) -> bool:
        """Whether any variable was written."""
        return bool(self._changed or self._dropped)

    def save(self, connection: Connection, process_instance_key: int) -> None:
        """Write what differs from what was loaded."""
        rows: list[dict[str, Any]] = []
        for scope, name in sorted(self._changed):
            whole = feel.to_json(self._values[scope][name])
            text = large_values.shortened(connection, process_instance_key, whole)
            before = self._stored.get((scope, name), "")
            if before != text:
                rows.append({"process_instance_key": process_instance_key, "scope": scope, "name": name, "value": text})
                self._stored[scope, name] = text
                self._let_go.append(before)
        _WRITE.many(connection, rows)
        if self._dropped:
            here = Variable.process_instance_key == process_instance_key
            connection.execute(delete(Variable).where(here, Variable.scope.in_(self._dropped)))
        large_values.let_go(connection, process_instance_key, self._let_go)
        self._changed.clear()
        self._dropped.clear()
        self._let_go.clear()


class View(Mapping[str, object]):
    """The variables visible from one scope, inner ones hiding outer ones."""

    __slots__ = ("_chain", "_variables")

    def __init__(self, variables: Variables, chain: tuple[int, ...]) -> None:
        self._variables = variables
        self._chain = chain

    def __getitem__(self, name: str) -> object:
        for scope in self._chain:
            if self._variables.has(scope, name):
                return self._variables.get_local(scope, name)
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and any(self._variables.has(scope, name) for scope in self._chain)

    def __iter__(self) -> Iterator[str]:
        seen: set[str] = set()
        for scope in self._chain:
            for name in self._variables.names(scope):
                if name not in seen:
                    seen.add(name)
                    yield name

    def __len__(self) -> int:
        return sum(1 for _ in self)


def load_variables(session: Session, process_instance_key: int) -> dict[str, object]:
    """The instance's own variables, decoded; for pages."""
    rows = session.execute(
        select(Variable.name, Variable.value).where(
            Variable.process_instance_key == process_instance_key, Variable.scope == INSTANCE
        )
    )
    connection = session.connection()
    return {
        name: feel.from_json(large_values.full(connection, process_instance_key, text)) for name, text in rows.all()
    }
