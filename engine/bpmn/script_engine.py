"""The place where SpiffWorkflow would run Python. Nothing does."""

from __future__ import annotations

from typing import Any, NoReturn

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine

from engine.errors import N_, BaoxiuError


class PythonRefused(BaoxiuError):
    """Something tried to evaluate Python."""

    template = N_("Python is not evaluated in diagrams; write FEEL.")


class NoPython(PythonScriptEngine):
    """Refuses everything: our elements ask the host, never the script engine."""

    def __init__(self) -> None:
        super().__init__(environment=_NoEnvironment())

    def validate(self, expression: Any) -> NoReturn:
        raise PythonRefused

    def evaluate(self, task: Any, expression: Any, external_context: Any = None) -> NoReturn:
        raise PythonRefused

    def execute(self, task: Any, script: Any, external_context: Any = None) -> NoReturn:
        raise PythonRefused

    def call_service(self, task: Any, **kwargs: Any) -> NoReturn:
        raise PythonRefused


class _NoEnvironment:
    """Stands where SpiffWorkflow keeps the globals for Python."""

    def __bool__(self) -> bool:
        return True

    def __getattr__(self, name: str) -> NoReturn:
        raise PythonRefused
