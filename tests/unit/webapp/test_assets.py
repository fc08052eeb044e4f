"""The bundles: built, found under their names, kept for good by browsers, licences beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web import installation
from webapp import assets


def test_every_bundle_of_a_page_is_served_and_kept_for_a_year() -> None:
    built = installation()
    client = built.client()
    with built.app.test_request_context():
        addresses = [assets.asset_url(name) for name in ("app.css", "app.js", "diagram.css", "diagram.js")]
    for address in addresses:
        with client.get(address) as answer:
            assert answer.status_code == 200, address
            assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_an_unknown_bundle_is_an_error_not_a_broken_link() -> None:
    with installation().app.test_request_context(), pytest.raises(KeyError):
        assets.asset_url("nothing.css")


def test_without_a_build_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(assets, "MANIFEST", tmp_path / "manifest.json")
    with installation().app.test_request_context(), pytest.raises(assets.AssetsMissing, match="make assets"):
        assets.asset_url("app.css")


def test_a_new_build_is_picked_up_while_the_server_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    manifest = tmp_path / "manifest.json"
    monkeypatch.setattr(assets, "MANIFEST", manifest)
    with installation().app.test_request_context():
        for number in (1, 2):
            manifest.write_text(f'{{"app.css": "app-{number}.css"}}', encoding="utf-8")
            os.utime(manifest, ns=(number, number))
            assert assets.asset_url("app.css") == f"/static/dist/app-{number}.css"


def test_the_licences_of_what_is_bundled_are_shipped() -> None:
    text = (assets.DIST / "third-party-licences.txt").read_text(encoding="utf-8")
    for name in ("bpmn-js ", "diagram-js ", "htmx.org "):
        assert f"\n{name}" in f"\n{text}"
    assert "bpmn.io" in text
