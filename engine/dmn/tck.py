"""The way in for the DMN test kit: a model's path, a decision's name, inputs in the kit's own form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import cast

from engine.dmn.evaluation import evaluate_decision as evaluate
from engine.dmn.model import Model
from engine.dmn.reader import read_dmn
from engine.errors import BaoxiuError
from engine.feel.environment import Environment
from engine.feel.temporal import parse_temporal
from engine.xml import read_xml


def evaluate_decision(path: str, name: str, inputs: Mapping[str, object]) -> object:
    """The value of a decision, service or knowledge model, as the standard has it.

    Temporal inputs are of a subclass of `str`. Models that are imported lie beside the model.
    """
    context = {key: _value(value) for key, value in inputs.items()}
    environment = Environment()
    try:
        return evaluate(_model(path), name, context, environment, trace=False, standard=True).value
    except BaoxiuError as error:
        environment.null("{detail}", detail=str(error))
        return None


def _value(value: object) -> object:
    if isinstance(value, str) and type(value) is not str:
        return parse_temporal(str(value))
    if isinstance(value, list):
        return [_value(item) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        return {key: _value(item) for key, item in cast("dict[str, object]", value).items()}
    return value


@lru_cache(maxsize=8)
def _model(path: str) -> Model:
    return _read(Path(path), {})


def _read(path: Path, being_read: dict[Path, Model | None]) -> Model:
    """The model with what it imports, from the files beside it."""
    content = path.read_bytes()
    being_read[path] = None
    wanted = {entry.namespace for entry in read_dmn(content, path.name).imports}
    found: dict[str, Model] = {}
    for other in sorted(path.parent.glob("*.dmn")) if wanted else []:
        namespace = str(read_xml(other.read_bytes(), other.name).get("namespace"))
        if namespace in wanted:
            model = being_read[other] if other in being_read else _read(other, being_read)
            if model is not None:
                found[namespace] = model
    model = being_read[path] = read_dmn(content, path.name, found)
    return model
