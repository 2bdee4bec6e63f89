"""One rule table on a page: a grid with its findings beside the rows, cases to try beside it, files in and out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.referral.api.context import transaction
from services.referral.api.pathways import table_file
from services.referral.domain.decisions import DecisionTable, TableErrors
from services.referral.domain.pathway_tables import packaged_files
from services.referral.domain.publishing import Version
from services.referral.operations import publishing, rule_views, table_files, table_trying, table_views
from services.referral.operations.publishing import Asked, NotThisTable, TablesInvalid, files_in_force
from services.referral.pages import words
from services.referral.schemas.rule_forms import TableForm
from services.referral.store import versions
from shared.clock import utc_now
from shared.errors import AppError, NotFound
from shared.web import allow, current_actor, engine
from shared.web.catalog import language
from shared.web.forms import Form, read_form

blueprint = Blueprint("rule_tables", __name__)
EDITABLE = ("draft", "proved", "proposed")
MOST_DIFFERENCES = 30


@dataclass(frozen=True)
class Shown:
    """What the page shows beside the stored table: `typed` are cells that are not saved, as CSV text, `problems` the
    mistakes in them, `case` a case by input and `tried` what the table says about it."""

    form: Form = field(default_factory=Form)
    typed: str | None = None
    problems: Sequence[dict[str, Any]] = ()
    case: dict[str, list[str]] = field(default_factory=dict)
    tried: dict[str, Any] | None = None
    compare: bool = False


@blueprint.get("/rules/<uuid:version_id>/tables/<table>")
@allow("coordinator")
def show_table(version_id: str, table: str) -> str:
    """The table; with `?finding=KEY`, the case that a finding tells of is tried on it."""
    found = _version(version_id, table)
    told = next((one for one in found.findings if one.key == request.args.get("finding")), None)
    if told is None or not told.case:
        return _table_page(found, table, Shown())
    case = {name: [value] if isinstance(value, str) else list(value) for name, value in told.case.items()}
    return _table_page(found, table, _tried(found, table, Shown(case=case)))


@blueprint.get("/rules/<uuid:version_id>/tables/<table>.<form>")
@allow("coordinator")
def download_table(version_id: str, table: str, form: str) -> Response:
    """The table as a file."""
    with engine().connect() as conn:
        return table_file(versions.get(conn, version_id).files, table, form)


@blueprint.get("/rules/packaged/tables/<table>.<form>")
@allow("coordinator")
def download_packaged(table: str, form: str) -> Response:
    """The table as it comes with this release, to take rows from."""
    return table_file(packaged_files(), table, form)


@blueprint.post("/rules/<uuid:version_id>/tables/<table>")
@allow("coordinator")
def save_table(version_id: str, table: str) -> AnyResponse | tuple[str, int]:
    """Save the grid, or an uploaded CSV, XLSX or DMN file. With a mistake nothing is saved, nothing lost."""
    form = read_form(TableForm())
    upload = request.files.get("file")
    typed = None if upload else request.form.get("cells")
    if form.errors:
        return _table_page(_version(version_id, table), table, Shown(form, typed)), 422
    asked = Asked(version_id, form.data["version"], current_actor().account_id, utc_now())
    shown = Shown(form, typed)
    try:
        if upload:
            typed = table_files.as_csv(upload.read(), table, upload.filename or "")
            shown = Shown(form, typed)
        with transaction() as conn:
            publishing.replace_file(conn, asked, f"{table}.csv", typed or "")
    except TablesInvalid as error:
        form.refuse(AppError(error.message, code=error.code))
        shown = replace(shown, problems=_told(error))
    except NotThisTable as error:
        form.refuse(
            AppError(
                error.message, code=error.code, params={"table": words.table_title(error.params["table"])}
            )
        )
        shown = Shown(form) if upload else shown
    except versions.Outdated as error:
        form.refuse(error)
        shown = replace(shown, compare=True)
    except AppError as error:
        form.refuse(error)
    if form.errors:
        return _table_page(_version(version_id, table), table, shown), 422
    return redirect(f"/referral/rules/{version_id}/tables/{table}?saved=1")


@blueprint.post("/rules/<uuid:version_id>/tables/<table>/try")
@allow("coordinator")
def try_on_table(version_id: str, table: str) -> str:
    """What the table says about a case: the stored table, or the cells as they stand on the page."""
    found = _version(version_id, table)
    case = {
        name.removeprefix(table_trying.PREFIX): [one for one in request.form.getlist(name) if one.strip()]
        for name in request.form
        if name.startswith(table_trying.PREFIX)
    }
    shown = Shown(Form(), request.form.get("cells"), case={name: said for name, said in case.items() if said})
    return _table_page(found, table, _tried(found, table, shown))


def _tried(found: Version, table: str, shown: Shown) -> Shown:
    files = dict(found.files)
    if shown.typed is not None:
        files[f"{table}.csv"] = shown.typed
    try:
        rules = publishing.read(files).tables[table]
        case = table_trying.case_of(rules, shown.case)
        return replace(shown, tried=table_trying.try_table(rules, case, language()))
    except TablesInvalid as error:
        shown.form.refuse(AppError("Corrija primero la tabla: así no se puede leer.", code=error.code))
        return replace(shown, problems=_told(error))
    except AppError as error:
        shown.form.refuse(error)
        return shown


def _told(error: TablesInvalid) -> list[dict[str, Any]]:
    tongue = "en" if language() == "en" else "es"
    return [{**one, "sentence": one[tongue]} for one in error.extra["problems"]]


def _version(version_id: str, table: str) -> Version:
    with engine().connect() as conn:
        found = versions.get(conn, version_id)
    if f"{table}.csv" not in found.files or table == "columns":
        raise NotFound("No existe esa tabla.", code="table_unknown")
    return found


def _table_page(found: Version, table: str, shown: Shown) -> str:
    now = utc_now()
    with engine().connect() as conn:
        live, _ = files_in_force(conn, now=now)
    one = rule_views.shown_version(found, live, now=now, language=language())
    stored = table_views.read_grid(found.files[f"{table}.csv"], table)
    grid = _grid_of(shown.typed, table) or stored
    rules: DecisionTable | None = publishing.read(found.files).tables.get(table)
    findings = [each for each in one["findings"] if each["table"] == table]
    rows = table_views.rows_beside(grid, findings, shown.problems, language())
    return render_template(
        "rules_table.html",
        one=one,
        table=table,
        title=words.table_title(table),
        purpose=words.table_purpose(table),
        columns=table_views.columns_of(rules, language()) if rules else [],
        header=grid.header,
        rows=rows,
        row_at={row["id"]: row["index"] for row in rows},
        findings=findings,
        shown=shown,
        form=shown.form,
        unsaved=grid is not stored,
        differences=table_views.changed_cells(stored, grid)[:MOST_DIFFERENCES] if shown.compare else [],
        editable=one["state"] in EDITABLE,
        saved="saved" in request.args,
    )


def _grid_of(typed: str | None, table: str) -> Any:
    """The typed cells, or None when there are none or nobody can tell cells in them."""
    try:
        return None if typed is None else table_views.read_grid(typed, table)
    except TableErrors:
        return None
