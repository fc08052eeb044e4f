"""Where the shipped diagrams and forms lie: beside the packages in a checkout, below ``baoxiu_data`` in the wheel.

An organisation is a folder with an ``organisation.yaml``; its forms lie in the folder of the same name below the
``forms`` folder that stands beside the ``processes`` folder.
"""

from __future__ import annotations

from pathlib import Path

DEFINITIONS = frozenset({".bpmn", ".dmn", ".form"})
ORGANISATION_FILE = "organisation.yaml"
_PACKAGES = Path(__file__).resolve().parent.parent


def processes_root() -> Path:
    """The folder with one folder of diagrams and tables per organisation."""
    return _root("processes")


def forms_root() -> Path:
    """The folder with one folder of forms per organisation."""
    return _root("forms")


def _root(name: str) -> Path:
    packed = _PACKAGES / "baoxiu_data" / name
    return packed if packed.is_dir() else _PACKAGES / name


def organisation_folders(path: Path) -> list[Path]:
    """The organisations' folders at, around or below a path, in order of their names."""
    for folder in (path, *path.resolve().parents):
        if (folder / ORGANISATION_FILE).is_file():
            return [folder]
    return sorted(file.parent for file in path.rglob(ORGANISATION_FILE))


def definition_files(folder: Path) -> dict[str, bytes]:
    """The diagrams, tables and forms of an organisation's folder, by their path within it (with ``/``)."""
    forms = folder.resolve().parent.parent / "forms" / folder.resolve().name
    return {
        file.relative_to(place).as_posix(): file.read_bytes()
        for place in (forms, folder)
        for file in sorted(place.rglob("*"))
        if file.suffix in DEFINITIONS
    }
