"""Rule tables: versions, their files, proof, replay, approval."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response, request

from services.referral.api.context import BODY, SIGNED_IN, refuses, router, transaction
from services.referral.operations import (
    proposing,
    publishing,
    replay_views,
    replaying,
    rule_views,
    table_files,
)
from services.referral.operations.publishing import Asked, files_in_force
from services.referral.schemas import pathways as schemas
from services.referral.store import versions
from shared.clock import utc_now
from shared.errors import NotFound
from shared.web import ApiBlueprint, allow, current_actor, engine
from shared.web.catalog import language

blueprint = ApiBlueprint("pathways", __name__, description="Rule tables: proved, approved, published")
REFUSALS = (*SIGNED_IN, 404, 409, *BODY)


@blueprint.get("/pathways")
@blueprint.response(200, schemas.PathwayVersionsSchema)
@refuses(blueprint, *SIGNED_IN)
@allow("coordinator")
def list_versions() -> dict[str, Any]:
    """Versions of the community pathway, newest first, and which one decides now."""
    now = utc_now()
    with engine().connect() as conn:
        live, _ = files_in_force(conn, now=now)
        found = versions.heads(conn, publishing.DEFAULT)
    return {
        "live": live,
        "items": [rule_views.shown_version(one, live, now=now, language=language()) for one in found],
    }


@blueprint.post("/pathways")
@blueprint.arguments(schemas.DraftSchema)
@blueprint.response(201, schemas.PathwayVersionSchema)
@refuses(blueprint, *SIGNED_IN, *BODY)
@allow("coordinator")
def post_draft(body: dict[str, Any]) -> dict[str, Any]:
    """A new draft with the tables in force."""
    now = utc_now()
    with transaction() as conn:
        made = publishing.draft(conn, by=current_actor().account_id, now=now, **body)
        return rule_views.shown_version(made, "", now=now, language=language())


@blueprint.get("/pathways/<uuid:version_id>")
@blueprint.response(200, schemas.PathwayVersionSchema)
@refuses(blueprint, *SIGNED_IN, 404)
@allow("coordinator")
def get_version(version_id: str) -> dict[str, Any]:
    """A version, with what its last proof found."""
    now = utc_now()
    with engine().connect() as conn:
        live, _ = files_in_force(conn, now=now)
        return rule_views.shown_version(versions.get(conn, version_id), live, now=now, language=language())


@blueprint.get("/pathways/<uuid:version_id>/changes")
@blueprint.response(200, schemas.ChangesSchema)
@refuses(blueprint, *SIGNED_IN, 404)
@allow("coordinator")
def get_changes(version_id: str) -> dict[str, Any]:
    """What it changes against the tables it replaces, row by row, in words."""
    now = utc_now()
    with engine().connect() as conn:
        version = versions.get(conn, version_id)
        found = publishing.difference(conn, version, now=now)
        overtaken = publishing.overtaken(conn, version, now=now)
    return {
        "overtaken": overtaken,
        "items": [
            {"table": one.table, "row_id": one.row_id, "kind": one.kind, "sentence": one.sentence(language())}
            for one in found
        ],
    }


@blueprint.get("/pathways/<uuid:version_id>/tables/<table>.<form>")
@refuses(blueprint, *SIGNED_IN, 404)
@allow("coordinator")
def get_table(version_id: str, table: str, form: str) -> Response:
    """One table as `csv`, `xlsx` or `dmn`."""
    with engine().connect() as conn:
        files = versions.get(conn, version_id).files
    return table_file(files, table, form)


def table_file(files: Any, table: str, form: str) -> Response:
    """A table as a download. Raises NotFound for a table or form that there is not."""
    if form not in table_files.CONTENT_TYPES:
        raise NotFound("No existe ese formato.", code="form_unknown")
    if f"{table}.csv" == table_files.INVARIANTS and table_files.INVARIANTS in files:
        content = table_files.promises_written(files[table_files.INVARIANTS], form)
    else:
        found = publishing.read(files).tables.get(table)
        if found is None:
            raise NotFound("No existe esa tabla.", code="table_unknown")
        content = table_files.written(found, form)
    answer = Response(content, content_type=table_files.CONTENT_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{table}.{form}"'
    return answer


@blueprint.put("/pathways/<uuid:version_id>/tables/<table>")
@blueprint.arguments(schemas.SeenQuerySchema, location="query")
@blueprint.response(200, schemas.PathwayVersionSchema)
@refuses(blueprint, *REFUSALS)
@allow("coordinator")
def put_table(args: dict[str, Any], version_id: str, table: str) -> dict[str, Any]:
    """Replace one table by the file in the body (CSV, XLSX or DMN). With a mistake in it nothing is changed, and the
    answer lists file, row and column of each."""
    data = request.get_data()
    return step(version_id, args["version"], _replace, table, table_files.as_csv(data, table))


def _replace(conn: Any, asked: Asked, table: str, content: str) -> Any:
    return publishing.replace_file(conn, asked, f"{table}.csv", content)


@blueprint.post("/pathways/<uuid:version_id>/prove")
@blueprint.arguments(schemas.SeenSchema)
@blueprint.response(200, schemas.PathwayVersionSchema)
@refuses(blueprint, *REFUSALS)
@allow("coordinator")
def prove(body: dict[str, Any], version_id: str) -> dict[str, Any]:
    """Prove it: gaps, conflicts, dead rows, broken invariants, help that nobody can give."""
    return step(version_id, body["version"], prove_now)


def prove_now(conn: Any, asked: Asked) -> Any:
    """Prove against the directory as it stands."""
    return publishing.prove_version(conn, asked, router().catalogue.snapshot(conn, now=asked.now))


@blueprint.post("/pathways/<uuid:version_id>/exempt")
@blueprint.arguments(schemas.ExemptSchema)
@blueprint.response(200, schemas.PathwayVersionSchema)
@refuses(blueprint, *REFUSALS)
@allow("coordinator", in_person=True)
def exempt(body: dict[str, Any], version_id: str) -> dict[str, Any]:
    """Answer by name, until a day, for findings that do not block. Somebody signed in has to: a program's token gets
    `person_needed`."""
    seen = body.pop("version")
    return step(version_id, seen, publishing.exempt, body.pop("keys"), **body)


@blueprint.post("/pathways/<uuid:version_id>/propose")
@blueprint.arguments(schemas.SeenSchema)
@blueprint.response(200, schemas.PathwayVersionSchema)
@refuses(blueprint, *REFUSALS)
@allow("coordinator", in_person=True)
def propose(body: dict[str, Any], version_id: str) -> dict[str, Any]:
    """Put it before a second person. Somebody signed in has to: a program's token gets `person_needed`."""
    return step(version_id, body["version"], partial(proposing.propose, router=router()))


