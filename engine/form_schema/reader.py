"""From a form-js schema to a `Form`. Whatever is not understood is a finding; nothing is silently skipped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from engine.errors import N_
from engine.feel import from_python
from engine.feel.patterns import BrokenPattern, Pattern
from engine.findings import Severity
from engine.form_schema.expressions import Formula, Switch
from engine.form_schema.form import Form
from engine.form_schema.messages import Bilingual
from engine.form_schema.model import (
    Checks,
    Component,
    DocumentKind,
    DocumentType,
    Field,
    Group,
    Kind,
    Note,
    Options,
    Path,
    Picture,
    Rows,
    Rule,
    Table,
    TableColumn,
    joined,
)
from engine.form_schema.parts import Data, Parts

MAX_SCHEMA = 1_000_000
MAX_COMPONENTS = 500
MAX_DEPTH = 8
MAX_PATTERN = 500
MAX_COLUMNS = 50
IMAGE_PREFIXES = tuple(f"data:image/{kind};base64," for kind in ("png", "jpeg", "gif", "webp"))

_KINDS = {
    "textfield": Kind.TEXT,
    "textarea": Kind.TEXTAREA,
    "number": Kind.NUMBER,
    "checkbox": Kind.CHECKBOX,
    "radio": Kind.RADIO,
    "select": Kind.SELECT,
    "checklist": Kind.CHECKLIST,
    "taglist": Kind.TAGLIST,
    "expression": Kind.COMPUTED,
    "filepicker": Kind.FILE,
}
_SUBTYPES = {"date": Kind.DATE, "time": Kind.TIME, "datetime": Kind.DATETIME}

_COMMON = frozenset(
    [
        "type",
        "id",
        "key",
        "label",
        "description",
        "layout",
        "properties",
        "conditional",
        "validate",
        "disabled",
        "readonly",
        "defaultValue",
        "appearance",
        "tooltip",
        "versionTag",
        "path",
    ]
)
# What form-js knows beyond the common options. Some only steer its own browser widgets; they are known and unused.
_OPTIONS = {
    "number": "decimalDigits increment serializeToString",
    "radio": "values valuesKey valuesExpression",
    "select": "values valuesKey valuesExpression searchable",
    "checklist": "values valuesKey valuesExpression",
    "taglist": "values valuesKey valuesExpression searchable",
    "datetime": "subtype dateLabel timeLabel timeSerializingFormat timeInterval use24h disallowPassedDates",
    "expression": "expression computeOn decimalDigits",
    "filepicker": "multiple accept",
    "text": "text",
    "image": "source alt",
    "spacer": "height",
    "group": "components showOutline verticalAlignment",
    "dynamiclist": "components showOutline verticalAlignment isRepeating allowAddRemove defaultRepetitions "
    "nonCollapsedItems disableCollapse",
    "table": "columns columnsExpression dataSource rowCount id",
}
_VALIDATE = frozenset(
    ["required", "minLength", "maxLength", "min", "max", "pattern", "patternErrorMessage", "validationType"]
)
_ROOT = frozenset(
    [
        "type",
        "id",
        "components",
        "properties",
        "schemaVersion",
        "exporter",
        "executionPlatform",
        "executionPlatformVersion",
        "versionTag",
        "$schema",
        "generated",
    ]
)


def read_form(text: str | bytes, name: str, names: frozenset[str] = frozenset()) -> Form:
    """Read a form-js schema. `name` is the file, for the findings; `names` are further multi-word FEEL names.

    Always gives a form; one whose `findings` hold an error must not be deployed.
    """
    return _Reader(name, names).read(text)


class _Reader(Parts):
    def __init__(self, file: str, names: frozenset[str]) -> None:
        super().__init__(file, names)
        self._count = 0
        self._paths: dict[tuple[str, Path], str] = {}

    def read(self, text: str | bytes) -> Form:
        root = self._load(text)
        identity = self.text("", root, "id")
        if root and not identity:
            self.find("form-id", "", N_("The form has no id."), N_("Give the schema an id; tasks name the form by it."))
        for option in root.keys() - _ROOT:
            self._unknown_option("", option)
        properties = self.properties("", root)
        components = self._components(root, "", (), 0)
        if root and not components:
            self.find(
                "form-empty", "", N_("The form has no components."), N_("Add at least one field."), Severity.WARNING
            )
        document = self._document(properties)
        return Form(identity, components, tuple(self.findings), document, properties, self.file)

    def _load(self, text: str | bytes) -> Data:
        if len(text) > MAX_SCHEMA:
            self._broken(f"> {MAX_SCHEMA} bytes")
            return {}
        try:
            root = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
        except RecursionError:
            self._broken("too deeply nested")
            return {}
        except ValueError as error:
            self._broken(str(error))
            return {}
        if not isinstance(root, dict):
            self._broken("not an object")
            return {}
        return cast(Data, root)

    def _broken(self, detail: str) -> None:
        self.find(
            "form-json",
            "",
            N_("The form is no usable JSON: {detail}."),
            N_("Export the form again from the form editor."),
            detail=detail,
        )

    def _document(self, properties: Mapping[str, str]) -> DocumentType | None:
        kind = properties.get("document")
        if kind is None:
            return None
        if kind not in set(DocumentKind):
            self.find(
                "form-document",
                "",
                N_("{value} is no kind of document."),
                N_("Write one of: {expected}."),
                value=kind,
                expected=", ".join(DocumentKind),
            )
            return None
        if not properties.get("name"):
            self.find(
                "form-document",
                "",
                N_("The document has no name."),
                N_("Write its name as on the paper into the property “name”."),
            )
        name = Bilingual(properties.get("name", ""), properties.get("name.en", ""))
        return DocumentType(DocumentKind(kind), name, properties.get("family", ""), properties.get("source", ""))

    # --- components

    def _components(self, data: Data, space: str, prefix: Path, depth: int) -> tuple[Component, ...]:
        """The components of a form, group or row. `space` is the list they are in, `prefix` the path of the group."""
        element = self.text("", data, "id") or joined(prefix)
        if depth > MAX_DEPTH:
            self.find(
                "form-depth",
                element,
                N_("The components are nested deeper than {most}."),
                N_("Flatten the groups."),
                most=MAX_DEPTH,
            )
            return ()
        found: list[Component] = []
        for entry in self.items(element, data, "components", MAX_COMPONENTS):
            self._count += 1
            if self._count > MAX_COMPONENTS:
                self.find(
                    "form-size",
                    element,
                    N_("The form has more than {most} components."),
                    N_("Split it into several forms."),
                    most=MAX_COMPONENTS,
                )
                break
            component = self._component(entry, space, prefix, depth)
            if component is not None:
                found.append(component)
        return tuple(found)

    def _component(self, data: Data, space: str, prefix: Path, depth: int) -> Component | None:
        kind = data.get("type")
        element = str(data.get("key") or data.get("path") or data.get("id") or kind)[:80]
        if kind == "button":
            return None
        if not isinstance(kind, str) or (kind not in _KINDS and kind not in _OPTIONS and kind != "separator"):
            self._unknown_type(element, kind)
            return None
        for option in data.keys() - _COMMON - frozenset(_OPTIONS.get(kind, "").split()):
            self._unknown_option(element, option)
        common = self._common(element, data)
        if kind in ("group", "dynamiclist"):
            return self._container(kind, element, data, common, space, prefix, depth)
        if kind in _KINDS or kind == "datetime":
            return self._field(kind, element, data, common, space, prefix)
        return self._shown(kind, element, data, common)

    def _unknown_type(self, element: str, kind: object) -> None:
        remedy = N_("Use one of: {expected}.")
        if kind in ("html", "iframe"):
            remedy = N_("Use a text component: pages of the form carry no foreign HTML.")
        expected = ", ".join(sorted({*_KINDS, *_OPTIONS, "separator"}))
        self.find(
            "form-type",
            element,
            N_("{element} is of the type {type}, which is not supported."),
            remedy,
            type=kind,
            expected=expected,
        )

    def _unknown_option(self, element: str, option: str) -> None:
        self.find(
            "form-unknown-option",
            element,
            N_("{element} has the option {option}, which means nothing here."),
            N_("Remove it or correct its name."),
            Severity.WARNING,
            option=option,
        )

    def _common(self, element: str, data: Data) -> dict[str, Any]:
        properties = self.properties(element, data)
        layout = self.mapping(element, data, "layout")
        conditional = self.mapping(element, data, "conditional")
        hide = self.text(element, conditional, "hide")
        return {
            "key": element,
            "label": self.wording(element, data, "label", properties),
            "description": self.wording(element, data, "description", properties),
            "hide": self.formula(element, "conditional.hide", hide) if hide else None,
            "row": self.text(element, layout, "row"),
            "columns": self.whole(element, layout, "columns", 1, 16),
            "properties": properties,
        }

    def _container(
        self, kind: str, element: str, data: Data, common: dict[str, Any], space: str, prefix: Path, depth: int
    ) -> Component | None:
        own = self._path(element, "path", data.get("path"), required=kind == "dynamiclist")
        if kind == "group":
            properties = common["properties"]
            return Group(
                **common,
                components=self._components(data, space, prefix + own, depth + 1),
                standards=Bilingual(properties.get("standards", ""), properties.get("standards.en", "")),
                source=properties.get("source", ""),
            )
        if space:
            self.find(
                "form-nested-list",
                element,
                N_("The list {element} lies inside the list {outer}."),
                N_("Put the lists one after the other; a row cannot hold a list."),
                outer=space,
            )
            return None
        path = prefix + own
        if not own or not self._claim(element, "", path):
            return None
        return self._rows(element, data, common, path, depth)

    def _rows(self, element: str, data: Data, common: dict[str, Any], path: Path, depth: int) -> Rows:
        properties = common["properties"]
        most = self.whole(element, properties, "maxRows", 1, 500) or 200
        return Rows(
            **common,
            path=path,
            components=self._components(data, joined(path), (), depth + 1),
            min_rows=self.whole(element, properties, "minRows", 0, most) or 0,
            max_rows=most,
            blank_rows=self.whole(element, data, "defaultRepetitions", 0, 50) or 0
            if "defaultRepetitions" in data
            else 1,
            fixed=data.get("allowAddRemove") is False or data.get("isRepeating") is False,
            value=self._value(element, properties),
        )

    def _path(self, element: str, name: str, value: object, required: bool = True) -> Path:
        """The keys of a dotted path; empty, with a finding, when they are no names."""
        if not value and not required:
            return ()
        parts = tuple(value.split(".")) if isinstance(value, str) else ()
        if not parts or len(parts) > MAX_DEPTH or len(str(value)) > 100 or not all(map(str.isidentifier, parts)):
            self.find(
                "form-key",
                element,
                N_("{element} has the {name} {value}, which is no name."),
                N_("Use letters, digits and underscores, for example customer_name."),
                name=name,
                value=value,
            )
            return ()
        return parts

    def _claim(self, element: str, space: str, path: Path) -> bool:
        """Whether the path is free; a path must neither equal nor lie inside another's."""
        for other in self._paths:
            if other[0] == space and (other[1][: len(path)] == path or path[: len(other[1])] == other[1]):
                self.find(
                    "form-key-twice",
                    element,
                    N_("The key {key} is used twice."),
                    N_("Give every field a key of its own."),
                    key=joined(path),
                )
                return False
        self._paths[space, path] = element
        return True

    # --- fields

    def _field(
        self, kind: str, element: str, data: Data, common: dict[str, Any], space: str, prefix: Path
    ) -> Field | None:
        path = prefix + self._path(element, "key", data.get("key"))
        if len(path) == len(prefix) or not self._claim(element, space, path):
            return None
        found = _KINDS.get(kind) or self._subtype(element, data)
        properties = common["properties"]
        if kind == "datetime" and common["label"].is_empty:
            name = "timeLabel" if found is Kind.TIME else "dateLabel"
            common["label"] = self.wording(element, data, name, properties)
        if common["label"].is_empty and found is not Kind.COMPUTED:
            self.find("form-label", element, N_("{element} has no label."), N_("Say what is to be filled in."))
        appearance = self.mapping(element, data, "appearance")
        unit = self.text(element, appearance, "suffixAdorner")
        return Field(
            **common,
            path=path,
            kind=found,
            checks=self._checks(element, data, properties),
            options=self._options(element, data, found, properties),
            default=self._default(element, data.get("defaultValue")),
            readonly=self.switch(element, data, "readonly"),
            disabled=data.get("disabled") is True,
            decimals=self.whole(element, data, "decimalDigits", 0, 20),
            step=self.text(element, {"increment": str(data.get("increment") or "")}, "increment"),
            unit=self.wording(element, {"unit": unit}, "unit", properties),
            prefix=self.wording(element, appearance, "prefixAdorner", properties),
            formula=self._expression(element, data) if found is Kind.COMPUTED else None,
            example=properties.get("example", ""),
            total=properties.get("total") == "true",
            multiple=data.get("multiple") is True,
            accept=self.text(element, data, "accept"),
            value=self._value(element, properties),
        )

    def _subtype(self, element: str, data: Data) -> Kind:
        subtype = data.get("subtype", "date")
        if isinstance(subtype, str) and subtype in _SUBTYPES:
            return _SUBTYPES[subtype]
        self.wrong(element, "subtype", subtype, "date, time or datetime")
        return Kind.DATE

    def _expression(self, element: str, data: Data) -> Formula | None:
        text = self.text(element, data, "expression")
        if not text.removeprefix("=").strip():
            self.wrong(element, "expression", text, '"=…"')
            return None
        return self.formula(element, "expression", text)

    def _value(self, element: str, properties: Mapping[str, str]) -> Formula | None:
        """What derives a document's field; `value` without "=" is FEEL as well."""
        text = properties.get("value", "")
        return self.formula(element, "properties.value", text) if text else None

    def _default(self, element: str, value: object) -> object:
        if isinstance(value, str) and value.startswith("="):
            return self.formula(element, "defaultValue", value)
        try:
            return from_python(value)
        except (TypeError, ValueError):
            self.wrong(element, "defaultValue", value, "a value")
            return None

    def _options(self, element: str, data: Data, kind: Kind, properties: Mapping[str, str]) -> Options:
        if not kind.is_choice:
            return Options()
        source = self.text(element, data, "valuesExpression") or self.text(element, data, "valuesKey")
        if source:
            return Options(formula=self.formula(element, "valuesExpression", source))
        fixed = self.options(element, data, properties)
        if not fixed:
            self.find(
                "form-no-options",
                element,
                N_("{element} offers nothing to choose."),
                N_("Add values, or a valuesExpression that gives a list."),
            )
        return Options(fixed)

    def _checks(self, element: str, data: Data, properties: Mapping[str, str]) -> Checks:
        rules = self.mapping(element, data, "validate")
        for option in rules.keys() - _VALIDATE:
            self._unknown_option(element, f"validate.{option}")
        form = rules.get("validationType") or ""
        if form not in ("", "custom", "email", "phone"):
            self.wrong(element, "validate.validationType", form, "email, phone or custom")
            form = ""
        message = self.text(element, rules, "patternErrorMessage")
        return Checks(
            required=self._required(element, rules, properties),
            min_length=self.bound(element, rules, "minLength"),
            max_length=self.bound(element, rules, "maxLength"),
            min=self.bound(element, rules, "min"),
            max=self.bound(element, rules, "max"),
            above=self.bound(element, properties, "above"),
            pattern=self._pattern(element, self.text(element, rules, "pattern")),
            pattern_message=Bilingual(message, properties.get("patternErrorMessage.en", "")) if message else None,
            format="" if form == "custom" else str(form),
            not_past=data.get("disallowPassedDates") is True,
        )

    def _required(self, element: str, rules: Data, properties: Mapping[str, str]) -> Switch:
        """`validate.required`, or the property `required` with FEEL where it depends on something."""
        return self.switch(element, properties if "required" in properties else rules, "required")

    def _pattern(self, element: str, text: str) -> Pattern | None:
        if not text:
            return None
        try:
            if len(text) > MAX_PATTERN:
                raise BrokenPattern(f"longer than {MAX_PATTERN} characters")
            return Pattern(text)
        except BrokenPattern as error:
            self.find(
                "form-pattern",
                element,
                N_("The pattern of {element} cannot be used: {detail}."),
                N_("Write a pattern without look-around, back-references and large repetitions."),
                detail=str(error),
            )
            return None

    # --- what is only shown

    def _shown(self, kind: str, element: str, data: Data, common: dict[str, Any]) -> Component | None:
        properties = common["properties"]
        if kind == "text":
            return Note(**common, text=self.wording(element, data, "text", properties))
        if kind == "table":
            return self._table(element, data, common)
        if kind == "image":
            source = data.get("source")
            if not isinstance(source, str) or not source.startswith(IMAGE_PREFIXES):
                self.find(
                    "form-image",
                    element,
                    N_("The image {element} comes from elsewhere."),
                    N_("Put the picture itself into the schema, as data:image/png;base64,…"),
                )
                return None
            common["label"] = self.wording(element, data, "alt", properties)
            return Picture(**common, source=source)
        return Rule(**common, line=kind == "separator")

    def _table(self, element: str, data: Data, common: dict[str, Any]) -> Component | None:
        if "columnsExpression" in data:
            self.find(
                "form-table",
                element,
                N_("The columns of {element} are computed, which is not supported."),
                N_("List the columns."),
            )
        source = self.text(element, data, "dataSource")
        columns = [
            TableColumn(self.text(element, entry, "key"), self._column_label(element, entry, common["properties"]))
            for entry in self.items(element, data, "columns", MAX_COLUMNS)
        ]
        if not source.removeprefix("=").strip() or not columns:
            self.find(
                "form-table",
                element,
                N_("The table {element} has no data or no columns."),
                N_("Give it a dataSource and columns."),
            )
            return None
        formula = self.formula(element, "dataSource", source)
        return Table(**common, formula=formula, table_columns=tuple(columns))

    def _column_label(self, element: str, entry: Data, properties: Mapping[str, str]) -> Bilingual:
        key = self.text(element, entry, "key")
        return Bilingual(self.text(element, entry, "label") or key, properties.get(f"column.{key}.en", ""))


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")
