"""The handbook below ``docs/processes`` says what the diagrams, tables and forms say today."""

from pathlib import Path

from engine.data_files import processes_root
from engine.handbook import handbook
from engine.xml import read_xml

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "processes"


def test_no_page_is_stale() -> None:
    kept = {
        file.relative_to(FOLDER).as_posix(): file.read_text(encoding="utf-8")
        for file in FOLDER.rglob("*")
        if file.is_file()
    }
    made = handbook(processes_root())

    changed = sorted(name for name in kept | made if kept.get(name) != made.get(name))
    assert changed == [], "run `baoxiu docs`"


def test_every_process_has_a_page_and_a_picture() -> None:
    made = handbook(processes_root())

    for page in (name for name in made if name.endswith(".md") and not name.endswith("README.md")):
        picture = read_xml(made[page.removesuffix(".md") + ".svg"].encode(), page)
        assert picture.get("width")
        assert "## 追溯 · Trace" in made[page]


def test_what_happens_in_a_subprocess_is_not_hidden_by_it() -> None:
    made = handbook(processes_root())
    picture = made["equipment_supplier/annual_service_price_list.svg"]
    subprocess, first_flow = picture.index('class="node dashed"'), picture.index('class="edge"')
    assert subprocess < first_flow < picture.index('class="node"', first_flow)
