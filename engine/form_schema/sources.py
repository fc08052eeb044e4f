"""Where the values of a form come from: a form post, JSON data, or what is known already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol, cast

from engine.feel import Environment, from_python
from engine.form_schema import messages
from engine.form_schema.coerce import Refused, read_texts, read_value
from engine.form_schema.expressions import Formula
from engine.form_schema.model import Field, Option, Rows, joined, look_up
from engine.form_schema.surroundings import Place, Surroundings

MAX_VALUES = 2_000
MAX_POSTED_TEXT = 50_000


class Missing:
    """The type of MISSING: the source says nothing about the field."""


MISSING: Final = Missing()

Position = tuple[str, int]
"""The name a row has in the source (`parts[3]`), and its number there."""


class Source(Protocol):
    """Gives values. Both methods raise Refused for what cannot be taken."""

    drops_blank_rows: bool
    shows_blank_rows: bool

    def value(self, field: Field, name: str, options: tuple[Option, ...], environment: Environment) -> object:
        """The FEEL value of a field, or MISSING."""
        ...

    def rows(self, rows: Rows) -> Sequence[Position] | Missing:
        """The rows of a list, in order."""
        ...

    def typed(self, name: str) -> tuple[str, ...]:
        """What was typed there, to be shown again."""
        ...


class Posted:
    """The values of a form post: names to the list of texts sent under each.

    A row exists where any name of it was sent, or its number under the list's own name (`parts=0`), which keeps rows
    of empty check boxes.
    """

    shows_blank_rows = False

    def __init__(self, data: Mapping[str, Sequence[str] | str], drops_blank_rows: bool = True) -> None:
        self.drops_blank_rows = drops_blank_rows
        self.too_many = len(data) > MAX_VALUES
        self._texts: dict[str, tuple[str, ...]] = {}
        for name, texts in list(data.items())[:MAX_VALUES]:
            sent = (texts,) if isinstance(texts, str) else tuple(texts)[:MAX_VALUES]
            self._texts[name] = tuple(_storable(text) for text in sent)

    def value(self, field: Field, name: str, options: tuple[Option, ...], environment: Environment) -> object:
        return read_texts(field, self._texts.get(name, ()), options, environment)

    def rows(self, rows: Rows) -> Sequence[Position] | Missing:
        name = joined(rows.path)
        numbers = {number for text in self._texts.get(name, ()) if (number := _row_number(text)) is not None}
        for sent in self._texts:
            if sent.startswith(f"{name}["):
                number = _row_number(sent[len(name) + 1 :].partition("].")[0])
                numbers |= set() if number is None else {number}
        return [(f"{name}[{number}]", number) for number in sorted(numbers)]

    def typed(self, name: str) -> tuple[str, ...]:
        return self._texts.get(name, ())


def _row_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _storable(text: str) -> str:
    """What was typed as it can be kept: databases take neither NUL nor half characters."""
    return text[:MAX_POSTED_TEXT].replace("\0", "").encode("utf-8", "replace").decode("utf-8")


class Given:
    """JSON data (API, scenarios): nested contexts and lists with typed values or texts."""

    drops_blank_rows = False
    shows_blank_rows = False

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    def value(self, field: Field, name: str, options: tuple[Option, ...], environment: Environment) -> object:
        found = self._find(name)
        return found if found is MISSING else read_value(field, found, options, environment)

    def rows(self, rows: Rows) -> Sequence[Position] | Missing:
        name = joined(rows.path)
        found = self._find(name)
        if found is MISSING or found is None:
            return MISSING
        if not isinstance(found, list | tuple):
            raise Refused(messages.LIST)
        entries = cast(Sequence[object], found)
        if not all(isinstance(entry, Mapping) for entry in entries):
            raise Refused(messages.ROW)
        return [(f"{name}[{number}]", number) for number in range(len(entries))]

    def typed(self, name: str) -> tuple[str, ...]:
        return ()

    def _find(self, name: str) -> object:
        found: Any = self._data
        for step in name.replace("]", "").replace("[", ".").split("."):
            if isinstance(found, Mapping) and step in found:
                found = cast(Mapping[str, Any], found)[step]
            elif isinstance(found, list | tuple) and step.isdecimal():
                found = cast(Sequence[Any], found)[int(step)]
            else:
                return MISSING
        return found


class Known:
    """Nothing new: every field keeps what is known; an empty list may begin with the blank rows its schema wants."""

    drops_blank_rows = False

    def __init__(self, shows_blank_rows: bool) -> None:
        self.shows_blank_rows = shows_blank_rows

    def value(self, field: Field, name: str, options: tuple[Option, ...], environment: Environment) -> object:
        return MISSING

    def rows(self, rows: Rows) -> Sequence[Position] | Missing:
        return MISSING

    def typed(self, name: str) -> tuple[str, ...]:
        return ()


class Initial:
    """What a field holds before anybody fills it in: an entry of `values`, a variable of its name, its default."""

    def __init__(self, values: Mapping[str, Any], surroundings: Surroundings) -> None:
        self._layers = (values, surroundings.scope)
        self._surroundings = surroundings

    def value(self, field: Field, place: Place, rows: Rows | None) -> object:
        """The value of a field; in a row that of the same row of what is known."""
        for layer in self._layers:
            try:
                inside = layer if rows is None else _row_of(look_up(layer, rows.path), place.index)
                return from_python(look_up(inside, field.path))
            except (KeyError, TypeError, ValueError):
                continue
        if isinstance(field.default, Formula):
            return self._surroundings.evaluate(field.default, place)
        return field.default

    def rows(self, rows: Rows) -> int:
        """How many rows are known."""
        for layer in self._layers:
            try:
                found = look_up(layer, rows.path)
            except KeyError:
                continue
            if isinstance(found, list):
                return min(len(cast(list[object], found)), rows.max_rows)
        return 0


def _row_of(rows: object, index: int) -> Mapping[str, Any]:
    if not isinstance(rows, list) or index >= len(cast(list[object], rows)):
        raise KeyError(index)
    row = cast(list[object], rows)[index]
    if not isinstance(row, dict):
        raise KeyError(index)
    return cast(Mapping[str, Any], row)
