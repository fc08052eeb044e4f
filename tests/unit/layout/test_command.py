"""``baoxiu layout`` and ``baoxiu docs`` on files."""

from pathlib import Path

import pytest

from engine.layout import complaints
from tests.bpmn_xml import definitions, user
from webapp.cli import main

CONTENT = definitions(user("one") + user("two"), "one > two")


def run(*words: str) -> int:
    try:
        main(list(words))
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "two_steps.bpmn"
    path.write_bytes(CONTENT)
    return path


def test_check_tells_and_changes_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("layout", "--check", str(file)) == 1
    assert "process: no picture" in capsys.readouterr().err
    assert file.read_bytes() == CONTENT


def test_a_folder_is_drawn(file: Path) -> None:
    assert run("layout", str(file.parent)) == 0
    assert complaints(file.read_bytes()) == []
    assert run("layout", "--check", str(file)) == 0


def test_missing_leaves_what_has_a_picture(file: Path) -> None:
    run("layout", str(file))
    moved = file.read_bytes().replace(b'<dc:Bounds x="', b'<dc:Bounds x="1')
    file.write_bytes(moved)

    run("layout", "--missing", str(file.parent))

    assert file.read_bytes() == moved


def test_the_handbook_is_written(tmp_path: Path) -> None:
    assert run("docs", str(tmp_path)) == 0
    assert (tmp_path / "README.md").is_file()
    assert (tmp_path / "equipment_supplier" / "after_sales_service.svg").is_file()
