"""One evaluation on its way: what it was given, what it has decided so far, and how strict it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from engine.errors import BaoxiuError
from engine.feel.environment import Environment
from engine.feel.values import Function

if TYPE_CHECKING:
    from engine.dmn.trace import Recorder

Scope = dict[str, object]


class Run:
    """The state of an evaluation, or of a decision service called within one.

    `inputs` are the values from outside; `decided` maps units (decisions ready to be made) to their values.
    `functions` are those of knowledge models and services, made on first use.
    With `standard` the evaluation behaves exactly as DMN says: only required elements are in scope, and what the
    product reports as an error is null. `recorder` is None when nobody wants the trace.
    """

    __slots__ = ("decided", "environment", "functions", "inputs", "recorder", "standard")

    def __init__(
        self,
        environment: Environment,
        inputs: Mapping[str, object],
        *,
        standard: bool = False,
        recorder: Recorder | None = None,
        decided: dict[object, object] | None = None,
    ) -> None:
        self.environment = environment
        self.inputs = inputs
        self.standard = standard
        self.recorder = recorder
        self.decided: dict[object, object] = {} if decided is None else decided
        self.functions: dict[object, Function | None] = {}

    def within(self, inputs: Mapping[str, object], decided: dict[object, object]) -> Run:
        """The run of a decision service: other inputs, decisions of its own, everything else shared."""
        return Run(self.environment, inputs, standard=self.standard, recorder=self.recorder, decided=decided)

    def refuse(self, error: BaoxiuError) -> None:
        """Raise the error in the product; give null, with the reason, where the standard wants null."""
        if not self.standard:
            raise error
        self.environment.null(error.template, **error.params)


Node = Callable[[Scope, Run], object]
"""An expression ready to be evaluated."""
