"""How builtins are declared and called.

A builtin is a Python function under one or more signatures in the standard's own notation::

    @builtin("substring(string: string, start position: number, length?: number)")

`name?` may be left out, `kind?` may be null, `kind|kind` is a choice, `any` takes everything, null too. `name...` takes
the rest of the arguments as one list (and one list alone as that, when it is of kind list). Arguments are matched by
place or by name, converted (a list of one item to that item, an item to a list of it) and checked; a call that does not
fit is null with a reason. The function gets the environment and then its arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import N_
from engine.feel import values
from engine.feel.environment import Environment
from engine.feel.values import Function, kind

Implementation = Callable[..., Any]

# Matching and converting the arguments of a call takes as long as so many steps.
CALL = 2


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `kinds` empty: anything."""

    name: str
    kinds: tuple[str, ...]
    optional: bool
    nullable: bool
    rest: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a builtin."""

    parameters: tuple[Parameter, ...]
    call: Implementation

    def accepts(self, count: int) -> bool:
        """Whether so many positional arguments fit."""
        least = sum(not parameter.optional for parameter in self.parameters)
        open_ended = bool(self.parameters) and self.parameters[-1].rest
        return count >= least and (open_ended or count <= len(self.parameters))

    def knows(self, names: Iterable[str]) -> bool:
        """Whether these are names of parameters."""
        known = {parameter.name for parameter in self.parameters}
        return all(name in known for name in names)


class Builtin:
    """A function of the language."""

    __slots__ = ("name", "signatures")

    def __init__(self, name: str) -> None:
        self.name = name
        self.signatures: list[Signature] = []

    def invoke(self, environment: Environment, arguments: list[Any]) -> Any:
        """Call with positional arguments."""
        fitting = [signature for signature in self.signatures if signature.accepts(len(arguments))]
        environment.charge(CALL + len(fitting))
        if not fitting:
            return environment.null(
                N_("{function} does not take {count} arguments."), function=self.name, count=len(arguments)
            )
        return self._run([(signature, _gather(signature, arguments)) for signature in fitting], environment)

    def invoke_named(self, environment: Environment, arguments: Mapping[str, Any]) -> Any:
        """Call with named arguments; those left out are null."""
        fitting = [signature for signature in self.signatures if signature.knows(arguments)]
        environment.charge(CALL + len(fitting))
        if not fitting:
            return environment.null(
                N_("{function} has no arguments named {names}."), function=self.name, names=", ".join(arguments)
            )
        fitting.sort(key=lambda signature: len(signature.parameters))
        return self._run([(signature, _by_name(signature, arguments)) for signature in fitting], environment)

    def as_function(self, environment: Environment) -> Function:
        """The builtin as a value."""
        signature = max(self.signatures, key=lambda one: len(one.parameters))
        least = min(sum(not parameter.optional for parameter in one.parameters) for one in self.signatures)
        return Function(
            self.name,
            tuple(parameter.name for parameter in signature.parameters),
            lambda *arguments: self.invoke(environment, list(arguments)),
            optional=len(signature.parameters) - least,
            variadic=any(one.parameters and one.parameters[-1].rest for one in self.signatures),
        )

    def _run(self, calls: list[tuple[Signature, list[Any]]], environment: Environment) -> Any:
        """Call under the first signature whose kinds the arguments have."""
        misfit: tuple[Parameter, Any] | None = None
        for signature, arguments in calls:
            converted, wrong = _convert_all(signature, arguments)
            if wrong is None:
                return signature.call(environment, *converted)
            misfit = misfit or wrong
        parameter, argument = misfit or (calls[0][0].parameters[0], None)
        return environment.null(
            N_("{function}: “{parameter}” must be {wanted}, not {kind}."),
            function=self.name,
            parameter=parameter.name,
            wanted=" or ".join(parameter.kinds),
            kind=kind(argument),
        )


def _convert_all(signature: Signature, arguments: list[Any]) -> tuple[list[Any], tuple[Parameter, Any] | None]:
    converted: list[Any] = []
    for parameter, argument in zip(signature.parameters, arguments, strict=False):
        if parameter.kinds:
            fits, argument = _convert(parameter, argument)
            if not fits:
                return converted, (parameter, argument)
        converted.append(argument)
    return converted, None


def _by_name(signature: Signature, arguments: Mapping[str, Any]) -> list[Any]:
    """Named arguments in their places; optional ones at the end that are not named stay away."""
    given = [arguments.get(parameter.name) for parameter in signature.parameters]
    while given:
        last = signature.parameters[len(given) - 1]
        if not last.optional or last.name in arguments:
            break
        given.pop()
    return given


def _gather(signature: Signature, arguments: list[Any]) -> list[Any]:
    """Positional arguments with those of a rest parameter made one list (one list alone is that list)."""
    if not signature.parameters or not signature.parameters[-1].rest:
        return arguments
    fixed = len(signature.parameters) - 1
    rest = arguments[fixed:]
    if signature.parameters[-1].kinds and len(rest) == 1:
        return [*arguments[:fixed], rest[0]]
    return [*arguments[:fixed], rest]


def _convert(parameter: Parameter, argument: Any) -> tuple[bool, Any]:
    if argument is None:
        return parameter.nullable, None
    found = kind(argument)
    if found in parameter.kinds:
        return True, argument
    if values.LIST in parameter.kinds:
        return True, [argument]
    if found == values.LIST and len(argument) == 1 and kind(argument[0]) in parameter.kinds:
        return True, argument[0]
    return False, argument


BUILTINS: dict[str, Builtin] = {}


def builtin(*signatures: str) -> Callable[[Implementation], Implementation]:
    """Declare a builtin under its signatures."""

    def register(implementation: Implementation) -> Implementation:
        for signature in signatures:
            name, parameters = _read(signature)
            found = BUILTINS.setdefault(name, Builtin(name))
            found.signatures.append(Signature(parameters, implementation))
        return implementation

    return register


def _read(signature: str) -> tuple[str, tuple[Parameter, ...]]:
    name, _, rest = signature.partition("(")
    texts = [text.strip() for text in rest.rstrip(")").split(",") if text.strip()]
    return name, tuple(_read_parameter(text) for text in texts)


def _read_parameter(text: str) -> Parameter:
    name, _, wanted = (part.strip() for part in text.partition(":"))
    rest = name.endswith("...")
    name = name.removesuffix("...")
    optional = name.endswith("?")
    nullable = wanted.endswith("?")
    kinds = () if wanted == "any" else tuple(wanted.removesuffix("?").split("|"))
    return Parameter(name.removesuffix("?"), kinds, optional, nullable, rest)
