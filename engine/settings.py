"""What an operator can set, from the environment; every name starts with BAOXIU_ and is listed in docs/settings.md."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_HANDLERS = ",".join(
    f"handlers.{organisation}"
    for organisation in (
        "appliance_brand",
        "equipment_supplier",
        "machine_dealer",
        "machine_dealer_field",
        "repair_department",
        "retail_store",
        "service_company",
    )
)
DEFAULT_SOUNDNESS_STATES = 20_000


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one node. Paths are absolute; durations are seconds."""

    home: Path
    """Where data lives: the SQLite file, the secret key (BAOXIU_HOME, default ./var)."""
    database_url: str
    """SQLAlchemy's address of the database (BAOXIU_DATABASE_URL, default SQLite in the home)."""
    handlers: tuple[str, ...]
    """Modules that register service-task handlers (BAOXIU_HANDLERS, comma separated)."""
    secret_key: str
    """Signs the session cookies (BAOXIU_SECRET_KEY, default a random key kept in the home)."""
    lease_seconds: int = 60
    """How long a node may keep a job before others may take it (BAOXIU_LEASE_SECONDS)."""
    heartbeat_seconds: float = 5.0
    """How long the heartbeat sleeps at most between two looks at due jobs (BAOXIU_HEARTBEAT_SECONDS)."""
    archive: Path = Path("archive")
    """Where archives lie (BAOXIU_ARCHIVE, default the folder archive in the home)."""


def settings_from(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; makes the home folder and the secret key when they are missing."""
    env = os.environ if environment is None else environment
    home = Path(env.get("BAOXIU_HOME", "var")).resolve()
    home.mkdir(parents=True, exist_ok=True)
    return Settings(
        home=home,
        database_url=env.get("BAOXIU_DATABASE_URL", f"sqlite:///{home / 'baoxiu.db'}"),
        handlers=tuple(
            name.strip() for name in env.get("BAOXIU_HANDLERS", DEFAULT_HANDLERS).split(",") if name.strip()
        ),
        archive=Path(env.get("BAOXIU_ARCHIVE", home / "archive")).resolve(),
        secret_key=env.get("BAOXIU_SECRET_KEY") or _kept_secret(home / "secret.key"),
        lease_seconds=int(env.get("BAOXIU_LEASE_SECONDS", "60")),
        heartbeat_seconds=float(env.get("BAOXIU_HEARTBEAT_SECONDS", "5.0")),
    )


def soundness_states(environment: Mapping[str, str] | None = None) -> int:
    """How many states of a process are looked at before its soundness is undecided (BAOXIU_SOUNDNESS_STATES)."""
    env = os.environ if environment is None else environment
    return int(env.get("BAOXIU_SOUNDNESS_STATES", str(DEFAULT_SOUNDNESS_STATES)))


def _kept_secret(path: Path) -> str:
    """The key in the file; made once, readable by its owner only, never half written."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    key = os.urandom(32).hex()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key)
    return key
