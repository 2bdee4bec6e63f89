"""A coordinator changes a rule as docs/how-to/change-a-rule.md says, and another one approves it."""

import csv
import io
import re

import pytest
from playwright.sync_api import expect

from deploy.local.seed import accounts
from tests.browser.browsing import sign_in
from tests.browser.conftest import PASSWORD

pytestmark = pytest.mark.browser
DESK = {"viewport": {"width": 1280, "height": 900}}


def coordinators():
    return [one["username"] for one in accounts() if one["role"] == "coordinator"][:2]


@pytest.fixture
def begun(all_services, open_page):
    """The author on the page of a new draft."""
    page = open_page(**DESK, accept_downloads=True, locale="es")
    sign_in(page, all_services, coordinators()[0], PASSWORD)
    page.goto(f"{all_services}/referral/rules")
    page.get_by_label("¿Qué quiere cambiar y por qué?").fill("El malestar psicosocial pasa a urgente")
    page.get_by_role("button", name="Empezar un borrador").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("malestar")
    return page


def downloaded(page, form):
    with page.expect_download() as waiting:
        page.get_by_role("link", name=form, exact=True).click()
    return waiting.value.path()


def with_priority(path, row_id, priority, folder):
    """The downloaded table with another priority in one row, as a spreadsheet would save it."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    at = rows[0].index("-> priority:string")
    next(row for row in rows if row[0] == row_id)[at] = f'"{priority}"'
    changed = folder / "priority.csv"
    with changed.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out, delimiter=";").writerows(rows)
    return changed


def upload(page, path):
    page.get_by_label("Subir la tabla cambiada").set_input_files(path)
    page.get_by_role("button", name="Subir", exact=True).click()


class TestChangeARule:
    def test_from_download_to_a_second_persons_approval(self, all_services, open_page, begun, tmp_path):
        begun.get_by_role("link", name="priority").click()
        original = downloaded(begun, "CSV")
        upload(begun, with_priority(original, "U-01", "P2", tmp_path))
        begun.get_by_role("link", name="malestar").click()
        begun.get_by_role("button", name="Probar", exact=True).click()
        expect(begun.get_by_text("Bloquean la publicación")).to_be_visible()
        expect(begun.get_by_text("El peligro ahora es siempre emergencia").first).to_be_visible()

        begun.get_by_role("link", name="priority").click()
        upload(begun, with_priority(original, "U-26", "P1", tmp_path))
        begun.get_by_role("link", name="malestar").click()
        expect(begun.get_by_text('priority: "P2" → "P1"')).to_be_visible()
        begun.get_by_role("button", name="Probar", exact=True).click()
        expect(begun.get_by_text("Bloquean la publicación")).to_have_count(0)
        begun.get_by_role("button", name="Simular con casos pasados").click()
        expect(begun.get_by_role("heading", name="Simulación")).to_be_visible()
        self.answer_for_findings(begun)
        begun.get_by_role("button", name="Proponer").click()
        expect(begun.get_by_text("Espera la aprobación de una persona")).to_be_visible()
        expect(begun.get_by_role("button", name="Aprobar")).to_have_count(0)

        second = open_page(**DESK)
        sign_in(second, all_services, coordinators()[1], PASSWORD)
        second.goto(begun.url)
        second.locator("form[action$='/approve'] button").click()
        expect(second.locator("main .govuk-tag").first).to_have_text(re.compile("En vigor|In force"))

    def answer_for_findings(self, page):
        boxes = page.locator("input[name=keys]")
        for at in range(boxes.count()):
            boxes.nth(at).check(force=True)
        if boxes.count():
            page.get_by_label("Por qué se publica a pesar de esto").fill("El directorio se completa este mes")
            page.get_by_label("Hasta cuándo").fill(
                page.evaluate("new Date(Date.now() + 30 * 864e5).toISOString().slice(0, 10)")
            )
            page.get_by_role("button", name="Respondo por los marcados").click()
            expect(page.locator("input[name=keys]")).to_have_count(0)

    def test_a_mistake_in_a_cell_is_named_with_its_place(self, begun, tmp_path):
        begun.get_by_role("link", name="priority").click()
        upload(begun, with_priority(downloaded(begun, "CSV"), "U-26", "P9", tmp_path))
        expect(begun.get_by_text("Qué hay que corregir")).to_be_visible()
        expect(begun.locator("main .ruta-code").first).to_contain_text("priority.csv:")


class TestGrid:
    def test_a_cell_is_typed_and_pasted_as_in_a_spreadsheet(self, begun):
        begun.context.grant_permissions(["clipboard-read", "clipboard-write"])
        begun.get_by_role("link", name="priority").click()
        expect(begun.locator(".jss_worksheet tbody tr").first).to_be_visible()
        heads = begun.locator(".jss_worksheet thead td").all_inner_texts()
        column = heads.index("-> priority:string") - 1
        row = begun.locator(".jss_worksheet tbody tr", has=begun.get_by_text("U-26", exact=True))
        cell = row.locator(f"td[data-x='{column}']")
        cell.scroll_into_view_if_needed()
        cell.dblclick()
        editor = cell.locator("input, textarea, [contenteditable]").first
        expect(editor).to_be_visible()
        editor.press("Control+a")
        editor.press_sequentially('"P3"')
        editor.press("Enter")
        expect(cell).to_have_text('"P3"')
        begun.get_by_role("button", name="Guardar la tabla").click()
        expect(begun.get_by_text("La tabla quedó guardada")).to_be_visible()
        begun.get_by_role("link", name="malestar").click()
        expect(begun.get_by_text(re.compile('priority: "P[12]" → "P3"'))).to_be_visible()
