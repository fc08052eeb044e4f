"""Reading the parts of a component: texts, switches, limits, options. What is not understood becomes a finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar, cast

from engine.errors import N_
from engine.feel import FeelError, from_python
from engine.feel.errors import FeelSyntaxError
from engine.findings import Finding, Severity
from engine.form_schema.expressions import (
    Bound,
    Formula,
    Switch,
    Template,
    Wording,
    compile_formula,
    compile_template,
    plain,
)
from engine.form_schema.messages import Bilingual
from engine.form_schema.model import Option

MAX_TEXT = 10_000
MAX_OPTIONS = 500
MAX_FINDINGS = 100

Result = TypeVar("Result")

Data = Mapping[str, Any]


class Parts:
    """Reads one schema's parts; collects what it finds wrong, with the file and the component's key."""

    def __init__(self, file: str, names: frozenset[str]) -> None:
        self.file = file
        self.names = names
        self.findings: list[Finding] = []

    def find(
        self,
        code: str,
        element: str,
        template: str,
        remedy: str,
        severity: Severity = Severity.ERROR,
        **params: object,
    ) -> None:
        """Note a finding; a schema that is wrong everywhere gets no endless list."""
        if len(self.findings) < MAX_FINDINGS:
            shown = {name: short(value) for name, value in params.items()} | {"element": element}
            self.findings.append(Finding(code, template, shown, remedy, element, self.file, severity=severity))

    def wrong(self, element: str, name: str, value: object, expected: str) -> None:
        """Note that an option has a value of the wrong kind."""
        self.find(
            "form-option",
            element,
            N_("{name} of {element} is {value}."),
            N_("Write {expected} there."),
            name=name,
            value=value,
            expected=expected,
        )

    def text(self, element: str, data: Data, name: str) -> str:
        """A text, empty when missing."""
        value = data.get(name, "")
        if value is None:
            return ""
        if isinstance(value, str) and len(value) <= MAX_TEXT:
            return value
        self.wrong(element, name, value, f"text of at most {MAX_TEXT} characters")
        return ""

    def mapping(self, element: str, data: Data, name: str) -> Data:
        """An object, empty when missing."""
        value = data.get(name)
        if value is None:
            return {}
        if isinstance(value, dict):
            return cast(Data, value)
        self.wrong(element, name, value, "{…}")
        return {}

    def items(self, element: str, data: Data, name: str, most: int) -> list[Data]:
        """A list of objects."""
        value: Any = data.get(name)
        if value is None:
            return []
        entries: list[Any] = cast(list[Any], value) if isinstance(value, list) else [None]
        if len(entries) > most or not all(isinstance(entry, dict) for entry in entries):
            self.wrong(element, name, cast(object, value), f"[{{…}}] (at most {most})")
            return [entry for entry in entries[:most] if isinstance(entry, dict)]
        return entries

    def properties(self, element: str, data: Data) -> Mapping[str, str]:
        """The free properties: names and texts."""
        found = self.mapping(element, data, "properties")
        for name, value in found.items():
            if not isinstance(value, str) or len(value) > MAX_TEXT:
                self.wrong(element, f"properties.{name}", value, "text")
        return {name: value for name, value in found.items() if isinstance(value, str) and len(value) <= MAX_TEXT}

    def formula(self, element: str, name: str, text: str) -> Formula | None:
        """FEEL, with or without the leading "="; None and a finding when it is broken."""
        return self._compiled(element, name, text, lambda: compile_formula(text.removeprefix("=").strip(), self.names))

    def _compiled(self, element: str, name: str, text: str, compiler: Callable[[], Result]) -> Result | None:
        try:
            return compiler()
        except FeelError as error:
            detail = error.detail if isinstance(error, FeelSyntaxError) else str(error)
            line, column = (error.line, error.column) if isinstance(error, FeelSyntaxError) else (1, 1)
            self.find(
                "form-feel",
                element,
                N_("{name} of {element} is no FEEL: {detail} (line {line}, column {column} of “{expression}”)."),
                N_("Correct the expression."),
                name=name,
                detail=detail,
                line=line,
                column=column,
                expression=text,
            )
        except ValueError:
            self.find(
                "form-template",
                element,
                N_("{name} of {element} has braces that are not understood: “{expression}”."),
                N_("Write expressions as {{{{name}}}}; in place of loops and conditions use FEEL's for and if."),
                name=name,
                expression=text,
            )
        return None

    def wording(self, element: str, data: Data, name: str, properties: Mapping[str, str]) -> Wording:
        """A text of the author, Chinese at `name`, English in the property `name.en`."""
        zh = self._template(element, name, self.text(element, data, name) or properties.get(name, ""))
        return Wording(zh, self._template(element, f"{name}.en", properties.get(f"{name}.en", "")))

    def _template(self, element: str, name: str, text: str) -> Template:
        return self._compiled(element, name, text, lambda: compile_template(text, self.names)) or Template(())

    def switch(self, element: str, data: Data, name: str) -> Switch:
        """true, false, or FEEL."""
        value = data.get(name)
        if isinstance(value, str) and value.startswith("="):
            return self.formula(element, name, value) or False
        if value is None or isinstance(value, bool) or value in ("true", "false"):
            return value is True or value == "true"
        self.wrong(element, name, value, 'true, false or "=…"')
        return False

    def bound(self, element: str, data: Data, name: str) -> Bound:
        """A number, or FEEL that gives one."""
        value = data.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.startswith("="):
            return self.formula(element, name, value)
        return self.number(element, name, value)

    def number(self, element: str, name: str, value: object) -> Decimal | None:
        """A number, also written as text."""
        try:
            found = (
                Decimal(str(value)) if isinstance(value, int | Decimal | str) and not isinstance(value, bool) else None
            )
        except InvalidOperation:
            found = None
        if found is None or not found.is_finite() or abs(found.adjusted()) > 30:
            self.wrong(element, name, value, "a number")
            return None
        return found

    def whole(self, element: str, data: Data, name: str, least: int, most: int) -> int | None:
        """A whole number in a range."""
        value = data.get(name)
        if value is None or value == "":
            return None
        found = self.number(element, name, value)
        if found is not None and least <= found <= most and found == found.to_integral_value():
            return int(found)
        if found is not None:
            self.wrong(element, name, value, f"a whole number from {least} to {most}")
        return None

    def options(self, element: str, data: Data, properties: Mapping[str, str]) -> tuple[Option, ...]:
        """The fixed options; two of the same value are a finding."""
        found: dict[str, Option] = {}
        for entry in self.items(element, data, "values", MAX_OPTIONS):
            option = as_option(entry, properties)
            if option is None:
                self.wrong(element, "values", entry, '{"label": "…", "value": "…"}')
            elif option.text in found:
                self.find(
                    "form-option-twice",
                    element,
                    N_("{element} has the option {value} twice."),
                    N_("Give every option a value of its own."),
                    value=option.text,
                )
            else:
                found[option.text] = option
        return tuple(found.values())


def as_option(entry: object, properties: Mapping[str, str]) -> Option | None:
    """An option from {"label", "value"} or from a bare value; None for what can be none."""
    data = cast(Data, entry) if isinstance(entry, dict) else {"value": entry}
    value = data.get("value")
    if value is None or isinstance(value, dict | list):
        return None
    typed = from_python(value)
    text = plain(typed)
    label = data.get("label")
    zh = label if isinstance(label, str) and label else text
    return Option(text, typed, Bilingual(zh, properties.get(f"option.{text}.en", "")))


def short(value: object) -> object:
    """A value cut to what a message can show."""
    if isinstance(value, int | Decimal):
        return value
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
