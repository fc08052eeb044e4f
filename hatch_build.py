"""The build hook: bundles the front-end and compiles the translations whenever Baoxiu is installed or packed."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _builder() -> ModuleType:
    """``webapp/frontend/build.py``, loaded by its path: the package it lies in cannot be imported yet."""
    path = Path(__file__).resolve().parent / "webapp" / "frontend" / "build.py"
    spec = importlib.util.spec_from_file_location("baoxiu_frontend_build", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class FrontEndHook(BuildHookInterface[Any]):
    """Runs the front-end's own build; pip brings Node only where the machine has none and something has changed."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return list(_builder().requirements())

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        _builder().build()
