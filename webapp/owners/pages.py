"""The pages of process owners."""

from __future__ import annotations

from pathlib import PurePosixPath

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.access import Permission
from engine.commands import deployments
from engine.dmn.model import DecisionTable, Literal
from engine.findings import Finding, errors_in
from engine.linting import FilesRefused
from engine.model import DecisionDefinition, FormDefinition, ProcessDefinition
from engine.queries import definitions
from engine.runtime.environment import ScopeView, Surroundings
from engine.sandbox import lint_in_subprocess
from webapp.access import requires
from webapp.i18n import form_locale, gettext, ngettext
from webapp.owners.words import DOCUMENT_KINDS, ELEMENT_TYPES, HIT_POLICIES, gloss_and_text, plain
from webapp.services import services

pages = Blueprint("owners", __name__, url_prefix="/processes")
Answer = str | Response | tuple[str, int]
TABS = ("processes", "decisions", "forms", "deployments")
LONGEST_NOTE = 500
LONGEST_NAME = 300


@pages.get("")
@requires(Permission.PROCESS_DEFINITION_READ)
def index() -> str:
    """Everything that is deployed; `tab` says which kind."""
    tab = request.args.get("tab", TABS[0])
    tab = tab if tab in TABS else TABS[0]
    with services().database.reading() as tx:
        reads = {
            "processes": definitions.processes,
            "decisions": definitions.decisions,
            "forms": definitions.forms,
            "deployments": definitions.deployments,
        }
        found = reads[tab](tx, g.actor)
    return render_template("owners/index.html", tab=tab, tabs=TABS, found=found, kinds=DOCUMENT_KINDS)


@pages.get("/process/<process_id>")
@requires(Permission.PROCESS_DEFINITION_READ)
def process(process_id: str) -> str:
    """A version of a process: diagram, steps, versions."""
    with services().database.reading() as tx:
        page = definitions.process(tx, g.actor, process_id, _version())
    return render_template("owners/process.html", page=page, types=ELEMENT_TYPES)


@pages.get("/decision/<decision_id>")
@requires(Permission.PROCESS_DEFINITION_READ)
def decision(decision_id: str) -> str:
    """A version of a decision as the table it is."""
    with services().database.reading() as tx:
        page = definitions.decision(tx, g.actor, decision_id, _version())
    shown = page.model.decisions[decision_id]
    expression = shown.expression
    gloss, about = gloss_and_text(shown.question or shown.description)
    return render_template(
        "owners/decision.html",
        page=page,
        gloss=gloss,
        about=about,
        plain=plain,
        table=expression if isinstance(expression, DecisionTable) else None,
        text=expression.text if isinstance(expression, Literal) else "",
        policies=HIT_POLICIES,
    )


@pages.get("/form/<form_id>")
@requires(Permission.PROCESS_DEFINITION_READ)
def form(form_id: str) -> str:
    """A version of a form as people see it, with nothing filled in."""
    with services().database.reading() as tx:
        definition, shown, versions = definitions.form_page(tx, g.actor, form_id, _version())
        around = Surroundings(tx, g.actor.organisation_key)
        view = shown.render_model({}, {}, form_locale(), ScopeView(around.functions), around.environment())
    return render_template(
        "owners/form.html", definition=definition, form=shown, view=view, versions=versions, kinds=DOCUMENT_KINDS
    )


# ---- files


@pages.get("/process/<process_id>/<int:version>/file.bpmn")
@requires(Permission.PROCESS_DEFINITION_READ)
def diagram(process_id: str, version: int) -> Response:
    """The diagram of a version; the page draws it, an owner can save it."""
    with services().database.reading() as tx:
        definition = definitions.process(tx, g.actor, process_id, version).definition
        return _file(definitions.content(tx, g.actor, definition), definition, "application/xml")


@pages.get("/decision/<decision_id>/<int:version>/file.dmn")
@requires(Permission.PROCESS_DEFINITION_READ)
def table_file(decision_id: str, version: int) -> Response:
    """The file of a decision's version."""
    with services().database.reading() as tx:
        definition = definitions.decision(tx, g.actor, decision_id, version).definition
        return _file(definitions.content(tx, g.actor, definition), definition, "application/xml")


@pages.get("/form/<form_id>/<int:version>/file.form")
@requires(Permission.PROCESS_DEFINITION_READ)
def form_file(form_id: str, version: int) -> Response:
    """The schema of a form's version."""
    with services().database.reading() as tx:
        definition, _, _ = definitions.form_page(tx, g.actor, form_id, version)
        return _file(definitions.content(tx, g.actor, definition), definition, "application/json")


def _file(content: bytes, definition: ProcessDefinition | DecisionDefinition | FormDefinition, kind: str) -> Response:
    response = Response(content, mimetype=kind)
    response.set_etag(definition.sha256)
    response.headers.set("Content-Disposition", "attachment", filename=PurePosixPath(definition.resource_name).name)
    response.cache_control.private = True
    response.cache_control.max_age = 3600
    return response.make_conditional(request)


# ---- deploying


@pages.get("/deploy")
@requires(Permission.DEPLOYMENT_CREATE)
def deploy_form() -> str:
    """Choose files."""
    return _deploy_page()


@pages.post("/deploy")
@requires(Permission.DEPLOYMENT_CREATE)
def deploy() -> Answer:
    """Check the files of the form, and deploy them when that is asked for and nothing is wrong."""
    note = request.form.get("note", "").strip()[:LONGEST_NOTE]
    files, problem = _uploaded()
    if problem:
        return _deploy_page(note, problem=problem), 422
    with services().database.reading() as tx:
        around = deployments.surroundings(tx, g.actor.organisation_key)
    findings = lint_in_subprocess(files, around).findings
    if errors_in(findings):
        return _deploy_page(note, findings, list(files)), 422
    if request.form.get("do") != "deploy":
        return _deploy_page(note, findings, list(files), checked=True)
    try:
        with services().database.transaction("web") as tx:
            done = deployments.deploy(tx, g.actor, files, note)
    except FilesRefused as error:
        return _deploy_page(note, error.findings, list(files)), 422
    flash(
        ngettext(
            "Deployed: %(num)s new version, %(same)s unchanged.",
            "Deployed: %(num)s new versions, %(same)s unchanged.",
            len(done.changed),
            same=len(done.unchanged),
        ),
        "ok",
    )
    return redirect(url_for("owners.index", tab="deployments"), 303)


def _uploaded() -> tuple[dict[str, bytes], str]:
    """The files by name, or what is wrong with the choice."""
    files: dict[str, bytes] = {}
    for part in request.files.getlist("files"):
        name = PurePosixPath((part.filename or "").replace("\\", "/")).name[:LONGEST_NAME]
        if not name:
            continue
        if name in files:
            return {}, gettext("Two of the files are called %(name)s. Rename one of them.", name=name)
        files[name] = part.read()
    if not files:
        return {}, gettext("Choose at least one file: .bpmn, .dmn or .form.")
    return files, ""


def _deploy_page(
    note: str = "",
    findings: list[Finding] | None = None,
    names: list[str] | None = None,
    problem: str = "",
    checked: bool = False,
) -> str:
    found = findings or []
    return render_template(
        "owners/deploy.html",
        note=note,
        findings=sorted(found, key=lambda each: (each.severity != "error", each.file, each.line)),
        errors=len(errors_in(found)),
        names=names or [],
        problem=problem,
        checked=checked,
    )


def _version() -> int | None:
    return request.args.get("version", type=int)
