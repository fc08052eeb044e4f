"""The front-end's build: what it asks pip for, when it runs again, and what the lock file may say."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from types import ModuleType

import pytest

from tests import browsers

FRONTEND = Path(__file__).resolve().parents[3] / "webapp" / "frontend"


@pytest.fixture
def build() -> ModuleType:
    """A fresh copy of webapp/frontend/build.py, loaded as the build hook loads it."""
    spec = importlib.util.spec_from_file_location("frontend_build", FRONTEND / "build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_node_is_asked_for_only_where_there_is_none_and_something_is_to_build(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "stale_catalogues", list)
    for stale, node, wanted in (
        (True, None, [build.NODE_REQUIREMENT]),
        (True, Path("/usr/bin/node"), []),
        (False, None, []),
    ):
        monkeypatch.setattr(build, "front_end_is_stale", lambda stale=stale: stale)
        monkeypatch.setattr(build, "find_node", lambda node=node: node)
        assert build.requirements() == wanted


def test_a_node_that_is_too_old_is_no_node(build: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(build.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(build, "_major", lambda node: 18)
    assert build.find_node() is None
    monkeypatch.setattr(build, "_major", lambda node: 20)
    assert build.find_node() == Path("/usr/bin/node")


def test_a_changed_source_makes_the_bundles_stale(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "css").mkdir()
    source = tmp_path / "css" / "app.css"
    source.write_text("a {}", encoding="utf-8")
    for name in ("package.json", "package-lock.json", "build.mjs"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    monkeypatch.setattr(build, "FRONTEND", tmp_path)
    monkeypatch.setattr(build, "STAMP", tmp_path / ".stamp")
    assert build.front_end_is_stale()
    build.STAMP.write_text(build._digest(build._front_end_inputs()), encoding="ascii")
    assert not build.front_end_is_stale()
    source.write_text("b {}", encoding="utf-8")
    assert build.front_end_is_stale()


def test_a_catalogue_is_compiled_when_it_is_newer_than_its_compiled_form(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    po = tmp_path / "zh_CN" / "LC_MESSAGES" / "messages.po"
    po.parent.mkdir(parents=True)
    po.write_text('msgid ""\nmsgstr ""\n\nmsgid "Tasks"\nmsgstr "任务"\n', encoding="utf-8")
    monkeypatch.setattr(build, "TRANSLATIONS", tmp_path)
    assert build.stale_catalogues() == [po]
    build._compile(po)
    compiled = tmp_path / "zh" / "LC_MESSAGES" / "messages.mo"
    assert compiled.is_file()
    assert build.stale_catalogues() == []
    os.utime(compiled, ns=(0, 0))
    assert build.stale_catalogues() == [po]


def test_every_package_has_an_exact_version_and_no_registry_is_named() -> None:
    packages = json.loads((FRONTEND / "package.json").read_text(encoding="utf-8"))
    for name, version in {**packages["dependencies"], **packages["devDependencies"]}.items():
        assert version[0].isdigit(), f"{name}: {version} is a range"
    lock = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def test_a_chromium_that_is_named_but_not_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "chromium"))
    assert browsers.find_chromium() is None
    (tmp_path / "chromium").touch()
    assert browsers.find_chromium() == str(tmp_path / "chromium")


def test_playwrights_own_chromium_is_found_when_there_is_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    assert browsers.find_chromium() is None
    chrome = tmp_path / "chromium-1200" / "chrome-linux64" / "chrome"
    chrome.parent.mkdir(parents=True)
    chrome.touch()
    assert browsers.find_chromium() == str(chrome)
