"""What a coordinator does with rules in a browser, step by step."""

import io
import json
from datetime import UTC, datetime, timedelta

import openpyxl
from playwright.sync_api import expect

from deploy.local.seed import accounts
from services.referral.subscriptions import HANDLERS, ROUTER
from shared.bus import Doorbell, Inbox, drain
from shared.ids import new_id
from tests.browser.browsing import sign_in
from tests.browser.conftest import PASSWORD

DESK = {"viewport": {"width": 1280, "height": 900}}
NOTE = "El malestar psicosocial pasa a urgente"


def named(role, at=0):
    """The sample account of a role, by its place among them."""
    return [one["username"] for one in accounts() if one["role"] == role][at]


def signed_in(open_page, origin, username, **options):
    page = open_page(**{**DESK, "accept_downloads": True, "locale": "es", **options})
    sign_in(page, origin, username, PASSWORD)
    return page


def begin_draft(page, origin, note=NOTE):
    page.goto(f"{origin}/referral/rules")
    page.get_by_label("¿Qué quiere cambiar y por qué?").fill(note)
    page.get_by_role("button", name="Empezar un borrador").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(note)
    return page.url


def open_table(page, name="Prioridad"):
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def download(page, form):
    with page.expect_download() as waiting:
        page.get_by_role("link", name=form, exact=True).click()
    return waiting.value.path().read_bytes()


def upload(page, name, content):
    page.get_by_label("Subir la tabla cambiada").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": content}]
    )
    page.get_by_role("button", name="Subir", exact=True).click()


def in_workbook(content, table, row_id, column, value):
    """The downloaded workbook with one cell changed, saved as a spreadsheet program does."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book[table]
    heads = [cell.value for cell in sheet[1]]
    row = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == row_id)
    row[heads.index(column)].value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def answer_for_findings(page):
    boxes = page.locator("input[name=keys]")
    for at in range(boxes.count()):
        boxes.nth(at).check(force=True)
    if boxes.count():
        page.get_by_label("Por qué se publica a pesar de esto").fill("El directorio se completa este mes")
        page.get_by_label("Hasta cuándo").fill((datetime.now(UTC) + timedelta(days=30)).date().isoformat())
        page.get_by_role("button", name="Respondo por los marcados").click()
        expect(page.locator("input[name=keys]")).to_have_count(0)


def assess(page, need, facts=None):
    """An assessment with one need, sent by the signed-in focal point as a program would; returns its id."""
    case_id = new_id()
    body = {
        "id": case_id,
        "assessed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "place": {"country": "CO", "locality": "CO-CUCUTA"},
        "person": {
            "id": new_id(),
            "age": 31,
            "gender": "woman",
            "nationality": "VE",
            "population_type": "in_destination",
            "languages": ["es"],
            "documents": ["ppt"],
        },
        "consent": {
            "share": "granted",
            "given_by": "person",
            "contact": "refused",
            "statistics": "refused",
            "authorities": "refused",
            "obtained_at": datetime.now(UTC).isoformat(timespec="seconds"),
        },
        "needs": [{"id": new_id(), "code": need, "refer": True, "facts": facts or {}}],
    }
    said = page.evaluate(
        """async (body) => {
            const token = document.querySelector("[name=csrf_token]").value;
            const headers = {"Content-Type": "application/json", "X-CSRF-Token": token};
            const answer = await fetch("/intake/api/v1/assessments", {method: "POST", headers, body});
            return [answer.status, await answer.text()];
        }""",
        json.dumps(body),
    )
    assert said[0] in (200, 201, 202), said
    return case_id


def route_everything(stack):
    """What the referral service's worker does with what has arrived."""
    ROUTER.catalogue.forget()
    inbox = Inbox(stack.engine("referral"), "referral", HANDLERS, Doorbell(stack.broker_url))
    drain(inbox, should_stop=lambda: False)


def referral_of(stack, case_id):
    with stack.engine("referral").begin() as conn:
        return conn.exec_driver_sql(
            "SELECT id::text FROM referral.referral WHERE assessment_id = %(case)s ORDER BY priority, id LIMIT 1",
            {"case": case_id},
        ).scalar_one()
