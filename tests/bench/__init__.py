"""The benchmarks behind ``baoxiu bench``: ratios to a floor, measured in one run, never asserted in a test."""

from __future__ import annotations

from collections.abc import Callable

Figures = dict[str, object]


def measure(what: str) -> Figures:
    """The figures of one part (``engine``, ``feel``, ``lint``, ``web``) as one JSON-able object; keys are added, never
    renamed.
    """
    return _parts()[what]()


def _parts() -> dict[str, Callable[[], Figures]]:
    from tests.bench import engine, expressions, linting, web

    return {"engine": engine.measure, "feel": expressions.measure, "lint": linting.measure, "web": web.measure}
