"""A coordinator changes a rule as docs/how-to/change-a-rule.md says, another approves it, and it decides."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import rule_steps as steps
from tests.browser.looking import faults_of

pytestmark = pytest.mark.browser
PRIORITY = "-> priority:string"


@pytest.fixture
def author(all_services, open_page):
    return steps.signed_in(open_page, all_services, steps.named("coordinator"))


def decided(page, origin, stack):
    """What the page of the next referral says about its decision, read by the focal point who assessed."""
    page.goto(f"{origin}/intake/cases")
    case_id = steps.assess(page, "MHP.DIST")
    steps.route_everything(stack)
    page.goto(f"{origin}/referral/referrals/{steps.referral_of(stack, case_id)}")
    return page.locator("main")


class TestChangeARule:
    def test_from_download_to_the_next_assessment(self, all_services, stack, open_page, author):
        worker = steps.signed_in(open_page, all_services, steps.named("focal_point"))
        before = decided(worker, all_services, stack)
        expect(before.get_by_text(re.compile("Prioridad P2, .*U-26"))).to_be_visible()
        expect(before.get_by_text("las tablas que vienen con Ruta")).to_be_visible()

        draft = steps.begin_draft(author, all_services)
        steps.open_table(author)
        original = steps.download(author, "XLSX")
        self.a_mistake_is_shown_with_a_person(author, draft, original)
        self.mended_and_proved(author, draft, original)
        author.get_by_role("button", name="Simular con casos pasados").click()
        changed = author.locator("#replay .ruta-changes li").first
        expect(changed).to_contain_text("Prioritario (P2) Apoyo psicosocial")
        expect(changed.get_by_role("link", name="U-26")).to_be_visible()
        assert faults_of(author) == []
        steps.answer_for_findings(author)
        author.get_by_role("button", name="Proponer").click()
        expect(author.get_by_text("Espera la aprobación de una persona")).to_be_visible()
        expect(author.get_by_role("button", name="Aprobar")).to_have_count(0)

        second = steps.signed_in(open_page, all_services, steps.named("coordinator", 1))
        second.goto(draft)
        assert faults_of(second) == []
        second.locator("form[action$='/approve'] button").click()
        expect(second.locator("main .govuk-tag").first).to_have_text(re.compile("En vigor|In force"))
        version = second.locator("main .ruta-code").first.inner_text()

        after = decided(worker, all_services, stack)
        expect(after.get_by_text(re.compile("Prioridad P1, .*U-26"))).to_be_visible()
        expect(after.get_by_text(steps.NOTE)).to_be_visible()
        expect(after.get_by_text(version)).to_be_visible()

    def a_mistake_is_shown_with_a_person(self, page, draft, original):
        steps.upload(page, "reglas.xlsx", steps.in_workbook(original, "priority", "U-01", PRIORITY, '"P2"'))
        expect(page.get_by_text("La tabla quedó guardada")).to_be_visible()
        page.goto(draft)
        page.get_by_role("button", name="Probar", exact=True).click()
        expect(page.get_by_text("Bloquean la publicación")).to_be_visible()
        expect(page.get_by_text("El peligro ahora es siempre emergencia").first).to_be_visible()
        steps.open_table(page)
        finding = page.locator("[data-finding][data-blocking]").first
        finding.get_by_role("link", name="Probar este caso").click()
        expect(page.get_by_label("Peligro ahora")).to_have_value("yes")
        expect(page.locator("[data-decides='U-01']")).to_contain_text("P2")
        assert faults_of(page) == []

    def mended_and_proved(self, page, draft, original):
        steps.upload(page, "reglas.xlsx", steps.in_workbook(original, "priority", "U-26", PRIORITY, '"P1"'))
        expect(page.get_by_text("La tabla quedó guardada")).to_be_visible()
        page.goto(draft)
        expect(page.get_by_text('Prioridad: "P2" → "P1"')).to_be_visible()
        page.get_by_role("button", name="Probar", exact=True).click()
        expect(page.get_by_text("La prueba terminó")).to_be_visible()
        expect(page.get_by_text("Bloquean la publicación")).to_have_count(0)

    def test_a_mistake_in_a_cell_is_named_with_its_place_and_nothing_is_lost(self, all_services, author):
        steps.begin_draft(author, all_services)
        steps.open_table(author)
        original = steps.download(author, "XLSX")
        broken = steps.in_workbook(original, "priority", "U-26", "need:string", '"MHP.DITS"')
        steps.upload(author, "reglas.xlsx", broken)
        mistake = author.locator("#problems li", has=author.locator(".ruta-code"))
        expect(mistake).to_contain_text("MHP.DIST")
        expect(mistake).to_contain_text("U-26")
        cell = author.locator("td.ruta-wrong")
        expect(cell).to_contain_text('"MHP.DITS"')
        expect(author.get_by_text("Hay cambios sin guardar")).to_be_visible()


def test_the_list_of_mistakes_names_their_fields(all_services, author):
    author.goto(f"{all_services}/referral/rules")
    author.get_by_role("button", name="Empezar un borrador").click()
    summary = author.locator(".govuk-error-summary")
    expect(summary).to_contain_text("¿Qué quiere cambiar y por qué?: Falta este dato.")
    summary.get_by_role("link").click()
    expect(author.get_by_label("¿Qué quiere cambiar y por qué?")).to_be_focused()


class TestWithoutScripts:
    def test_findings_mistakes_and_a_tried_case_stand_in_their_rows(self, all_services, open_page):
        page = steps.signed_in(open_page, all_services, steps.named("coordinator"), java_script_enabled=False)
        draft = steps.begin_draft(page, all_services, "Sin guiones")
        steps.open_table(page)
        original = steps.download(page, "XLSX")
        steps.upload(page, "a.xlsx", steps.in_workbook(original, "priority", "U-01", PRIORITY, '"P9"'))
        row = page.locator("tr", has=page.locator("th", has_text=re.compile("^U-01$")))
        expect(row.locator("td").first).to_contain_text("Error")
        expect(row).to_contain_text('"P9"')
        steps.upload(page, "a.xlsx", steps.in_workbook(original, "priority", "U-01", PRIORITY, '"P2"'))
        expect(page.get_by_text("La tabla quedó guardada")).to_be_visible()
        page.goto(draft)
        page.get_by_role("button", name="Probar", exact=True).click()
        steps.open_table(page)
        link = row.locator("td").first.get_by_role("link", name="Bloquea").first
        link.click()
        finding = page.locator(":target")
        expect(finding).to_contain_text("peligro")
        finding.get_by_role("link", name="U-01").first.click()
        expect(page.locator("tr:target th")).to_have_text("U-01")

        page.get_by_label("Necesidad", exact=True).select_option("HEA.EMERG")
        page.get_by_label("Peligro ahora").select_option("no")
        expect(page.get_by_text("Con la tabla guardada: lo que aún no se guardó no cuenta.")).to_be_visible()
        expect(page.get_by_text("Con las celdas como están en la página")).to_be_hidden()
        page.get_by_role("button", name="Ver qué filas deciden").click()
        serving = page.locator("tr", has=page.locator("th", has_text=re.compile("^U-02b$")))
        expect(serving.locator("td").first).to_contain_text("Decide")
        expect(row.locator("td").first).to_contain_text("«Peligro ahora» pide")
        expect(page.get_by_label("Necesidad", exact=True)).to_have_value("HEA.EMERG")
