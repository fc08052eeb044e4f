"""What a task's form asks for and its output mappings leave out is a warning."""

from __future__ import annotations

import json
from pathlib import Path

from engine.bpmn import read_processes
from engine.dropped import check_outputs
from engine.form_schema import read_form
from engine.linting import Surroundings, lint
from tests.bpmn_xml import START_END, definitions, mappings, multi_instance, user

ROOT = Path(__file__).parents[3]
FORM = '<zeebe:formDefinition formId="pick_up"/>'
ASKED = [
    {"type": "textfield", "key": "fetched_by", "label": "Fetched by"},
    {"type": "checkbox", "key": "tested", "label": "Tested"},
    {"type": "textfield", "key": "number", "label": "Number", "readonly": True},
    {"type": "textfield", "key": "customer", "label": "Customer", "disabled": True},
    {"type": "filepicker", "key": "photo", "label": "Photo"},
    {"type": "dynamiclist", "path": "parts", "label": "Parts", "components": [{"type": "number", "key": "count"}]},
]


def dropped(*ext: str, inner: str = "") -> list[str]:
    form = read_form(json.dumps({"type": "default", "id": "pick_up", "components": ASKED}), "pick_up.form")
    body = START_END + user("a", FORM, *ext, inner=inner)
    specification = read_processes(definitions(body, "s > a; a > e")).processes[0]
    found = list(check_outputs(specification, {"pick_up": form}))
    assert all((each.code, each.element) == ("dropped-field", "a") and each.message and each.advice for each in found)
    return [str(each.params["fields"]) for each in found]


def test_what_no_mapping_keeps_is_named() -> None:
    assert dropped(mappings(outputs={"by": "=fetched_by"})) == ["parts, tested"]


def test_without_mappings_everything_is_kept() -> None:
    assert dropped() == []
    assert dropped(mappings(inputs={"by": "=1"})) == []


def test_an_expression_that_reads_a_field_takes_it_along() -> None:
    assert dropped(mappings(outputs={"pick_up": "={by: fetched_by, tested: tested, lines: count(parts)}"})) == []


def test_the_output_element_of_a_loop_takes_its_part() -> None:
    loop = multi_instance("=[1, 2]", output="all", element="=fetched_by")
    assert dropped(mappings(outputs={"ok": "=tested"}), inner=loop) == ["parts"]


def test_the_shipped_diagrams_drop_nothing() -> None:
    files = {path.name: path.read_bytes() for path in ROOT.glob("processes/*/*.bpmn")}
    files |= {path.name: path.read_bytes() for path in ROOT.glob("forms/*/*.form")}
    assert len(files) > 100
    found = [finding for finding in lint(files, Surroundings()).findings if finding.code == "dropped-field"]
    assert [str(finding) for finding in found] == []
