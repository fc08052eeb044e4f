"""The form: what other rooms call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.errors import N_, BaoxiuError
from engine.feel import Environment
from engine.findings import Finding, errors_in
from engine.form_schema import messages
from engine.form_schema.expressions import Formula, Scope
from engine.form_schema.fill import fill
from engine.form_schema.messages import Message
from engine.form_schema.model import (
    Component,
    DocumentType,
    Field,
    Group,
    Kind,
    Note,
    Rows,
    Table,
    all_components,
    fields_of,
    look_up,
    put,
)
from engine.form_schema.render import Renderer
from engine.form_schema.settle import Settled, as_recorded, settle
from engine.form_schema.sources import MAX_VALUES, Given, Initial, Known, Posted, Source
from engine.form_schema.surroundings import Surroundings, own_names
from engine.form_schema.validate import Validator
from engine.form_schema.view import FormView, GroupView, ListView, TableView

NO_FILES: frozenset[str] = frozenset()
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of a form that was sent.

    `values`: FEEL values by top-level key, of what is shown (None where nothing was filled in; disabled fields left
    out). `errors`: messages by field name (`hours`, `parts[0].quantity`; "" for the whole form). `typed`: the texts as
    they were typed, by name, plain data that a draft can keep; also of fields that are hidden now, for conditions
    change while one types.
    """

    values: dict[str, Any]
    errors: dict[str, Message]
    typed: dict[str, tuple[str, ...]]

    @property
    def is_valid(self) -> bool:
        """Whether nothing is to be corrected."""
        return not self.errors


class FormErrors(BaoxiuError):
    """Values that a form refuses; `errors` has the messages by field name."""

    template = N_("{count} fields have to be put right: {fields}")
    status = 422

    def __init__(self, errors: Mapping[str, Message]) -> None:
        self.errors = errors
        super().__init__(count=len(errors), fields=", ".join(errors))


@dataclass(frozen=True, slots=True)
class Line:
    """One field on paper."""

    name: str
    label: str
    text: str
    unit: str = ""


