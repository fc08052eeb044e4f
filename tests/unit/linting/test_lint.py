"""Linting files: everything that is found, in one list, and quickly."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.data_files import definition_files, organisation_folders, processes_root
from engine.findings import errors_in
from engine.linting import Surroundings, lint
from tests.bpmn_xml import START_END, definitions, extensions, tag, user

ASKS_OTHERS = {"unknown-handler", "unknown-role"}


@pytest.mark.parametrize("folder", organisation_folders(processes_root()), ids=lambda folder: folder.name)
def test_our_own_files_have_no_errors_and_no_warnings_but_of_what_lies_elsewhere(folder: Path) -> None:
    contents = lint(definition_files(folder), Surroundings())
    assert {found.code for found in errors_in(contents.findings)} <= ASKS_OTHERS
    mine = [str(found) for found in contents.findings if found.file.endswith(".bpmn")]
    assert [said for said in mine if said.startswith("warning")] == []


def test_errors_and_warnings_of_a_diagram_come_together() -> None:
    start_form = '<zeebe:properties><zeebe:property name="start_form" value="f"/></zeebe:properties>'
    mapping = '<zeebe:ioMapping><zeebe:input source="=amount" target="x"/></zeebe:ioMapping>'
    task = user("a", mapping, '<zeebe:formDefinition formId="f"/>')
    text = definitions(extensions(start_form) + START_END + task + tag("exclusiveGateway", "g"), "s > a; a > g; g > e")
    form = b'{"type": "default", "id": "f", "schemaVersion": 16, "components": []}'
    found = {(each.code, each.element) for each in lint({"x.bpmn": text, "f.form": form}, Surroundings()).findings}
    assert {("unwritten-variable", "a"), ("style-superfluous-gateway", "g"), ("style-label-required", "a")} <= found


def test_a_diagram_of_sixty_nodes_is_linted() -> None:
    body, flows = START_END, []
    before = "s"
    for number in range(15):
        split, join, one, two = (f"{name}{number}" for name in ("g", "j", "a", "b"))
        body += tag("exclusiveGateway", split, name="?") + tag("exclusiveGateway", join)
        body += user(one, name=one) + user(two, name=two)
        flows += [f"{before} > {split}", f"{split} > {one} | =x", f"{split} > {two} | =not(x)"]
        flows += [f"{one} > {join}", f"{two} > {join}"]
        before = join
    text = definitions(body, ";".join([*flows, f"{before} > e"]))
    contents = lint({"sixty.bpmn": text}, Surroundings())
    assert not errors_in(contents.findings)
    assert len(contents.processes["sixty.bpmn"][0].elements) == 62
