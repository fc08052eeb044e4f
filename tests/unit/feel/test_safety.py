"""The engine never hands a text to Python: the syntax trees of its own modules say so."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MODULES = sorted(path for room in ("feel", "dmn") for path in (ROOT / "engine" / room).rglob("*.py"))
CALLS = frozenset(
    {"eval", "exec", "compile", "getattr", "setattr", "delattr", "__import__", "globals", "locals", "vars"}
)
ATTRIBUTES = frozenset({"import_module", "__globals__", "__subclasses__", "__builtins__", "__code__", "__dict__"})
FORBIDDEN_MODULES = frozenset(
    {"re", "importlib", "pickle", "marshal", "shelve", "subprocess", "os", "ctypes", "builtins"}
)


def offences(source: str) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            found.append(f"{node.lineno}: calls {node.func.id}")
        if isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES:
            found.append(f"{node.lineno}: reads .{node.attr}")
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        found.extend(
            f"{getattr(node, 'lineno', 0)}: imports {name}"
            for name in modules
            if name.partition(".")[0] in FORBIDDEN_MODULES
        )
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_neither_evaluates_nor_imports_by_name_nor_uses_plain_re(path: Path) -> None:
    assert offences(path.read_text(encoding="utf-8")) == []


def test_the_reading_finds_what_it_looks_for() -> None:
    source = "import re\nfrom os import path\neval('1')\ngetattr(x, y)\nimportlib.import_module('a')\n"
    assert len(offences(source)) == 5 and len(MODULES) > 30
