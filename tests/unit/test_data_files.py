"""Where the shipped files lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import data_files
from tests.unit.scenarios.workshop import CHEAP, write_workshop


def test_in_a_checkout_the_folders_stand_beside_the_packages() -> None:
    assert data_files.processes_root() == Path(data_files.__file__).parent.parent / "processes"
    assert data_files.forms_root().name == "forms"


def test_in_the_wheel_they_lie_below_baoxiu_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_files, "_PACKAGES", tmp_path)
    (tmp_path / "baoxiu_data" / "processes").mkdir(parents=True)
    assert data_files.processes_root() == tmp_path / "baoxiu_data" / "processes"


def test_an_organisation_is_found_from_its_file_its_folder_and_from_above(tmp_path: Path) -> None:
    file = write_workshop(tmp_path, CHEAP)
    for path in (file, file.parent, tmp_path, tmp_path / "processes"):
        assert [folder.name for folder in data_files.organisation_folders(path)] == ["workshop"]


def test_definitions_are_the_diagrams_tables_and_the_forms_beside(tmp_path: Path) -> None:
    file = write_workshop(tmp_path, CHEAP)
    assert sorted(data_files.definition_files(file.parent)) == [
        "archive.bpmn",
        "measured.form",
        "repair.bpmn",
        "routes.dmn",
    ]
