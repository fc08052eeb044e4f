"""The bundles under their hashed names, as the front-end's build wrote them into ``static/dist``."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask, url_for

DIST = Path(__file__).resolve().parent / "static" / "dist"
MANIFEST = DIST / "manifest.json"
ONE_YEAR = 365 * 24 * 3600
_cache: dict[Path, tuple[int, dict[str, str]]] = {}


class AssetsMissing(RuntimeError):
    """The front-end has not been built."""


def init_assets(app: Flask) -> None:
    """Give templates ``asset()`` and let browsers keep hashed files for good."""
    app.jinja_env.globals["asset"] = asset_url
    default = app.get_send_file_max_age
    app.get_send_file_max_age = lambda filename: (
        ONE_YEAR if filename and filename.startswith("dist/") and "-" in filename else default(filename)
    )


def asset_url(name: str) -> str:
    """The address of a bundle, for instance of ``app.css``; raises `AssetsMissing`, KeyError for an unknown one."""
    return url_for("static", filename=f"dist/{_manifest()[name]}")


def _manifest() -> dict[str, str]:
    """Bundle names to file names; read again when a new build has replaced it."""
    try:
        changed = MANIFEST.stat().st_mtime_ns
    except FileNotFoundError:
        raise AssetsMissing("The front-end is not built. Run: make assets") from None
    known = _cache.get(MANIFEST)
    if known is None or known[0] != changed:
        known = (changed, json.loads(MANIFEST.read_text(encoding="utf-8")))
        _cache[MANIFEST] = known
    return known[1]
