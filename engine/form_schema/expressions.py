"""FEEL in forms: conditions, computed values, settings, and texts with FEEL inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from engine.errors import N_
from engine.feel import Environment, FeelError, compile_expression, to_text
from engine.form_schema.messages import Bilingual

Scope = Mapping[str, object]
"""Names visible to FEEL: the variables of the case and further functions."""
Told = Callable[[object], str]
"""Writes a FEEL value as it is read by people (`display_text`)."""


class Compiled(Protocol):
    """What the FEEL engine compiles to."""

    @property
    def references(self) -> frozenset[str]: ...

    def evaluate(self, scope: Scope, environment: Environment) -> object: ...


@dataclass(frozen=True, slots=True)
class Formula:
    """A FEEL expression of a schema; `text` is without the leading "="."""

    text: str
    compiled: Compiled

    def evaluate(self, scope: Scope, environment: Environment) -> object:
        """The value. An expression stopped by its limits is null, with the reason in the environment's warnings:
        a form is shown and refused, it does not break."""
        try:
            return self.compiled.evaluate(scope, environment)
        except FeelError as stopped:
            environment.null(
                N_("The expression {expression} of a form was stopped: {detail}"),
                expression=self.text,
                detail=str(stopped),
            )
            return None

    @property
    def references(self) -> frozenset[str]:
        """The names the expression reads."""
        return self.compiled.references


Switch = bool | Formula
"""On, off, or decided by FEEL (on only when it gives true)."""

Bound = Decimal | Formula | None
"""A limit: none, a number, or a number given by FEEL."""


def compile_formula(text: str, names: frozenset[str]) -> Formula:
    """Compile a FEEL text; raises FeelSyntaxError with line and column."""
    return Formula(text, compile_expression(text, names=names))


def is_on(switch: Switch, scope: Scope, environment: Environment) -> bool:
    """The state of a switch."""
    return switch if isinstance(switch, bool) else switch.evaluate(scope, environment) is True


def bound_of(bound: Bound, scope: Scope, environment: Environment) -> Decimal | None:
    """The number of a limit; None where there is none."""
    value = bound.evaluate(scope, environment) if isinstance(bound, Formula) else bound
    return value if isinstance(value, Decimal) and value.is_finite() else None


@dataclass(frozen=True, slots=True)
class Template:
    """A text with FEEL in it: all of it ("=…") or in places ("{{…}}")."""

    parts: tuple[str | Formula, ...]

    def say(self, scope: Scope, environment: Environment, told: Told) -> str:
        """The text with its expressions filled in."""
        return "".join(
            part if isinstance(part, str) else told(part.evaluate(scope, environment)) for part in self.parts
        )


@dataclass(frozen=True, slots=True)
class Wording:
    """A text of the author in both languages, each of which may contain FEEL."""

    zh: Template = Template(())
    en: Template = Template(())

    def say(self, locale: str, scope: Scope, environment: Environment, told: Told) -> str:
        """The text in a locale, its values as `told` writes them; without English it is Chinese."""
        chosen = self.en if self.en.parts and locale.lower().startswith("en") else self.zh
        return chosen.say(scope, environment, told)

    @property
    def is_empty(self) -> bool:
        """Whether there is no text at all."""
        return not self.zh.parts

    @property
    def fixed(self) -> Bilingual:
        """The text without its expressions, for messages and lists."""
        return Bilingual(_fixed(self.zh), _fixed(self.en))

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The expressions in it."""
        return tuple(part for part in (*self.zh.parts, *self.en.parts) if isinstance(part, Formula))


def _fixed(template: Template) -> str:
    return "".join(part for part in template.parts if isinstance(part, str)).strip()


def compile_template(text: str, names: frozenset[str]) -> Template:
    """Compile a text; raises FeelSyntaxError, and ValueError where braces do not match."""
    if text.startswith("="):
        return Template((compile_formula(text[1:].strip(), names),))
    parts: list[str | Formula] = []
    rest = text
    while "{{" in rest:
        before, _, after = rest.partition("{{")
        inside, closed, rest = after.partition("}}")
        if not closed or inside.lstrip()[:1] in {"#", "/"}:
            raise ValueError(inside[:60])
        parts += [before] if before else []
        parts.append(compile_formula(inside.strip(), names))
    return Template((*parts, *([rest] if rest else [])))


def plain(value: object) -> str:
    """A FEEL value inside a sentence; null is nothing."""
    return "" if value is None else value if isinstance(value, str) else to_text(value)