@dataclass(frozen=True)
class Form:
    """A form-js schema, understood. `findings` is what was not; `document` is there when it describes a document."""

    id: str
    components: tuple[Component, ...]
    findings: tuple[Finding, ...] = ()
    document: DocumentType | None = None
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    file: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether the form may be deployed."""
        return not errors_in(list(self.findings))

    @cached_property
    def names(self) -> frozenset[str]:
        """The top-level keys of the form's values."""
        return own_names(self.components)

    @cached_property
    def asked(self) -> frozenset[str]:
        """The top-level keys of what people fill in: neither computed nor only shown, and no file (those are kept)."""
        fields = (each for each in fields_of(self.components) if each.kind not in (Kind.COMPUTED, Kind.FILE))
        own = {each.path[0] for each in fields if not each.disabled and each.readonly is not True}
        lists = (each for each in all_components(self.components) if isinstance(each, Rows))
        return frozenset(own | {each.path[0] for each in lists})

    @cached_property
    def file_fields(self) -> tuple[Field, ...]:
        """The fields that ask for files, outside of rows."""
        return tuple(field for field in fields_of(self.components) if field.kind is Kind.FILE)

    @property
    def takes_files(self) -> bool:
        """Whether the form asks for files at all."""
        return bool(self.file_fields)

    @property
    def requires_files(self) -> bool:
        """Whether a file is required always (not only under a condition)."""
        return any(field.checks.required is True and field.hide is None for field in self.file_fields)

    @cached_property
    def references(self) -> frozenset[str]:
        """The names that the form's expressions read from the case (its own values left out)."""
        return self._reads(values=True) - self.names - {"this", "parent", "i"}

    # --- showing

    def render_model(
        self,
        values: Mapping[str, Any],
        errors: Mapping[str, Message],
        locale: str,
        scope: Scope,
        environment: Environment,
        typed: Mapping[str, Sequence[str]] | None = None,
    ) -> FormView:
        """The tree to show. A field holds its entry of `values`, else the variable of its name in `scope`, else its
        default; `typed` (of a Submission) stands in the inputs instead, also where it could not be read."""
        around = self._around(scope, environment)
        filled = fill(self.components, Known(shows_blank_rows=True), Initial(values, around), around)
        settled = settle(self.components, filled.values, around)
        return Renderer(settled, around, locale, errors, typed or {}, self._depended_on).form(self.id, self.components)

    def lines(
        self, record: Mapping[str, Any], locale: str, environment: Environment
    ) -> Iterator[GroupView | Line | ListView | TableView]:
        """What to print of a record, in order: a group (for its heading), then its fields as lines, lists and tables.

        A record is shown as it was made: nothing is computed again, and what was hidden then (no entry) stays so.
        """
        around = self._around({}, environment)
        view = Renderer(as_recorded(self.components, record), around, locale, {}, {}, NOTHING).form(
            self.id, self.components
        )
        for group in view.groups:
            yield from _lines(group)

    # --- taking in

    def submit(
        self,
        data: Mapping[str, Sequence[str] | str],
        scope: Scope,
        environment: Environment,
        attached: frozenset[str] = NO_FILES,
        draft: bool = False,
    ) -> Submission:
        """Take in a form post: names to lists of texts (werkzeug: `form.to_dict(flat=False)`). Nothing raises.

        `attached` names the file fields that have their file. A `draft` is not checked and keeps its blank rows: for
        saving what was typed and for showing the form again with a row more or less.
        """
        source = Posted(data, drops_blank_rows=not draft)
        submission = self._take(source, {}, scope, environment, attached)
        if draft:
            return Submission(submission.values, {}, submission.typed)
        if source.too_many:
            submission.errors[""] = Message(messages.TOO_MUCH, {"max": MAX_VALUES})
        return submission

    def check(
        self, values: Mapping[str, Any], scope: Scope, environment: Environment, attached: frozenset[str] = NO_FILES
    ) -> Submission:
        """Take in JSON data (API, scenarios): typed values, or texts as typed. What is not given keeps what it held;
        a name that the form does not have is an error."""
        submission = self._take(Given(values), {}, scope, environment, attached)
        for name in values:
            if name not in self.names:
                submission.errors[name] = Message(messages.UNKNOWN_FIELD, {"name": name[:60]})
        return submission

    def record(self, scope: Scope, environment: Environment) -> dict[str, Any]:
        """The fields of a document made of a case: each from its `properties.value` (FEEL), else from the variable of
        its name, else its default; computed values and conditions as in the form."""
        around = self._around(scope, environment)
        filled = fill(self.components, Known(shows_blank_rows=False), Initial(self._derived(around), around), around)
        return settle(self.components, filled.values, around).values

    def _take(
        self, source: Source, known: Mapping[str, Any], scope: Scope, environment: Environment, attached: frozenset[str]
    ) -> Submission:
        around = self._around(scope, environment)
        filled = fill(self.components, source, Initial(known, around), around)
        settled = settle(self.components, filled.values, around)
        errors = Validator(settled, around, filled.errors, attached).run(self.components)
        return Submission(self._without_disabled(settled), errors, filled.typed)

    def _without_disabled(self, settled: Settled) -> dict[str, Any]:
        values = settled.values
        for component in _with_values(self.components):
            if isinstance(component, Field) and component.disabled:
                _remove(values, component.path)
        return values

    def _derived(self, around: Surroundings) -> dict[str, Any]:
        """The values that `properties.value` derives. Derivations see the case as it is: also variables that have the
        name of one of the document's own fields."""
        derived: dict[str, Any] = {}
        for component in _with_values(self.components):
            formula = component.value
            if formula is not None:
                put(derived, component.path, formula.evaluate(around.scope, around.environment))
        return derived

    def _around(self, scope: Scope, environment: Environment) -> Surroundings:
        return Surroundings(scope, environment, self.names)

    @cached_property
    def _depended_on(self) -> frozenset[str]:
        return self._reads(values=False)

    def _reads(self, values: bool) -> frozenset[str]:
        found: set[str] = set()
        for component in all_components(self.components):
            for formula in _formulas(component, values):
                found |= formula.references
        return frozenset(found)


def _formulas(component: Component, values: bool) -> Iterator[Formula]:
    """The expressions of a component; with `values` also those that only fill it in."""
    candidates: list[object] = [component.hide, *component.label.formulas, *component.description.formulas]
    if isinstance(component, Field):
        checks = component.checks
        candidates += [component.formula, component.readonly, component.options.formula, checks.required]
        candidates += [checks.min, checks.max, checks.above, checks.min_length, checks.max_length]
        candidates += [component.default] if values else []
    if isinstance(component, Field | Rows) and values:
        candidates.append(component.value)
    if isinstance(component, Note):
        candidates += component.text.formulas
    if isinstance(component, Table):
        candidates.append(component.formula)
    yield from (candidate for candidate in candidates if isinstance(candidate, Formula))


def _with_values(components: tuple[Component, ...]) -> Iterator[Field | Rows]:
    for component in components:
        if isinstance(component, Field | Rows):
            yield component
        elif isinstance(component, Group):
            yield from _with_values(component.components)


def _remove(values: dict[str, Any], path: tuple[str, ...]) -> None:
    try:
        inside = look_up(values, path[:-1])
    except KeyError:
        return
    if isinstance(inside, dict):
        inside.pop(path[-1], None)  # pyright: ignore[reportUnknownMemberType]


def _lines(group: GroupView) -> Iterator[GroupView | Line | ListView | TableView]:
    found: list[GroupView | Line | ListView | TableView] = []
    for item in group.items:
        if isinstance(item, GroupView):
            found += _lines(item)
        elif isinstance(item, ListView | TableView):
            found.append(item)
        elif item.node == "field" and item.kind != Kind.FILE:
            found.append(Line(item.name, item.label, item.display, item.unit))
    if found:
        yield group
        yield from found