@blueprint.post("/pathways/<uuid:version_id>/send-back")
@blueprint.arguments(schemas.ReasonedSchema)
@blueprint.response(200, schemas.PathwayVersionSchema)
@refuses(blueprint, *REFUSALS)
@allow("coordinator")
def send_back(body: dict[str, Any], version_id: str) -> dict[str, Any]:
    """Not yet: back to whoever proposed it."""
    return step(version_id, body["version"], publishing.send_back, reason=body["reason"])


@blueprint.post("/pathways/<uuid:version_id>/approve")
@blueprint.arguments(schemas.ApproveSchema)
@blueprint.response(200, schemas.PathwayVersionSchema)
@refuses(blueprint, *REFUSALS)
@allow("coordinator", in_person=True)
def approve(body: dict[str, Any], version_id: str) -> dict[str, Any]:
    """Approve it: only somebody who neither wrote nor proposed it, and who signed in; a program's token is no second
    person (`person_needed`). It decides from `live_from` on, or at once."""
    return step(version_id, body.pop("version"), partial(proposing.approve, router=router()), **body)


@blueprint.post("/pathways/<uuid:version_id>/retire")
@blueprint.arguments(schemas.ReasonedSchema)
@blueprint.response(200, schemas.PathwayVersionSchema)
@refuses(blueprint, *REFUSALS)
@allow("coordinator")
def retire(body: dict[str, Any], version_id: str) -> dict[str, Any]:
    """Take it out of use."""
    return step(version_id, body["version"], publishing.retire, reason=body["reason"])


@blueprint.post("/pathways/<uuid:version_id>/replay")
@blueprint.arguments(schemas.ReplaySchema)
@blueprint.response(200, schemas.ReplayAnswerSchema)
@refuses(blueprint, *SIGNED_IN, 404, *BODY)
@allow("coordinator")
def replay(body: dict[str, Any], version_id: str) -> dict[str, Any]:
    """What would have happened to past cases: from → to, each changed decision with its reason, what it means for
    providers with the directory of then and of now, and whether it stops publishing."""
    with engine().connect() as conn:
        found = replaying.replay_version(conn, router(), version_id, now=utc_now(), extent=_extent(body))
    return replay_views.shown_replay(found, language())


@blueprint.post("/pathways/replay")
@blueprint.arguments(schemas.ReplayFilesSchema)
@blueprint.response(200, schemas.ReplayAnswerSchema)
@refuses(blueprint, *SIGNED_IN, *BODY)
@allow("coordinator")
def replay_files(body: dict[str, Any]) -> dict[str, Any]:
    """The same for tables that are sent along and not kept."""
    other = publishing.read(body["files"])
    with engine().connect() as conn:
        found = replaying.replay_rules(conn, router(), other, now=utc_now(), extent=_extent(body))
    return replay_views.shown_replay(found, language())


def _extent(body: dict[str, Any]) -> replaying.Extent:
    chosen = replaying.BOTH if body["directory"] == "both" else (body["directory"],)
    return replaying.Extent(body["limit"], chosen)


@blueprint.post("/pathways/<uuid:version_id>/try")
@blueprint.arguments(schemas.CaseSchema)
@blueprint.response(200, schemas.TriedSchema)
@refuses(blueprint, *SIGNED_IN, 404, *BODY)
@allow("coordinator")
def try_case(body: dict[str, Any], version_id: str) -> dict[str, Any]:
    """What this version says about one imagined case."""
    with engine().connect() as conn:
        pathway = publishing.read(versions.get(conn, version_id).files)
    return rule_views.try_case(pathway, body, language())


def step(version_id: str, seen: int, take: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Take a step on a version as it was seen, and show what it is then."""
    now = utc_now()
    asked = Asked(version_id, seen, current_actor().account_id, now)
    with transaction() as conn:
        after = take(conn, asked, *args, **kwargs)
        live, _ = files_in_force(conn, now=now)
        return rule_views.shown_version(after, live, now=now, language=language())
