"""The command line: ``baoxiu …``. Each command exits non-zero on failure, with one sentence."""

from __future__ import annotations

import csv
import json
import logging
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import TextIO

import click
import yaml
from sqlalchemy import select

from engine import feel, history, migrations, verification
from engine.access import engine_actor
from engine.clock import SystemClock
from engine.commands import deployments, organisations, users
from engine.data_files import forms_root, processes_root
from engine.database import Database
from engine.errors import BaoxiuError
from engine.findings import errors_in
from engine.handling import load_handlers
from engine.linting import FilesRefused
from engine.model import Organisation
from engine.settings import Settings, settings_from

DEFINITION_ENDINGS = (".bpmn", ".dmn", ".form")


def main(words: Sequence[str] | None = None) -> None:
    """Entry of the console script (`words`: instead of the process's own); our errors become one sentence, exit code
    1.
    """
    try:
        commands(words, standalone_mode=False)
    except FilesRefused as error:
        for finding in error.findings:
            click.echo(str(finding), err=True)
        sys.exit(f"baoxiu: {error}")
    except BaoxiuError as error:
        sys.exit(f"baoxiu: {error}")
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        sys.exit("baoxiu: stopped")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="baoxiu")
def commands() -> None:
    """Baoxiu: procedures as diagrams that run."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


@contextmanager
def opened() -> Generator[tuple[Settings, Database]]:
    """The settings and the database they name, its schema up to date, the handlers loaded."""
    settings = settings_from()
    load_handlers(settings.handlers)
    database = Database(settings.database_url, SystemClock())
    migrations.upgrade(database)
    try:
        yield settings, database
    finally:
        database.dispose()


# ---- serving ---------------------------------------------------------------------------------------------


@commands.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option(
    "--demo", is_flag=True, help="Fill an empty database with the shipped organisations, a user per role, and cases."
)
def serve(host: str, port: int, demo: bool) -> None:
    """Start the server and its heartbeat."""
    from engine.demo import create_demo, demo_logins, is_empty
    from engine.heartbeat import Heartbeat
    from webapp import create_app
    from webapp.serve import run_server

    with opened() as (settings, database):
        if demo and is_empty(database):
            click.echo("Creating the demo data …")
            create_demo(database, processes_root().parent, database.clock.now())
        heartbeat = Heartbeat(database, settings.heartbeat_seconds, timedelta(seconds=settings.lease_seconds))
        heartbeat.start()
        try:
            if demo:
                for organisation, logins in groupby(demo_logins(database), key=lambda login: login.organisation):
                    click.echo(f"{organisation}:")
                    for login in logins:
                        click.echo(f"  {login}")
            click.echo(f"Baoxiu answers at http://{host}:{port}")
            run_server(create_app(settings, database), host, port)
        finally:
            heartbeat.stop()


@commands.command()
def init() -> None:
    """Create or upgrade the database and set up the shipped organisations; no users, no cases."""
    with opened() as (_, database):
        for folder in _organisation_folders(processes_root()):
            _set_up(database, folder)
            click.echo(f"{folder.name}: set up")
        click.echo(f"schema {migrations.current_revision(database)}")


@commands.group()
def user() -> None:
    """People who sign in."""


@user.command("add")
@click.argument("username")
@click.option("--name", default="", help="The name shown to others.")
@click.option("--organisation", default="", help="Key of the organisation (the only one when there is only one).")
@click.option("--role", "roles", multiple=True, required=True, help="Key of a role; may be given several times.")
@click.password_option()
def add_user(username: str, name: str, organisation: str, roles: tuple[str, ...], password: str) -> None:
    """Add a user with roles."""
    with opened() as (_, database), database.transaction("cli") as tx:
        actor = engine_actor(organisation or _only_organisation(database))
        users.add_user(tx, actor, username, name, password, roles)
    click.echo(f"{username}: added")


# ---- definitions -----------------------------------------------------------------------------------------


@commands.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--organisation", default="", help="Key of the organisation (default: the folder's name).")
@click.option("--note", default="", help="Kept with the deployment.")
def deploy(path: Path, organisation: str, note: str) -> None:
    """Deploy a folder (with its forms) or files: everything or nothing."""
    with opened() as (_, database):
        for folder, files in _collected(path):
            key = organisation or folder.name
            if (folder / "organisation.yaml").exists():
                _set_up(database, folder)
            with database.transaction("cli") as tx:
                done = deployments.deploy(tx, engine_actor(key), files, note)
            for finding in done.warnings:
                click.echo(str(finding))
            click.echo(
                f"{key}: deployment {done.key}, {len(done.changed)} new versions, {len(done.unchanged)} unchanged"
            )


@commands.command("lint")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def lint_files(path: Path) -> None:
    """Check files without deploying them."""
    load_handlers(settings_from().handlers)
    database = Database("sqlite://", SystemClock())
    migrations.upgrade(database)
    count = 0
    for folder, files in _collected(path):
        if (folder / "organisation.yaml").exists():
            _set_up(database, folder)
        with database.reading() as tx:
            findings = deployments.check(tx, folder.name, files).findings
        for finding in findings:
            click.echo(str(finding))
        count += len(errors_in(findings))
    click.echo(f"{count} errors")
    sys.exit(1 if count else 0)


@commands.command("test")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--mutate", is_flag=True, help="Change conditions and boundaries one by one; a scenario must fail each time."
)
def run_scenario_files(path: Path, mutate: bool) -> None:
    """Play the scenarios beside the diagrams on a fake clock, without a server."""
    from engine.scenarios import run_scenarios

    load_handlers(settings_from().handlers)
    report = run_scenarios(path, mutate=mutate)
    click.echo(report.text)
    sys.exit(0 if report.passed else 1)


@commands.command("layout")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--check", is_flag=True, help="Only tell where a picture is missing or bad.")
@click.option("--missing", is_flag=True, help="Only draw what has no picture.")
def lay_out_files(path: Path, check: bool, missing: bool) -> None:
    """Draw the diagrams of a file or folder anew: only the picture in each .bpmn file changes."""
    from engine.layout import complaints, lay_out, read_picture

    faults = 0
    for file in [path] if path.is_file() else sorted(path.rglob("*.bpmn")):
        content = file.read_bytes()
        if not check and not (missing and read_picture(content, file.name)):
            content = lay_out(content, file.name)
            file.write_bytes(content)
            click.echo(f"{file}: drawn")
        for complaint in complaints(content, file.name):
            click.echo(f"{file}: {complaint}", err=True)
            faults += 1
    sys.exit(1 if check and faults else 0)


@commands.command("docs")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path("docs/processes"))
def write_handbook(folder: Path) -> None:
    """Write the handbook of the shipped processes, a page and a picture each, into FOLDER."""
    from engine.handbook import handbook

    pages = handbook(processes_root())
    for name, text in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    click.echo(f"{folder}: {len(pages)} files")


@commands.command("feel")
@click.argument("expression")
@click.option("--context", default="{}", help="JSON object with the variables.")
def evaluate_feel(expression: str, context: str) -> None:
    """Evaluate a FEEL expression."""
    click.echo(feel.evaluate_text(expression, context))


@commands.group()
def dmn() -> None:
    """Decision tables."""


@dmn.command("eval")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--decision", required=True, help="Id (or name) of the decision.")
@click.option("--input", "inputs", default="{}", help="JSON object with the inputs.")
def evaluate_dmn(file: Path, decision: str, inputs: str) -> None:
    """Evaluate a decision."""
    from engine.dmn import evaluate_file

    click.echo(evaluate_file(file.read_bytes(), file.name, decision, inputs, SystemClock().now))


@dmn.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_dmn(file: Path) -> None:
    """Look for gaps, overlaps, unreachable rules and boundary conflicts."""
    from engine.dmn import check_model
    from engine.linting import read_table

    findings = check_model(read_table(file.read_bytes(), file.name))
    for finding in findings:
        click.echo(str(finding.in_file(file.name)))
    click.echo(f"{len(findings)} findings")
    sys.exit(1 if errors_in(findings) else 0)


@dmn.command("backtest")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--organisation", default="", help="Key of the organisation (the only one when there is only one).")
def backtest_dmn(file: Path, organisation: str) -> None:
    """Say which past cases a changed table would have decided otherwise, and how many per outcome."""
    from engine.linting import read_table
    from engine.queries.decisions import backtest

    model = read_table(file.read_bytes(), file.name)
    with opened() as (_, database):
        key = organisation or _only_organisation(database)
        with database.reading() as tx:
            result = backtest(tx, engine_actor(key), model)
    for line in result.lines():
        click.echo(line)


# ---- the log ---------------------------------------------------------------------------------------------


@commands.command("verify-log")
def verify_log() -> None:
    """Check every hash chain of the event log, and what lists show of each case against its stored state."""
    with opened() as (_, database), database.reading(one_moment=True) as tx:
        broken = [str(place) for place in history.verify(tx.session)]
        differences = [str(difference) for difference in verification.verify(tx.session)]
    for line in broken + differences:
        click.echo(line, err=True)
    if broken:
        sys.exit(f"baoxiu: the event log is broken in {len(broken)} places")
    if differences:
        sys.exit(f"baoxiu: the event log is whole, but lists and stored states differ in {len(differences)} places")
    click.echo("the event log is whole; lists and stored states agree")


@commands.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def back_up(file: Path) -> None:
    """Write everything to a new FILE while the nodes work; it can be restored on SQLite and PostgreSQL."""
    from engine import backup

    with opened() as (_, database):
        size = backup.backup(database, file.resolve())
    click.echo(f"{file}: {size} bytes")


@commands.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore_from(file: Path) -> None:
    """Fill an empty database from a backup FILE and check its event log: everything or nothing."""
    from engine import backup

    with opened() as (_, database):
        counts = backup.restore(database, file)
    click.echo(f"{sum(counts.values())} rows restored; the event log is whole; lists and stored states agree")


@commands.command("archive")
@click.option("--organisation", default="", help="Key of the organisation (default: all of them).")
def archive_cases(organisation: str) -> None:
    """Move ended cases whose retention is over (3 years, or what their process says) into a file."""
    from engine.archive import archive

    with opened() as (settings, database):
        with database.reading() as tx:
            keys = [organisation] if organisation else list(tx.session.scalars(select(Organisation.key)))
        for key in keys:
            done = archive(database, key, settings.archive)
            click.echo(f"{key}: {done.cases} cases in {done.file}" if done else f"{key}: no case is due")


@commands.group()
def export() -> None:
    """The event log for other tools."""


@export.command("csv")
@click.option("--organisation", default="", help="Key of the organisation (the only one when there is only one).")
@click.option("--output", type=click.File("w", encoding="utf-8", lazy=False), default="-")
def export_csv(organisation: str, output: TextIO) -> None:
    """Every event as a line of CSV."""
    from engine.queries.events import CSV_COLUMNS, csv_rows

    with opened() as (_, database), database.reading() as tx:
        writer = csv.writer(output)
        writer.writerow(CSV_COLUMNS)
        writer.writerows(csv_rows(tx.session, organisation or _only_organisation(database)))


@commands.command()
@click.argument("what", type=click.Choice(["engine", "feel", "lint", "web", "conformance"]), default="engine")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench(what: str, as_json: bool) -> None:
    """Measure this machine: ratios to a floor in one run."""
    sys.path.insert(0, str(Path.cwd()))
    try:
        from tests.bench import measure
    except ImportError as error:
        raise click.ClickException("the benchmarks are part of the source tree; run this in a checkout") from error
    figures = measure(what)
    click.echo(json.dumps(figures, ensure_ascii=False) if as_json else yaml.safe_dump(figures, allow_unicode=True))


# ---- helpers ---------------------------------------------------------------------------------------------


def _only_organisation(database: Database) -> str:
    with database.reading() as tx:
        keys = list(tx.session.scalars(select(Organisation.key)))
    if len(keys) != 1:
        raise click.UsageError(f"say which organisation: {', '.join(keys) or 'there is none yet; run baoxiu init'}")
    return keys[0]


def _organisation_folders(root: Path) -> list[Path]:
    return sorted(path.parent for path in root.glob("*/organisation.yaml"))


def _set_up(database: Database, folder: Path) -> None:
    data = yaml.safe_load((folder / "organisation.yaml").read_text(encoding="utf-8"))
    with database.transaction("cli") as tx:
        organisations.set_up(tx, data)


def _collected(path: Path) -> Iterator[tuple[Path, dict[str, bytes]]]:
    """The files of each organisation's folder below a path, with its forms from the forms folder beside it."""
    if path.is_file():
        yield path.parent, {path.name: path.read_bytes()}
        return
    for folder in _organisation_folders(path) or [path]:
        places = [folder, forms_root() / folder.name, path.parent / "forms" / folder.name]
        yield folder, {file.name: file.read_bytes() for place in reversed(places) for file in _definition_files(place)}


def _definition_files(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*")) if file.suffix in DEFINITION_ENDINGS]
